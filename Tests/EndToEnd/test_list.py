"""The list of tasks: which there are, in which order, who may see which, and that none is missed."""

import urllib.parse

import pytest

from harness import API_KEY, encoded, own_keys, wait_until
from tokens import jwt

LONG = 30  # seconds


def listed(node, who=None, **query):
    """A page of the list, for the API key by default."""
    path = "/api/v1/tasks?" + urllib.parse.urlencode(query)
    answer = node.request("GET", path, **({"token": who} if who else {"key": API_KEY}))
    assert answer.status == 200, answer.body
    return answer.json


def names(node, who=None, **query):
    """Every task of the list that begins with `prefix`, page after page."""
    prefix, cursor, found = query.pop("prefix", ""), None, []
    while True:
        page = listed(node, who, **query, **({"cursor": cursor} if cursor else {}))
        found += [task["task_id"] for task in page["tasks"] if task["task_id"].startswith(prefix)]
        if not (cursor := page.get("next_cursor")):
            return found


def wait_for(node, wanted, who=None, **query):
    wait_until(lambda: names(node, who, **query) == wanted, f"{wanted} are listed", LONG)


def test_tasks_are_listed_newest_first_by_status_and_owner(nodes, redis, task):
    for number in range(5):
        redis.fcall(f"{task}-{number}", {"progress": number, **({"owner": f"{task}-owner"} if number % 2 else {})})
    redis.fcall(f"{task}-0", {"type": "completed", "result": {"frames": 7}})
    redis.fcall(f"{task}-1", {"type": "failed", "error": "no disk"})
    redis.fcall(f"{task}-2", {"status": "ENCODING"})
    redis.fcall(f"{task}-4", {"progress": 5})
    every = [f"{task}-{number}" for number in (4, 3, 2, 1, 0)]
    for node in nodes:
        wait_for(node, every, prefix=task)
        wait_for(node, every[1::2], owner=f"{task}-owner")
        wait_for(node, [every[4]], prefix=task, status="completed")
        wait_for(node, [every[3]], prefix=task, status="FAILED")
        wait_for(node, every[:3], prefix=task, status="active")
        assert names(node, prefix=task, status="encoding") == [every[2]]
        assert names(node, prefix=task, status="running") == [every[0], every[1]]
        assert names(node, owner=f"{task}-owner", status="active") == [every[1]]
        assert names(node, prefix=task, limit=2) == every
    state = nodes[0].request("GET", f"/api/v1/tasks/{task}-0", key=API_KEY).json
    assert next(found for found in listed(nodes[1])["tasks"] if found["task_id"] == f"{task}-0") == state


def test_callers_see_what_they_may(nodes, redis, task):
    node = nodes[0]
    for owner in ("ann", "ben"):
        redis.fcall(f"{task}-{owner}", {"progress": 1, "owner": f"{task}-{owner}"})
    redis.fcall(f"{task}-nobody", {"progress": 1})
    every = [f"{task}-nobody", f"{task}-ben", f"{task}-ann"]
    wait_for(node, every, prefix=task)
    ann = jwt(f"{task}-ann")
    assert names(node, ann) == [f"{task}-ann"] == names(node, ann, owner=f"{task}-ann")
    assert names(node, jwt(f"{task}-other")) == []
    assert names(node, jwt("x", scope="tasks:*"), prefix=task) == every == names(node, jwt("x", tasks=["*"]), prefix=task)
    refused = node.request("GET", f"/api/v1/tasks?owner={task}-ben", token=ann)
    assert refused.status == 403 and "tasks:*" in refused.json["error"]["message"]
    assert node.request("GET", "/api/v1/tasks").status == 401


@pytest.mark.parametrize("query", [
    "limit=0", "limit=-1", "limit=201", "limit=1.5", "limit=2147483648", "limit=9223372036854775808", "limit=", "limit=x",
    "status=", "status=" + "x" * 65, "owner=", "owner=a%20b", "owner=%7B%7D", "cursor=1", "cursor=x:y%20",
    "cursor=-1:a%20", "cursor=9223372036854775808:a%20"])
def test_a_bad_query_is_refused(nodes, query):
    answer = nodes[0].request("GET", f"/api/v1/tasks?{query}", key=API_KEY)
    assert answer.status == 400 and answer.code == "BAD_REQUEST", answer.body


@pytest.mark.parametrize("milliseconds", [0, 1, 2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1])
def test_any_place_is_a_cursor(nodes, milliseconds):
    assert listed(nodes[0], cursor=f"{milliseconds}:a ")["tasks"] is not None


def own_function(redis, prefix, task, event):
    """Publishes by the Function of a key prefix of its own: no other node keeps that list."""
    redis.client.fcall(f"fantail_publish_{prefix}", *own_keys(f"task:{task}", prefix), encoded(event))


def test_a_task_that_redis_deleted_leaves_the_list(launch, redis, task):
    node = launch("--key-prefix", "brief", "--task-ttl", "1s")
    own_function(redis, "brief", task, {"progress": 1, "owner": "ann"})
    wait_for(node, [task])
    wait_until(lambda: redis.client.keys("brief:{tasks}:*") == [b"brief:{tasks}:keeper"], "the keeper has noticed", LONG)
    assert names(node) == []


@pytest.mark.parametrize("rule", ["claims", "owner"])
def test_only_tasks_are_listed_that_may_be_watched(launch, redis, task, rule):
    node = launch("--watch", rule)
    redis.fcall(f"{task}-a", {"progress": 1, "owner": f"{task}-ann"})
    redis.fcall(f"{task}-b", {"progress": 1, "owner": f"{task}-ann"})
    wait_for(node, [f"{task}-b", f"{task}-a"], prefix=task)
    seen = names(node, jwt(f"{task}-ann", tasks=[f"{task}-a"]))
    assert seen == ([f"{task}-a"] if rule == "claims" else [f"{task}-b", f"{task}-a"])


def test_keys_of_another_type_do_no_harm(nodes, redis, task):
    for name in (f"{task}-a", f"{task}-b"):
        redis.fcall(name, {"progress": 1, "owner": task})
    wait_for(nodes[0], [f"{task}-b", f"{task}-a"], owner=task)
    meta = f"ft:{{task:{task}-b}}:m"
    redis.client.delete(meta)
    redis.client.rpush(meta, "x")
    assert names(nodes[0], owner=task) == [f"{task}-a"]
    redis.client.delete(meta)


def test_tasks_that_no_node_heard_of_are_found(launch, redis, task):
    """They began while no node ran, or before there was a list."""
    first = launch("--key-prefix", "unheard")
    own_function(redis, "unheard", f"{task}-0", {"progress": 1})
    wait_for(first, [f"{task}-0"])
    assert first.terminate() == 0 and not redis.client.exists("unheard:{tasks}:keeper")
    own_function(redis, "unheard", f"{task}-0", {"type": "completed"})
    own_function(redis, "unheard", f"{task}-1", {"progress": 1})
    second = launch("--key-prefix", "unheard")
    wait_for(second, [f"{task}-1", f"{task}-0"])
    wait_for(second, [f"{task}-0"], status="completed")


def test_another_node_keeps_the_list_when_its_keeper_is_killed(launch, redis, task):
    first = launch("--key-prefix", "killed")
    own_function(redis, "killed", f"{task}-0", {"progress": 1})
    wait_for(first, [f"{task}-0"])
    second = launch("--key-prefix", "killed")
    first.expected_to_die = True
    first.kill()
    own_function(redis, "killed", f"{task}-1", {"progress": 1})
    own_function(redis, "killed", f"{task}-0", {"type": "completed"})
    wait_for(second, [f"{task}-1", f"{task}-0"])
    wait_for(second, [f"{task}-0"], status="completed")
    wait_for(second, [f"{task}-1"], status="active")
