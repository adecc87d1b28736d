"""Starting and stopping: exit codes, the drain, and a development node's own Redis."""

import http.client
import os
import signal
import socket
import subprocess
import time

import pytest

from clients import Jobs, Tasks
from harness import SECRET, Node, binary, clean_environment, fantail, free_port, wait_until
from raw import RawWebSocket


def test_sigterm_closes_clients_with_1012_and_exits_0(launch):
    node = launch("--drain", "1s")
    clients = [kind(node) for kind in (Jobs, Tasks) for _ in range(5)]
    began = time.monotonic()
    node.process.terminate()
    for client in clients:
        client.expect_close(1012)
    assert node.process.wait(10) == 0 and time.monotonic() - began < 6


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
    node.process.wait(5)
    assert time.monotonic() - began < 5


def test_a_signal_while_the_node_starts_is_heard(redis, tmp_path):
    """As soon as there can be clients, they are parted from in order."""
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
    (["serve", "--redis", "rediss://x", "--jwt-secret", SECRET], "--redis"),
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


def test_a_port_in_use_exits_1_naming_it(node, redis):
    done = fantail("serve", "--dev", "--port", str(node.port), "--redis", redis.url)
    assert done.returncode == 1 and str(node.port) in done.stderr


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


class DevelopmentNode:
    """`serve --dev` without `--redis`, in a network namespace of its own, so that port 6379 is free there."""

    def __init__(self, folder):
        self.port = free_port()
        self.log_path = folder / "node.log"
        script = 'ip link set lo up && exec "$0" serve --dev --drain 300ms --port "$1"'
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "-n", "bash", "-c", script, binary(), str(self.port)], stderr=log, stdout=log,
                env=clean_environment())
        wait_until(lambda: self.curl("/health/ready")[-3:] == "200", f"ready; {self.log_path.read_text()}", 15)

    def inside(self, *command):
        return subprocess.run(
            ["nsenter", "-t", str(self.process.pid), "-n", *command], capture_output=True, text=True, timeout=10).stdout

    def curl(self, path, *arguments):
        return self.inside("curl", "-s", "-w", "%{http_code}", f"http://127.0.0.1:{self.port}{path}", *arguments)

    def redis_process(self):
        children = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "redis-server"], capture_output=True, text=True).stdout.split()
        assert len(children) == 1, children
        return int(children[0])


@pytest.fixture
def development_node(tmp_path):
    node = DevelopmentNode(tmp_path)
    yield node
    node.process.kill()
    node.process.wait()


def is_gone(process):
    """Whether the process has ended (a zombie waits only for its parent)."""
    try:
        return open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_development_node_has_its_own_redis(development_node, ending):
    node = development_node
    child = node.redis_process()
    assert "6379" in node.log_path.read_text().splitlines()[0]
    assert os.getsid(child) != os.getsid(node.process.pid)
    assert node.inside("redis-cli", "FCALL", "fantail_publish", "1", "task:own", '{"progress":9}').split()[1] == "1"
    token = node.inside(binary(), "token", "--scope", "publish").strip()
    answer = node.curl("/api/v1/tasks/own", "-H", f"Authorization: Bearer {token}")
    assert '"progress":9' in answer and answer.endswith("200")
    assert node.inside("redis-cli", "CONFIG", "GET", "bind").split() == ["bind", "127.0.0.1"]

    node.process.send_signal(ending)
    assert node.process.wait(10) == (0 if ending == signal.SIGTERM else -signal.SIGKILL)
    wait_until(lambda: is_gone(child), "the private Redis is gone", 5)


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
