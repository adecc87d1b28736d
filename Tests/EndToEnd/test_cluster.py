"""Nodes on a real Redis Cluster of three masters and three replicas: slots are moved, masters fail over and die, and viewers get
every event once and in order."""

import json
import re
import subprocess

import pytest

from clients import Presence, Stream, Tasks
from harness import API_KEY, ROOT, RedisServer, clean_environment, fantail, free_port, wait_until
from metrics import metrics
from redis_cluster import Publishers, RedisCluster, places, without_empty_snapshots
from tokens import jwt


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    cluster = RedisCluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.kill()


@pytest.fixture
def own(tmp_path):
    """A cluster that a test may leave as it likes."""
    cluster = RedisCluster(tmp_path / "cluster")
    yield cluster
    cluster.kill()


def test_every_way_of_publishing_reaches_the_viewers_of_every_node(nodes, redis, viewers, task):
    clients = [viewers(Tasks(node)) for node in nodes for _ in range(2)]
    for client in clients:
        client.subscribe(task)
    redis.wait_for_viewers(task, 4)
    assert redis.fcall(task, {"progress": 1}, {"progress": 2}) == 2
    assert nodes[0].post(task, {"progress": 3}).json["sequence"] == 3
    assert nodes[1].post(task, {"progress": 4}).json["sequence"] == 4
    reply = redis.cli("FCALL", "fantail_publish", "2", *redis.keys(task), '{"progress":5}')
    assert reply.split()[1] == "5"
    done = fantail("publish", task, '{"progress":6}', "--redis", redis.url)
    assert done.returncode == 0, done.stderr
    for client in clients:
        messages = client.events(6)
        assert places(messages) == [(number, None) for number in range(1, 7)]
        assert [message["progress"] for message in messages] == list(range(1, 7))
    redis.publish(task, {"progress": 50})
    for client in clients:
        assert client.receive_type("taskProgress")["payload"]["progress"] == 50


def test_the_form_for_one_redis_is_refused_and_writes_nothing(nodes, redis, task):
    refused = redis.cli("FCALL", "fantail_publish", "1", f"task:{task}", '{"progress":1}')
    assert refused.startswith("INVALID in a cluster name the own keys of the task"), refused
    assert not redis.client.exists(redis.keys(task)[0])


def test_a_slot_that_is_moved_loses_nothing_and_is_not_noticed(nodes, redis, viewers):
    first, second, third = sorted(redis.masters(), key=lambda server: server.port)
    tasks = [redis.task_at(master, start=f"moved-{number}") for number in range(4) for master in (first, second, third)]
    clients = {task: [viewers(Tasks(node)) for node in nodes] for task in tasks}
    for task in tasks:
        for client in clients[task]:
            client.subscribe(task)
        redis.wait_for_viewers(task, 2)
    publishers = Publishers(nodes, redis, tasks)
    for task in tasks * 2:
        home = redis.home(task)
        target = next(master for master in (first, second, third) if master is not home)
        seen = publishers.counts[task]
        redis.move(redis.slot(task), home, target, pause=0.02)
        wait_until(lambda: publishers.problems or publishers.counts[task] > seen + 3, "publishing goes on")
    counts = publishers.stop()
    for task in tasks:
        assert counts[task] > 10
        for client in clients[task]:
            messages = client.events(counts[task])
            assert places(messages) == [(number, None) for number in range(1, counts[task] + 1)]
            client.expect_silence()


def test_a_planned_failover_begins_new_epochs_in_its_shard_alone(nodes, redis, viewers):
    master, other, _ = redis.masters()
    moved, kept = redis.task_at(master, start="planned"), redis.task_at(other, start="planned")
    clients = {task: [viewers(Tasks(node)) for node in nodes] for task in (moved, kept)}
    for task in (moved, kept):
        for client in clients[task]:
            client.subscribe(task)
        redis.wait_for_viewers(task, 2)
        assert nodes[0].post(task, {"progress": 1}).status == 200
    redis.fail_over(master)
    for number in range(2, 6):
        for task in (moved, kept):
            assert nodes[number % 2].post(task, {"progress": number}).status == 200
    for client in clients[kept]:
        assert places(client.events(5)) == [(number, None) for number in range(1, 6)]
    for client in clients[moved]:
        assert [message["sequence"] for message in without_empty_snapshots(client, 5)] == [1, 1, 2, 3, 4]
    for node in nodes:
        node.wait_until_ready()


def test_a_master_that_dies_is_named_and_its_tasks_go_on_at_its_replica(launch, own, viewers):
    nodes = [launch(redis=own) for _ in range(2)]
    master, other, _ = own.masters()
    lost, kept = own.task_at(master), own.task_at(other)
    clients = {task: [viewers(Tasks(node)) for node in nodes] for task in (lost, kept)}
    for task in (lost, kept):
        for client in clients[task]:
            client.subscribe(task)
        own.wait_for_viewers(task, 2)
        assert nodes[0].post(task, {"progress": 1}).status == 200
        for client in clients[task]:
            assert places(client.events(1)) == [(1, None)]
    assert master.call("WAIT", 1, 5_000) == 1
    master.kill()
    away = []
    for node in nodes:
        node.wait_until_unready("redis_shard")
        away.append(node.health().json.get("shards"))
    assert [master.address] in away
    refused = nodes[0].post(lost, {"progress": 2})
    assert refused.status in (200, 503)
    assert nodes[0].post(kept, {"progress": 2}).status == 200
    wait_until(lambda: nodes[0].post(lost, {"progress": 3}).status == 200, "its tasks go on", 15)
    for node in nodes:
        node.wait_until_ready()
    for client in clients[kept]:
        assert places(client.events(1)) == [(2, None)]
        client.expect_silence()
    for client in clients[lost]:
        last = client.receive_type("taskProgress", "taskUpdated")["payload"]
        while last["progress"] != 3:
            last = client.receive_type("taskProgress", "taskUpdated")["payload"]
        assert last["epoch"] and nodes[0].post(lost, {"progress": 4}).status == 200
        while last["progress"] != 4:
            last = client.receive_type("taskProgress", "taskUpdated")["payload"]


def test_a_function_that_was_flushed_at_one_master_is_loaded_there_again(nodes, redis):
    for master in redis.masters():
        master.call("FUNCTION", "FLUSH")
        master.call("SCRIPT", "FLUSH")
        task = redis.task_at(master, start="flushed")
        wait_until(lambda: "fantail" in str(master.call("FUNCTION", "LIST")), "it is loaded again")
        assert redis.fcall(task, {"progress": 1}) == 1
        assert nodes[0].post(task, {"progress": 2}).json["sequence"] == 2


def test_a_master_that_joins_without_functions_gets_them_with_its_first_slot(launch, own, task):
    node = launch(redis=own)
    home, joined = own.home(task), own.add()
    home.call("CLUSTER", "MEET", "127.0.0.1", joined.port, joined.bus)
    for server in own.servers:
        wait_until(
            lambda: len(server.call("CLUSTER", "NODES").splitlines()) == 7 and "cluster_state:ok" in server.call("CLUSTER", "INFO"),
            "all know each other")
    assert node.post(task, {"progress": 1}).json["sequence"] == 1
    own.move(own.slot(task), home, joined)
    assert node.post(task, {"progress": 2}).json["sequence"] == 2
    wait_until(lambda: "fantail" in str(joined.call("FUNCTION", "LIST")), "it has the Function")
    assert own.fcall(task, {"progress": 3}) == 3


def test_one_seed_of_three_is_enough(launch, redis, tmp_path, task):
    single = RedisServer(tmp_path)
    try:
        class Seeds:
            url = f"redis://127.0.0.1:{free_port()},127.0.0.1:{single.port},{redis.servers[-1].address}"

        node = launch(redis=Seeds)
        assert node.post(task, {"progress": 1}).status == 200
        assert f"127.0.0.1:{single.port}" in node.log and "cluster support disabled" in node.log
    finally:
        single.kill()


def test_who_is_online_is_counted_on_a_cluster(launch, redis, viewers):
    nodes = [launch() for _ in range(2)]
    clients = [viewers(Presence(node, jwt(f"user-{number}"))) for number, node in enumerate(nodes * 3)]
    counted = lambda: fantail("online", "--redis", redis.url).stdout.strip()
    wait_until(lambda: counted() == "6", "six are counted")
    nodes[1].expected_to_die = True
    nodes[1].kill()
    wait_until(lambda: counted() == "3", "those of the dead node are taken out", 20)
    assert len(clients) == 6


@pytest.mark.parametrize("command", [["check"], ["serve", "--port", "0"]])
def test_another_database_is_refused(redis, command):
    for url in (f"{redis.url}/1", f"{redis.url},{redis.servers[1].address}/1"):
        refused = fantail(*command, "--api-key", API_KEY, "--jwt-secret", "s" * 32, "--redis", url)
        assert refused.returncode == 2 and "a Redis Cluster has no database but 0" in refused.stderr, refused.stderr


def check(redis):
    return fantail("check", "--port", str(free_port()), "--jwt-secret", "s" * 32, "--redis", redis.url)


def test_check_names_every_master(nodes, redis):
    done = check(redis)
    assert done.returncode == 0, done
    for master in redis.masters():
        good = rf"^ +master {master.address}: version 7\S+, answers in [\d.]+ ms, accepted the scripts and a message; the Function is there$"
        assert re.search(good, done.stdout, re.M), done.stdout
    assert "Note: 127.0.0.1" not in done.stdout, done.stdout


def test_check_says_which_master_is_not_as_it_should_be(own):
    first, second, third = own.masters()
    own.replica_of(first).kill()
    wait_until(lambda: first.info("connected_slaves") == "0", "its replica is gone")
    done = check(own)
    assert done.returncode == 0, done
    assert f"Note: {first.address}: the master has no replica" in done.stdout and f"Note: {second.address}" not in done.stdout
    assert done.stdout.count("accepted the scripts and a message; the Function is not there yet") == 3
    second.call("ACL", "SETUSER", "default", "-publish")
    own.replica_of(third).kill()
    third.kill()
    done = check(own)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done
    assert re.search(rf"^ +master {first.address}: version 7", done.stdout, re.M), done.stdout
    assert re.search(rf"^ +master {second.address}: .*NOPERM", done.stdout, re.M), done.stdout
    assert f"out of reach: {third.address}: cannot connect" in done.stdout, done.stdout
    assert f"{second.address}: " in done.stderr and f"{third.address}: cannot connect" in done.stderr and first.address + ": " not in done.stderr


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(8):
        (folder / f"file-{number}").write_bytes(bytes(10_000 * number))
    return folder


def watch(node, viewers, redis, task):
    viewer = viewers(Tasks(node))
    viewer.subscribe(task)
    redis.wait_for_viewers(task, 1)
    return viewer


def run_worker(worker, url, task, folder):
    done = subprocess.run(
        [ROOT / "ops/workers" / worker, task, folder], env=clean_environment({"FANTAIL_REDIS_URL": url}), capture_output=True, text=True,
        timeout=60)
    assert done.returncode == 0 and done.stderr == "", done


def result(viewer):
    message = viewer.receive()
    while message["type"] != "taskCompleted":
        message = viewer.receive()
    return message["payload"]["result"]


@pytest.mark.parametrize("seeds", [1, 2])
@pytest.mark.parametrize("worker", ["hash.sh", "hash.py", "hash.mjs"])
def test_a_worker_publishes_to_whichever_master_keeps_its_task(nodes, redis, viewers, folder, worker, seeds):
    """Every master by turns: the worker knows the first server, or two."""
    url = ",".join([redis.url, *(server.address for server in redis.servers[1:seeds])])
    for master in redis.masters():
        task = redis.task_at(master, start=f"{worker}-{seeds}")
        viewer = watch(nodes[0], viewers, redis, task)
        run_worker(worker, url, task, folder)
        assert result(viewer)["files"] == 8


@pytest.mark.parametrize("worker", ["hash.sh", "hash.py", "hash.mjs"])
def test_a_worker_follows_a_slot_that_is_being_moved(nodes, redis, viewers, folder, worker):
    first, second, _ = redis.masters()
    task = redis.task_at(first, start=f"{worker}-moving")
    viewer = watch(nodes[0], viewers, redis, task)
    assert nodes[0].post(task, {"progress": 1}).status == 200
    with redis.moving(redis.slot(task), first, second):
        run_worker(worker, redis.url, task, folder)
    assert result(viewer)["files"] == 8
