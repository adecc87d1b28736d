"""Draining: clients are closed over the drain time and not all at once, and the counts forget them at once."""

import json
import select
import signal
import threading
import time

import pytest
from websockets.exceptions import ConnectionClosed

from clients import Jobs, Presence, Tasks, Topics
from harness import API_KEY, wait_until
from metrics import metrics
from online import stored
from raw import Raw, RawWebSocket
from tokens import jwt


@pytest.fixture(scope="module")
def other(launch):
    """The node that stays."""
    return launch()


def expect_restart(client):
    """Closed with 1012; announcements meanwhile do not count."""
    try:
        while True:
            assert json.loads(client.socket.recv(timeout=20))["type"] in ("user_status", "connected", "heartbeat")
    except ConnectionClosed as closed:
        assert closed.rcvd.code == 1012


def close_times(clients, began):
    """When each client was closed, with 1012, in seconds."""
    times = {}

    def wait(client):
        expect_restart(client)
        times[client] = time.monotonic() - began

    threads = [threading.Thread(target=wait, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == len(clients)
    return sorted(times.values())


def test_closes_are_spread_over_the_drain_time(launch):
    node = launch("--drain", "4s")
    clients = [kind(node) for kind in (Jobs, Tasks) for _ in range(30)]
    clients += [Presence(node, jwt(f"spread-{number}")) for number in range(20)]
    began = time.monotonic()
    node.process.terminate()
    times = close_times(clients, began)
    assert node.process.wait(10) == 0
    # Each closes when its turn has come, a twentieth of a second after the one before it: not sooner, however slow the machine.
    assert all(moment > place * 0.05 - 0.1 for place, moment in enumerate(times)), times
    assert times[0] < 2.5, times


def test_presence_is_removed_at_once(launch, other, redis):
    node = launch("--drain", "500ms", "--ws-heartbeat-interval", "600000")
    clients = [Tasks(node, jwt(f"gone-{number}")) for number in range(10)]
    stays = Tasks(other, jwt("stays"))
    wait_until(lambda: len(stored(redis.client)) == 11, "eleven are online")
    node.process.terminate()
    for client in clients:
        client.expect_close(1012)
    assert node.process.wait(10) == 0
    # No lease has to run out: when the process has ended, it is forgotten.
    count = other.request("GET", "/api/v1/online/count", key=API_KEY).json["online_count"]
    nodes = other.request("GET", "/api/v1/nodes", key=API_KEY).json["nodes"]
    assert count == 1 and len(nodes) == 1 and nodes[0]["connections"] == 1
    stays.close()


def test_who_moves_to_another_node_is_never_offline(launch, other, viewers):
    node = launch("--drain", "1s")
    watcher = viewers(Presence(other, jwt("watcher")))
    mover = Tasks(node, jwt("mover"))
    said = lambda message: (message["data"]["user_id"], message["data"]["status"])
    while said(watcher.receive_type("user_status")) != ("mover", "online"):
        pass  # the users of the tests before go offline
    node.process.terminate()
    mover.expect_close(1012)
    moved = viewers(Tasks(other, jwt("mover")))
    assert node.process.wait(10) == 0
    time.sleep(4)  # longer than the grace, after which an absence would be announced
    watcher.send({"type": "ping"})
    while (message := watcher.receive())["type"] != "pong":
        assert said(message)[0] != "mover", message
    status = other.request("GET", "/api/v1/status/mover", key=API_KEY).json
    assert status["online"] and status["connections_count"] == 1
    moved.expect_silence()


def test_ready_is_red_and_newcomers_are_sent_away(launch, viewers):
    node = launch("--drain", "3s")
    clients = [viewers(Jobs(node)) for _ in range(12)]
    node.process.send_signal(signal.SIGINT)
    answer = wait_until(lambda: (a := node.request("GET", "/health/ready")).status == 503 and a, "ready turns red")
    assert answer.json == {"status": "unready", "reason": "draining"}
    assert node.request("GET", "/health/live").status == 200
    socket = viewers(RawWebSocket(node))
    assert socket.status == 503 and json.loads(socket.body)["error"]["code"] == "DRAINING"
    assert metrics(node).value("refused_total", reason="draining") == 1
    for client in clients:
        client.expect_close(1012)
    assert node.process.wait(10) == 0


def test_other_conversations_end_too(launch, viewers, redis, task):
    """Streams, idle connections, and requests under way: none is cut off without the possible answer."""
    node = launch("--drain", "500ms")
    redis.fcall(task, {"progress": 1})
    stream, idle, half = viewers(Raw(node)), viewers(Raw(node)), viewers(Raw(node))
    silent = viewers(Raw(node))
    stream.send(f"GET /api/v1/tasks/{task}/events HTTP/1.1\r\nHost: x\r\nX-API-Key: {API_KEY}\r\n"
                "Accept: text/event-stream\r\n\r\n".encode())
    while b"snapshot" not in stream.buffer:
        assert stream.fill()
    idle.send(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    assert idle.answer()[0] == 200
    half.send(f"POST /api/v1/tasks/{task}/events HTTP/1.1\r\nHost: x\r\nX-API-Key: {API_KEY}\r\n"
              "Content-Length: 100\r\n\r\n{".encode())
    node.process.terminate()
    status, fields, body = half.answer()
    assert status == 503 and "retry-after" in fields and json.loads(body)["error"]["code"] == "DRAINING"
    stream.buffer = b""
    for raw in (stream, idle, half, silent):
        raw.expect_end()
    assert node.process.wait(10) == 0


def test_who_does_not_answer_the_close_holds_nothing_up(launch, viewers):
    node = launch("--drain", "200ms")
    dead = [viewers(RawWebSocket(node)) for _ in range(5)]
    began = time.monotonic()
    node.process.terminate()
    assert node.process.wait(30) == 0 and time.monotonic() - began < 15
    for raw in dead:
        assert select.select([raw.socket], [], [], 0)[0]


def test_without_a_drain_time(launch):
    node = launch("--drain", "0")
    clients = [Jobs(node) for _ in range(10)]
    began = time.monotonic()
    node.process.terminate()
    for client in clients:
        client.expect_close(1012)
    assert node.process.wait(10) == 0 and time.monotonic() - began < 8


@pytest.mark.parametrize("outage", ["stopped", "killed"])
def test_it_ends_though_redis_is_away(launch, redis, outage):
    node = launch("--drain", "300ms")
    client = Topics(node)
    redis.pause() if outage == "stopped" else redis.kill()
    try:
        node.process.terminate()
        assert client.receive_type("disconnect")["data"]["code"] == 1012
        client.expect_close(1012)
        assert node.process.wait(20) == 0
    finally:
        redis.resume()
        if redis.process.poll() is not None:
            redis.start()
