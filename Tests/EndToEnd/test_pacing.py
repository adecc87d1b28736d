"""Many large states or replays for one connection: each waits for the one before to be read, none closes the connection."""

import json
import socket

import pytest
from websockets.sync.client import connect

from clients import Tasks, Topics
from harness import API_KEY, NOT_ONE_STEP, own_keys, wait_until
from metrics import metrics
from raw import RawWebSocket

NODE_FLAGS = ["--history", "500", "--history-bytes", "16m"]


def large(number, size):
    return {"type": "note", "n": number, "filler": "x" * size}


def test_ninety_nine_large_states(node, redis, viewers, task):
    for number in range(99):
        redis.fcall(f"{task}-{number}", {"progress": number, "filler": "x" * 65_000})
    client = viewers(Tasks(node))
    for number in range(99):
        client.send({"type": "subscribe_task", "payload": {"videoId": f"{task}-{number}"}})
    seen, states = set(), 0
    while states < 99:
        message = client.receive(timeout=30)
        if message["type"] == "subscribeSuccess":
            seen.add(message["payload"]["videoId"])
        elif message["type"] == "taskProgress":
            assert message["payload"]["videoId"] in seen, "the reply comes before the state"
            states += 1
    assert len(seen) == 99


def test_forty_large_replays_each_whole_and_in_order(node, redis, viewers, task):
    epochs = {}
    for number in range(40):
        name = f"{task}-{number}"
        for place in range(5):
            epochs[name] = redis.client.fcall(
                "fantail_publish", *own_keys(f"task:{name}"), json.dumps(large(place, 50_000)))[0].decode()
    client = viewers(Tasks(node))
    for name, epoch in epochs.items():
        client.send({"type": "subscribe_task", "payload": {"videoId": name, "epoch": epoch, "sequence": 1}})
    recovered, got = 0, {name: [] for name in epochs}
    while any(numbers != [2, 3, 4, 5] for numbers in got.values()):
        message = client.receive(timeout=30)
        payload = message["payload"]
        if message["type"] == "subscribeSuccess":
            assert payload["recovered"] is True
            recovered += 1
        else:
            got[payload["videoId"]].append(payload["sequence"])
    assert recovered == 40


def test_what_was_missed_of_forty_channels_at_once_by_a_viewer_that_does_not_read(launch, redis, viewers, task):
    """Redis was away: all channels are read again at once, and that neither closes nor skips the viewer."""
    node = launch("--loops", "1")
    client = viewers(Tasks(node, max_queue=1))
    names = [f"{task}-{number}" for number in range(40)]
    for name in names:
        client.subscribe(name)
    redis.fcall(names[0], {"progress": 1})
    assert client.receive()["payload"]["videoId"] == names[0]
    node.pause()
    try:
        redis.client.client_kill_filter(_type="pubsub")
        for place in range(5):
            for name in names:
                redis.fcall(name, large(place, 50_000))
    finally:
        node.resume()
    redis.wait_for_subscribers(names[-1], 1)
    # Everything is read, and most of it waits.
    wait_until(lambda: metrics(node).value("channel_reads_total") >= 80, "all are read")
    got = {name: [] for name in names}
    while any(len(numbers) < 5 for numbers in got.values()):
        message = client.receive(timeout=30)
        assert message["type"] == "note", message
        got[message["payload"]["videoId"]].append(message["payload"]["n"])
    assert all(numbers == [0, 1, 2, 3, 4] for numbers in got.values())
    redis.fcall(names[7], {"progress": 9})
    assert client.receive_type("taskProgress")["payload"]["videoId"] == names[7]


def test_a_viewer_that_was_set_aside_and_left_is_counted_nowhere(launch, redis, task):
    """It waits for the events since, and is no longer a member of those channels when its connection ends."""
    node = launch("--loops", "1")
    silent = RawWebSocket(node)
    names = [f"{task}-{number}" for number in range(40)]
    for name in names:
        silent.frame(1, json.dumps({"type": "join_job", "jobId": name}))
    for name in names:
        redis.wait_for_viewers(name, 1)
    node.pause()
    try:
        redis.client.client_kill_filter(_type="pubsub")
        for place in range(5):
            for name in names:
                redis.fcall(name, large(place, 50_000))
    finally:
        node.resume()
    wait_until(lambda: metrics(node).value("subscriptions") < 20, "it is set aside on most of them")
    silent.close()
    wait_until(lambda: metrics(node).value("channels") == 0, "the node has seen its end and follows nothing any more")
    wait_until(lambda: not redis.client.exists(*(f"ft:{{task:{name}}}:p" for name in names)), "nobody is counted")
    assert node.request("GET", f"/api/v1/tasks/{names[0]}", key=API_KEY).json["viewers"] == 0


def test_a_replay_whose_messages_are_larger_than_its_events(launch, redis, viewers, task):
    """The bytes that a dialect adds to small events are more than one connection takes at once."""
    node = launch("--loops", "1", "--history", "10000", "--history-bytes", "16m")
    name = (task + '"' * 128)[:128]
    pipeline = redis.client.pipeline(transaction=False)
    for _ in range(5001):
        pipeline.fcall("fantail_publish", *own_keys(f"task:{name}"), "{}")
    epoch = pipeline.execute()[0][0].decode()
    buffer = socket.create_connection(("127.0.0.1", node.port))
    buffer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    client = viewers(Topics(node, max_queue=1, sock=buffer))
    client.request("subscribe", {"topic": "task", "params": {"taskId": name}, "epoch": epoch, "sequence": 1})
    wait_until(lambda: metrics(node).value("channel_reads_total") >= 2, "the history is read")
    for _ in range(3):
        redis.fcall(name, {})
    assert client.receive_type("ack")["data"]["recovered"] is True
    numbers = [client.receive(timeout=30)["sequence"] for _ in range(5003)]
    assert numbers == list(range(2, 5005))


def test_a_replay_of_many_portions_is_told_whole_at_its_readers_pace(node, redis, viewers, task):
    """All that the history keeps, of any size, also while more is published, and no viewer is closed for it."""
    epoch = redis.client.fcall("fantail_publish", *own_keys(f"task:{task}"), '{"progress":1}')[0].decode()
    for number in range(2, 101):
        redis.fcall(task, {"progress": number, "filler": "x" * 50_000})
    client = viewers(Tasks(node, max_queue=1))
    reply = client.subscribe(task, epoch=epoch, sequence=1)["payload"]
    assert reply["recovered"] is True and reply["sequence"] == 100
    for number in range(101, 111):
        redis.fcall(task, {"type": "log", "filler": "y" * 50_000})
    told = [client.receive(timeout=30)["payload"] for _ in range(109)]
    assert [p["sequence"] for p in told] == list(range(2, 111))
    assert not any("missed" in p for p in told)
    assert redis.fcall(task, {"progress": 99}) == 111
    assert client.receive_type("taskProgress")["payload"]["progress"] == 99


@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_large_events_that_no_node_has_heard_are_all_told_as_far_as_the_history_keeps_them(node, redis, viewers, task):
    client = viewers(Tasks(node))
    client.subscribe(task)
    redis.fcall(task, large(1, 10))
    assert client.receive()["payload"]["n"] == 1
    pipe = redis.client.pipeline(transaction=False)
    pipe.client_kill_filter(_type="pubsub")
    for number in range(2, 42):
        pipe.fcall("fantail_publish", *own_keys(f"task:{task}"), json.dumps(large(number, 30_000)))
    pipe.execute()
    told = [client.receive(timeout=30)["payload"] for _ in range(40)]
    assert [p["n"] for p in told] == list(range(2, 42)) and not any("missed" in p for p in told)


@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_one_that_does_not_read_stops_no_repair_and_gets_all_of_it(launch, redis, viewers, task):
    """6 MB are missing: viewers that read get them soon, others once they read, and later events as well."""
    node = launch("--loops", "1")
    slow, quick = viewers(Tasks(node, max_queue=1)), viewers(Tasks(node))
    for client in (slow, quick):
        client.subscribe(task)
    redis.fcall(task, large(1, 10))
    assert [client.receive()["payload"]["n"] for client in (slow, quick)] == [1, 1]
    pipe = redis.client.pipeline()
    pipe.client_kill_filter(_type="pubsub")
    for number in range(2, 202):
        pipe.fcall("fantail_publish", *own_keys(f"task:{task}"), json.dumps(large(number, 30_000)))
    pipe.execute()
    assert [quick.receive(timeout=30)["payload"]["n"] for _ in range(200)] == list(range(2, 202))
    for number in range(202, 232):
        redis.fcall(task, large(number, 1_000))
    assert [quick.receive(timeout=30)["payload"]["n"] for _ in range(30)] == list(range(202, 232))
    told = [slow.receive(timeout=30)["payload"] for _ in range(230)]
    assert [p["n"] for p in told] == [p["sequence"] for p in told] == list(range(2, 232))
    redis.fcall(task, large(232, 10))
    assert [client.receive()["payload"]["n"] for client in (slow, quick)] == [232, 232]


def test_many_large_states_on_request(node, redis, viewers, task):
    names = [f"{task}-{number}" for number in range(100)]
    for name in names:
        redis.fcall(name, {"progress": 7, "filler": "x" * 40_000})
    client = viewers(Tasks(node))
    client.send({"type": "requestMultipleTaskStatus", "id": "r", "payload": {"videoIds": names}})
    found = {client.receive_type("taskUpdated")["payload"]["videoId"] for _ in names}
    assert found == set(names)


def test_one_that_does_not_read_is_closed_with_a_word_once_it_reads(launch, redis, task):
    """More than the hard limit waits: 1013, also for a viewer that reads its socket again late."""
    node = launch("--loops", "1")
    with connect(node.url("/ws?token=demo-token"), ping_interval=None, max_queue=1, compression=None, max_size=None) as socket:
        socket.send(json.dumps({"type": "join_job", "jobId": task}))
        redis.wait_for_viewers(task, 1)
        # No longer than it takes: the node waits 15 s for whoever does not read the close.
        wait_until(lambda: redis.fcall(task, large(0, 60_000)) and "code=1013" in node.log, "the node closes the viewer", 30)
        with pytest.raises(Exception) as closed:
            while True:
                socket.recv(timeout=10)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1013, closed.value
