"""`ops/websocket-test.js`: tests a node from the command line."""

import json
import subprocess

import pytest

from harness import ROOT, end_at_last, free_port

SCRIPT = ROOT / "ops/websocket-test.js"


def attempt(*arguments):
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, timeout=30)


def heard(text):
    return [json.loads(line[3:]) for line in text.splitlines() if line.startswith("<- ")]


@pytest.mark.parametrize("path", ["/ws", ""])
def test_it_joins_a_job_and_is_answered(node, redis, task, path):
    words = "渲染" * 100 + "\x9b2J\x7f\u202e\u2028\ufeff\U000e0041"
    redis.fcall(task, json.dumps({"progress": 45, "message": words}, ensure_ascii=False))
    done = attempt(task, "demo-token", f"ws://127.0.0.1:{node.port}{path}")
    assert (done.returncode, done.stderr) == (0, ""), done
    messages = {message["type"]: message for message in heard(done.stdout)}
    assert set(messages) == {"connection_established", "job_status", "pong"}
    assert messages["job_status"]["data"]["progress"] == 45 and messages["job_status"]["data"]["message"] == words
    assert "渲染" in done.stdout and not set(words[200:]) & set(done.stdout) - set("2J")  # nothing that controls a terminal


def test_it_follows_a_job(node, redis, task):
    script = end_at_last(subprocess.Popen(
        [SCRIPT, "--follow", task, "demo-token", f"http://127.0.0.1:{node.port}"], stdout=subprocess.PIPE, text=True))
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 7, "data": "x" * 60_000})
    for line in script.stdout:
        if any(message.get("data", {}).get("progress") == 7 for message in heard(line)):
            break
    else:
        raise AssertionError("the event did not come")
    script.terminate()
    script.wait()


def test_what_is_wrong_is_said(node, task):
    for arguments, words in [
        ((task, "wrong", f"ws://127.0.0.1:{node.port}/ws"), "UNAUTHORIZED: Authentication failed"),
        ((task, "demo-token", f"ws://127.0.0.1:{node.port}/nothing"), "answered 404"),
        ((task, "demo-token", f"ws://127.0.0.1:{free_port()}/ws"), "ECONNREFUSED"),
    ]:
        done = attempt(*arguments)
        assert done.returncode == 1 and words in done.stderr, done
    assert attempt(task, "demo-token", "ftp://x").returncode == 2
