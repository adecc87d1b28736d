"""Messages of topics that clients must acknowledge: redelivery, its bounds and its pace, also after a reconnect."""

import json
import socket
import time

import pytest

from clients import Client, Topics
from harness import API_KEY, FIXED_TOKEN, wait_until
from metrics import Watch
from tokens import jwt


@pytest.fixture
def topic(task):
    return f"acks-{task}"


@pytest.fixture
def user(task):
    return f"u-{task}"


def post(node, topic, data):
    answer = node.request("POST", f"/api/v1/topics/{topic}/messages", {"type": "data", "data": data, "ack": True}, key=API_KEY)
    assert answer.status == 200, answer.body


def kept(redis, user, client="c-1"):
    return f"ft:{{ack:{len(user)}:{user}:{client}}}"


def data(client, count):
    """The next `count` messages of data."""
    found = []
    while len(found) < count:
        if (message := client.receive_type("data", "heartbeat"))["type"] == "data":
            found.append(message)
    return found


def narrow(node):
    """A socket with a small kernel buffer, so that unread bytes wait at the node."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    sock.connect(("127.0.0.1", node.port))
    return sock


def test_a_hundred_large_ones_come_again_at_the_clients_pace(nodes, redis, viewers, topic, user):
    token, large = jwt(user), "x" * 60_000
    client = viewers(Topics(nodes[0], token, client="c-1"))
    client.subscribe(topic)
    ids = set()
    for number in range(100):
        post(nodes[0], topic, {"n": number, "filler": large})
        ids.add(client.receive_type("data")["messageId"])
    # The first ones are due by now, all of them soon: six megabytes, of which an outbox takes one.
    assert {message["messageId"] for message in data(client, 100)} == ids
    client.close()
    closes = Watch(nodes[1], "slow_closes_total")
    client = viewers(Topics(nodes[1], token, client="c-1", max_queue=1, sock=narrow(nodes[1])))
    found = set()
    while len(found) < 100:
        client.send({"type": "heartbeat"})  # answered behind what waits: an outbox is looked at with every message
        found |= {message["messageId"] for message in data(client, 1)}
    assert found == ids
    assert closes.rise() == 0 and redis.client.hlen(kept(redis, user)) == 101


def test_coming_back_often_loses_nothing(nodes, redis, viewers, topic, user):
    token = jwt(user)
    client = viewers(Topics(nodes[0], token, client="c-1"))
    client.subscribe(topic)
    post(nodes[0], topic, {"n": 1})
    first = client.receive_type("data")
    for number in range(10):
        client.close()
        client = viewers(Topics(nodes[number % 2], token, client="c-1"))
        copy = client.receive_type("data")
        assert copy["messageId"] == first["messageId"]
        client.expect_silence()
    client.acknowledge(copy)
    client.expect_silence()
    assert not redis.client.exists(kept(redis, user))


def test_a_holder_without_a_user_has_them_as_long_as_its_connection(node, viewers, topic):
    client = viewers(Topics(node, FIXED_TOKEN, client="c-1"))
    client.subscribe(topic)
    post(node, topic, {"n": 1})
    first = client.receive_type("data")
    other = viewers(Topics(node, FIXED_TOKEN, client="c-1"))
    other.expect_silence()
    assert client.receive_type("data")["messageId"] == first["messageId"]  # after 5 s
    client.acknowledge(first)
    client.expect_silence()
    other.expect_silence()


@pytest.mark.parametrize("is_back", [False, True])
def test_what_redis_did_not_take_comes_again_on_its_connection(nodes, redis, viewers, topic, user, is_back):
    client = viewers(Topics(nodes[0], jwt(user), client="c-1"))
    client.subscribe(topic)
    client.expect_silence()
    redis.client.config_resetstat()
    redis.client.set(kept(redis, user), "in the way")
    post(nodes[0], topic, {"n": 1})
    first = client.receive_type("data")
    wait_until(lambda: "errorstat_WRONGTYPE" in redis.client.info("errorstats"), "Redis has refused it")
    if is_back:
        redis.client.delete(kept(redis, user))
    assert client.receive_type("data")["messageId"] == first["messageId"]  # after 5 s
    if is_back:
        again = viewers(Topics(nodes[1], jwt(user), client="c-1"))
        assert again.receive_type("data")["messageId"] == first["messageId"]
        again.acknowledge(first)


def test_what_was_kept_for_too_long_is_dropped_and_counted(launch, redis, viewers, user):
    node = launch("--loops", "1")
    old, new = "0 1\n" + json.dumps({"type": "data", "n": "old"}), json.dumps({"type": "data", "n": "new"})
    now = int(time.time() * 1000)
    redis.client.hset(kept(redis, user), mapping={"@": "0", "a": old, "b": f"5 {now}\n{new}"})
    dropped = Watch(node, "acknowledgements_dropped_total")
    client = viewers(Client(node, f"/api/v1/ws?token={jwt(user)}&clientId=c-1"))
    client.receive_type("connect")
    assert client.receive_type("data")["n"] == "new"
    dropped.wait_for(1)
    assert redis.client.hkeys(kept(redis, user)) in ([b"@", b"b"], [b"b", b"@"])
