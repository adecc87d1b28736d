"""The log's reader may stop reading: the node continues to serve, and reports later what is missing."""

import fcntl
import json
import os
import subprocess
import threading

import pytest

from clients import Jobs
from harness import SECRET, binary, clean_environment, end_at_last, free_port, wait_until
from metrics import Metrics
from raw import Raw


class Piped:
    """A node whose standard error is a pipe that the test reads only on demand."""

    def __init__(self, redis, *flags):
        self.port, self.text = free_port(), b""
        self.end, write_end = os.pipe()
        fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
        self.process = end_at_last(subprocess.Popen(
            [binary(), "serve", "--dev", "--port", str(self.port), "--redis", redis.url, "--jwt-secret", SECRET, "--drain", "300ms",
             "--log", "json", "--log-level", "debug", *flags], stderr=write_end, env=clean_environment()), 120)
        os.close(write_end)

    def url(self, path):
        return f"ws://127.0.0.1:{self.port}{path}"

    def read_all(self):
        """Reads every line up to the end, in the background."""
        def read():
            while data := os.read(self.end, 65536):
                self.text += data

        self.reader = threading.Thread(target=read)
        self.reader.start()

    @property
    def lines(self):
        return [json.loads(line) for line in self.text.splitlines(keepends=True) if line.endswith(b"\n")]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.end)


@pytest.fixture
def piped(redis, viewers):
    return viewers(Piped(redis))


def answers(node):
    def try_once():
        try:
            return Jobs(node)
        except OSError:
            return None
    client = wait_until(try_once, "the node answers")
    client.close()


def test_a_node_whose_log_nobody_reads_serves_on(piped):
    answers(piped)
    # Each connection is several lines, a pong none; far more than a pipe holds, and then more than waits for it.
    for _ in range(400):
        Jobs(piped).close()
    client = Jobs(piped)
    client.expect_silence()
    piped.read_all()
    wait_until(lambda: any(line["message"] == "WebSocket opened" for line in piped.lines), "the lines come")
    client.close()
    piped.process.terminate()
    assert piped.process.wait(10) == 0
    piped.reader.join()
    assert piped.lines[-1]["message"] == "stopped"
    opened = [line["connection"] for line in piped.lines if line["message"] == "WebSocket opened"]
    assert len(opened) == len(set(opened)) == 402, "each line once and whole"


def test_lines_that_nobody_reads_are_dropped_and_counted(piped, viewers):
    """Each request logs a line of some hundred bytes; a megabyte of them waits."""
    answers(piped)
    raw = viewers(Raw(piped))
    request = b"GET /" + b"x" * 150 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for _ in range(60):
        raw.send(request * 100)
        for _ in range(100):
            assert raw.answer()[0] == 404
    raw.send(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    dropped = Metrics(raw.answer()[2].decode()).value("log_lines_dropped_total")
    assert dropped > 100
    piped.read_all()
    missing = lambda: [line for line in piped.lines if line["message"].startswith("log lines are missing")]
    wait_until(missing, "it is said")
    assert missing()[0]["lines"] >= dropped and missing()[0]["level"] == "warning"
    raw.close()
    piped.process.terminate()
    assert piped.process.wait(10) == 0
    piped.reader.join()
    assert piped.lines[-1]["message"] == "stopped"


def test_a_node_whose_log_nobody_reads_ends(piped):
    answers(piped)
    for _ in range(100):
        Jobs(piped).close()
    piped.process.terminate()
    assert piped.process.wait(10) == 0
