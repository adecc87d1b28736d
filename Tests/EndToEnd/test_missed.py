"""What a viewer has missed and nobody can tell it any more is counted, and said: beside the number of what comes next, or where
nothing comes, by itself. What the history keeps is told."""

import json

import pytest

from clients import Jobs, Stream, Tasks, Topics
from harness import API_KEY, NOT_ONE_STEP, own_keys, wait_until
from metrics import metrics


@pytest.fixture(scope="module")
def node(launch):
    return launch("--loops", "1")


class Batched(Tasks):
    """A client of tasks that takes several messages as one."""

    def __init__(self, node):
        self.updates = []
        super().__init__(node)
        self.send({"type": "auth", "id": "again", "payload": {"token": "demo-token", "batch": True}})
        self.receive_type("authSuccess")

    def receive(self, *arguments, **options):
        if not self.updates:
            message = super().receive(*arguments, **options)
            self.updates = message["payload"]["updates"] if message["type"] == "taskBatch" else [message]
        return self.updates.pop(0)


def follow_jobs(node, viewers, task):
    client = viewers(Jobs(node))
    client.join(task)
    # Joining has no answer where there is no state.
    wait_until(
        lambda: node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["viewers"] == 1, "the viewer is let in")
    return lambda: client.receive()["data"]


def follow_tasks(node, viewers, task, kind=Tasks):
    client = viewers(kind(node))
    client.subscribe(task)
    return lambda: client.receive()["payload"]


def follow_batched(node, viewers, task):
    return follow_tasks(node, viewers, task, Batched)


def follow_topics(node, viewers, task):
    client = viewers(Topics(node))
    client.subscribe("task", {"taskId": task})
    return client.receive


def follow_stream(node, viewers, task):
    client = viewers(Stream(node, task))
    missed = []

    def next():
        event = client.next()
        if event.get("event") == "missed":
            if "id" not in event:
                # It belongs to the event behind it.
                missed.append(event["data"]["missed"])
                return next()
            return event["data"] | {"type": "missed"}
        body = event["data"] | {"sequence": int(event["id"].split(":")[1])}
        return body | ({"missed": missed.pop()} if missed else {})

    return next


FOLLOWS = [follow_jobs, follow_tasks, follow_batched, follow_topics, follow_stream]


def behind_the_nodes_back(redis, task, events, then=None):
    """Publishes while no node hears it. `then` gets the pipeline, before any node can read."""
    with redis.client.pipeline() as batch:
        batch.client_kill_filter(_type="pubsub")
        for event in events:
            batch.fcall("fantail_publish", *own_keys(f"task:{task}"), json.dumps(event))
        if then:
            then(batch)
        batch.execute()


def log(number):
    return {"type": "log", "n": number}


def numbers(told):
    return [(message["sequence"], message.get("missed")) for message in told]


@pytest.mark.parametrize("follow", FOLLOWS)
@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_of_a_hundred_the_newest_are_told_and_the_others_counted(node, redis, viewers, task, follow):
    redis.fcall(task, log(1))
    next = follow(node, viewers, task)
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, log(2))
    assert numbers([next()]) == [(2, None)]
    behind_the_nodes_back(redis, task, [log(number) for number in range(3, 103)])
    assert numbers(next() for _ in range(64)) == [(39, 36)] + [(number, None) for number in range(40, 103)]
    redis.fcall(task, log(103))
    assert numbers([next()]) == [(103, None)]


@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_a_state_that_may_be_among_what_is_missing_is_told_at_the_end(node, redis, viewers, task):
    client = viewers(Tasks(node))
    client.subscribe(task)
    redis.fcall(task, {"progress": 1})
    assert client.receive_type("taskProgress")["payload"]["sequence"] == 1
    behind_the_nodes_back(redis, task, [{"progress": 7, "message": "m"}] + [log(number) for number in range(99)])
    assert numbers(client.events(64)) == [(38, 36)] + [(number, None) for number in range(39, 102)]
    for kind in ("taskUpdated", "taskProgress"):
        state = client.receive_type(kind)["payload"]
        assert (state["progress"], state["sequence"], state["snapshot"]) == (7, 101, True) and "missed" not in state
    client.expect_silence()


@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_progress_that_is_all_told_needs_no_state(node, redis, viewers, task):
    client = viewers(Tasks(node))
    client.subscribe(task)
    redis.fcall(task, {"progress": 1})
    client.receive_type("taskProgress")
    behind_the_nodes_back(redis, task, [{"progress": number} for number in range(2, 60)])
    assert numbers(client.events(58)) == [(number, None) for number in range(2, 60)]
    client.expect_silence()


@pytest.mark.parametrize("follow", FOLLOWS)
@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_where_nothing_follows_it_is_said_by_itself(node, redis, viewers, task, follow):
    redis.fcall(task, log(1))
    next = follow(node, viewers, task)
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, log(2))
    assert numbers([next()]) == [(2, None)]
    behind_the_nodes_back(
        redis, task, [log(number) for number in range(3, 8)], lambda batch: batch.delete(f"ft:{{task:{task}}}:h"))
    message = next()
    body = message.get("data") if message.get("type") == "missed" and "data" in message else message
    assert body["missed"] == 5 and (message["sequence"], message["epoch"] != "") == (7, True)
    redis.fcall(task, log(8))
    assert numbers([next()]) == [(8, None)]


@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_a_state_says_what_is_missing_where_nothing_else_is_left(node, redis, viewers, task):
    client = viewers(Tasks(node))
    client.subscribe(task)
    redis.fcall(task, {"progress": 1})
    client.receive_type("taskProgress")
    behind_the_nodes_back(
        redis, task, [{"progress": number} for number in (2, 3, 4)], lambda batch: batch.delete(f"ft:{{task:{task}}}:h"))
    state = client.receive_type("taskUpdated")["payload"]
    assert (state["progress"], state["sequence"], state["snapshot"], state["missed"]) == (4, 4, True, 3)
    assert client.receive_type("taskProgress")["payload"]["missed"] == 3
    client.expect_silence()


@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_who_comes_later_has_missed_nothing(node, redis, viewers, task):
    client = viewers(Tasks(node))
    client.subscribe(task)
    redis.fcall(task, log(1))
    client.receive_type("log")
    reads = metrics(node).value("channel_reads_total")
    behind_the_nodes_back(
        redis, task, [log(number) for number in range(2, 5)], lambda batch: batch.delete(f"ft:{{task:{task}}}:h"))
    wait_until(lambda: metrics(node).value("channel_reads_total") > reads, "the channel is read again")
    late = viewers(Tasks(node))
    late.subscribe(task)
    redis.fcall(task, log(5))
    assert numbers([late.receive_type("log")["payload"]]) == [(5, None)]
    told = client.receive_type("missed", "log")
    assert told["payload"]["missed"] == 3


@pytest.mark.parametrize("follow", FOLLOWS)
@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_a_new_epoch_counts_what_is_gone_of_it(node, redis, viewers, task, follow):
    redis.fcall(task, log(1))
    next = follow(node, viewers, task)
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, log(2))
    assert numbers([next()]) == [(2, None)]
    with redis.client.pipeline() as batch:
        batch.client_kill_filter(_type="pubsub")
        batch.delete(f"ft:{{task:{task}}}:m", f"ft:{{task:{task}}}:h")
        for number in range(70):
            batch.fcall("fantail_publish", *own_keys(f"task:{task}"), json.dumps(log(number)))
        batch.execute()
    first = next()
    assert numbers([first]) == [(7, 6)]
    if follow is follow_stream:
        # The state of the new epoch, then the event itself.
        assert numbers([next()]) == [(7, None)]
    else:
        assert first["snapshot"] is True and first["epoch"]
    assert numbers(next() for _ in range(63)) == [(number, None) for number in range(8, 71)]


def test_who_comes_back_to_a_history_that_reaches_less_far_gets_what_is_left_and_the_state(nodes, redis, viewers, task):
    epoch = redis.client.fcall("fantail_publish", *own_keys(f"task:{task}"), '{"progress":5}')[0].decode()
    for number in range(100):
        redis.fcall(task, log(number))
    client = viewers(Tasks(nodes[1]))
    reply = client.subscribe(task, epoch=epoch, sequence=7)["payload"]
    assert (reply["recovered"], reply["sequence"]) == (False, 101)
    assert numbers(client.events(64)) == [(38, 30)] + [(number, None) for number in range(39, 102)]
    assert client.receive_type("taskUpdated")["payload"]["snapshot"] is True
    assert client.receive_type("taskProgress")["payload"]["progress"] == 5
    client.expect_silence()


@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_a_stream_comes_back_behind_what_it_was_told_to_have_missed(node, redis, viewers, task):
    redis.fcall(task, log(1))
    stream = viewers(Stream(node, task))
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, log(2))
    stream.next()
    behind_the_nodes_back(redis, task, [log(3), log(4)], lambda batch: batch.delete(f"ft:{{task:{task}}}:h"))
    missed = stream.next()
    assert (missed["event"], missed["data"]["missed"], missed["data"]["sequence"]) == ("missed", 2, 4)
    redis.fcall(task, log(5))
    again = viewers(Stream(node, task, headers={"Last-Event-ID": missed["id"], "X-API-Key": API_KEY}))
    assert again.next() | {"id": ""} == {"id": "", "data": log(5)}
