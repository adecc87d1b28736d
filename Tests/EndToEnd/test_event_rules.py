"""The rules of events in fantail.js: Tests/Examples/events.json, published by the Function, through a node, to a client that was
there before and to one that comes afterwards.

EventRulesTests and PublishFunctionTests read the same table with the nodes' reader and with the Function's.
"""

import json
import math
import subprocess
import threading

import pytest

from harness import ROOT, end_at_last, own_keys, wait_until
from web_files import served

WS = "/usr/share/nodejs/ws/wrapper.mjs"  # Debian's package node-ws
KINDS = ["progress", "stage", "completed", "failed"]


def text(value):
    """A text of the table: a string, or pieces that are joined."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return b"".join(map(text, value))
    return bytes.fromhex(value["hex"]) if "hex" in value else b"".join(texts(value))


def texts(value):
    """A list of texts."""
    if isinstance(value, dict):
        return [value["of"].replace("%d", str(number)).encode() for number in range(value["times"])]
    return [one for item in value for one in (texts(item) if isinstance(item, dict) else [text(item)])]


CASES = [case for case in json.loads((ROOT / "Tests/Examples/events.json").read_text())
         if "refused" not in case and not case.get("topic")]


def number(value):
    """As JavaScript has it, where it is one that JSON can say."""
    value = float(value)
    return value if math.isfinite(value) else None


class Client:
    """fantail.js, following every task of the table."""

    def __init__(self, folder, node, dialect, tasks):
        self.tasks = set(tasks)
        (file := folder / "fantail.mjs").write_bytes(served("fantail.js"))
        command = ["node", ROOT / "Tests/EndToEnd/pages/rules-client.mjs", file, WS, f"http://127.0.0.1:{node.port}", dialect]
        self.process = end_at_last(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        self.heard, self.states = set(), {}
        threading.Thread(target=self.read, daemon=True).start()
        self.process.stdin.write("".join(f"{task}\n" for task in tasks))
        self.process.stdin.flush()

    def read(self):
        for line in self.process.stdout:
            told = json.loads(line)
            if "heard" in told:
                self.heard.add(told["heard"])
            else:
                self.states[told["done"]] = told["state"]

    def wait_until_it_follows(self, redis):
        def follows():
            for task in self.tasks - self.heard:
                redis.publish(task, {"type": "marker"})
            return self.heard >= self.tasks
        wait_until(follows, "it follows every task", 60)

    def wait_for_states(self):
        wait_until(lambda: self.states.keys() >= self.tasks, "every task is done", 60)


def expected(case):
    """The state of a task in fantail.js by what is known after a case; None where nothing says how the task stands."""
    known = case.get("known", {})
    if not known and case["kind"] not in KINDS:
        return None
    status = text(known.get("status", "PROCESSING")).decode().upper()
    status = "PROCESSING" if status == "RUNNING" else status
    ended = status in ("COMPLETED", "FAILED")
    state = {
        "status": status, "progress": min(100, max(0, number(known.get("progress", 0)))),
        "stage": known.get("stage"), "completedStages": [name.decode() for name in texts(known.get("done", []))],
        "message": known.get("message"), "remaining": None if ended else known.get("remaining"), "ended": ended,
    }
    if case["kind"] == "failed":
        state["error"] = case["failure"]["message"]
    return state


@pytest.fixture(scope="module")
def node(launch):
    return launch()


def publish(redis, task, case):
    for event in [*texts(case.get("before", [])), text(case["event"])]:
        redis.client.fcall("fantail_publish", *own_keys(f"task:{task}"), event)


@pytest.mark.parametrize("dialect", ["tasks", "jobs"])
def test_an_event_means_the_same_to_who_was_there_and_to_who_comes_afterwards(node, redis, tmp_path, dialect):
    tasks = {f"{dialect}-{number}": case for number, case in enumerate(CASES)}
    before = Client(tmp_path, node, dialect, tasks)
    before.wait_until_it_follows(redis)
    for task, case in tasks.items():
        publish(redis, task, case)
        redis.fcall(task, {"type": "done"})
    before.wait_for_states()
    after = Client(tmp_path, node, dialect, tasks)
    after.wait_until_it_follows(redis)
    for task in tasks:
        redis.fcall(task, {"type": "done"})
    after.wait_for_states()
    wrong = []
    for task, case in tasks.items():
        # Jobs tells the field as it came, and JavaScript does not know how a number was written.
        if dialect == "jobs" and case["says"].startswith("a progress that no Double holds, or of more"):
            continue
        wanted = expected(case)
        is_stored = redis.client.hexists(f"ft:{{task:{task}}}:m", "st")  # only a state is told to who comes afterwards
        for name, states in [("before", before.states), ("after", after.states)]:
            state = states[task]
            if name == "after" and not is_stored:
                wanted = None
            seen = None if (state or {}).get("status") is None else {key: state[key] for key in wanted or state}
            if seen != wanted:
                wrong.append((name, case["says"], {key: (seen or {}).get(key) for key in wanted or {}
                                                   if (seen or {}).get(key) != wanted[key]} or seen, wanted))
    assert not wrong, "\n" + "\n".join(map(str, wrong))
