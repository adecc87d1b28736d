"""The rights of ops/redis/users.acl and of ops/README.md are enough behind Sentinels and in a Redis Cluster, and are all that is used there."""

import json
import re

import pytest
import redis as redis_py
from redis.cluster import ClusterNode, RedisCluster as ClusterClient

from clients import Presence, Tasks
from harness import API_KEY, ROOT, fantail, own_keys, wait_until
from redis_cluster import RedisCluster
from redis_users import make_users
from sentinels import NAME, Group
from tokens import jwt

NODE, WORKER = "fantail-node", "fantail-worker"
PASSWORDS = {NODE: "of-nodes", WORKER: "of-workers", "operator": "of-operators"}
README = (ROOT / "ops/README.md").read_text()


def line_of(user):
    """The line of a user in ops/README.md."""
    return re.search(rf"^ +(user {user} on >PASSWORD .+)$", README, re.M).group(1).replace("PASSWORD", f"of-{user}")


def give(redis, *lines):
    """`redis` is a client whose user has every right."""
    for line in lines:
        redis.execute_command("ACL", "SETUSER", *line.split()[1:])


def users_of_file():
    return [line for line in make_users(PASSWORDS)[0].splitlines() if line.startswith("user fantail")]


def denied(clients):
    return [
        (entry["username"], entry["reason"], entry["object"]) for client in clients
        for entry in client.execute_command("ACL", "LOG")]


def watch(node, viewers, task):
    assert node.post(task, {"progress": 0}).status == 200
    viewer = viewers(Tasks(node, jwt("viewer")))
    viewer.subscribe(task)
    viewer.receive_type("taskUpdated"), viewer.receive_type("taskProgress")
    viewers(Presence(node, jwt("person")))
    online = lambda: node.request("GET", "/api/v1/online/count", key=API_KEY).json
    wait_until(lambda: online()["online_count"] == 2, "both are online")
    return viewer


def wait_for(viewer, progress):
    while viewer.receive_type("taskProgress", "taskUpdated")["payload"].get("progress") != progress:
        pass


@pytest.fixture(scope="module")
def group(tmp_path_factory):
    group = Group(
        tmp_path_factory.mktemp("group"), options=("--masteruser", "replica", "--masterauth", "of-replica"), settings=[line_of("fantail")],
        after=(f"sentinel auth-user {NAME} sentinel", f"sentinel auth-pass {NAME} of-sentinel"), users=[line_of("replica"), line_of("sentinel")])
    for redis in group.redises:
        give(redis.client, *users_of_file())
    yield group
    group.kill()


def test_all_rights_are_enough_behind_sentinels(group, launch, viewers, task):
    url = group.url.replace("://", f"://{NODE}:{PASSWORDS[NODE]}@")
    flags = ["--sentinel-user", "fantail", "--sentinel-password", "of-fantail"]
    checked = fantail("check", "--dev", "--port", "0", "--redis", url, *flags)
    assert checked.returncode == 0, checked
    node = launch(*flags, redis=type("Where", (), {"url": url}))
    viewer = watch(node, viewers, task)
    for _ in range(2):
        worker = redis_py.Redis(port=group.master.port, username=WORKER, password=PASSWORDS[WORKER])
        old = group.master
        worker.fcall("fantail_publish", *own_keys(f"task:{task}"), '{"progress":1}')
        wait_for(viewer, 1)
        group.fail_over()
        wait_until(lambda: group.master is not old, "another is the master")
        wait_until(lambda: node.post(task, {"progress": 2}).status == 200, "publishing goes on")
        group.wait_for_replicas()
    by_name = lambda redis: {line["name"].split("-")[0]: line["user"] for line in redis.client.client_list() if line["name"]}
    assert by_name(group.master)["sentinel"] == "sentinel" and by_name(group.master)["fantail"] == NODE
    assert {line["user"] for line in group.master.client.client_list(_type="replica")} == {"replica"}
    assert denied(redis.client for redis in group.redises) == denied(sentinel.client for sentinel in group.sentinels) == []


@pytest.mark.parametrize("user, commands", [
    ("sentinel", ["GET x", "SET x 1", "FLUSHALL", "CONFIG GET *", "PUBLISH task:x {}", "SHUTDOWN"]),
    ("replica", ["GET x", "SET x 1", "INFO", "SUBSCRIBE task:x", "SLAVEOF NO ONE"])])
def test_the_users_of_sentinels_and_replicas_may_do_nothing_else(group, user, commands):
    client = redis_py.Redis(port=group.master.port, username=user, password=f"of-{user}")
    for command in commands:
        with pytest.raises(redis_py.exceptions.NoPermissionError):
            client.execute_command(*command.split())
    group.master.client.acl_log_reset()


def test_all_rights_are_enough_in_a_cluster(tmp_path, launch, viewers, task):
    own = RedisCluster(tmp_path / "cluster")
    try:
        for server in own.servers:
            give(server.client, *users_of_file(), line_of("replica"))
            server.call("CONFIG", "SET", "masteruser", "replica")
            server.call("CONFIG", "SET", "masterauth", "of-replica")
        seeds = ",".join(server.address for server in own.servers[:3])
        url = f"redis://{NODE}:{PASSWORDS[NODE]}@{seeds}"
        checked = fantail("check", "--dev", "--port", "0", "--redis", url)
        assert checked.returncode == 0, checked
        node = launch(redis=type("Where", (), {"url": url}))
        viewer = watch(node, viewers, task)
        worker = ClusterClient(
            startup_nodes=[ClusterNode("127.0.0.1", server.port) for server in own.servers], username=WORKER,
            password=PASSWORDS[WORKER], socket_timeout=10)
        publish = lambda progress: worker.fcall("fantail_publish", *own_keys(f"task:{task}"), json.dumps({"progress": progress}))
        publish(1)
        wait_for(viewer, 1)
        source = own.home(task)
        target = next(master for master in own.masters() if master is not source)
        with own.moving(own.slot(task), source, target):
            publish(2)
            assert node.post(task, {"progress": 3}).status == 200
        publish(4)
        own.fail_over(target)
        wait_until(lambda: node.post(task, {"progress": 5}).status == 200, "publishing goes on")
        done = fantail("publish", task, '{"progress":6}', "--redis", f"redis://{WORKER}:{PASSWORDS[WORKER]}@{seeds}")
        assert done.returncode == 0, done
        wait_for(viewer, 6)
        # The command tries to load its own script first, and then calls the Function.
        assert set(denied(server.client for server in own.servers)) <= {(WORKER, "command", "script|load")}
    finally:
        own.kill()
