"""The examples in ops/dialects.md: nodes understand the clients' messages, and send the servers' messages."""

import json
import re

import pytest

from clients import Jobs, Presence, Tasks, Topics
from harness import ROOT
from tokens import jwt

PAGE = (ROOT / "ops/dialects.md").read_text()


def examples(dialect):
    """The messages of its clients, and of the server by type."""
    section = PAGE.split(f"\n## {dialect}\n")[1].split("\n## ")[0]
    blocks = [[json.loads(line) for line in block.strip().splitlines()] for block in re.findall(r"```json\n(.*?)```", section, re.S)]
    assert len(blocks) == 2
    return blocks[0], {message["type"]: message for message in blocks[1]}


def keys(shown, came, where=""):
    """Every shown field is present and of its kind; an empty object shows nothing."""
    assert set(shown) <= set(came), (where, shown, came)
    for name, value in shown.items():
        if isinstance(value, dict):
            keys(value, came[name], f"{where}.{name}")
        elif value is not None and came[name] is not None:
            number = (int, float)
            assert isinstance(came[name], number if isinstance(value, number) else type(value)), (where, name, came)


@pytest.mark.parametrize("dialect, connect", [
    ("jobs", Jobs), ("tasks", Tasks), ("presence", Presence), ("topics", Topics)])
def test_the_pages_clients_are_understood(node, viewers, dialect, connect):
    said, answers = examples(dialect)
    wrong = {"INVALID_MESSAGE", "INVALID_JSON", "UNKNOWN_MESSAGE_TYPE", 2000, 3002}
    for message in said:
        token = jwt("alice")
        if message["type"] == "auth":
            message["payload"]["token"] = token
        client = viewers(connect(node, token))
        client.send(message)
        if message["type"] != "disconnect":
            client.send({"type": "heartbeat" if dialect == "topics" else "ping"})
        try:
            while (came := client.receive(heartbeats=True))["type"] not in ("pong", "heartbeat"):
                code = (came.get("payload") or came.get("data") or {}).get("code") or came.get("code") or came.get("error_code")
                assert code not in wrong, (message, came)
                if came["type"] in answers and came["type"] != "error" and not came.get("recovered"):
                    keys({k: v for k, v in answers[came["type"]].items() if k not in ("sequence", "ack")}, without_place(came, answers))
        except Exception as error:
            assert message["type"] == "disconnect" and not isinstance(error, AssertionError), (message, error)


def without_place(came, answers):
    """A task without events has no position yet: the page shows one that has."""
    shown = answers[came["type"]]
    for body in ("payload", "data"):
        if isinstance(came.get(body), dict) and isinstance(shown.get(body), dict):
            came = came | {body: {"epoch": "", "sequence": 0} | came[body]}
    return came
