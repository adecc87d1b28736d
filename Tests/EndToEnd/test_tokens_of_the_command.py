"""`fantail token`: tokens that nodes accept, signed with the secret that development nodes share through Redis."""

import json
from base64 import urlsafe_b64decode

import pytest

from harness import SECRET, RedisServer, fantail, wait_until


@pytest.fixture
def own_redis(tmp_path):
    """A Redis that no node uses yet."""
    server = RedisServer(tmp_path)
    yield server
    server.kill()


KEY = "ft:{dev}:secret"


def token(redis, *arguments):
    return fantail("token", "--redis", redis.url, *arguments)


def test_it_makes_no_secret_that_no_node_has(own_redis):
    done = token(own_redis)
    assert done.returncode == 2 and done.stdout == "" and "serve --dev" in done.stderr and "--jwt-secret" in done.stderr
    for command in (["watch", "t"], ["bench"], ["run", "t", "--url", "http://127.0.0.1:1", "--", "true"]):
        fantail(command[0], "--redis", own_redis.url, *command[1:])
    assert own_redis.client.keys() == []


def test_a_redis_that_lost_its_data_gets_the_secret_back(own_redis, sharing):
    accepted = lambda text: sharing.request("GET", "/api/v1/online", token=text.strip()).status == 200
    first = token(own_redis)
    assert first.returncode == 0 and accepted(first.stdout)
    own_redis.client.flushall()
    after = token(own_redis)
    assert after.returncode == 0 and accepted(after.stdout), after
    own_redis.kill()
    own_redis.start()
    wait_until(lambda: own_redis.client.exists(KEY), "the node has written it back")
    again = token(own_redis)
    assert again.returncode == 0 and accepted(again.stdout) and accepted(first.stdout)


@pytest.fixture
def sharing(launch, own_redis):
    """A development node that was given no secret."""
    node = launch(redis=own_redis, secret=False)
    yield node
    assert node.terminate() == 0


@pytest.mark.parametrize("arguments, named", [
    (["--user", ""], "--user"), (["--user", "a b"], "--user"), (["--user", "{"], "--user"), (["--task", "a b"], "--task"),
    (["--team", "a b"], "--team"), (["--topic", ""], "--topic"), (["--scope", "bogus"], "--scope"),
    (["--scope", "publish,tasks"], "--scope"),
])
def test_what_no_node_takes_is_refused(arguments, named):
    done = fantail("token", "--jwt-secret", SECRET, *arguments)
    assert (done.returncode, done.stdout) == (2, "") and named in done.stderr and "expected" in done.stderr, done


def test_what_is_given_is_in_it(node):
    done = fantail("token", "--jwt-secret", SECRET, "--user", "alice", "--scope", "publish admin,tasks:*", "--task", "video_*",
                   "--team", "red", "--topic", "orders*", "--topic", "news")
    part = done.stdout.split(".")[1]
    claims = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert claims["sub"] == "alice" and claims["scope"] == "admin publish tasks:*" and claims["tasks"] == ["video_*"]
    assert claims["teams"] == ["red"] and claims["topics"] == ["orders*", "news"]
    assert node.request("GET", "/api/v1/online", token=done.stdout.strip()).status == 200
