"""Every bound on clients is in force: the node refuses with the dialect's error, and other clients notice nothing."""

import json
import select
import threading
import time
import zlib

import pytest
from websockets.exceptions import ConnectionClosed

from clients import Client, Jobs, Presence, Tasks, Topics
from harness import API_KEY, wait_until
from metrics import Watch, metrics
from raw import Raw, RawWebSocket
from tokens import jwt

DIALECTS = {
    "jobs": lambda node: Jobs(node), "tasks": lambda node: Tasks(node), "presence": lambda node: Presence(node, jwt("p")),
    "topics": lambda node: Topics(node)}
NUMBERS = {"MESSAGE_TOO_LARGE": 2001, "RATE_LIMITED": 2002, "TOO_MANY_SUBSCRIPTIONS": 3000}


def code_of(message):
    """The error's code, in any dialect."""
    for body in (message, message.get("payload") or {}, message.get("data") or {}):
        if code := body.get("code") or body.get("error_code"):
            return code
    return None


def is_code(message, dialect, word):
    return message["type"] == "error" and code_of(message) == (NUMBERS[word] if dialect == "topics" else word)


def until_closed(client):
    """Every message up to the close frame, and its code."""
    messages = []
    try:
        while True:
            messages.append(json.loads(client.socket.recv(timeout=30)))
    except ConnectionClosed as closed:
        return messages, closed.rcvd.code


# Messages

@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_message_above_64_kib_is_refused_in_the_dialects_words(node, viewers, dialect):
    client = viewers(DIALECTS[dialect](node))
    client.send(json.dumps({"type": "ping", "filler": "x" * 65536}))
    messages, code = until_closed(client)
    assert code == 1009
    assert any(is_code(message, dialect, "MESSAGE_TOO_LARGE") for message in messages), messages


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_flood_is_refused_in_the_dialects_words(node, viewers, dialect):
    client = viewers(DIALECTS[dialect](node))
    kind = "heartbeat" if dialect == "topics" else "ping"
    began = time.monotonic()
    try:
        for _ in range(300):
            client.send({"type": kind})
    except ConnectionClosed:
        pass
    messages, code = until_closed(client)
    seconds = time.monotonic() - began
    assert code == 1008
    assert sum(is_code(message, dialect, "RATE_LIMITED") for message in messages) == 1, messages[-3:]
    # A hundred at once, and fifty in each second.
    assert 95 <= sum(message["type"] in ("pong", "heartbeat") for message in messages) <= 101 + 50 * seconds


def test_who_keeps_to_the_rate_is_never_refused(node, viewers):
    client = viewers(Jobs(node))
    count = 150  # more than a burst may have
    for _ in range(count):
        client.send({"type": "ping"})
        time.sleep(1 / 45)
    for _ in range(count):
        client.receive_type("pong")


def test_bombs_at_once_cost_little_memory(launch, viewers):
    """Fifty connections, each with 64 MiB in 64 KiB."""
    node = launch()
    squeezer = zlib.compressobj(wbits=-15)
    bomb = (squeezer.compress(b" " * (63 << 20)) + squeezer.flush(zlib.Z_SYNC_FLUSH))[:-4]
    assert len(bomb) < 65536
    neighbour = viewers(Jobs(node))
    before = node.resident_bytes()
    sockets = [viewers(RawWebSocket(node, "/ws?token=demo-token", "Sec-WebSocket-Extensions: permessage-deflate"))
               for _ in range(50)]
    for socket in sockets:
        socket.frame(1, bomb, reserved=4)
    for socket in sockets:
        assert socket.message()["code"] == "MESSAGE_TOO_LARGE"
        socket.expect_close(1009)
    neighbour.expect_silence()
    assert node.resident_bytes() - before < 32 << 20
    assert Watch(node, "refused_total", reason="message_size").before == 50


# Subscriptions

def subscribe(client, number):
    match client:
        case Jobs(): client.join(f"many-{number}")
        case Tasks(): client.send({"type": "subscribe_task", "id": f"s{number}", "payload": {"videoId": f"many-{number}"}})
        case Topics(): client.request("subscribe", {"topic": f"many-{number}"})


def unsubscribe(client, number):
    match client:
        case Jobs(): client.send({"type": "leave_job", "jobId": f"many-{number}"})
        case Tasks(): client.send({"type": "unsubscribe_task", "id": "u", "payload": {"videoId": f"many-{number}"}})
        case Topics(): client.request("unsubscribe", {"topic": f"many-{number}"})


def settle(client, dialect):
    """The answers so far; a client within the rate."""
    client.send({"type": "heartbeat" if dialect == "topics" else "ping"})
    messages = []
    while (message := client.receive())["type"] not in ("pong", "heartbeat"):
        messages.append(message)
    return messages


@pytest.mark.parametrize("dialect", ["jobs", "tasks", "topics"])
def test_a_hundred_subscriptions_and_no_more(launch, viewers, dialect):
    node = launch("--loops", "1")
    subscriptions = Watch(node, "subscriptions")
    client = viewers(DIALECTS[dialect](node))
    refused = []
    for number in range(100):
        subscribe(client, number)
        if number == 60:
            time.sleep(1.5)  # within the rate of messages
    wait_until(lambda: subscriptions.rise() == 100, "all hundred are followed")
    assert not [message for message in settle(client, dialect) if message["type"] == "error"]
    time.sleep(0.5)
    subscribe(client, 100)
    subscribe(client, 7)  # one that it has
    refused = [message for message in settle(client, dialect) if message["type"] == "error"]
    assert len(refused) == 1 and is_code(refused[0], dialect, "TOO_MANY_SUBSCRIPTIONS"), refused
    assert "many-100" in json.dumps(refused[0]) or dialect == "topics"
    unsubscribe(client, 5)
    subscribe(client, 100)
    assert not [message for message in settle(client, dialect) if message["type"] == "error"]
    wait_until(lambda: subscriptions.rise() == 100, "the new one is followed in the old one's place")


def test_a_request_for_many_states_is_bounded(node, viewers):
    client = viewers(Tasks(node))
    ids = [f"unknown-{number}" for number in range(101)]
    client.send({"type": "requestMultipleTaskStatus", "id": "all", "payload": {"videoIds": ids}})
    answer = client.receive_type("error")
    assert answer["id"] == "all"
    client.send({"type": "requestMultipleTaskStatus", "id": "all", "payload": {"videoIds": ids[:100]}})
    assert [client.receive_type("error")["id"] for _ in range(100)] == ["all"] * 100
    client.expect_silence()


# Connections

@pytest.fixture(scope="module")
def small(launch):
    """A node for twenty connections, and for 128 more that it tells so."""
    return launch("--loops", "1", internal=True, files=276)


def full_count(node, reason="full"):
    return metrics(node, node.internal_port).value("refused_total", reason=reason)


def nobody_connected(node):
    wait_until(lambda: metrics(node, node.internal_port).value("connections") == 0, "everybody has gone")


def test_a_full_node_says_so_before_the_upgrade(small, viewers):
    nobody_connected(small)
    kept = [viewers(Jobs(small)) for _ in range(20)]
    before = full_count(small)
    refused = viewers(RawWebSocket(small))
    assert refused.status == 503 and json.loads(refused.body)["error"]["code"] == "UNAVAILABLE"
    assert int(refused.fields["retry-after"]) >= 1 and refused.fields["connection"].lower() == "close"
    refused.expect_end()
    assert full_count(small) == before + 1
    kept.pop().close()
    wait_until(lambda: metrics(small, small.internal_port).value("connections") < 20, "one has gone")
    viewers(Jobs(small)).expect_silence()
    for client in kept:
        client.expect_silence()
        client.close()


def test_beyond_that_connections_are_closed_unheard(small, viewers):
    nobody_connected(small)
    before = full_count(small)
    crowd = [viewers(Raw(small)) for _ in range(400)]
    wait_until(lambda: full_count(small) - before == 400 - 148, "the rest is closed")
    readable = lambda: select.select([raw.socket for raw in crowd], [], [], 0)[0]
    wait_until(lambda: len(readable()) == 400 - 148, "and they hear so")
    assert small.health().status == 200 and not small.crashed()
    for raw in crowd:
        raw.close()
    nobody_connected(small)
    viewers(Jobs(small)).expect_silence()


def readable(raws):
    """The sockets that have data or an end to read now."""
    poll, by_number = select.poll(), {raw.socket.fileno(): raw for raw in raws}
    for number in by_number:
        poll.register(number, select.POLLIN)
    found = {number for number, _ in poll.poll(0)}
    return [raw for raw in raws if raw.socket.fileno() in found]


def pending(node):
    return metrics(node, node.internal_port).value("handshakes_pending")


def test_of_connections_that_say_nothing_the_oldest_makes_way(launch, viewers):
    """Behind a trusted proxy: all clients have its address."""
    node = launch("--loops", "1", "--trust-proxy", "127.0.0.1", internal=True)
    silent = [viewers(Raw(node))]
    wait_until(lambda: pending(node) == 1, "the first is there")
    silent += [viewers(Raw(node)) for _ in range(1023)]
    wait_until(lambda: pending(node) == 1024, "all are pending")
    viewers(Jobs(node)).expect_silence()
    silent[0].expect_end()
    assert full_count(node, "handshakes") == 1 and pending(node) == 1023
    assert readable(silent[1:]) == []
    assert "reason=handshakes" in node.log


@pytest.mark.parametrize("loops", ["1", "2"])
def test_of_one_address_256_connections_may_say_nothing(launch, viewers, loops):
    node = launch("--loops", loops, internal=True)
    silent = [viewers(Raw(node)) for _ in range(600)]
    refused = lambda: full_count(node, "address_handshakes")
    # Each loop may keep one above the bound.
    wait_until(lambda: refused() >= 600 - 256 - int(loops) + 1, "the rest made way")
    assert 256 <= pending(node) <= 256 + int(loops) - 1
    for client in [viewers(Jobs(node)) for _ in range(20)]:
        client.expect_silence()
    if loops == "1":
        gone = readable(silent)
        assert gone == silent[:len(gone)], "the oldest"
    assert node.log.count("reason=address_handshakes") >= 1


def test_how_many_connections_of_one_address_may_say_nothing_is_a_setting(launch, viewers):
    node = launch("--loops", "1", "--handshakes-per-address", "3", internal=True)
    silent = [viewers(Raw(node)) for _ in range(5)]
    for raw in silent[:2]:
        raw.expect_end()
    assert pending(node) == 3


def test_one_users_connections_are_bounded_by_default(launch, viewers):
    """100, on a node that is not for development."""
    node = launch(dev=False)
    token = jwt("crowd")
    kept = [viewers(Tasks(node, token)) for _ in range(100)]
    one_more = viewers(Tasks(node, token))
    messages, code = until_closed(one_more)
    assert code == 1013 and code_of(messages[0]), messages
    viewers(Tasks(node, jwt("another"))).expect_silence()
    for client in kept:
        client.expect_silence()
    kept.pop().close()
    wait_until(lambda: node.request("GET", "/api/v1/status/crowd", key=API_KEY).json["connections_count"] == 99, "one went")
    viewers(Tasks(node, token)).expect_silence()


# Time

POST = b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nX-API-Key: " + API_KEY.encode() + b"\r\n"
SLOW = {
    # What is sent at once, what then every half second, whether it is told.
    "silent": (b"", b"", False),
    "half a line": (b"GET /health", b"", True),
    "a head that drips": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"A: b\r\n", True),
    "empty lines": (b"\r\n", b"", True),
    "a body that does not come": (POST + b"Content-Length: 100\r\n\r\n", b"", True),
    "a body that drips": (POST + b"Content-Length: 100\r\n\r\n", b"x", True),
    "chunks that drip": (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", True),
}


def test_slow_handshakes_are_cut_off_after_ten_seconds(launch, viewers):
    node = launch()
    slow = {kind: viewers(Raw(node)) for kind in SLOW}
    began, ended = time.monotonic(), {}
    for kind, raw in slow.items():
        raw.send(SLOW[kind][0])
    while len(ended) < len(slow) and time.monotonic() - began < 30:
        for kind, raw in slow.items():
            if kind in ended:
                continue
            if select.select([raw.socket], [], [], 0)[0]:
                ended[kind] = time.monotonic() - began
            else:
                raw.send(SLOW[kind][1])
        time.sleep(0.5)
    for kind, raw in slow.items():
        assert 9.5 <= ended.get(kind, 99) <= 25, (kind, ended)
        if SLOW[kind][2]:
            status, fields, _ = raw.answer()
            assert status == 408 and fields["connection"].lower() == "close", kind
        raw.expect_end()
    assert Watch(node, "refused_total", reason="slow_handshake").before == 4, "those without a whole head"
    assert node.log.count("reason=slow_handshake") == 4


def test_a_client_that_is_silent_for_three_heartbeats_is_given_up(launch, viewers):
    node = launch("--ws-heartbeat-interval", "400")
    closes = Watch(node, "closes_total", code="1006", by="node")
    lively, dead = viewers(Jobs(node)), viewers(RawWebSocket(node))
    began = time.monotonic()
    dead.socket.settimeout(30)
    while dead.fill():
        pass
    assert 1 < time.monotonic() - began < 20
    closes.wait_for(1)
    lively.expect_silence()  # its library has answered the pings


def test_a_client_is_given_up_after_the_connection_timeout_where_that_is_shorter(launch, viewers):
    node = launch("--ws-heartbeat-interval", "1000", "--ws-connection-timeout", "2000")
    lively, dead = viewers(Jobs(node)), viewers(RawWebSocket(node))
    dead.socket.settimeout(30)
    pings = 0
    while dead.fill():
        pings += 1
    assert pings <= 3, "after three silent heartbeats it would have had a fourth"
    lively.expect_silence()


# Requests

def test_pipelined_requests_are_answered_in_turn_and_others_in_between(node, viewers):
    raw, neighbour = viewers(Raw(node)), viewers(Jobs(node))
    request = b"GET /api/v1/online/count HTTP/1.1\r\nHost: x\r\nX-API-Key: " + API_KEY.encode() + b"\r\n\r\n"
    sender = threading.Thread(target=raw.send, args=(request * 3000,))
    sender.start()
    slowest = 0
    for _ in range(20):
        began = time.monotonic()
        neighbour.expect_silence()
        slowest = max(slowest, time.monotonic() - began)
    for _ in range(3000):
        assert raw.answer()[0] == 200
    sender.join()
    assert slowest < 5


def test_who_asks_and_does_not_read_is_closed(launch, redis, viewers, task):
    """Each response has 200 KB; a node buffers at most 1 MiB of them."""
    node = launch("--loops", "1")
    for _ in range(4):
        redis.fcall(task, {"type": "log", "text": "x" * 50_000})
    before, slow = node.resident_bytes(), Watch(node, "slow_closes_total")
    raw = viewers(Raw(node))
    request = (f"GET /api/v1/tasks/{task}/events HTTP/1.1\r\nHost: x\r\nX-API-Key: {API_KEY}\r\n\r\n").encode()
    raw.socket.settimeout(1)
    raw.send(request * 400)
    slow.wait_for(1)
    assert node.resident_bytes() - before < 24 << 20


def test_commands_that_wait_for_redis_are_bounded(launch, redis, task):
    """The node takes at most 8 MiB of them: publishers get an error at once, not when the node gives Redis up."""
    node = launch("--loops", "1")
    message = json.dumps({"data": {"text": "x" * 60_000}})
    answers = []

    def publish():
        answers.append(node.request("POST", f"/api/v1/topics/{task}/messages", message, key=API_KEY, timeout=60))

    redis.pause()
    try:
        threads = [threading.Thread(target=publish) for _ in range(170)]
        for thread in threads:
            thread.start()
        overloaded = lambda: [answer for answer in answers if b"too many commands" in answer.body]
        wait_until(lambda: len(overloaded()) >= 20, "some are told", 20)
    finally:
        redis.resume()
    for thread in threads:
        thread.join()
    for answer in overloaded():
        assert answer.status == 503 and answer.code == "UNAVAILABLE" and int(answer.headers["Retry-After"]) >= 1
    wait_until(node.is_ready, "ready again")
    assert {answer.status for answer in answers} <= {200, 503} and len(answers) == 170
