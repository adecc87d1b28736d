"""Text from outside never controls a terminal, and never becomes a part of a page."""

import json
import os
import pty
import subprocess
from urllib.parse import quote

import pytest

from harness import binary, clean_environment, fantail, free_port, wait_until
from online import BASES
from raw import RawWebSocket
from test_console_access import bench
from tokens import jwt

# A cleared screen, a title, a colour by C1, marks that reorder text, characters that are not seen, ends of lines.
HOSTILE = "a\x1b[2J\x1b]0;title\x07b\x9b31mc\x7f\u202ed\u2066e\u200bf\u2028g\u061c\ufeffh\U000e0041i\x08j"
UNSEEN = {chr(n) for n in [*range(0x20), *range(0x7F, 0xA0), 0x200B, *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xE0041]}
MARKUP = ["<img/src=x/onerror=alert(1)>", "</script><script>alert(1)</script>", "\"onmouseover=alert(1)//"]


def assert_printable(output, besides="\n\t"):
    """No byte that a terminal takes for more than text."""
    text = output.decode() if isinstance(output, bytes) else output
    assert not [character for character in text if character in UNSEEN and character not in besides], repr(text)


def watch(node, *arguments):
    return subprocess.run([binary(), "watch", *arguments, "--url", f"http://127.0.0.1:{node.port}"], capture_output=True, timeout=30,
                          env=clean_environment({"FANTAIL_TOKEN": jwt()}))


@pytest.fixture
def failed(redis, task):
    """A task that has failed, all of whose texts are hostile."""
    redis.fcall(task, {"progress": 1, "status": HOSTILE, "currentStage": HOSTILE, "message": HOSTILE})
    redis.fcall(task, {"type": "failed", "error": {"code": HOSTILE, "message": HOSTILE + "\nsecond", "details": HOSTILE}})
    return task


def test_watch(node, redis, failed):
    lines = watch(node, failed)
    assert lines.returncode == 1 and b"failed: a" in lines.stdout and b"second" in lines.stderr
    assert_printable(lines.stdout)
    assert_printable(lines.stderr)


def test_watch_as_json_says_the_same_in_other_letters(node, redis, failed):
    done = watch(node, failed, "--json")
    assert_printable(done.stdout)
    shown = json.loads(done.stdout.splitlines()[-1])
    assert shown["state"]["message"] == HOSTILE and shown["event"]["error"]["code"] == HOSTILE


def test_watch_on_a_terminal(node, redis, failed):
    control, terminal = pty.openpty()
    process = subprocess.Popen([binary(), "watch", failed, "--url", f"http://127.0.0.1:{node.port}"], stdout=terminal, stderr=terminal,
                               env=clean_environment({"FANTAIL_TOKEN": jwt(), "TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}))
    os.close(terminal)
    seen = b""
    try:
        while piece := os.read(control, 65536):
            seen += piece
    except OSError:
        pass
    os.close(control)
    assert process.wait(10) == 1
    # Its own: to the beginning of its lines, and their rests erased.
    for own in [b"\x1b[K", b"\x1b[J", b"\x1b[1A"]:
        seen = seen.replace(own, b"")
    assert b"failed: a" in seen
    assert_printable(seen, besides="\r\n")


def test_online(redis, node):
    # No node writes such an id; somebody else may.
    redis.client.hset(BASES[0] + "u", HOSTILE, 1)
    redis.client.zadd(BASES[0] + "x", {HOSTILE: 0})
    try:
        done = fantail("online", "--users", "--redis", redis.url)
    finally:
        redis.client.hdel(BASES[0] + "u", HOSTILE)
        redis.client.zrem(BASES[0] + "x", HOSTILE)
    assert done.returncode == 0 and done.stdout.startswith("a") and len(done.stdout.splitlines()) == 1, done
    assert_printable(done.stdout)


def test_what_a_command_says_of_its_arguments(redis, task):
    away = f"redis://127.0.0.1:{free_port()}"
    for arguments in [[HOSTILE], ["help", HOSTILE], ["watch", HOSTILE], ["watch", "t", "--" + HOSTILE], ["online", HOSTILE],
                      ["publish", "t", "{" + HOSTILE, "--redis", away], ["publish", HOSTILE, "{}"], ["run", "--quiet", HOSTILE, "--", "true"],
                      ["run", "--redis", redis.url, "--quiet", task, "--", HOSTILE], ["run", "--pattern", "(" + HOSTILE, "t", "--", "true"],
                      ["token", "--user", HOSTILE], ["check", "--dev", "--jwt-audience", HOSTILE, "--redis", redis.url, "--port", "0"]]:
        done = subprocess.run([binary(), *arguments], capture_output=True, timeout=30, env=clean_environment())
        assert done.stdout or len(done.stderr.splitlines()) == 1, (arguments, done)
        assert_printable(done.stdout)
        assert_printable(done.stderr)


def test_run_tells_viewers_only_text(node, redis, task):
    """The command's own output passes as it is: that is the promise."""
    done = subprocess.run([binary(), "run", "--redis", redis.url, task, "--", "printf", "%s", HOSTILE + " 50%\n"], capture_output=True,
                          timeout=30, env=clean_environment())
    assert done.stdout.decode() == HOSTILE + " 50%\n"
    state = node.request("GET", f"/api/v1/tasks/{task}", token=jwt()).json
    assert_printable(state["message"], besides="")


def test_the_log_of_a_node(launch):
    node = launch(dev=False)
    # All of it that the head of a request may hold.
    origin = "https://" + "".join(character for character in HOSTILE if character >= " " and character != "\x7f")
    RawWebSocket(node, "/ws", f"Origin: {origin}", welcome=False).close()
    shown = "".join("\ufffd" if character in UNSEEN else character for character in origin)
    assert shown.count("\ufffd") >= 6
    wait_until(lambda: shown in node.log, "the log shows it in its other form")
    assert_printable(node.log)


def test_the_console_shows_markup_as_text(node, redis, visit):
    for number, task in enumerate(MARKUP):
        redis.fcall(task, {"progress": 1, "status": task, "currentStage": task, "completedStages": [task], "message": task, "owner": "ana"})
        redis.fcall(task, {"type": ["log", "failed"][number % 2], "error": {"code": task, "message": task, "details": task}})
    token = jwt("ana", scope="publish admin tasks:*", username=MARKUP[0])
    tasks = ",".join(quote(task, safe="") for task in MARKUP)
    page = visit(node.url(f"/#tasks={tasks}&token={token}").replace("ws://", "http://"))
    page.wait("document.querySelectorAll('.task').length === 3")
    for task in MARKUP:
        found = f"[...document.querySelectorAll('.task')].find((one) => one.querySelector('h3').textContent === {json.dumps(task)})"
        page.wait(f"{found}?.innerText.replace(/\\s+/g, '').split({json.dumps(task)}).length >= 3")
        page.run(f"{found}.querySelector('details').open = true")
        page.wait(f"{found}.querySelector('details').innerText.includes({json.dumps(json.dumps(task)[1:-1])})")
    page.wait_for(MARKUP[0], "header")
    assert page.run("document.querySelectorAll('.task img, .task script, [src=x], [onmouseover], [onerror]').length") == 0


def test_the_test_page_shows_markup_as_text(node, redis, visit, task):
    redis.fcall(task, {"progress": 1})
    page = bench(visit, node, "jobs")
    page.fill("#token", jwt())
    page.click("#connect-button")
    page.wait_for("Connected", "#state")
    page.fill("#message", json.dumps({"type": "join_job", "jobId": task, "more": MARKUP}))
    page.click("#send-button")
    page.wait_for("job_status", "#frames")  # it has joined
    for text in MARKUP:
        redis.fcall(task, {"type": text, "message": text, text: text})
    frames = "[...document.querySelectorAll('#frames .received')]"
    for text in MARKUP:
        page.wait(f"{frames}.some((one) => one.querySelector('b').textContent === {json.dumps(text)})")
    page.run("document.querySelectorAll('#frames details').forEach((one) => { one.open = true; })")
    for kind in ("sent", "received"):
        shown = page.run(f"[...document.querySelectorAll('#frames .{kind}')].map((one) => one.innerText).join()")
        assert [text for text in MARKUP if json.dumps(text)[1:-1] not in shown] == []
    assert page.run("document.querySelectorAll('#frames img, #frames script, [src=x], [onmouseover], [onerror]').length") == 0
