"""A port for operators: metrics, health and the list of nodes, only there."""

import socket

import pytest

from clients import Jobs
from harness import API_KEY, fantail, free_port, wait_until
from metrics import metrics
from raw import Raw, RawWebSocket

INTERNAL = ["/metrics", "/health/live", "/health/ready", "/api/v1/nodes"]
PUBLIC = ["/api/v1/online", "/api/v1/online/count", "/api/v1/status/a", "/api/v1/tasks/nothing"]


@pytest.fixture(scope="module")
def node(launch):
    return launch(internal=True)


@pytest.mark.parametrize("path", INTERNAL)
def test_what_operators_need_is_at_the_internal_port_only(node, path):
    assert node.request("GET", path, key=API_KEY, port=node.internal_port).status == 200
    answer = node.request("GET", path, key=API_KEY)
    assert answer.status == 404 and answer.code == "NOT_FOUND"


@pytest.mark.parametrize("path", PUBLIC)
def test_everything_else_is_at_the_public_port_only(node, path):
    assert node.request("GET", path, key=API_KEY).status in (200, 404)
    answer = node.request("GET", path, key=API_KEY, port=node.internal_port)
    assert answer.status == 404 and answer.code == "NOT_FOUND"


def test_nothing_is_published_or_streamed_at_the_internal_port(node):
    port = node.internal_port
    assert node.request("POST", "/api/v1/tasks/t/events", {"progress": 1}, key=API_KEY, port=port).status == 404
    headers = {"Accept": "text/event-stream"}
    assert node.request("GET", "/api/v1/tasks/t/events", key=API_KEY, headers=headers, port=port).status == 404
    assert node.request("GET", "/api/v1/nodes", port=port).status == 401


def test_no_websocket_at_the_internal_port(node, viewers):
    class Internal:
        port = node.internal_port

    assert viewers(RawWebSocket(Internal)).status == 404
    viewers(Jobs(node))


def test_operators_are_no_clients(node, viewers):
    """Operators do not count as clients, and can connect when there are too many of these."""
    class Internal:
        port = node.internal_port

    before = metrics(node, node.internal_port).value("connections")
    for _ in range(20):
        viewers(Raw(Internal))
    assert metrics(node, node.internal_port).value("connections") == before


def test_a_full_node_still_answers_its_operators(launch, viewers):
    node = launch("--loops", "1", internal=True, files=276)  # 20 connections
    limit = metrics(node, node.internal_port).value("connections_limit")
    assert limit == 20
    for _ in range(20):
        viewers(Jobs(node))
    socket = viewers(RawWebSocket(node))
    assert socket.status == 503
    assert node.health().status == 200
    page = metrics(node, node.internal_port)
    assert page.value("refused_total", reason="full") == 1


def test_while_draining_the_internal_port_says_so(launch, viewers):
    node = launch("--drain", "3s", internal=True)
    for _ in range(30):
        viewers(Jobs(node))
    node.process.terminate()
    answer = wait_until(lambda: (a := node.health()).status == 503 and a, "ready turns red")
    assert answer.json == {"status": "unready", "reason": "draining"}
    assert node.health("/health/live").status == 200
    assert metrics(node, node.internal_port).value("unready", reason="draining") == 1
    assert node.process.wait(10) == 0


def test_the_same_port_twice_exits_2(redis):
    done = fantail("serve", "--dev", "--redis", redis.url, "--port", "9123", "--internal-port", "9123")
    assert done.returncode == 2 and "--internal-port" in done.stderr


def test_an_internal_port_in_use_exits_1_naming_it(redis):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        done = fantail("serve", "--dev", "--redis", redis.url, "--port", str(free_port()), "--internal-port", port)
    assert done.returncode == 1 and port in done.stderr and "--internal-port" in done.stderr
