"""A Redis that answers and takes no writes: nodes are unready with the reason, publishers get errors, and all recovers."""

import shutil

import pytest

from clients import Jobs, Tasks
from harness import Node, RedisServer, wait_until
from metrics import metrics

BEGUN, OVER = "Redis refuses writes; this node is not ready", "Redis takes writes again"


@pytest.fixture
def own_redis(tmp_path):
    (tmp_path / "redis").mkdir()
    server = RedisServer(tmp_path / "redis")
    yield server
    server.kill()


@pytest.fixture
def node(own_redis, tmp_path):
    """Ends before its Redis does."""
    node = Node(tmp_path, own_redis).wait_until_ready()
    yield node
    assert node.terminate() == 0, node.log[-3000:]


def fill(redis):
    redis.client.config_set("maxmemory", 1)
    return lambda: redis.client.config_set("maxmemory", 0)


def fail_to_save(redis):
    redis.client.config_set("save", "3600 1")
    shutil.rmtree(redis.folder)
    redis.client.bgsave()
    wait_until(lambda: redis.client.info("persistence")["rdb_last_bgsave_status"] == "err", "it could not save")
    return lambda: redis.client.config_set("stop-writes-on-bgsave-error", "no")


def lack_replicas(redis):
    redis.client.config_set("min-replicas-to-write", 1)
    return lambda: redis.client.config_set("min-replicas-to-write", 0)


def become_replica(redis):
    redis.client.replicaof("127.0.0.1", redis.port - 1)  # nobody is there
    return lambda: redis.client.replicaof("NO", "ONE")


REFUSALS = {"OOM": fill, "MISCONF": fail_to_save, "NOREPLICAS": lack_replicas, "READONLY": become_replica}


def told(node):
    return [line for line in node.log.splitlines() if BEGUN in line or OVER in line]


def expect_refusal(node, task, word):
    wait_until(lambda: node.unreadiness() == "redis_refuses_writes", "ready is red", 8)
    page = metrics(node)
    assert page.value("ready") == 0 and page.value("unready", reason="redis_refuses_writes") == 1
    answer = node.post(task, {"progress": 2})
    assert answer.status == 503 and int(answer.headers["Retry-After"]) >= 1 and answer.code == "UNAVAILABLE"
    assert "takes no writes now" in answer.json["error"]["message"] and word in answer.json["error"]["message"]


@pytest.mark.parametrize("word", REFUSALS)
def test_a_redis_that_takes_no_writes_any_more(node, own_redis, viewers, task, word):
    watching = viewers(Tasks(node)), viewers(Jobs(node))
    watching[0].subscribe(task)
    watching[1].join(task)
    assert node.post(task, {"progress": 1}).status == 200
    assert [client.receive_type("taskProgress", "job_status") for client in watching]
    end = REFUSALS[word](own_redis)
    expect_refusal(node, task, word)
    # It does not change its mind from turn to turn.
    assert {node.unreadiness() for _ in range(200)} == {"redis_refuses_writes"}
    assert len(told(node)) == 1 and word in told(node)[0]
    end()
    wait_until(node.is_ready, "ready is green", 30)
    assert {node.unreadiness() for _ in range(200)} == {None}
    assert len(told(node)) == 2 and OVER in told(node)[1]
    assert node.post(task, {"progress": 3}).status == 200
    for client in watching:
        while (client.receive_type("taskProgress", "job_status").get("payload") or {"progress": 3})["progress"] != 3:
            pass


@pytest.mark.parametrize("word", REFUSALS)
def test_a_redis_that_takes_no_writes_from_the_start(own_redis, tmp_path, task, word):
    end = REFUSALS[word](own_redis)
    node = Node(tmp_path, own_redis)
    try:
        seen = set()

        def is_told():
            seen.add(node.unreadiness())
            return "redis_refuses_writes" in seen

        wait_until(is_told, "the reason is told")
        assert None not in seen
        expect_refusal(node, task, word)
        end()
        wait_until(node.is_ready, "ready is green", 30)
        assert node.post(task, {"progress": 3}).status == 200
        assert len(told(node)) == 2
    finally:
        assert node.terminate() == 0


def test_a_replica_is_left_by_both_connections(node, own_redis, viewers, task):
    viewer = viewers(Tasks(node))
    viewer.subscribe(task)
    own_redis.wait_for_subscribers(task, 1)
    end = become_replica(own_redis)
    wait_until(lambda: node.unreadiness() == "redis_refuses_writes", "ready is red", 8)
    wait_until(lambda: own_redis.client.pubsub_channels() == [], "nobody listens there")
    named = [c["name"] for c in own_redis.client.client_list() if int(c["age"]) > 5]
    assert not [name for name in named if name.startswith("fantail-")], named
    end()
    wait_until(node.is_ready, "ready is green", 30)
    own_redis.wait_for_subscribers(task, 1)
    # Workers' Function, too: a replica has its master's libraries.
    wait_until(lambda: b"fantail" in str(own_redis.client.function_list()).encode(), "the Function is there")
    own_redis.fcall(task, {"progress": 4})
    while viewer.receive_type("taskProgress")["payload"]["progress"] != 4:
        pass


def test_a_master_that_is_made_a_replica_of_another_takes_its_data(node, own_redis, viewers, task, tmp_path):
    """The loop also gives up its own lease: everything is counted and numbered anew when Redis is a master again."""
    (tmp_path / "other").mkdir()
    other = RedisServer(tmp_path / "other")
    try:
        viewer = viewers(Tasks(node))
        viewer.subscribe(task)
        assert node.post(task, {"progress": 1}).json["sequence"] == 1
        own_redis.client.replicaof("127.0.0.1", other.port)
        wait_until(lambda: not own_redis.client.exists(f"ft:{{task:{task}}}:m"), "it has the other's data", 20)
        wait_until(lambda: node.unreadiness() == "redis_refuses_writes", "ready is red", 8)
        own_redis.client.replicaof("NO", "ONE")
        wait_until(node.is_ready, "ready is green", 30)
        assert node.post(task, {"progress": 7}).status == 200
        while viewer.receive_type("taskProgress", "taskUpdated")["payload"]["progress"] != 7:
            pass
        wait_until(lambda: own_redis.client.hlen("ft:{online}:u") == 1, "the viewer is counted")
    finally:
        other.kill()
