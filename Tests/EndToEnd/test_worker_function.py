"""The workers' Function exists whatever an operator does to it: one of the nodes loads it again."""

import pytest

from harness import own_keys, wait_until

LOADED = "loaded the Redis Function"
OLD = """#!lua name=fantail
redis.register_function('fantail_publish', function() return 'old' end)
redis.register_function{function_name = 'fantail_publish_version', callback = function() return '%s' end, flags = {'no-writes'}}
"""
FOREIGN = "#!lua name=fantail\nredis.register_function('something_else', function() return 1 end)"


@pytest.fixture(scope="module")
def many(launch):
    return [launch("--presence-heartbeat", "200ms") for _ in range(3)]


def stats(redis, command):
    return redis.client.info("commandstats").get(f"cmdstat_{command}", {"calls": 0, "failed_calls": 0})


def loads(redis):
    found = stats(redis, "function|load")
    return found["calls"] - found["failed_calls"]


def all_have_looked(redis, nodes, times=3):
    before = stats(redis, "fcall")["calls"]
    wait_until(lambda: stats(redis, "fcall")["calls"] >= before + times * len(nodes), "all nodes have looked")


def works(redis, task):
    try:
        return redis.fcall(task, {"progress": 1}) == 1
    except Exception as error:
        assert "not found" in str(error), error
        return False


@pytest.mark.parametrize("command", ["FUNCTION FLUSH", "FUNCTION FLUSH ASYNC", "FUNCTION DELETE fantail"])
def test_what_was_flushed_is_loaded_again_by_one_node(many, redis, task, command):
    redis.client.config_resetstat()
    redis.client.execute_command(*command.split())
    wait_until(lambda: works(redis, task), "the Function is there again")
    all_have_looked(redis, many)
    assert loads(redis) == redis.masters_count


@pytest.mark.parametrize("version", ["1 64 262144 3600", "nonsense", ""])
def test_an_older_one_is_replaced(many, redis, task, version):
    redis.client.execute_command("FUNCTION", "LOAD", "REPLACE", OLD % version)
    wait_until(lambda: redis.client.fcall("fantail_publish", *own_keys(f"task:{task}"), "{}") != b"old", "it is replaced")


def test_a_newer_one_stays(many, redis):
    redis.client.execute_command("FUNCTION", "LOAD", "REPLACE", OLD % "999999 1 1 1")
    all_have_looked(redis, many)
    assert redis.client.fcall("fantail_publish", *own_keys("task:x"), "{}") == b"old"
    redis.client.execute_command("FUNCTION", "FLUSH")
    wait_until(lambda: works(redis, "after-newer"), "the Function is there again")


def test_a_library_of_the_same_name_without_the_function_is_replaced(many, redis, task):
    redis.client.execute_command("FUNCTION", "LOAD", "REPLACE", FOREIGN)
    wait_until(lambda: works(redis, task), "the Function is there again")


def test_nodes_of_other_limits_do_not_replace_each_others_again_and_again(many, launch, redis):
    other = launch("--presence-heartbeat", "200ms", "--history", "7")
    all_have_looked(redis, [*many, other])
    redis.client.config_resetstat()
    all_have_looked(redis, [*many, other])
    assert loads(redis) == 0


def test_a_node_that_may_not_load_it_says_so_once(launch, redis, task):
    redis.client.execute_command("ACL", "SETUSER", "unable", "on", ">pw", "~*", "&*", "+@all", "-function|load")

    class Unable:
        url = redis.url.replace("://", "://unable:pw@")

    node = launch("--presence-heartbeat", "200ms", "--key-prefix", "unable", redis=Unable)
    all_have_looked(redis, [node])
    assert node.log.count("could not load the Redis Function") == redis.masters_count and "NOPERM" in node.log
    redis.client.execute_command("ACL", "SETUSER", "unable", "+function|load")
    wait_until(lambda: LOADED in node.log, "it is loaded as soon as it may be")


def test_flushed_scripts_are_sent_again(many, redis, task):
    assert many[0].post(task, {"progress": 1}).status == 200
    redis.client.script_flush()
    assert many[0].post(task, {"progress": 2}).json["sequence"] == 2
