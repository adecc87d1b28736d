"""Bodies of requests: a caller that may not send one costs no memory, and all together have a bound."""

import json
import socket
import time

import pytest

from harness import API_KEY, wait_until
from metrics import Watch, metrics
from raw import Raw
from tokens import jwt

MIB = 1 << 20


def post(path="/api/v1/tasks/bodies/events", *fields, length=MIB):
    body = [f"Content-Length: {length}"] if length is not None else ["Transfer-Encoding: chunked"]
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *fields, *body]).encode() + b"\r\n\r\n"


KEY = f"X-API-Key: {API_KEY}"
# What is sent, and the answer from the head alone.
REFUSED = {
    "no token": (post(), 401),
    "a bad token": (post("/api/v1/tasks/a/events", "Authorization: Bearer x.y.z"), 401),
    "a bad key": (post("/api/v1/tasks", "X-API-Key: guess"), 401),
    "no scope": (post("/api/v1/tasks", f"Authorization: Bearer {jwt('reader')}"), 403),
    "not JSON": (post("/api/v1/tasks", KEY, "Content-Type: text/plain"), 415),
    "compressed": (post("/api/v1/tasks", KEY, "Content-Encoding: gzip"), 415),
    "nothing there": (post("/api/v1/nothing", KEY), 404),
    "another method": (post("/api/v1/online"), 405),
    "chunks of a stranger": (post(length=None), 401),
    "an upgrade": (post("/ws", "Upgrade: websocket", "Connection: Upgrade"), 426),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("waits", [False, True], ids=["sends", "expects 100"])
def test_a_request_without_rights_is_refused_from_its_head(node, viewers, kind, waits):
    head, expected = REFUSED[kind]
    raw = viewers(Raw(node))
    raw.send(head[:-2] + b"Expect: 100-continue\r\n\r\n" if waits else head)
    status, fields, body = raw.answer()
    assert status == expected and json.loads(body)["error"]["code"]
    assert fields["connection"].lower() == "close"
    if not waits:
        raw.send(b"x" * MIB)  # it had begun to send
    raw.socket.shutdown(socket.SHUT_WR)
    raw.expect_end()


def test_the_answer_to_a_long_body_can_be_read_behind_it(node, viewers):
    """A library sends everything before it reads; if the node closed at once, the kernel would reset the connection."""
    for _ in range(5):
        assert node.request("POST", "/api/v1/tasks/bodies/events", "x" * (MIB - 1)).status == 401


def test_behind_a_short_body_the_connection_goes_on(node, viewers):
    raw = viewers(Raw(node))
    for _ in range(3):
        raw.send(post(length=10) + b"0123456789")
        status, fields, _ = raw.answer()
        assert status == 401 and fields["connection"].lower() == "keep-alive"
    raw.send(post("/api/v1/tasks/bodies/events", KEY, length=14))
    raw.send(b'{"progress":1}')
    assert raw.answer()[0] == 200
    raw.send(post(length=1000))  # answered before it has come
    assert raw.answer()[0] == 401
    raw.send(b"x" * 1000 + post("/api/v1/tasks/bodies/events", KEY, length=2) + b"{}")
    assert raw.answer()[0] == 200


def test_strangers_bodies_cost_no_memory(launch, viewers):
    node = launch("--loops", "1")
    assert node.request("GET", "/health/live").status == 200
    before = node.resident_bytes()
    strangers = [viewers(Raw(node)) for _ in range(60)]
    for raw in strangers:
        raw.send(post())
    for raw in strangers:
        assert raw.answer()[0] == 401
        raw.send(b"x" * (MIB - 1))
    assert node.request("GET", "/health/live").status == 200
    assert node.resident_bytes() - before < 16 * MIB


def test_all_bodies_under_way_have_a_bound(launch, viewers):
    node = launch()
    refused = Watch(node, "refused_total", reason="bodies")
    publishers = [viewers(Raw(node)) for _ in range(64)]
    for raw in publishers:
        raw.send(post("/api/v1/tasks/bodies/events", KEY) + b"x" * (MIB - 1))
    received = lambda: metrics(node).value("received_bytes_total")
    wait_until(lambda: received() > 64 * (MIB - 1), "all is read", 20)
    more = [viewers(Raw(node)) for _ in range(4)]
    for raw in more:
        raw.send(post("/api/v1/tasks/bodies/events", KEY) + b"x" * 100_000)
    for status, fields, body in [raw.answer() for raw in more]:
        assert status == 503 and json.loads(body)["error"]["code"] == "UNAVAILABLE"
        assert int(fields["retry-after"]) >= 1 and fields["connection"].lower() == "close"
    # One that was refused after it had come whole: the connection goes on with the next request.
    short = viewers(Raw(node))
    short.send(post("/api/v1/tasks/bodies/events", KEY, length=100) + b"x" * 100)
    assert short.answer()[0] == 503
    short.send(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
    assert short.answer()[0] == 200
    assert refused.rise() == 5
    assert "reason=bodies" in node.log
    for raw in publishers[:8]:
        raw.close()
    # Room again.
    wait_until(lambda: node.post("bodies", {"progress": 1, "filler": "x" * 60_000}).status == 200, "one is taken again")
    for raw in publishers[8:]:
        raw.send(b"x")
    for raw in publishers[8:]:
        assert raw.answer()[0] == 400  # no JSON
    wait_until(lambda: node.post("bodies", {"progress": 2}).status == 200, "nothing is held any more")


def test_a_body_has_time_of_its_own_however_long_the_connection_was_idle(node, viewers):
    raw = viewers(Raw(node))
    raw.send(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert raw.answer()[0] == 200
    raw.send(post("/api/v1/tasks/bodies/events", KEY, length=100))
    began = time.monotonic()
    raw.socket.settimeout(30)
    assert raw.answer()[0] == 408
    assert 9 <= time.monotonic() - began <= 25
