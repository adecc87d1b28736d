"""`fantail watch`: bars on a terminal, lines elsewhere, JSON for programs; and its errors."""

import fcntl
import http.server
import json
import os
import pty
import re
import select
import ssl
import struct
import subprocess
import termios
import threading
import time

import pytest

from harness import API_KEY, NOT_ONE_STEP, binary, clean_environment, end_at_last, fantail, free_port, own_keys, wait_until
from tokens import jwt


class Watch:
    """A running `fantail watch`."""

    def __init__(self, nodes, *arguments, env=None, stdout=subprocess.PIPE):
        urls = [word for node in nodes for word in ("--url", f"http://127.0.0.1:{node.port}")]
        self.process = end_at_last(subprocess.Popen(
            [binary(), "watch", *arguments, *urls], stdout=stdout, stderr=subprocess.PIPE, text=True,
            env=clean_environment({"FANTAIL_TOKEN": jwt()} | (env or {}))))

    def line(self):
        """The next line of its output."""
        return self.process.stdout.readline().rstrip("\n")

    def json(self):
        return json.loads(self.line())

    def complaint(self):
        """The next line of its standard error."""
        return self.process.stderr.readline().rstrip("\n")

    def end(self, seconds=15):
        """The exit code, and the rest of its output."""
        try:
            out, err = self.process.communicate(timeout=seconds)
        finally:
            self.process.kill()
        return self.process.returncode, out, err


@pytest.fixture
def watch():
    started = []
    yield lambda *arguments, **options: started.append(Watch(*arguments, **options)) or started[-1]
    for one in started:
        one.process.kill()
        one.process.wait()


def test_lines_until_it_is_completed(node, redis, task, watch):
    redis.fcall(task, {"progress": 10, "currentStage": "PLAN", "message": "begin"})
    watched = watch([node], task)
    assert watched.line() == f"{task} 10% PLAN, begin"
    redis.fcall(task, {"progress": 45.9, "estimatedTimeRemaining": 65})
    assert watched.line() == f"{task} 45% PLAN, 1:05 left, begin"
    redis.fcall(task, {"type": "stage", "stage": "PLAN", "nextStage": "ENCODE"})
    assert watched.line() == f"{task} 45% ENCODE, 1:05 left, begin"
    redis.fcall(task, {"type": "completed"})
    assert watched.line() == f"{task} 100% completed: begin"
    assert watched.end() == (0, "", "")


@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_events_that_are_gone_are_counted_and_are_no_event(node, redis, task, watch):
    redis.fcall(task, {"progress": 10})
    watched = watch([node], task)
    assert watched.line().startswith(f"{task} 10%")
    with redis.client.pipeline() as batch:
        batch.client_kill_filter(_type="pubsub")
        for number in range(3):
            batch.fcall("fantail_publish", *own_keys(f"task:{task}"), json.dumps({"type": "log", "n": number}))
        batch.delete(f"ft:{{task:{task}}}:h")
        batch.fcall("fantail_publish", *own_keys(f"task:{task}"), json.dumps({"type": "completed"}))
        batch.execute()
    assert watched.complaint() == f"fantail: {task}: 3 events are missing here: Redis no longer has them"
    assert watched.line() == f"{task} 100% completed"
    assert watched.end() == (0, "", "")


def test_one_that_fails_is_exit_1_once_all_have_ended(nodes, redis, task, watch):
    other = task + "-2"
    watched = watch(nodes, task, other)
    redis.wait_for_subscribers(task, 1)
    redis.wait_for_subscribers(other, 1)
    redis.fcall(task, {"type": "failed", "error": "no disk"})
    assert watched.line() == f"{task} failed: no disk"
    assert watched.process.poll() is None
    redis.fcall(other, {"type": "completed"})
    code, out, _ = watched.end()
    assert code == 1 and out == f"{other} 100% completed\n"


def test_a_failure_that_may_be_retried_is_no_end(node, redis, task, watch):
    redis.fcall(task, {"type": "failed", "error": {"message": "overloaded", "retryable": True}})
    watched = watch([node], task)
    assert watched.line() == f"{task} failed, may be retried: overloaded"
    redis.fcall(task, {"progress": 5})
    assert watched.line() == f"{task} 5%"
    redis.fcall(task, {"type": "completed"})
    assert watched.end()[0] == 0


def test_the_error_is_told_whole_at_the_end(node, redis, task, watch):
    long = "no disk " + "x" * 500
    error = {"code": "DISK", "message": f"{long}\n  at line 1\n\tat line 2", "details": "sda is full"}
    redis.fcall(task, {"type": "failed", "error": error})
    code, out, err = watch([node], task).end()
    assert code == 1 and out.startswith(f"{task} failed: no disk xxx") and len(out) < 260
    assert err.splitlines() == [f"fantail: {task}: failed (DISK): {long}", "fantail:       at line 1", "fantail:         at line 2",
                                "fantail:     sda is full"]
    redis.fcall(task, {"restart": True, "progress": 1})
    redis.fcall(task, {"type": "failed", "error": {"code": "BUSY", "message": "come back", "retryable": True}})
    code, out, err = watch([node], task, "--timeout", "1s").end()
    assert (code, out) == (124, f"{task} 1% failed, may be retried: come back\n")
    assert err.splitlines()[0] == f"fantail: {task}: failed, may be retried (BUSY): come back"


def test_what_has_ended_before_is_known_at_once(node, redis, task):
    redis.fcall(task, {"type": "completed"})
    done = fantail("watch", task, "--url", f"http://127.0.0.1:{node.port}", "--api-key", API_KEY)
    assert (done.returncode, done.stdout) == (0, f"{task} 100% completed\n"), done


def test_json_has_every_event_as_it_was_published(node, redis, task, watch):
    redis.fcall(task, {"progress": 1})
    watched = watch([node], task, "--json")
    first = watched.json()
    assert first["snapshot"] is True and first["event"] == {"progress": 1} and first["sequence"] == 1
    redis.fcall(task, '{"type":"note",\n\t"text":"two\\nlines"}')
    assert watched.json() == {
        "task": task, "epoch": first["epoch"], "sequence": 2, "snapshot": False, "event": {"type": "note", "text": "two\nlines"}}
    redis.publish(task, {"progress": 2})
    assert watched.json() | {"epoch": None, "sequence": None} == watched_plain(task, {"progress": 2})
    redis.fcall(task, {"type": "completed", "result": {"n": 1}})
    assert watched.json()["event"]["result"] == {"n": 1}
    assert watched.end() == (0, "", "")


def watched_plain(task, event):
    return {"task": task, "epoch": None, "sequence": None, "snapshot": False, "event": event}


def test_a_task_that_does_not_exist_is_waited_for(node, redis, task, watch):
    watched = watch([node], task)
    assert watched.complaint() == f"fantail: {task}: waiting: no event yet"
    redis.fcall(task, {"type": "completed"})
    assert watched.line() == f"{task} 100% completed"
    assert watched.end()[0] == 0


def test_a_node_that_dies_is_left_for_the_next_one_and_nothing_is_missing(launch, redis, task, watch):
    first, second = launch(), launch()
    redis.fcall(task, {"progress": 1})
    watched = watch([first, second], task, "--json")
    assert watched.json()["sequence"] == 1
    first.expected_to_die = True
    first.kill()
    for number in range(2, 6):
        redis.fcall(task, {"progress": number})
    words = watched.complaint()
    assert f"http://127.0.0.1:{first.port}" in words and f"trying http://127.0.0.1:{second.port}" in words
    assert [watched.json()["sequence"] for _ in range(4)] == [2, 3, 4, 5]
    assert "connected to" in watched.complaint()
    redis.fcall(task, {"type": "completed"})
    assert watched.json()["sequence"] == 6
    assert watched.end()[0] == 0


def test_a_node_that_comes_back_is_found_again(launch, redis, task, watch):
    port = free_port()
    first = launch(port=port)
    watched = watch([], task, "--url", f"http://localhost:{port}", "--json")
    redis.wait_for_subscribers(task, 1)
    first.expected_to_die = True
    first.kill()
    assert "trying again until it answers" in watched.complaint()
    redis.fcall(task, {"progress": 7})
    launch(port=port)
    assert watched.json()["event"] == {"progress": 7}
    redis.fcall(task, {"type": "completed"})
    assert watched.json()["event"] == {"type": "completed"}
    assert watched.end()[0] == 0


class Terminal:
    """A screen with the sequences of `watch`: line ends, cursor up, erase to the end of the line; colours are ignored."""

    def __init__(self, columns):
        self.columns, self.rows, self.row, self.column, self.wrapped = columns, [""], 0, 0, False

    def feed(self, text):
        for token in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|[\s\S]", text):
            if token == "\n":
                self.row += 1
                while len(self.rows) <= self.row:
                    self.rows.append("")
            elif token == "\r":
                self.column = 0
            elif token.startswith("\x1b") and token.endswith("A"):
                self.row -= int(token[2:-1])
                assert self.row >= 0
            elif token == "\x1b[K":
                self.rows[self.row] = self.rows[self.row][:self.column]
            elif token == "\x1b[J":
                self.rows[self.row:] = [self.rows[self.row][:self.column]]
            elif not token.startswith("\x1b"):
                row = self.rows[self.row].ljust(self.column)
                self.rows[self.row] = row[:self.column] + token + row[self.column + 1:]
                self.column += 1
                self.wrapped |= self.column >= self.columns


class OnTerminal:
    """A `fantail watch` on a terminal of its own."""

    def __init__(self, node, tasks, rows, columns):
        self.columns, self.raw = columns, b""
        self.control, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [binary(), "watch", *tasks, "--url", f"http://127.0.0.1:{node.port}"], stdout=terminal, stderr=subprocess.PIPE,
            env=clean_environment({"FANTAIL_TOKEN": jwt(), "TERM": "xterm", "LC_ALL": "C.UTF-8"}))
        os.close(terminal)

    def screen(self):
        """The text on its screen now."""
        try:
            while select.select([self.control], [], [], 0.05)[0]:
                self.raw += os.read(self.control, 65536)
        except OSError:  # the other side has gone
            pass
        screen = Terminal(self.columns)
        screen.feed(self.raw.decode(errors="ignore"))
        return screen

    def rows(self):
        return [row for row in self.screen().rows if row]

    def shows(self, *texts):
        rows = self.rows()
        return all(any(text in row for row in rows) for text in texts)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self.control)


@pytest.fixture
def on_terminal(node):
    started = []
    yield lambda tasks, rows=24, columns=100: started.append(OnTerminal(node, tasks, rows, columns)) or started[-1]
    for one in started:
        one.close()


def test_bars_are_drawn_in_place(redis, task, on_terminal):
    other = task + "-2"
    watched = on_terminal([task, other])
    wait_until(lambda: watched.shows("no event yet"), "it waits")
    redis.fcall(task, {"progress": 50, "message": "half \x1b[2Jway 动画 " + "x" * 200})
    wait_until(lambda: watched.shows(" 50%", "half way 动画 xxx"), "one is half way")
    redis.fcall(task, {"type": "completed"})
    redis.fcall(other, {"type": "failed", "error": "out of\nmemory"})
    wait_until(lambda: watched.shows("completed", "failed: out of memory"), "both have ended")
    assert watched.process.wait(10) == 1 and watched.process.stderr.read() == b""
    rows = watched.rows()
    assert [row.split()[0] for row in rows] == [task, other], "each task has one line"
    assert "█" * 20 in rows[0] and "░" not in rows[0] and " 100%" in rows[0]
    assert not watched.screen().wrapped and b"\x1b[2J" not in watched.raw


def test_more_tasks_than_rows(redis, task, on_terminal):
    """Scrolled lines cannot be redrawn, so only as many as fit are shown, and all at the end."""
    names = [f"{task}-{number}" for number in range(12)]
    watched = on_terminal(names, rows=8)
    wait_until(lambda: watched.shows("and 6 more; 0 completed, 0 failed of 12"), "half of them are shown")
    assert len(watched.rows()) == 7
    for name in names[:5]:
        redis.fcall(name, {"type": "completed"})
    wait_until(lambda: watched.shows("5 completed") and names[10] in watched.rows()[5], "the live ones come first")
    for name in names[5:]:
        redis.fcall(name, {"type": "completed"})
    assert watched.process.wait(10) == 0
    assert [row.split()[0] for row in watched.rows()] == names


def test_a_wrong_token_is_said(node, task):
    done = fantail("watch", task, "--url", f"http://127.0.0.1:{node.port}", "--token", jwt(secret="x" * 40))
    assert done.returncode == 2 and "does not accept the token" in done.stderr and "--token" in done.stderr, done


def test_a_task_that_may_not_be_watched_is_said(launch, task):
    strict = launch("--watch", "claims")
    done = fantail("watch", task, "--url", f"http://127.0.0.1:{strict.port}", "--token", jwt())
    assert done.returncode == 2 and "refuses the request for" in done.stderr, done


def test_no_token_at_all_is_said(task):
    done = fantail("watch", task, "--url", "https://fantail.example.com")
    assert done.returncode == 2 and "FANTAIL_TOKEN" in done.stderr, done
    done = fantail("watch", task, "--redis", "redis://127.0.0.1:1")
    assert done.returncode == 2 and "FANTAIL_TOKEN" in done.stderr, done


def test_on_a_development_machine_no_token_is_needed(redis, task, tmp_path):
    port = free_port()
    with open(tmp_path / "log", "wb") as log:
        node = subprocess.Popen([binary(), "serve", "--dev", "--port", str(port), "--redis", redis.url], stderr=log,
                                env=clean_environment())
    try:
        redis.fcall(task, {"type": "completed"})
        done = fantail("watch", task, "--url", f"127.0.0.1:{port}", "--redis", redis.url)
        assert done.returncode == 0, done
    finally:
        node.terminate()
        node.wait(40)


def test_an_unknown_host_is_said(task):
    done = fantail("watch", task, "--url", "http://nowhere.invalid", "--token", "t")
    assert done.returncode == 2 and "nowhere.invalid" in done.stderr and "--url" in done.stderr, done


def test_no_token_is_made_for_another_machine(launch, redis):
    launch(secret=False)  # whose secret is in Redis
    for url in ("http://127.example.com", "http://127.0.0.1.example.com:8000", "localhost.example.com", "http://127.1", "http://0177.0.0.1",
                "http://localhost.", "http://2130706433", "http://[::1%25lo]", "http://[::2]", "wss://127.evil"):
        done = fantail("watch", "t", "--url", url, "--redis", redis.url, "--timeout", "1ms")
        assert done.returncode == 2 and "expected --token" in done.stderr, (url, done)


@pytest.mark.parametrize("url", [
    "http://localhost@evil", "http://localhost:80@evil", "http://[::1]evil", "http://[::1", "http://::1", "http://localhost:0",
    "http://localhost:65536", "http://localhost:18446744073709551616", "http://localhost:-1", "http://localhost:+1", "http://localhost:",
    "http://localhost:1e3", "http://localhost:80:90", "http://localhost\\@evil", "http://"])
def test_what_could_be_read_as_two_hosts_is_no_url(url):
    done = fantail("watch", "t", "--url=" + url, "--token", "t", "--timeout", "1ms")
    assert done.returncode == 2 and "--url" in done.stderr, done


def test_a_certificate_that_is_not_trusted_is_said(task, tmp_path):
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", key, "-out",
                    certificate], check=True, capture_output=True)
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        done = fantail("watch", task, "--url", f"https://localhost:{server.server_port}", "--token", "t")
    finally:
        server.shutdown()
    assert done.returncode == 2 and "certificate" in done.stderr, done


def test_a_node_that_is_away_is_waited_for(task, watch):
    watched = watch([], task, "--url", f"http://127.0.0.1:{free_port()}", "--timeout", "2s")
    words = watched.complaint()
    assert "Failed to connect" in words and "trying again until it answers" in words
    code, _, err = watched.end()
    assert code == 124 and err.splitlines() == ["fantail: timeout: not all tasks have ended"]


def test_another_web_server_is_said(task):
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<h1>hello</h1>")

        def log_message(self, *arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        done = fantail("watch", task, "--url", f"http://127.0.0.1:{server.server_port}", "--token", "t")
    finally:
        server.shutdown()
    assert done.returncode == 2 and "is not a Fantail node" in done.stderr, done


def test_redis_away_is_waited_out(node, redis, task, watch):
    redis.fcall(task, {"progress": 1})
    watched = watch([node], task)
    assert watched.line().startswith(f"{task} 1%")
    redis.pause()
    time.sleep(0.2)
    redis.resume()
    redis.fcall(task, {"type": "completed"})
    assert watched.end()[0] == 0


@pytest.mark.parametrize("arguments", [[], ["a b"], ["t", "--url", "ftp://x y"], ["t", "--url", "ftp://host"],
                                       ["t", "--timeout", "soon"], ["t", "--bar"]])
def test_wrong_usage(arguments):
    done = fantail("watch", *arguments)
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1, done


def test_the_flag_wins_over_the_environment(node, redis, task):
    redis.fcall(task, {"type": "completed"})
    done = fantail("watch", task, "--url", f"http://127.0.0.1:{node.port}",
                   env={"FANTAIL_URL": "http://nowhere.invalid", "FANTAIL_TOKEN": jwt()})
    assert (done.returncode, done.stderr) == (0, ""), done
