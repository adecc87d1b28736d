"""A channel's data is gone while viewers follow it: expired, flushed, or Redis came back without it.

What comes next belongs to a new epoch, whose numbers begin again. Nobody may lose it as "already known", and a viewer that
compares numbers must be told."""

import json

import pytest

from clients import Jobs, Stream, Tasks, Topics
from harness import API_KEY, RedisServer, own_keys, wait_until
from metrics import metrics
from tokens import jwt


def place(message):
    return message.get("epoch"), message.get("sequence"), message.get("snapshot")


def test_a_topic_that_expired_between_messages_loses_none(launch, redis, viewers, task):
    node = launch("--task-ttl", "1s")
    client = viewers(Topics(node))
    client.subscribe(task)
    epochs = []
    for number in range(3):
        answer = node.request(
            "POST", f"/api/v1/topics/{task}/messages", {"type": "data", "data": {"n": number}, "ack": True}, key=API_KEY)
        assert answer.status == 200 and answer.json["sequence"] == 1
        message = client.receive_type("data")
        assert message["data"]["n"] == number
        epochs.append(answer.json["epoch"])
        # The first ever is named; that numbers begin again is said.
        assert place(message) == (answer.json["epoch"], 1, True if number else None)
        client.acknowledge(message)
        wait_until(lambda: not redis.client.exists(f"ft:{{topic:{task}}}:m"), "the topic has expired")
    assert len(set(epochs)) == 3


@pytest.mark.parametrize("event", [{"type": "stage", "stage": "A"}, {"type": "note", "n": 1}, {"progress": 4}])
def test_the_first_event_after_a_flush_comes_marked(launch, redis, viewers, task, event):
    node = launch()
    client = viewers(Jobs(node))
    client.join(task)
    redis.wait_for_viewers(task, 1)
    for number in range(3):
        redis.fcall(task, {"progress": number})
    old = [place(data) for data in client.events(3)]
    assert [p[1:] for p in old] == [(1, None), (2, None), (3, None)] and old[0][0] and not old[1][0]
    redis.client.flushall()
    assert node.post(task, event).json["sequence"] == 1
    epoch, sequence, snapshot = place(client.receive()["data"])
    assert epoch and epoch != old[0][0] and (sequence, snapshot) == (1, True)
    assert node.post(task, event).json["sequence"] == 2
    assert place(client.receive()["data"]) == (None, 2, None)


def test_redis_that_came_back_empty_is_noticed_by_the_first_event(tmp_path, launch, viewers, task):
    server = RedisServer(tmp_path)
    try:
        node = launch(redis=server)
        client = viewers(Tasks(node))
        client.subscribe(task)
        server.fcall(task, {"progress": 5})
        first = client.receive_type("taskProgress")["payload"]
        server.kill()
        server.start()
        node.wait_until_ready()
        wait_until(lambda: server.client.pubsub_numsub(f"task:{task}")[0][1] >= 1, "the task is followed again")
        assert server.fcall(task, {"progress": 1}) == 1
        epoch, sequence, snapshot = place(client.receive_type("taskProgress")["payload"])
        assert (sequence, snapshot) == (1, True) and epoch != first["epoch"]
    finally:
        server.kill()


def test_after_a_flush_nobody_is_told_what_is_gone(launch, redis, viewers, task):
    node = launch("--position-check", "200ms", "--loops", "1")
    early = viewers(Tasks(node))
    early.subscribe(task)
    redis.fcall(task, {"progress": 50})
    early.receive_type("taskProgress")
    redis.client.flushall()

    def is_forgotten():
        late = Tasks(node)
        try:
            reply = late.subscribe(task)
            late.send({"type": "ping"})
            return "sequence" not in reply["payload"] and late.receive()["type"] == "pong"
        finally:
            late.close()

    wait_until(is_forgotten, "a late viewer is told nothing")
    assert node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).status == 404


def test_a_change_is_not_lost_to_a_viewer_that_reads_slowly(launch, redis, task):
    """Newer progress may replace progress, but not the message that numbers start again."""
    from raw import RawWebSocket

    node = launch("--loops", "1")
    slow = RawWebSocket(node)
    slow.frame(1, json.dumps({"type": "join_job", "jobId": task}))
    redis.wait_for_viewers(task, 1)
    for number in range(100):
        redis.fcall(task, {"progress": number, "filler": "x" * 50_000})
    redis.client.flushall()
    for number in range(30):
        node.post(task, {"progress": number, "filler": "y" * 20_000})
    redis_top = 30
    known, last = None, 0
    while last < redis_top or known is None:
        data = slow.message()["data"]
        if data.get("snapshot"):
            known, last = data["epoch"], 0
        assert data["sequence"] > last or data.get("snapshot"), (last, data["sequence"])
        last = data["sequence"]
        if known is None and last >= 100:
            continue
    slow.close()


@pytest.mark.parametrize("is_noticed", [True, False])
def test_a_task_that_is_another_users_after_a_loss_is_shown_to_that_user_alone(launch, redis, viewers, task, is_noticed):
    node = launch("--watch", "owner", *(["--position-check", "200ms"] if is_noticed else []))
    redis.fcall(task, {"progress": 1, "owner": "anna"})
    anna, bert = viewers(Tasks(node, jwt("anna"))), viewers(Tasks(node, jwt("bert")))
    anna.subscribe(task)
    anna.receive_type("taskUpdated"), anna.receive_type("taskProgress")
    redis.client.flushall()
    if is_noticed:
        reads = metrics(node).value("channel_reads_total")
        wait_until(lambda: metrics(node).value("channel_reads_total") > reads, "the loss is noticed")
    assert node.post(task, {"progress": 2, "owner": "bert"}).json["sequence"] == 1
    refusal = anna.receive_type("error")["payload"]
    assert (refusal["code"], refusal["videoId"]) == ("FORBIDDEN", task)
    bert.receive_type("taskUpdated")
    bert.subscribe(task)
    bert.receive_type("taskUpdated")
    assert bert.receive_type("taskProgress")["payload"]["progress"] == 2
    anna.send({"type": "subscribe_task", "id": "again", "payload": {"videoId": task}})
    assert anna.receive_type("error")["id"] == "again"
    anna.expect_silence()


def test_a_task_of_the_same_owner_goes_on_after_a_loss(launch, redis, viewers, task):
    node = launch("--watch", "owner")
    redis.fcall(task, {"progress": 1, "owner": "anna"})
    anna = viewers(Tasks(node, jwt("anna")))
    anna.subscribe(task)
    anna.receive_type("taskUpdated"), anna.receive_type("taskProgress")
    redis.client.flushall()
    assert node.post(task, {"progress": 2, "owner": "anna"}).json["sequence"] == 1
    assert place(message := anna.receive_type("taskProgress")["payload"])[1:] == (1, True) and message["progress"] == 2


def test_a_stream_is_told_that_numbers_begin_again(launch, redis, task):
    node = launch()
    redis.fcall(task, {"type": "log", "n": 1})
    viewer = Stream(node, task, "?since=0")
    viewer.next()
    redis.fcall(task, {"type": "log", "n": 2})
    before = viewer.next()
    assert "event" not in before
    redis.client.flushall()
    assert node.post(task, {"type": "log", "n": 3}).json["sequence"] == 1
    after = viewer.next()
    assert after["event"] == "snapshot" and after["id"].endswith(":1") and after["data"]["sequence"] == 1
    assert after["data"]["state"] is None and after["data"]["started_at"] is not None
    assert viewer.next() == {"id": after["id"], "data": {"type": "log", "n": 3}}
    assert after["id"].split(":")[0] != before["id"].split(":")[0]
    viewer.close()


def test_who_comes_back_from_before_a_loss_is_told_of_the_new_epoch_from_its_beginning(launch, redis, viewers, task):
    node = launch("--loops", "1")
    old = redis.client.fcall("fantail_publish", *own_keys(f"task:{task}"), '{"progress":50}')[0].decode()
    redis.client.flushall()
    assert node.post(task, [{"progress": 1}, {"type": "log"}, {"type": "log"}]).json["sequence"] == 3
    client = viewers(Tasks(node))
    reply = client.subscribe(task, epoch=old, sequence=1)["payload"]
    assert reply["recovered"] is False and reply["epoch"] != old
    told = client.events(3)
    assert [place(p) for p in told] == [(reply["epoch"], 1, True), (None, 2, None), (None, 3, None)]
    # The state, since what was before the first is nobody's to know.
    assert [place(client.receive_type(kind)["payload"]) for kind in ("taskUpdated", "taskProgress")] == [
        (reply["epoch"], 3, True)] * 2
    client.expect_silence()
