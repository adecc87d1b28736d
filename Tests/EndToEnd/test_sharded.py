"""Nodes that hear a Redis Cluster by sharded pub/sub alone: each channel at the master of its slot, while slots move and masters change."""

import subprocess

import pytest

from harness import fantail, free_port, wait_until
from redis_cluster import Publishers, RedisCluster, expect_all, places, wait_for_more, watch, without_empty_snapshots

NODE_FLAGS = ["--redis-pubsub", "sharded"]


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
    for server in cluster.alive():
        server.resume()
    cluster.kill()


@pytest.fixture
def publish(nodes, redis):
    """Publishers, which end with the test."""
    started = []
    yield lambda tasks: started.append(Publishers(nodes, redis, tasks)) or started[-1]
    for publishers in started:
        publishers.stopped.set()


def test_a_plain_publish_is_heard_by_nodes_that_hear_both(launch, redis, viewers, task):
    deaf, both = launch(), launch("--redis-pubsub", "both")
    clients = watch([deaf, both], viewers, redis, [task])[task]
    assert redis.hearing(redis.home(task), task) == 2
    redis.publish(task, {"progress": 50})
    assert clients[1].receive_type("taskProgress")["payload"]["progress"] == 50
    assert redis.fcall(task, {"progress": 60}) == 1
    for client in clients:
        assert [message["progress"] for message in client.events(1)] == [60]
        client.expect_silence()


def test_a_slot_that_is_moved_to_and_fro_loses_nothing(nodes, redis, viewers, publish):
    first, second, third = sorted(redis.masters(), key=lambda server: server.port)
    tasks = [redis.task_at(master, start=f"moved-{number}") for number in range(2) for master in (first, second, third)]
    clients = watch(nodes, viewers, redis, tasks)
    publishers = publish(tasks)
    for task in tasks * 2:
        home = redis.home(task)
        target = next(master for master in (first, second, third) if master is not home)
        redis.move(redis.slot(task), home, target, pause=0.02)
        wait_for_more(publishers, [task])
    expect_all(clients, publishers.stop())
    for task in tasks:
        wait_until(lambda: [redis.hearing(master, task) for master in redis.masters() if master is not redis.home(task)] == [0, 0], "no other master is heard")
        assert redis.hearing(redis.home(task), task) == 2


def test_an_open_slot_is_heard_at_both_masters(nodes, redis, viewers):
    """The move is stuck: the keys of one task are at the target, and workers alone know, whom Redis sends there."""
    source, target, _ = redis.masters()
    goes = redis.task_at(source, start="goes")
    slot = redis.slot(goes)
    stays, late = redis.task_in(slot, start="stays"), redis.task_in(slot, start="late")
    clients = watch(nodes, viewers, redis, [stays, goes])
    for task in (stays, goes, late):
        assert redis.fcall(task, {"n": 1}) == 1
    with redis.open(slot, source, target):
        wait_until(lambda: redis.hearing(target, goes) == 2 and redis.hearing(target, stays) == 2, "the target is heard")
        names = [name for name in source.call("CLUSTER", "GETKEYSINSLOT", slot, 100) if "goes" in name or "late" in name]
        source.call("MIGRATE", "127.0.0.1", target.port, "", 0, 5_000, "KEYS", *names)
        for number in range(2, 20):
            for task in (stays, goes):
                assert redis.fcall(task, {"n": number}) == number
        for task in (stays, goes):
            for client in clients[task]:
                assert [message["sequence"] for message in client.events(19)] == list(range(1, 20))
        # One that comes later, while the slot is open.
        clients |= watch(nodes, viewers, redis, [late])
        wait_until(lambda: redis.hearing(target, late) == 2, "the target is heard")
        assert redis.hearing(target, goes) == 2
        assert redis.fcall(late, {"n": 2}) == 2 and redis.fcall(goes, {"n": 20}) == 20
        for client in clients[goes]:
            assert [message["sequence"] for message in client.events(1)] == [20]
        redis.migrate(slot, source, target)
        redis.give(slot, source, target)
    for task, number in ((stays, 20), (goes, 21), (late, 3)):
        wait_until(lambda: redis.hearing(source, task) == 0 and redis.hearing(target, task) == 2, "it is heard at its new master alone")
        assert redis.fcall(task, {"n": number}) == number
    for task, count in ((stays, 1), (goes, 1)):
        for client in clients[task]:
            client.events(count)
            client.expect_silence()


def test_a_move_that_is_given_up_leaves_nothing_behind(nodes, redis, viewers):
    source, target, _ = redis.masters()
    task = redis.task_at(source, start="given-up")
    slot = redis.slot(task)
    clients = watch(nodes, viewers, redis, [task])
    assert redis.fcall(task, {"n": 1}) == 1
    with redis.open(slot, source, target):
        wait_until(lambda: redis.hearing(target, task) == 2, "the target is heard")
        for server in (source, target):
            server.call("CLUSTER", "SETSLOT", slot, "STABLE")
    wait_until(lambda: redis.hearing(target, task) == 0, "the target is left")
    assert redis.fcall(task, {"n": 2}) == 2 and redis.hearing(source, task) == 2
    expect_all(clients, {task: 2})


def test_redis_cli_reshards_under_load(nodes, redis, viewers, publish):
    source, target, other = redis.masters()
    slots = sorted(slot for first, last, *shard in source.call("CLUSTER", "SLOTS") if shard[0][1] == source.port for slot in range(first, last + 1))
    tasks = [redis.task_in(slot, start=f"resharded-{slot}") for slot in slots[:40:8]] + [redis.task_at(other, start="resharded")]
    clients = watch(nodes, viewers, redis, tasks)
    publishers = publish(tasks)
    wait_for_more(publishers, tasks)
    done = subprocess.run(
        ["redis-cli", "--cluster", "reshard", source.address, "--cluster-from", source.id, "--cluster-to", target.id, "--cluster-slots",
         "40", "--cluster-yes"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done
    wait_for_more(publishers, tasks)
    expect_all(clients, publishers.stop())


def test_after_planned_failovers_every_channel_is_at_the_master(nodes, redis, viewers):
    """Redis takes subscriptions at the former master, too: nodes must leave it without being told."""
    task = redis.task_at(redis.masters()[0], start="to-and-fro")
    clients = watch(nodes, viewers, redis, [task])
    sent = 0
    for _ in range(2):
        first = sent + 1
        for node in nodes * 2:
            sent += 1
            wait_until(lambda: node.post(task, {"progress": sent}).status == 200, "it is taken", 15)
        # What nobody has read of an epoch when the next one begins is in its first state.
        for client in clients[task]:
            heard = [message["progress"] for message in without_empty_snapshots(client, sent - first + 1)]
            assert heard == list(range(first, sent + 1))
        home = redis.home(task)
        replica = redis.replica_of(home)
        wait_until(lambda: replica.info("master_link_status") == "up", "the replica follows")
        redis.fail_over(home)
        wait_until(lambda: redis.hearing(replica, task) == 2 and redis.hearing(home, task) == 0, "it is heard at its new master alone", 20)
        for node in nodes:
            node.wait_until_ready()


@pytest.mark.parametrize("end", ["kill", "pause"])
def test_a_master_that_dies_or_hangs_is_heard_at_its_replica(launch, own, viewers, end):
    nodes = [launch(redis=own) for _ in range(2)]
    master, other, _ = own.masters()
    lost, kept = own.task_at(master, start="lost"), own.task_at(other, start="kept")
    clients = watch(nodes, viewers, own, [lost, kept])
    for task in (lost, kept):
        assert own.fcall(task, {"progress": 1}) == 1
    assert master.call("WAIT", 1, 5_000) == 1
    replica = own.replica_of(master)
    getattr(master, end)()
    if end == "kill":
        for node in nodes:
            node.wait_until_unready("redis_shard")
    assert nodes[0].post(kept, {"progress": 2}).status == 200
    for client in clients[kept]:
        assert [message["sequence"] for message in client.events(2)] == [1, 2]
    wait_until(lambda: own.hearing(replica, lost) == 2, "it is heard at the replica", 20)
    wait_until(lambda: nodes[0].post(lost, {"progress": 3}).status == 200, "its tasks go on", 15)
    for client in clients[lost]:
        while client.events(1)[0]["progress"] != 3:
            pass
    for node in nodes:
        node.wait_until_ready()


def test_a_worker_is_heard_at_a_slots_new_master_though_no_node_asks(launch, redis, viewers):
    """The Function tells them: these nodes may not ask which slots are open."""
    source, target, _ = redis.masters()
    task = redis.task_at(source, start="told")
    slot = redis.slot(task)
    for server in redis.servers:
        server.call("ACL", "SETUSER", "blind", "on", ">pw", "~*", "&*", "+@all", "-cluster|nodes")
    # Nor does a check of the positions find it before the test is over.
    blind = type("Where", (), {"url": redis.url.replace("://", "://blind:pw@")})
    node = launch("--position-check", "10m", redis=blind, unready="redis_rights")
    clients = watch([node], viewers, redis, [task])
    assert redis.fcall(task, {"n": 1}) == 1
    with redis.open(slot, source, target):
        redis.migrate(slot, source, target)
        assert redis.hearing(target, task) == 0
        for number in range(2, 5):
            assert redis.fcall(task, {"n": number}) == number
        for client in clients[task]:
            assert places(client.events(4)) == [(number, None) for number in range(1, 5)]
        # From now on it is heard there.
        wait_until(lambda: redis.hearing(target, task) == 1, "the target is heard")
        redis.give(slot, source, target)
    assert redis.fcall(task, {"n": 5}) == 5
    for client in clients[task]:
        assert places(client.events(1)) == [(5, None)]
        client.expect_silence()


def test_what_has_no_number_comes_while_the_shard_is_away(launch, own, viewers):
    """A worker's plain PUBLISH needs no master of its task: it is heard at once, and the numbers go on where they were."""
    for server in own.servers:
        server.call("CONFIG", "SET", "cluster-require-full-coverage", "no")
    node = launch("--redis-pubsub", "both", redis=own)
    lost, other, _ = own.masters()
    task = own.task_at(lost, start="plain")
    [client] = watch([node], viewers, own, [task])[task]
    assert node.post(task, {"progress": 1}).json["sequence"] == 1
    assert places(client.events(1)) == [(1, None)]
    own.replica_of(lost).kill()
    lost.kill()
    node.wait_until_unready("redis_shard")
    wait_until(lambda: sum(server.call("PUBSUB", "NUMSUB", f"task:{task}")[1] for server in own.alive()) == 1, "another server is heard")
    for progress in (30, 40):
        own.publish(task, {"progress": progress})
        assert client.receive_type("taskProgress")["payload"]["progress"] == progress
    lost.start()
    node.wait_until_ready()
    wait_until(lambda: node.post(task, {"progress": 50}).status == 200, "it is taken", 15)
    # The master has lost its data: a new epoch, and nothing of before comes again.
    seen = [message for message in client.events(1)]
    while seen[-1].get("progress") != 50:
        seen += client.events(1)
    assert all(message.get("progress") in (None, 50) for message in seen), seen
    client.expect_silence()


def test_a_node_that_may_not_publish_to_shards_leaves_workers_their_function(launch, redis, viewers, task):
    """Its Function would take the right to publish from every worker that has no right to SPUBLISH either."""
    classic = launch("--redis-pubsub", "classic")
    version = lambda: {master.call("FCALL", "fantail_publish_version", 0).split()[-1] for master in redis.masters()}
    wait_until(lambda: version() == {"PUBLISH"}, "the Function is the classic node's")
    clients = watch([classic], viewers, redis, [task])
    for server in redis.servers:
        server.call("ACL", "SETUSER", "default", "-spublish")
    try:
        node = launch(unready="redis_rights")
        wait_until(lambda: "the Redis Function is left as it is" in node.log, "the log says so")
        assert "SPUBLISH task:fantail-check" in node.log
        assert version() == {"PUBLISH"}
        assert redis.fcall(task, {"n": 1}) == 1
        expect_all(clients, {task: 1})
    finally:
        for server in redis.servers:
            server.call("ACL", "SETUSER", "default", "+spublish")
    node.wait_until_ready()
    wait_until(lambda: version() == {"SPUBLISH"}, "it is the node's, now that it has the right")
    assert redis.fcall(task, {"n": 2}) == 2


def test_a_node_without_a_right_to_shards_is_not_ready_and_says_why(launch, redis):
    for server in redis.servers:
        server.call("ACL", "SETUSER", "default", "-ssubscribe")
    try:
        node = launch(unready="redis_rights")
        assert "SSUBSCRIBE task:fantail-check" in node.log
        done = fantail("check", "--port", str(free_port()), "--jwt-secret", "s" * 32, "--redis", redis.url)
        assert done.returncode == 1 and "SSUBSCRIBE task:fantail-check" in done.stderr, done
        launch("--redis-pubsub", "classic")
    finally:
        for server in redis.servers:
            server.call("ACL", "SETUSER", "default", "+ssubscribe")
    node.wait_until_ready()
