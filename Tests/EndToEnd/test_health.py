"""Live and ready: not ready whenever clients should go elsewhere, and each cause has its own word."""

import pytest

from harness import RedisServer, wait_until
from metrics import metrics


@pytest.fixture
def own_redis(tmp_path):
    """A Redis that a test may break."""
    server = RedisServer(tmp_path)
    yield server
    server.resume()
    server.kill()


@pytest.fixture
def started(launch, own_redis, tmp_path):
    """A node that need not be ready; the last one ends with the test."""
    from harness import Node
    nodes = []

    def start(*flags, url=None):
        server = type("Server", (), {"url": url or own_redis.url})
        nodes.append(Node(tmp_path, server, *flags))
        wait_until(lambda: answers(nodes[-1]), "the node answers")
        return nodes[-1]

    yield start
    for node in nodes:
        assert node.terminate(20) == 0, node.log[-3000:]


def answers(node):
    try:
        return node.request("GET", "/health/live").status == 200
    except OSError:
        return False


def reason(node):
    answer = node.request("GET", "/health/ready")
    if answer.status == 200:
        assert answer.json == {"status": "ready"}
        return None
    assert answer.status == 503 and answer.headers["Retry-After"] == "1"
    assert set(answer.json) == {"status", "reason"} and answer.json["status"] == "unready"
    return answer.json["reason"]


def expect(node, word):
    """It becomes unready for this reason, the metrics agree, and the process lives."""
    def holds():
        page = metrics(node)
        shown = {dict(labels)["reason"] for (name, labels), value in page.samples.items()
                 if name == "fantail_unready" and value == 1}
        return reason(node) == word and page.value("ready") == 0 and shown == {word}

    wait_until(holds, f"it is unready: {word}; it says {reason(node)}", 15)
    assert node.request("GET", "/health/live").json == {"status": "live"}


def expect_ready(node):
    wait_until(lambda: reason(node) is None, "it is ready", 15)
    assert metrics(node).value("ready") == 1


@pytest.mark.parametrize("outage", ["killed", "stopped"])
def test_redis_away(started, own_redis, outage):
    node = started()
    expect_ready(node)
    own_redis.kill() if outage == "killed" else own_redis.pause()
    expect(node, "redis_commands")
    own_redis.start() if outage == "killed" else own_redis.resume()
    expect_ready(node)


def test_redis_away_from_the_start(started, own_redis):
    own_redis.kill()
    node = started()
    expect(node, "redis_commands")
    own_redis.start()
    expect_ready(node)


def test_only_pubsub_away(started, own_redis):
    node = started()
    expect_ready(node)

    def is_seen():
        own_redis.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        return reason(node) == "redis_pubsub"

    wait_until(is_seen, "the lost connection is seen")
    expect_ready(node)


def test_nothing_is_delivered_though_both_connections_stand(started):
    node = started("--drop-for-tests", "1000", "--probe", "200ms")
    expect(node, "redis_delivery")
    assert metrics(node).value("redis_probes_failing") > 0


def test_redis_does_not_let_it_in(started, own_redis):
    own_redis.client.execute_command("ACL", "SETUSER", "node", "on", ">one", "~*", "&*", "+@all")
    node = started(url=f"redis://node:one@127.0.0.1:{own_redis.port}")
    expect_ready(node)
    own_redis.client.execute_command("ACL", "SETUSER", "node", "resetpass", ">two")
    own_redis.client.execute_command("CLIENT", "KILL", "USER", "node")
    expect(node, "redis_refused")
    own_redis.client.execute_command("ACL", "SETUSER", "node", ">one")
    expect_ready(node)
    assert "one" not in node.log.split("Redis refuses", 1)[1].split("\n")[0].replace("connection", "")


def test_redis_takes_no_lease(started, own_redis):
    own_redis.client.set("ft:{online}:nodes", "of another kind")
    node = started()
    expect(node, "presence")
    own_redis.client.delete("ft:{online}:nodes")
    expect_ready(node)


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_what_is_taken_at_the_health_paths(node, path):
    assert node.request("HEAD", path).status == 200 and node.request("HEAD", path).body == b""
    refused = node.request("POST", path, {})
    assert refused.status == 405 and refused.headers["Allow"] == "GET, HEAD"
    assert node.request("GET", path + "/").status == node.request("GET", "/health").status == 404
