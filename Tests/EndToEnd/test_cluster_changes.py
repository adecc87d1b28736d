"""What an operator or a failure does to a Redis Cluster while events are published: viewers get every number once and in order."""

import subprocess

import pytest
import redis as redis_py

from clients import Presence, Tasks
from harness import binary, clean_environment, fantail, wait_until
from redis_cluster import Publishers, RedisCluster, expect_all, wait_for_more, watch, without_empty_snapshots
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


def test_a_move_that_is_stuck_half_way_is_not_noticed(nodes, redis, viewers, publish):
    """The keys of one task of the slot have been moved, those of the other have not."""
    source, target, _ = redis.masters()
    stays = redis.task_at(source, start="stays")
    slot = redis.slot(stays)
    goes = redis.task_in(slot, start="goes")
    clients = watch(nodes, viewers, redis, [stays, goes])
    publishers = publish([stays, goes, redis.task_at(source, start="else")])
    wait_for_more(publishers, [stays, goes])
    with redis.open(slot, source, target):
        names = [name for name in source.call("CLUSTER", "GETKEYSINSLOT", slot, 100) if "goes" in name]
        assert len(names) >= 2
        source.call("MIGRATE", "127.0.0.1", target.port, "", 0, 5_000, "KEYS", *names)
        wait_for_more(publishers, [stays, goes], more=50)
        redis.migrate(slot, source, target)
        redis.give(slot, source, target)
    wait_for_more(publishers, [stays, goes])
    counts = publishers.stop()
    expect_all(clients, {task: counts[task] for task in (stays, goes)})


def test_a_move_that_is_given_up_is_not_noticed(nodes, redis, viewers, publish):
    source, target, _ = redis.masters()
    task = redis.task_at(source, start="given-up")
    slot = redis.slot(task)
    clients = watch(nodes, viewers, redis, [task])
    publishers = publish([task])
    wait_for_more(publishers, [task])
    with redis.open(slot, source, target):
        wait_for_more(publishers, [task])
        for server in (source, target):
            server.call("CLUSTER", "SETSLOT", slot, "STABLE")
    wait_for_more(publishers, [task])
    expect_all(clients, publishers.stop())
    assert source.keeps(slot)


def test_the_first_event_of_a_task_in_an_open_slot_waits_and_is_refused(nodes, redis):
    source, target, _ = redis.masters()
    task = redis.task_at(source, start="new")
    with redis.open(redis.slot(task), source, target):
        refused = nodes[0].post(task, {"progress": 1})
        assert refused.status == 503 and "TRYAGAIN" in refused.json["error"]["message"], refused.body
        for server in (source, target):
            server.call("CLUSTER", "SETSLOT", redis.slot(task), "STABLE")
    assert nodes[0].post(task, {"progress": 1}).json["sequence"] == 1


def test_redis_cli_reshards_under_load(nodes, redis, viewers, publish):
    source, target, other = redis.masters()
    slots = sorted(slot for first, last, *shard in source.call("CLUSTER", "SLOTS") if shard[0][1] == source.port for slot in range(first, last + 1))
    # redis-cli takes the first ones.
    tasks = [redis.task_in(slot, start=f"resharded-{slot}") for slot in slots[:100:20]] + [redis.task_at(other, start="resharded")]
    clients = watch(nodes, viewers, redis, tasks)
    publishers = publish(tasks)
    wait_for_more(publishers, tasks)
    done = subprocess.run(
        ["redis-cli", "--cluster", "reshard", source.address, "--cluster-from", source.id, "--cluster-to", target.id, "--cluster-slots",
         "100", "--cluster-yes"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "BUSYKEY" not in done.stdout + done.stderr, done
    wait_for_more(publishers, tasks)
    counts = publishers.stop()
    assert all(target.keeps(redis.slot(task)) for task in tasks[:-1])
    expect_all(clients, counts)


@pytest.mark.parametrize("coverage", ["yes", "no"])
def test_a_shard_without_a_master(launch, own, viewers, coverage):
    """With full coverage no numbered event is taken, else those of the other shards are; and what is live only goes on."""
    for server in own.servers:
        server.call("CONFIG", "SET", "cluster-require-full-coverage", coverage)
    node = launch(redis=own)
    lost, other, _ = own.masters()
    gone, kept = own.task_at(lost, start="gone"), own.task_at(other, start="kept")
    clients = watch([node], viewers, own, [gone, kept])
    replica = own.replica_of(lost)
    replica.kill()
    lost.kill()
    node.wait_until_unready("redis_shard")
    kept_is_taken = lambda: node.post(kept, {"type": "note"}).status == 200
    if coverage == "yes":
        wait_until(lambda: not kept_is_taken(), "nothing is taken", 15)
    assert node.post(gone, {"progress": 1}).status == 503
    if coverage == "no":
        assert kept_is_taken()
        listening = lambda: sum(server.call("PUBSUB", "NUMSUB", f"task:{kept}")[1] for server in own.alive())
        wait_until(lambda: listening() == 1, "the node hears another server")
        own.publish(kept, {"progress": 77})
        message = clients[kept][0].receive()
        while message["payload"].get("progress") != 77:
            message = clients[kept][0].receive()
    lost.start()
    node.wait_until_ready()
    wait_until(lambda: kept_is_taken() and node.post(gone, {"progress": 55}).status == 200, "everything is taken", 15)
    message = clients[gone][0].receive()
    while message["payload"].get("progress") != 55:
        message = clients[gone][0].receive()


def test_publish_waits_for_a_shard_that_is_away(own):
    """As for a whole Redis that is away; in the order of the lines."""
    lost = own.masters()[-1]
    task = own.task_at(lost, start="patient")
    own.replica_of(lost).kill()
    lost.kill()
    command = subprocess.Popen([binary(), "publish", task, "-", "--redis", own.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=clean_environment())
    command.stdin.write(b'{"n":1}\n')
    command.stdin.flush()
    reached = lambda server: any(client["name"] == "fantail-publisher" for client in redis_py.Redis(port=server.port).client_list())
    wait_until(lambda: all(reached(master) for master in own.masters()), "the publisher reached the other shards")
    command.stdin.write(b'{"n":2}\n{"n":3}\n')
    command.stdin.flush()
    lost.start()
    out, err = command.communicate(timeout=30)
    assert (command.returncode, err) == (0, b"") and out.startswith(b"published=3 refused=0") and out.endswith(b"sequence=3\n"), out


def test_another_master_is_given_the_slots_of_one_that_is_lost(launch, own, viewers):
    """It was connected all the time: nothing but the map tells that what could not be read can be read now."""
    for server in own.servers:
        server.call("CONFIG", "SET", "cluster-require-full-coverage", "no")
    node = launch(redis=own)
    lost, heir, _ = own.masters()
    task = own.task_at(lost, start="inherited")
    own.replica_of(lost).kill()
    lost.kill()
    node.wait_until_unready("redis_shard")
    connected = f"cluster server connected address={heir.address} "
    connects = node.log.count(connected)
    assert connects > 0
    client = viewers(Tasks(node))
    client.send({"type": "subscribe_task", "payload": {"videoId": task}})
    wait_until(lambda: any(server.call("PUBSUB", "NUMSUB", f"task:{task}")[1] for server in own.alive()), "the node listens")
    done = subprocess.run(
        ["redis-cli", "--cluster", "fix", heir.address, "--cluster-fix-with-unreachable-masters"],
        input="yes\n", capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done
    node.wait_until_ready()
    assert node.post(task, {"progress": 5}).status == 200
    message = client.receive()
    while message["payload"].get("progress") != 5:
        message = client.receive()
    assert node.log.count(connected) == connects and "cluster server has taken over slots that none served" in node.log


def function_calls(server):
    line = next((line for line in server.call("INFO", "commandstats").splitlines() if line.startswith("cmdstat_fcall:")), "calls=0,")
    return int(line.partition("calls=")[2].partition(",")[0])


def test_a_worker_goes_on_where_a_slot_came_from_a_master_that_is_lost_now(launch, own):
    """What it handed over is whole: no new epoch, also where the nodes have no connection to it any more."""
    for server in own.servers:
        server.call("CONFIG", "SET", "cluster-require-full-coverage", "no")
    node = launch(redis=own)
    lost, target, _ = own.masters()
    task = own.task_at(lost, start="handed-over")
    epoch, sequence, _ = lost.call("FCALL", "fantail_publish", 2, *own.keys(task), '{"n":1}')
    assert sequence == 1
    own.move(own.slot(task), lost, target)
    own.replica_of(lost).kill()
    lost.kill()
    node.wait_until_unready("redis_shard")
    asked = function_calls(target)
    wait_until(lambda: function_calls(target) > asked + 1, "the node has told the Function the run ids again")
    assert target.call("FCALL", "fantail_publish", 2, *own.keys(task), '{"n":2}')[:2] == [epoch, 2]


def test_a_worker_goes_on_at_a_master_that_takes_over_its_first_slot(launch, own):
    """Before it has a slot nodes give it the Function, and the run ids of the others."""
    node = launch("--loops", "1", redis=own)
    home, joined = own.masters()[0], own.add()
    task = own.task_at(home, start="first")
    publish = ["FCALL", "fantail_publish", 2, *own.keys(task)]
    epoch, sequence, _ = home.call(*publish, '{"n":1}')
    assert sequence == 1
    home.call("CLUSTER", "MEET", "127.0.0.1", joined.port, joined.bus)
    wait_until(lambda: function_calls(joined) >= 2, "the node has loaded the Function, and told it the run ids", 20)
    for server in own.servers:
        wait_until(
            lambda: len(server.call("CLUSTER", "NODES").splitlines()) == 7 and "cluster_state:ok" in server.call("CLUSTER", "INFO"),
            "all know each other")
    slot = own.slot(task)
    with own.open(slot, home, joined):
        own.migrate(slot, home, joined)
        worker = redis_py.Redis(port=joined.port, single_connection_client=True, decode_responses=True)
        worker.execute_command("ASKING")
        assert worker.execute_command(*publish, '{"n":2}')[:2] == [epoch, 2]
        assert joined.call("CLUSTER", "COUNTKEYSINSLOT", slot) >= 2
        # And back: what the newcomer wrote is all there.
        home.call("CLUSTER", "SETSLOT", slot, "STABLE")
        own.migrate(slot, joined, home)
        joined.call("CLUSTER", "SETSLOT", slot, "STABLE")
    assert node.post(task, {"n": 3}).json["sequence"] == 3
    assert home.call(*publish, '{"n":4}')[:2] == [epoch, 4]


def test_a_master_that_hangs_is_replaced_and_comes_back(launch, own, viewers):
    """The old one still takes itself for the master when it wakes up."""
    nodes = [launch(redis=own) for _ in range(2)]
    old = own.masters()[0]
    task = own.task_at(old, start="hung")
    clients = watch(nodes, viewers, own, [task])
    replica = own.replica_of(old)
    assert nodes[0].post(task, {"n": 0}).status == 200
    assert old.call("WAIT", 1, 5_000) == 1
    old.pause()
    wait_until(lambda: replica.is_master, "its replica takes over", 20)
    wait_until(lambda: nodes[1].post(task, {"n": 1}).status == 200, "publishing goes on", 20)
    old.resume()
    sent = [2]

    def publish():
        if nodes[sent[0] % 2].post(task, {"n": sent[0]}).status == 200:
            sent[0] += 1
        return not old.is_master

    wait_until(publish, "the old one is a replica", 20)
    wait_until(lambda: all(node.is_ready() for node in nodes), "the nodes are ready", 20)
    assert nodes[0].post(task, {"n": -1}).status == 200
    for client in clients[task]:
        messages = [client.receive_type("taskProgress", "taskUpdated", "note")["payload"]]
        while messages[-1].get("n") != -1:
            messages.append(client.receive()["payload"])
        epochs, epoch = {}, None
        for message in messages:
            epoch = message.get("epoch", epoch)  # said where it is another one
            if "sequence" in message and message.get("snapshot") is None:
                epochs.setdefault(epoch, []).append(message["sequence"])
        for sequences in epochs.values():
            assert sequences == sorted(set(sequences)), messages
        assert len(epochs) <= 2, epochs


def test_who_is_online_stays_exact_while_its_slot_moves_and_its_master_fails_over(launch, own, viewers):
    nodes = [launch(redis=own) for _ in range(2)]
    clients = [viewers(Presence(node, jwt(f"user-{number}"))) for number, node in enumerate(nodes * 5)]
    count = lambda: int(fantail("online", "--redis", own.url).stdout)
    wait_until(lambda: count() == 10, "all are counted")
    slot = own.client.keyslot("ft:{online}:nodes")
    keeper = lambda: next(server for server in own.masters() if server.keeps(slot))
    home = keeper()
    target = next(master for master in own.masters() if master is not home)
    own.move(slot, home, target, pause=0.02)
    assert count() == 10
    own.fail_over(keeper())
    wait_until(lambda: count() == 10, "all are counted at the replica")
    nodes[1].expected_to_die = True
    nodes[1].kill()
    wait_until(lambda: count() == 5, "those of the dead node are taken out", 20)
    # Nobody but them was said to be gone.
    gone = set()
    for client in clients[::2]:
        client.send({"type": "ping"})
        while (message := client.receive())["type"] != "pong":
            if message["type"] == "user_status" and message["data"]["status"] == "offline":
                gone.add(message["data"]["user_id"])
    assert gone <= {f"user-{number}" for number in range(1, 10, 2)}, gone


@pytest.mark.parametrize("way", ["classic", "both", "sharded"])
def test_a_message_goes_once_to_each_other_server_or_to_none(redis, launch, way):
    """The number of bus messages that ops/README counts with."""
    node = launch("--redis-pubsub", way)
    task = redis.task_at(redis.masters()[0], start=f"counted-{way}")
    loaded = "PUBLISH" if way == "classic" else "SPUBLISH"
    version = lambda master: master.call("FCALL", "fantail_publish_version", 0)
    wait_until(lambda: all(version(master).split()[-1] == loaded for master in redis.masters()), "the Function is the node's")
    assert node.terminate() == 0

    def sent():
        lines = [line for server in redis.servers for line in server.call("CLUSTER", "INFO").splitlines()]
        return sum(int(line.partition(":")[2]) for line in lines if line.startswith("cluster_stats_messages_publish_sent"))

    def messages(count):
        before = sent()
        for number in range(count):
            redis.fcall(task, {"n": number})
        return sent() - before

    others, of_events = len(redis.servers) - 1, way == "classic"
    # That a task begins is announced to every node; no later event is.
    assert messages(1) == others * (1 + of_events)
    assert messages(20) == others * 20 * of_events


def test_planned_failovers_in_a_row_lose_nothing(launch, own, viewers):
    """To the replica, and back, and again: a new epoch each time, and every event once in its order."""
    nodes = [launch(redis=own) for _ in range(2)]
    task = own.task_at(own.masters()[0], start="to-and-fro")
    clients = watch(nodes, viewers, own, [task])
    sent, heard = 0, {client: [] for client in clients[task]}
    for _ in range(4):
        for node in nodes * 2:
            sent += 1
            wait_until(lambda: node.post(task, {"progress": sent}).status == 200, "it is taken", 15)
        # A second failover takes with it what nobody has read since the first one.
        for client in clients[task]:
            heard[client] += without_empty_snapshots(client, len(nodes) * 2)
        home = own.home(task)
        replica = own.replica_of(home)
        wait_until(lambda: replica.info("master_link_status") == "up", "the replica follows")
        own.fail_over(home)
        for node in nodes:
            node.wait_until_ready()
    for client in clients[task]:
        messages = heard[client]
        assert [message["progress"] for message in messages] == list(range(1, sent + 1)), messages
        epochs = [message["epoch"] for message in messages if "epoch" in message]  # said where it is another one
        assert len(epochs) == len(set(epochs)) == 4, messages
        # The last failover may be told as well: by a state of a new epoch, whose first number is still to come.
        client.send({"type": "ping"})
        while (message := client.receive())["type"] != "pong":
            assert message["payload"]["snapshot"] and message["payload"]["sequence"] == 0, message
