"""Development nodes without `--redis`: their Redis lives as long as one of them, and their tokens live longer."""

import os
import re
import signal
import stat
import subprocess

import pytest

from harness import binary, clean_environment, wait_until
from own_network import DevelopmentNode, OwnNetwork


@pytest.fixture
def network():
    network = OwnNetwork()
    yield network
    network.close()


@pytest.fixture
def start(network, tmp_path):
    """Starts development nodes of one user; all are killed at the end, and leave nothing behind."""
    nodes = []

    def start(*flags, env=None, ready=True):
        node = DevelopmentNode(network, tmp_path, *flags, env={"XDG_STATE_HOME": str(tmp_path / "state")} | (env or {}))
        nodes.append(node)
        return node.wait_until_ready() if ready else node

    yield start
    left = [process for node in nodes for process in private_redis(node)]
    for node in nodes:
        node.end(signal.SIGKILL)
    for process in left:
        wait_until(lambda: is_gone(process), f"{process} is gone")


def private_redis(node):
    """The process of Redis, as the node names it, and that of its keeper."""
    if not (named := re.search(r"private Redis .* pid=(\d+)", node.log)):
        return []
    redis = int(named[1])
    try:
        return [redis, int(open(f"/proc/{redis}/stat").read().rsplit(")", 1)[1].split()[1])]
    except FileNotFoundError:
        return [redis]


def is_gone(process):
    """Whether the process has ended (a zombie waits only for its parent)."""
    try:
        return open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def token(network, *flags):
    return network.run(binary(), "token", *flags).stdout.strip()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_development_node_has_its_own_redis(network, start, ending):
    node = start()
    redis, keeper = private_redis(node)
    assert "6379" in node.log.splitlines()[0]
    # Ctrl-C in the terminal reaches the node alone.
    assert os.getsid(node.process.pid) not in (os.getsid(redis), os.getsid(keeper))
    assert network.run("redis-cli", "FCALL", "fantail_publish", "1", "task:own", '{"progress":9}').stdout.split()[1] == "1"
    body, status = node.answer("/api/v1/tasks/own", "-H", f"Authorization: Bearer {token(network, '--scope', 'publish')}")
    assert '"progress":9' in body and status == 200
    assert network.run("redis-cli", "CONFIG", "GET", "bind").stdout.split() == ["bind", "127.0.0.1"]

    assert node.end(ending) == (0 if ending == signal.SIGTERM else -signal.SIGKILL)
    if ending == signal.SIGTERM:
        assert is_gone(redis), "a node that has ended has taken its Redis along"
    wait_until(lambda: is_gone(redis) and is_gone(keeper), "the private Redis is gone", 5)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_the_private_redis_lives_as_long_as_one_node(network, start, ending):
    first, second = start(), start()
    redis, keeper = private_redis(first)
    assert private_redis(second) == [redis, keeper]
    network.run("redis-cli", "FCALL", "fantail_publish", "1", "task:kept", '{"progress":9}')
    made = token(network)

    first.end(ending)
    third = start()
    for node in (second, third):
        body, status = node.answer("/api/v1/tasks/kept", "-H", f"Authorization: Bearer {made}")
        assert status == 200 and '"progress":9' in body, (body, status)
    second.end(ending)
    assert third.status("/health/ready") == 200 and not is_gone(redis)
    third.end(ending)
    wait_until(lambda: is_gone(redis) and is_gone(keeper), "the private Redis is gone", 5)


def test_nodes_that_start_at_once_share_one_redis(start):
    nodes = [start(ready=False) for _ in range(5)]
    for node in nodes:
        node.wait_until_ready()
        wait_until(lambda: private_redis(node), "the node names its Redis")
    assert len({private_redis(node)[0] for node in nodes}) == 1
    assert sum("started a private Redis" in node.log for node in nodes) == 1


def test_a_node_starts_while_the_last_one_ends(start):
    """In any state of the private Redis that is being stopped."""
    node = start()
    for _ in range(4):
        node.process.terminate()
        node = start(ready=False)
        node.wait_until_ready()


def test_who_is_told_the_address_uses_it_no_less(network, start):
    first = start()
    redis, _ = private_redis(first)
    told = start("--redis", "redis://127.0.0.1:6379")
    first.end()
    assert told.status("/health/ready") == 200 and not is_gone(redis)
    told.end()
    wait_until(lambda: is_gone(redis), "the private Redis is gone", 5)


def test_a_redis_that_has_ended_is_started_for_the_next_node(network, start):
    first = start()
    redis, _ = private_redis(first)
    made = token(network)
    os.kill(redis, signal.SIGKILL)
    wait_until(lambda: first.status("/health/ready") == 503, "the first node is without Redis")
    second = start()
    first.wait_until_ready()
    assert first.status("/api/v1/online", made) == second.status("/api/v1/online", made) == 200
    second.end()
    assert first.status("/health/ready") == 200


def test_a_redis_of_somebody_else_is_left_alone(network, start, tmp_path):
    other = subprocess.Popen(
        [*network.inside, "redis-server", "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL, env=clean_environment())
    try:
        wait_until(lambda: network.run("redis-cli", "ping").stdout == "PONG\n", "Redis answers")
        node = start()
        assert "private Redis" not in node.log
        assert node.end() == 0 and network.run("redis-cli", "ping").stdout == "PONG\n"
    finally:
        other.kill()
        other.wait()


def test_tokens_outlive_a_restart(network, start, tmp_path):
    node = start()
    made = token(network)
    printed = re.search(r" jwt=(\S+)", node.log)[1]
    assert node.end() == 0
    again = start()
    assert again.status("/api/v1/online", made) == again.status("/api/v1/online", printed) == 200
    file = tmp_path / "state/fantail/development-secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert str(file) in node.log and str(file) not in again.log
    assert file.read_text() not in node.log + again.log


def test_a_secret_that_others_can_read_is_no_secret(network, start, tmp_path):
    file = tmp_path / "state/fantail/development-secret"
    file.parent.mkdir(parents=True)
    file.write_text("x" * 40)
    file.chmod(0o644)
    start()
    assert file.read_text() != "x" * 40 and stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("home", [{"XDG_STATE_HOME": "", "HOME": ""}, {"XDG_STATE_HOME": "/proc/nowhere"}])
def test_without_a_folder_the_secret_lives_as_long_as_redis(network, start, home):
    first, second = start(env=home), start(env=home)
    made = token(network)
    assert first.status("/api/v1/online", made) == second.status("/api/v1/online", made) == 200
    assert "development-secret" not in first.log


def test_without_a_redis_server_a_node_says_what_is_missing(network, tmp_path):
    done = network.run("env", f"PATH={tmp_path}", binary(), "serve", "--dev", env={"XDG_STATE_HOME": str(tmp_path)})
    assert done.returncode == 1 and "redis-server" in done.stderr and len(done.stderr.splitlines()) == 1, done
