"""Counts that Redis refused are written later, zeros too, and not tried at every turn."""

import pytest

from clients import Jobs, Presence
from harness import FIXED_TOKEN, RedisServer, wait_until
from tokens import jwt


@pytest.fixture
def own_redis(tmp_path):
    server = RedisServer(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def node(launch, own_redis):
    """Ends before its Redis does."""
    node = launch("--loops", "1", redis=own_redis)
    yield node
    assert node.terminate() == 0


def refusals(redis):
    return redis.client.info("errorstats").get("errorstat_OOM", {"count": 0})["count"]


def test_a_viewer_that_left_while_redis_refused_is_not_shown_any_more(node, own_redis, viewers, task):
    key, redis = f"ft:{{task:{task}}}:p", own_redis.client
    viewer = viewers(Jobs(node, FIXED_TOKEN))  # no user, whose count would be refused as well
    viewer.join(task)
    wait_until(lambda: redis.hvals(key) == [b"1"], "the viewer is counted")
    redis.config_set("maxmemory", 1)
    before = refusals(own_redis)
    viewer.close()
    # The number of connections is refused at once, and again after 50 ms or more each; the task's viewers after 250 ms.
    wait_until(lambda: refusals(own_redis) >= before + 6, "the viewers' count is refused, too", 30)
    redis.config_set("maxmemory", 0)
    wait_until(lambda: not redis.exists(key), "nobody is shown", 20)
    wait_until(lambda: redis.hget("ft:{online}:nc", "*") in (None, b"0"), "nobody is connected", 20)


def test_refused_counts_are_not_written_at_every_turn(node, own_redis, viewers):
    own_redis.client.config_set("maxmemory", 1)
    before = refusals(own_redis)
    users = [viewers(Presence(node, jwt(f"user-{number}"))) for number in range(5)]
    wait_until(lambda: refusals(own_redis) > before, "writes are refused")
    before = refusals(own_redis)
    for _ in range(300):  # turns of the loop
        assert node.request("GET", "/health/live").status == 200
    assert refusals(own_redis) - before < 100
    own_redis.client.config_set("maxmemory", 0)
    wait_until(lambda: own_redis.client.hlen("ft:{online}:u") == len(users), "all are counted", 20)
