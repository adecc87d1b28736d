"""Starting and stopping: exit codes, the drain, and the port."""

import http.client
import signal
import socket
import time

import pytest

from clients import Jobs, Tasks
from harness import SECRET, Node, fantail, free_port, wait_until
from raw import RawWebSocket


def test_sigterm_closes_clients_with_1012_and_exits_0(launch):
    node = launch("--drain", "1s")
    clients = [kind(node) for kind in (Jobs, Tasks) for _ in range(5)]
    began = time.monotonic()
    node.process.terminate()
    for client in clients:
        client.expect_close(1012)
    assert node.process.wait(30) == 0 and time.monotonic() - began < 15


def test_sigint_does_the_same(launch):
    node = launch()
    client = Jobs(node)
    node.process.send_signal(signal.SIGINT)
    client.expect_close(1012)
    assert node.process.wait(10) == 0


def test_a_second_signal_ends_at_once(launch):
    node = launch("--drain", "60s")
    for _ in range(20):
        Jobs(node)
    node.expected_to_die = True
    node.process.terminate()
    wait_until(lambda: node.request("GET", "/health/ready").status == 503, "the drain begins")
    began = time.monotonic()
    node.process.terminate()
    node.process.wait(30)
    assert time.monotonic() - began < 30


def test_a_signal_while_the_node_starts_is_heard(redis, tmp_path):
    """As soon as clients can connect, the node drains them in order."""
    for _ in range(5):
        node, deadline = Node(tmp_path, redis), time.monotonic() + 10
        with socket.socket() as client:
            while client.connect_ex(("127.0.0.1", node.port)):  # in no time: this is about the first moment
                assert time.monotonic() < deadline, node.log
        assert node.terminate() == 0, node.log


def test_while_draining(launch, viewers):
    node = launch("--drain", "4s")
    clients = [viewers(Jobs(node)) for _ in range(40)]
    node.process.terminate()
    answer = wait_until(lambda: (a := node.request("GET", "/health/ready")).status == 503 and a, "ready turns red")
    assert b"draining" in answer.body
    socket = viewers(RawWebSocket(node, welcome=False))
    assert socket.status == 503 and "retry-after" in socket.fields and socket.fields["connection"].lower() == "close"
    answer = node.post("drain", {"progress": 1})
    assert answer.status == 503 and answer.code == "DRAINING" and "Retry-After" in answer.headers
    assert node.request("GET", "/health/live").status == 200
    for client in clients:
        client.expect_close(1012)
    assert node.process.wait(10) == 0


@pytest.mark.parametrize("arguments, named", [
    (["serve"], "--jwt-secret"),
    (["serve", "--unknown"], "--unknown"),
    (["serve", "--port", "70000"], "--port"),
    (["serve", "--port"], "--port"),
    (["serve", "--drain", "soon"], "--drain"),
    (["serve", "--dev", "--host", "0.0.0.0"], "--host"),
    (["serve", "--redis", "rediss://x:y", "--jwt-secret", SECRET], "--redis"),
    (["serve", "--redis", "http://x", "--jwt-secret", SECRET], "--redis"),
    (["serve", "--ws-auth-token", "demo-token", "--jwt-secret", SECRET], "demo-token"),
    (["serve", "--api-key", ""], "--api-key"),
    (["serve", "--ws-auth-token", "", "--jwt-secret", SECRET], "--ws-auth-token"),
    (["serve", "--jwt-secret="], "--jwt-secret"),
    (["serve", "extra"], "extra"),
    (["dance"], "dance"),
])
def test_wrong_usage_exits_2_with_one_line(redis, arguments, named):
    done = fantail(*arguments, env={"FANTAIL_REDIS_URL": redis.url} if "--redis" not in arguments else None)
    assert done.returncode == 2, done
    assert named in done.stderr and len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_a_bad_variable_exits_2(redis):
    done = fantail("serve", "--dev", "--redis", redis.url, env={"FANTAIL_PORT": "many"})
    assert done.returncode == 2 and "many" in done.stderr


def test_a_port_in_use_exits_1_naming_it_and_who_has_it(node, redis):
    done = fantail("serve", "--dev", "--port", str(node.port), "--redis", redis.url)
    assert done.returncode == 1 and f"port {node.port} is in use by another Fantail node" in done.stderr, done
    with socket.create_server(("127.0.0.1", free_port())) as other:
        port = other.getsockname()[1]
        done = fantail("serve", "--dev", "--port", str(port), "--redis", redis.url)
    assert done.returncode == 1 and f"port {port} is in use by another program (--port" in done.stderr, done


@pytest.mark.parametrize("internal", [False, True])
def test_a_node_waits_for_the_port_of_one_that_drains(launch, redis, viewers, tmp_path, internal):
    old = launch("--drain", "3s", internal=internal)
    clients = [viewers(Jobs(old)) for _ in range(20)]
    old.process.terminate()
    wait_until(lambda: old.health().status == 503, "the drain begins")
    flags = ["--internal-port", str(old.internal_port)] if internal else []
    new = Node(tmp_path, redis, *flags, port=old.port)
    new.internal_port = old.internal_port
    try:
        wait_until(lambda: "waiting for the port" in new.log, "the new node says that it waits")
        assert f"port={old.port}" in new.log
        for client in clients:
            client.expect_close(1012)
        assert old.process.wait(10) == 0
        new.wait_until_ready()
        viewers(Jobs(new))
    finally:
        assert new.terminate() == 0


def test_check_does_not_wait_for_a_node_that_drains(launch, redis, viewers):
    old = launch("--drain", "3s")
    for _ in range(20):
        viewers(Jobs(old))
    old.process.terminate()
    wait_until(lambda: old.health().status == 503, "the drain begins")
    done = fantail("check", "--dev", "--port", str(old.port), "--redis", redis.url)
    assert done.returncode == 1 and f"port {old.port} is in use by another Fantail node, which is stopping" in done.stderr, done
    assert old.process.wait(10) == 0


def test_help_and_version():
    assert fantail("version").returncode == 0
    for arguments in (["--help"], ["serve", "--help"], ["publish", "--help"]):
        done = fantail(*arguments)
        assert done.returncode == 0 and "usage" in done.stdout


def test_no_token_in_the_log(launch, viewers):
    node = launch()
    viewers(Jobs(node, "demo-token"))
    RawWebSocket(node, "/ws?token=secret-looking-token", welcome=False).close()
    node.request("GET", "/nothing?token=secret-looking-token", token="secret-looking-bearer")
    assert "secret-looking" not in node.log and SECRET not in node.log


@pytest.mark.parametrize("host, address", [("127.0.0.2", "127.0.0.2"), ("::ffff:127.0.0.1", "127.0.0.1")])
def test_a_development_node_on_another_loopback_address(redis, tmp_path, host, address):
    node = Node(tmp_path, redis, "--host", host)

    def answers():
        assert node.process.poll() is None, node.log
        connection = http.client.HTTPConnection(address, node.port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    try:
        wait_until(answers, f"{address} answers")
        named = host if ":" not in host else f"[{host}]"
        assert f"http://{named}:{node.port}" in node.log
    finally:
        assert node.terminate() == 0
