"""Nothing missed, nothing twice: lost messages, lost connections, another Redis, many viewers at once.

The faults of a Redis fan-out and where each is tried:

    connection killed under load                 test_nothing_is_missed_under_fire
    messages dropped inside a node, also the last test_nothing_is_missed_under_fire, test_a_lost_last_message
    healthy connection that delivers nothing     test_a_redis_that_delivers_nothing
    silent Redis, refused, killed, restarted     test_redis_outage.py, RedisTests
    SCRIPT FLUSH, FUNCTION FLUSH                 RedisTests, test_flushed_scripts_and_functions
    OOM, READONLY                                test_a_redis_that_refuses_writes
    another Redis took over                      test_a_promoted_replica
    subscribe and unsubscribe at a high rate     RedisTests
    first event ever while a viewer subscribes   test_the_first_event_ever
    first events ever while nobody hears         test_the_first_events_ever_while_the_connection_is_away
    resume at every place                        test_resume_at_every_place
    plain and sequenced events mixed             test_plain_events_between_sequenced_ones
    hostile payloads and replies                 test_bad_events.py, RedisTests
"""

import asyncio
import json
import os
import random
import threading
import time

import pytest
from websockets.asyncio.client import connect

from clients import Tasks
from harness import API_KEY, NOT_ONE_STEP, RedisServer, own_keys, wait_until
from raw import RawWebSocket

SECONDS = float(os.environ.get("FANTAIL_STRESS_SECONDS", "12"))
VIEWERS = int(os.environ.get("FANTAIL_STRESS_VIEWERS", "80"))


class Watcher:
    """A viewer that comes, leaves and comes back, and checks every number."""

    def __init__(self, urls, tasks):
        self.urls, self.tasks = urls, tasks
        self.position, self.live = {}, False
        self.gaps = self.repeats = self.seen = self.resumed = self.fresh = 0

    async def run(self, until, stay):
        while time.monotonic() < until or stay:
            url = random.choice(self.urls)
            try:
                async with connect(url, ping_interval=None, max_size=None) as socket:
                    await self.follow(socket, until, stay)
                    if stay and time.monotonic() >= until:
                        return
            except (OSError, asyncio.TimeoutError):
                await asyncio.sleep(0.1)

    async def follow(self, socket, until, stay):
        await socket.send(json.dumps({"type": "auth", "payload": {"token": "demo-token"}}))
        for task in self.tasks:
            place = self.position.get(task)
            since = {"epoch": place[0], "sequence": place[1]} if place else {}
            await socket.send(json.dumps({"type": "subscribe_task", "payload": {"videoId": task, **since}}))
        leave = time.monotonic() + random.uniform(0.5, 3)
        while True:
            now = time.monotonic()
            if (not stay and now > min(leave, until)) or (stay and self.arrived(until)):
                return
            try:
                self.take(json.loads(await asyncio.wait_for(socket.recv(), 0.2)))
            except asyncio.TimeoutError:
                pass

    def arrived(self, until):
        return time.monotonic() > until and all(
            self.position.get(task, ("", -1))[1] >= Watcher.top.get(task, 0) for task in self.tasks)

    def take(self, message):
        payload = message["payload"]
        if message["type"] == "subscribeSuccess":
            if "sequence" in payload:
                known = self.position.get(payload["videoId"])
                self.resumed += payload.get("recovered") is True
                self.fresh += payload.get("recovered") is False
                if payload.get("recovered") is not True or not known:
                    self.position[payload["videoId"]] = (payload["epoch"], payload["sequence"])
        elif message["type"] == "log":
            task, sequence = payload["videoId"], payload["sequence"]
            epoch, last = self.position.get(task, (None, 0))
            self.seen += 1
            self.gaps += sequence > last + 1
            self.repeats += sequence <= last
            self.position[task] = (epoch, sequence)


def test_nothing_is_missed_under_fire(launch, redis, task):
    flags = ["--drop-for-tests", "3", "--position-check", "1s", "--history", "2000", "--history-bytes", "4m"]
    urls = [launch(*flags).url("/ws") for _ in range(2)]
    tasks = [f"{task}-{n}" for n in range(5)]
    Watcher.top = {name: redis.fcall(name, {"type": "log"}) for name in tasks}
    until = time.monotonic() + SECONDS
    published = []

    def publish(seed):
        client, rng = redis.new_client(), random.Random(seed)
        while time.monotonic() < until - 1:
            name = rng.choice(tasks)
            sequence = client.fcall("fantail_publish", *own_keys(f"task:{name}"), json.dumps({"type": "log", "n": rng.random()}))[1]
            Watcher.top[name] = max(Watcher.top[name], sequence)
            published.append(sequence)
            time.sleep(0.02)

    def kill():
        client = redis.new_client()
        while time.monotonic() < until - 1:
            client.client_kill_filter(_type="pubsub")
            time.sleep(0.33)

    threads = [threading.Thread(target=publish, args=(n,)) for n in range(2)] + [threading.Thread(target=kill)]
    for thread in threads:
        thread.start()
    watchers = [Watcher(urls, random.sample(tasks, 2)) for _ in range(VIEWERS)]

    async def watch():
        await asyncio.wait_for(
            asyncio.gather(*(w.run(until, stay=index % 2 == 0) for index, w in enumerate(watchers))), SECONDS + 30)

    asyncio.run(watch())
    for thread in threads:
        thread.join()
    totals = {name: sum(getattr(w, name) for w in watchers) for name in ("seen", "gaps", "repeats", "resumed", "fresh")}
    print(f"{len(published)} events, {VIEWERS} viewers, {SECONDS:.0f} s: {totals}")
    assert totals["gaps"] == 0 and totals["repeats"] == 0 and totals["seen"] > 0 and totals["resumed"] > 0
    assert all(w.arrived(0) for index, w in enumerate(watchers) if index % 2 == 0)


def test_a_lost_last_message_is_found(launch, redis, viewers, task):
    node = launch("--drop-for-tests", "1000", "--position-check", "300ms", "--probe", "60s", unready="redis_pubsub")
    client = viewers(Tasks(node))
    redis.fcall(task, {"progress": 4})
    client.subscribe(task)
    assert [client.receive()["type"] for _ in range(2)] == ["taskUpdated", "taskProgress"]
    redis.fcall(task, {"progress": 5})
    redis.fcall(task, {"type": "completed"})
    assert [client.receive()["type"] for _ in range(2)] == ["taskProgress", "taskCompleted"]


def test_a_redis_that_delivers_nothing_turns_ready_red(launch, redis):
    node = launch("--drop-for-tests", "1000", "--probe", "300ms", unready="redis_delivery")
    wait_until(lambda: node.request("GET", "/health/ready").json.get("reason") == "redis_delivery", "ready is red")
    assert node.request("GET", "/health/ready").status == 503
    assert node.request("GET", "/health/live").status == 200


def test_a_redis_that_refuses_writes_is_503_and_leaves_no_hole(launch, redis, viewers, task):
    node = launch()
    client = viewers(Tasks(node))
    client.subscribe(task)
    assert node.post(task, {"progress": 1}).status == 200
    redis.client.config_set("maxmemory", 1)
    try:
        answer = node.post(task, {"progress": 2})
        assert answer.status == 503 and answer.headers["Retry-After"] and "OOM" in answer.json["error"]["message"]
        # What only reads goes on.
        for path in [f"tasks/{task}", f"tasks/{task}/events", "online", "status/demo", "nodes"]:
            assert node.request("GET", f"/api/v1/{path}", key=API_KEY).status == 200, path
        late = viewers(Tasks(node))
        assert late.subscribe(task)["payload"]["sequence"] == 1
    finally:
        redis.client.config_set("maxmemory", 0)
    assert node.post(task, {"progress": 3}).json["sequence"] == 2
    assert [p["sequence"] for p in client.events(2)] == [1, 2]


def test_flushed_scripts_and_functions_come_back(launch, redis, viewers, task):
    node = launch()
    redis.client.script_flush()
    assert node.post(task, {"progress": 1}).status == 200
    redis.client.function_flush()
    launch()
    wait_until(lambda: redis.client.function_list(), "the new node has loaded the Function")
    assert redis.fcall(task, {"progress": 2}) == 2


def test_the_first_event_ever_comes_once(nodes, redis, viewers, task):
    for round in range(20):
        name, client = f"{task}-{round}", viewers(Tasks(nodes[round % 2]))
        client.send({"type": "subscribe_task", "id": "s", "payload": {"videoId": name}})
        redis.fcall(name, {"progress": 7})
        seen = [client.receive() for _ in range(2)]
        kinds = sorted(m["type"] for m in seen)
        if "taskUpdated" in kinds:
            seen.append(client.receive())  # a state: told twice, in both words
        progress = [m for m in seen if m["type"] == "taskProgress"]
        assert len(progress) == 1 and progress[0]["payload"]["sequence"] == 1
        client.expect_silence()
        client.close()


@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_the_first_events_ever_while_the_connection_is_away(nodes, redis, viewers, task):
    """They are no state, and no viewer has a position: viewers that were told that the channel is empty get them all."""
    client = viewers(Tasks(nodes[0]))
    client.subscribe(task)
    with redis.client.pipeline(transaction=False) as batch:
        batch.client_kill_filter(_type="pubsub")
        for number in range(3):
            batch.fcall("fantail_publish", *own_keys(f"task:{task}"), json.dumps({"type": "log", "n": number}))
        assert batch.execute()[1][2] == 0  # nobody hears
    payloads = client.events(3)
    assert [p["n"] for p in payloads] == [0, 1, 2] and [p["sequence"] for p in payloads] == [1, 2, 3]
    client.expect_silence()


def test_resume_at_every_place(launch, redis, viewers, task):
    nodes = [launch("--history", "8", "--loops", "1", "--key-prefix", "eight") for _ in range(2)]
    keeper = viewers(Tasks(nodes[0]))
    epoch = keeper.subscribe(task) and nodes[0].post(task, [{"type": "log"}] * 20).json["epoch"]
    keeper.events(20)
    for node in nodes:  # from memory where the channel is live, from Redis where it is not
        is_live = node is nodes[0]
        for since, missed in [(20, 0), (19, 0), (12, 0), (11, 0 if is_live else 1), (5, 0 if is_live else 7)]:
            client = viewers(Tasks(node))
            reply = client.subscribe(task, epoch=epoch, sequence=since)["payload"]
            assert reply["recovered"] is (missed == 0), (since, reply)
            told = client.events(20 - since - missed)
            assert [p["sequence"] for p in told] == list(range(since + missed + 1, 21))
            # A channel without a state: what is left of it, with how much is gone.
            assert [p.get("missed") for p in told] == [missed or None][:len(told)] + [None] * (len(told) - 1)
            client.expect_silence()
            client.close()
        ahead = viewers(Tasks(node))
        assert ahead.subscribe(task, epoch=epoch, sequence=30)["payload"]["recovered"] is False
        ahead.expect_silence()
        other = viewers(Tasks(node))
        assert other.subscribe(task, epoch="other", sequence=5)["payload"]["recovered"] is False
        told = other.events(20 if is_live else 8)
        assert told[0]["snapshot"] is True and told[0]["epoch"] == epoch and told[-1]["sequence"] == 20
        assert told[0].get("missed") == (None if is_live else 12)
        other.expect_silence()


def test_plain_events_between_sequenced_ones(nodes, redis, viewers, task):
    clients = [viewers(Tasks(node)) for node in nodes]
    for client in clients:
        client.subscribe(task)
    for number in range(30):
        if number % 3:
            redis.fcall(task, {"type": "log", "n": number})
        else:
            redis.publish(task, {"type": "log", "n": number})
    for client in clients:
        payloads = client.events(30)
        numbers = [p["n"] for p in payloads]
        assert numbers == list(range(30)) or redis.masters_count > 1
        # Where there are several masters the two come by different ways, each in its own order.
        for is_plain in (True, False):
            assert [n for n in numbers if (n % 3 == 0) == is_plain] == [n for n in range(30) if (n % 3 == 0) == is_plain]
        assert [p["sequence"] for p in payloads if "sequence" in p] == list(range(1, 21))


class TestIdempotency:
    def post(self, node, task, event, key):
        return node.request(
            "POST", f"/api/v1/tasks/{task}/events", event, key=API_KEY, headers={"Idempotency-Key": key})

    def test_the_same_key_publishes_once_on_any_node(self, nodes, viewers, task):
        client = viewers(Tasks(nodes[0]))
        client.subscribe(task)
        first = self.post(nodes[0], task, [{"progress": 1}, {"progress": 2}], "k-1")
        again = self.post(nodes[1], task, [{"progress": 1}, {"progress": 2}], "k-1")
        assert first.status == again.status == 200 and first.json == again.json
        assert self.post(nodes[0], task, {"progress": 3}, "k-2").json["sequence"] == 3
        assert [p["sequence"] for p in client.events(3)] == [1, 2, 3]

    def test_another_body_is_refused(self, node, task):
        assert self.post(node, task, {"progress": 1}, "k").status == 200
        answer = self.post(node, task, {"progress": 2}, "k")
        assert answer.status == 422 and answer.code == "INVALID_EVENT"
        assert self.post(node, f"{task}-other", {"progress": 2}, "k").status == 200

    def test_the_first_answer_comes_also_after_the_end(self, node, task):
        done = self.post(node, task, {"type": "completed"}, "end")
        assert done.status == 200 and self.post(node, task, {"type": "completed"}, "end").json == done.json
        assert self.post(node, task, {"type": "completed"}, "other").status == 409

    @pytest.mark.parametrize("key", ["", "x" * 129, "ü"])
    def test_keys_are_checked(self, node, task, key):
        assert self.post(node, task, {"progress": 1}, key.encode("latin-1")).status == 400


@pytest.mark.not_on("cluster", why="a replica of one Redis takes over; test_cluster.py has the failovers of a cluster")
def test_a_promoted_replica_begins_a_new_epoch(launch, redis, viewers, task, tmp_path):
    """Events that the replica did not have yet are lost; viewers must not take later ones for them."""
    replica = RedisServer(tmp_path)
    try:
        replica.client.replicaof("127.0.0.1", redis.port)
        for number in range(10):
            redis.fcall(task, {"type": "log", "n": number})
        wait_until(lambda: replica.client.hget(f"ft:{{task:{task}}}:m", "s") == b"10", "the replica has ten")
        replica.client.replicaof("NO", "ONE")  # promoted; the old one still delivers
        old = viewers(Tasks(launch()))
        old.subscribe(task)
        for number in range(10, 15):
            redis.fcall(task, {"type": "log", "n": number})
        seen = old.events(5)
        assert [p["sequence"] for p in seen] == list(range(11, 16))
        epoch = redis.client.hget(f"ft:{{task:{task}}}:m", "e").decode()
        node = launch(redis=replica)
        for number in range(20):
            assert node.post(task, {"type": "log", "n": f"new-{number}"}).status == 200
        back = viewers(Tasks(node))
        reply = back.subscribe(task, epoch=epoch, sequence=15)["payload"]
        assert reply["recovered"] is False and reply["epoch"] != epoch and reply["sequence"] == 20
    finally:
        replica.kill()


def test_viewers_that_do_not_read_cost_little_and_see_the_end(launch, redis, task):
    """50 viewers that do not read while 20,000 updates of a kilobyte come."""
    node = launch("--loops", "1")
    reading = Tasks(node)
    reading.subscribe(task)
    slow = []
    for _ in range(50):
        viewer = RawWebSocket(node)
        viewer.frame(1, json.dumps({"type": "join_job", "jobId": task}).encode())
        slow.append(viewer.socket)
    redis.fcall(task, {"progress": 0})
    assert reading.receive()["type"] in ("taskProgress", "taskUpdated")
    before = node.resident_bytes()
    message = "x" * 900
    pipe = redis.client.pipeline(transaction=False)
    for number in range(20_000):
        pipe.execute_command(
            "FCALL", "fantail_publish", *own_keys(f"task:{task}"), json.dumps({"progress": number % 100, "message": message}))
        if number % 500 == 499:
            pipe.execute()
    grown = node.resident_bytes() - before
    redis.fcall(task, {"type": "completed"})
    deadline = time.monotonic() + 30
    while reading.receive()["type"] != "taskCompleted":
        assert time.monotonic() < deadline
    print(f"50 viewers that do not read: {grown / 1e6:.0f} MB")
    assert grown <= 60e6
    for viewer in slow:
        viewer.settimeout(20)
        received = b""
        while b"COMPLETED" not in received[-4000:]:
            chunk = viewer.recv(1 << 20)
            assert chunk, "a slow viewer was disconnected"
            received += chunk
        viewer.close()
    reading.close()




def test_several_tasks_are_resumed_at_once_on_a_node_that_knows_none_of_them(nodes, redis, viewers, task):
    tasks = [f"{task}-{number}" for number in range(20)]
    epochs = {}
    for name in tasks:
        epoch, *_ = redis.client.fcall("fantail_publish", *own_keys(f"task:{name}"), json.dumps({"progress": 0}))
        epochs[name] = epoch.decode()
    for number in (1, 2):
        for name in tasks:
            redis.fcall(name, {"progress": number})
    second = viewers(Tasks(nodes[1]))
    for name in tasks:
        payload = {"videoId": name, "epoch": epochs[name], "sequence": 1}
        second.send({"type": "subscribe_task", "payload": payload})
    told = {name: [] for name in tasks}
    for _ in range(3 * len(tasks)):
        message = second.receive_type("subscribeSuccess", "taskProgress")
        payload = message["payload"]
        told[payload["videoId"]].append(payload["progress"] if message["type"] == "taskProgress" else payload["recovered"])
    assert told == {name: [True, 1, 2] for name in tasks}
