"""The load balancers' configurations of ops/: a real nginx and a real HAProxy in front of two nodes."""

import json
import signal
import socket
import time

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from balancers import Front, Secured
from clients import Jobs, Tasks
from harness import API_KEY, FIXED_TOKEN, wait_until
from socketio_clients import SocketIO


@pytest.fixture(params=["nginx", "haproxy"])
def front(request, redis, tmp_path):
    it = Front(request.param, tmp_path, redis)
    try:
        it.begin()
        yield it
    finally:
        it.end()


def spread(front, viewers, count, kind=Tasks):
    """So many viewers, and more until each node has some: HAProxy lets a node that missed a check begin slowly."""
    clients = [viewers(kind(front.balancer)) for _ in range(count)]

    def both():
        if all(node.sessions() > 0 for node in front.nodes):
            return True
        clients.append(viewers(kind(front.balancer)))

    wait_until(both, "both nodes have viewers", 20)
    return clients


def test_viewers_of_all_nodes_get_what_is_published_through_the_balancer(front, viewers, task):
    clients = spread(front, viewers, 6)
    for client in clients:
        client.subscribe(task)
    # A large event, so that frames do not fit into one buffer of the balancer.
    text = "x" * 60_000
    assert front.redis.is_enough(front.balancer.publish(task, {"progress": 5, "message": text})["receivers"], 2)
    for client in clients:
        assert client.receive_type("taskProgress")["payload"]["message"] == text


@pytest.mark.parametrize("ways", ["polling", "both"])
def test_socket_io_clients_poll_the_node_that_has_their_session(front, viewers, task, ways):
    clients = spread(front, viewers, 6, lambda balancer: SocketIO(balancer, ways))
    for client in clients:
        client.follow(task)
    for progress in range(1, 20):
        front.balancer.publish(task, {"progress": progress})
    for client in clients:
        assert client.progress(19) == list(range(1, 20))


def test_a_stream_of_events_comes_as_it_is_published(front, task):
    with socket.create_connection(("127.0.0.1", front.balancer.port), 10) as stream:
        stream.sendall(f"GET /api/v1/tasks/{task}/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                       f"X-API-Key: {API_KEY}\r\n\r\n".encode())
        text = b""
        for number in (1, 2, 3):
            front.balancer.publish(task, {"progress": number})
            while b'"progress": %d' % number not in text and b'"progress":%d' % number not in text:
                part = stream.recv(65536)
                assert part, text
                text += part
        assert text.startswith(b"HTTP/1.1 200")


def test_clients_are_known_by_their_own_address_and_cannot_choose_it(front, viewers, task):
    names = {"X-Real-IP": "203.0.113.7", "X-Forwarded-For": "203.0.113.8"}
    jobs = viewers(Jobs(front.balancer, FIXED_TOKEN, additional_headers=names))
    jobs.join(task)
    jobs.expect_silence()
    assert not any("203.0.113" in node.log for node in front.nodes)
    # A node does believe the balancer: what it is told directly, from the same address, it takes.
    viewers(Jobs(front.nodes[0], FIXED_TOKEN, additional_headers=names))
    wait_until(lambda: "203.0.113.7" in front.nodes[0].log, "the node logs who a trusted proxy says the client is")


def test_tokens_are_not_logged(front, viewers):
    viewers(Jobs(front.balancer, FIXED_TOKEN)).close()
    front.balancer.request("GET", f"/api/v1/online/count?token={FIXED_TOKEN}")
    wait_until(lambda: "/api/v1/online/count" in front.balancer.log, "the requests are logged")
    assert FIXED_TOKEN not in front.balancer.log


def test_what_is_for_operators_is_not_served_outside(front):
    for path in ("/metrics", "/health/ready", "/health/live", "/api/v1/nodes"):
        assert front.balancer.request("GET", path, key=API_KEY).status == 404


def test_viewers_of_a_killed_node_come_back_on_the_other_and_miss_nothing(front, viewers, task):
    clients = spread(front, viewers, 6)
    places = [client.subscribe(task)["payload"] for client in clients]
    first = front.balancer.publish(task, {"type": "log", "n": 1})
    for client in clients:
        assert client.receive()["payload"]["n"] == 1

    front.nodes[0].kill()
    front.balancer.publish(task, {"type": "log", "n": 2})
    gone = 0
    for client in clients:
        try:
            assert client.receive()["payload"]["n"] == 2
        except ConnectionClosed:
            gone += 1
            back = viewers(Tasks(front.balancer))
            reply = back.subscribe(task, epoch=first["epoch"], sequence=1)
            assert reply["payload"]["recovered"] is True
            assert back.receive()["payload"]["n"] == 2
    assert 0 < gone < len(clients)

    # Replaced, it is found where it was.
    front.replace(0)
    wait_until(lambda: viewers(Tasks(front.balancer)) and front.nodes[0].sessions() > 0, "it gets clients again", 20)


def test_while_a_node_drains_new_clients_get_the_other(front, viewers, task):
    clients = spread(front, viewers, 4)
    front.nodes[1].process.terminate()
    started = time.monotonic()
    while front.nodes[1].process.poll() is None:
        viewers(Tasks(front.balancer)).subscribe(task)
        assert front.balancer.request("GET", "/api/v1/online/count", key=API_KEY).status == 200
        assert time.monotonic() - started < 60
    assert front.nodes[1].terminate() == 0
    codes = []
    for client in clients:
        try:
            client.receive(timeout=0.1)
        except TimeoutError:
            pass
        except ConnectionClosed as closed:
            codes.append(closed.rcvd and closed.rcvd.code)
    assert codes and set(codes) == {1012}
    front.replace(1)


def test_viewers_of_a_hanging_node_stay_and_are_caught_up(front, viewers, task):
    clients = spread(front, viewers, 4)
    for client in clients:
        client.subscribe(task)
    hanging, downs = front.nodes[0].process, front.balancer.log.count("node-a is DOWN")
    hanging.send_signal(signal.SIGSTOP)
    try:
        for number in range(5):
            front.redis.fcall(task, {"type": "log", "n": number})
        if front.balancer.kind == "haproxy":  # nginx has no health checks
            wait_until(lambda: front.balancer.log.count("node-a is DOWN") > downs, "its check has failed")
            viewers(Tasks(front.balancer)).subscribe(task)
    finally:
        hanging.send_signal(signal.SIGCONT)
    for client in clients:
        assert [client.receive()["payload"]["n"] for _ in range(5)] == [0, 1, 2, 3, 4]


def test_viewers_stay_while_redis_is_away(front, viewers, redis, task):
    clients = spread(front, viewers, 4)
    for client in clients:
        client.subscribe(task)
    downs = {name: front.balancer.log.count(f"{name} is DOWN") for name in ("node-a", "node-b")}
    redis.kill()
    for node in front.nodes:
        wait_until(lambda: node.inside("/health/ready").status == 503, "the node is not ready")
    if front.balancer.kind == "haproxy":
        for name, before in downs.items():
            wait_until(lambda: front.balancer.log.count(f"{name} is DOWN") > before, "the check has failed")
    redis.start()
    front.balancer.publish(task, {"type": "log", "n": 1})
    for client in clients:
        assert client.receive()["payload"]["n"] == 1


def test_tls_ends_at_the_balancer(front, tmp_path, task):
    balancer = Secured(front.balancer.kind, tmp_path, front.nodes)
    try:
        balancer.wait_until_ready()
        origin = f"https://localhost:{balancer.port}"
        with connect(f"wss://localhost:{balancer.port}/ws?token={FIXED_TOKEN}", ssl=balancer.believers(), origin=origin) as viewer:
            assert json.loads(viewer.recv(10))["type"] == "connection_established"
            viewer.send(json.dumps({"type": "join_job", "jobId": task}))
            front.redis.wait_for_subscribers(task, 1)
            front.redis.fcall(task, {"progress": 7})
            assert json.loads(viewer.recv(10))["data"]["progress"] == 7
    finally:
        balancer.terminate()


def test_a_balancer_that_dies_costs_nobody_an_event(front, viewers, task):
    clients = spread(front, viewers, 4)
    for client in clients:
        client.subscribe(task)
    epoch = front.balancer.publish(task, {"type": "log", "n": 1})["epoch"]
    for client in clients:
        client.receive()
    front.balancer.kill()
    for client in clients:
        with pytest.raises(ConnectionClosed):
            client.receive()
    front.redis.fcall(task, {"type": "log", "n": 2})
    front.replace_balancer()
    for _ in clients:
        back = viewers(Tasks(front.balancer))
        assert back.subscribe(task, epoch=epoch, sequence=1)["payload"]["recovered"] is True
        assert back.receive()["payload"]["n"] == 2
