"""fantail.js in node, whose WebSockets are event emitters: an error without a listener would end the program."""

import json
import subprocess

import pytest

from harness import ROOT, end_at_last, free_port
from web_files import served

SCRIPT = ROOT / "Tests/EndToEnd/pages/node-client.mjs"
WS = "/usr/share/nodejs/ws/wrapper.mjs"  # Debian's package node-ws


class Program:
    """A program that watches a task."""

    def __init__(self, folder, module, url, task="t"):
        (file := folder / "fantail.mjs").write_bytes(served("fantail.js"))
        self.process = end_at_last(subprocess.Popen(
            ["node", SCRIPT, file, module, url, task], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True))

    def wait_for(self, wanted):
        """Waits for a status of which this is true."""
        for line in self.process.stdout:
            if wanted(told := json.loads(line)):
                return told
        raise AssertionError(f"it ended: {self.process.stderr.read()}")

    def end(self):
        out, err = self.process.communicate(timeout=20)
        assert (self.process.returncode, err) == (0, ""), err
        return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("module", ["-", WS])
def test_a_refused_connection_is_tried_again(tmp_path, module):
    program = Program(tmp_path, module, f"http://127.0.0.1:{free_port()}")
    program.wait_for(lambda told: told.get("attempt", 0) >= 3)
    assert program.end()[-1]["state"] == "disconnected"


def test_it_comes_in_when_a_node_is_there_and_again_after_it_was_killed(launch, redis, tmp_path, task):
    port = free_port()
    program = Program(tmp_path, WS, f"http://127.0.0.1:{port}", task)
    program.wait_for(lambda told: told.get("attempt", 0) >= 2)
    node = launch(port=port)
    program.wait_for(lambda told: told.get("state") == "connected")
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 45})
    program.wait_for(lambda told: told.get("progress") == 45)
    node.expected_to_die = True
    node.kill()
    program.wait_for(lambda told: told.get("attempt", 0) >= 3)
    launch(port=port)
    program.wait_for(lambda told: told.get("state") == "connected")
    redis.fcall(task, {"type": "completed"})
    program.wait_for(lambda told: told.get("status") == "COMPLETED")
    program.end()


def test_an_answer_that_is_no_websocket_is_no_end_either(node, tmp_path):
    program = Program(tmp_path, WS, f"http://127.0.0.1:{node.port}/nothing")
    program.wait_for(lambda told: told.get("attempt", 0) >= 3)
    program.end()


def test_it_may_be_closed_while_it_connects(node, tmp_path):
    program = Program(tmp_path, WS, f"http://127.0.0.1:{node.port}")
    program.wait_for(lambda told: told.get("state") == "connecting")
    program.end()
