"""A pub/sub connection that looks healthy and delivers nothing: a node is ready once a message arrived over the current one."""

import pytest

from clients import Tasks
from harness import wait_until
from redis_proxy import RedisProxy


pytestmark = pytest.mark.not_on("cluster", why="a proxy before one server; nodes would go to the others directly")


@pytest.fixture
def proxy(redis):
    proxy = RedisProxy(redis)
    yield proxy
    proxy.close()


@pytest.mark.parametrize("swallowed", ["messages", "all"])
def test_a_new_connection_proves_nothing_before_something_is_heard_on_it(launch, proxy, redis, viewers, task, swallowed):
    node = launch("--loops", "1", redis=proxy)
    client = viewers(Tasks(node))
    client.subscribe(task)
    proxy.swallows = swallowed
    for _ in range(4):
        standing = len(proxy.subscribers())
        proxy.subscribers()[-1].cut()
        wait_until(lambda: len(proxy.subscribers()) > standing, "it has subscribed anew", 20)
        # What a balancer would see in the seconds until the next loss.
        assert {node.unreadiness() for _ in range(50)} <= {"redis_pubsub", "redis_delivery"}
    proxy.swallows = None
    proxy.subscribers()[-1].cut()
    wait_until(node.is_ready, "it hears again", 20)
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 50})
    assert client.receive_type("taskProgress")["payload"]["progress"] == 50


@pytest.mark.parametrize("swallowed", ["messages", "all"])
def test_a_deaf_connection_is_given_up_and_ready_stays_red_until_one_hears(launch, proxy, swallowed):
    node = launch("--loops", "1", "--probe", "200ms", redis=proxy)
    standing = len(proxy.subscribers())
    proxy.swallows = swallowed
    wait_until(lambda: node.unreadiness() == "redis_delivery", "it is noticed", 20)
    seen = set()

    def is_tried_twice_more():
        seen.add(node.unreadiness())
        return len(proxy.subscribers()) >= standing + 2

    wait_until(is_tried_twice_more, "it tries other connections", 30)
    assert None not in seen
    proxy.swallows = None
    wait_until(node.is_ready, "it hears again", 30)
