"""Numbers that no 64-bit type holds are passed on as written, on every way; an event with a duplicate field is refused."""

import json
import subprocess

import pytest

from clients import Jobs, Presence, Stream, Tasks, Topics
from harness import API_KEY, binary, clean_environment, fantail, wait_until
from metrics import metrics
from tokens import jwt

NUMBERS = [
    "18446744073709551615", "18446744073709551616", "-9223372036854775809", "123456789012345678901234567890", "1e400",
    "-1E+999", "0.1234567890123456789012345678901234567890", "1" + "0" * 300,
]
# As they stand in an event: alone, in a list, and further down.
FIELDS = ",".join(f'"n{place}":{number},"l{place}":[{number},{{"x":{number}}}]' for place, number in enumerate(NUMBERS))


def raw(client):
    """The next message's text; heartbeats do not count."""
    while '"heartbeat"' in (text := client.socket.recv(timeout=10)):
        pass
    return text


def publish(way, node, redis, task, event):
    if way == "PUBLISH":
        redis.publish(task, event)
    elif way == "FCALL":
        redis.fcall(task, event)
    elif way in ("POST", "POST of a batch"):
        answer = node.post(task, f"[{event}]" if "batch" in way else event)
        assert answer.status == 200, answer.body
    elif way == "fantail publish":
        done = fantail("publish", task, event, "--redis", redis.url)
        assert done.returncode == 0, done
    else:
        done = subprocess.run([binary(), "publish", task, "-", "--redis", redis.url], input=event, text=True,
                              capture_output=True, timeout=30, env=clean_environment())
        assert done.returncode == 0, done


WAYS = ["PUBLISH", "FCALL", "POST", "POST of a batch", "fantail publish", "fantail publish -"]


@pytest.mark.parametrize("way", WAYS)
def test_numbers_of_any_size_reach_every_viewer_as_they_were_written(nodes, viewers, redis, task, way):
    redis.fcall(task, {"progress": 1})
    tasks, jobs, topics = viewers(Tasks(nodes[0])), viewers(Jobs(nodes[1])), viewers(Topics(nodes[0], jwt("alice")))
    tasks.subscribe(task)
    tasks.receive_type("taskUpdated"), tasks.receive_type("taskProgress")
    jobs.join(task)
    jobs.receive_type("job_status")
    topics.subscribe("task", {"taskId": task})
    publish(way, nodes[1], redis, task, '{"progress":2,' + FIELDS + "}")
    for client in (tasks, jobs, topics):
        while f'"n0":{NUMBERS[0]}' not in (text := raw(client)):
            pass
        assert FIELDS in text, text
    if way != "PUBLISH":
        # And a late viewer, from what is stored.
        late = viewers(Jobs(nodes[0]))
        late.join(task)
        assert FIELDS in raw(late)
        state = nodes[1].request("GET", f"/api/v1/tasks/{task}", key=API_KEY)
        assert FIELDS in state.body.decode()
        history = nodes[1].request("GET", f"/api/v1/tasks/{task}/events", key=API_KEY)
        assert FIELDS in history.body.decode()
        assert Stream(nodes[0], task).next()["data"]["state"]["l3"][0] == int(NUMBERS[3])


def test_notifications_topics_and_people_too(nodes, viewers, redis):
    alice, bob = viewers(Presence(nodes[0], jwt("alice"))), viewers(Presence(nodes[1], jwt("bob")))
    alice.wait_for_room(redis, "user:alice")
    answer = nodes[1].request("POST", "/api/v1/users/alice/notifications",
                              '{"notification_type":"x","data":{%s}}' % FIELDS, key=API_KEY)
    assert answer.status == 202, answer.body
    while '"notification"' not in (text := raw(alice)):
        pass
    assert FIELDS in text
    bob.send('{"type":"typing","data":{"is_typing":true,"context":{%s}}}' % FIELDS)
    while '"typing"' not in (text := raw(alice)):
        pass
    assert FIELDS in text

    reader = viewers(Topics(nodes[0], jwt("carol")))
    reader.subscribe("prices")
    answer = nodes[1].request("POST", "/api/v1/topics/prices/messages", '{"type":"data","data":{%s}}' % FIELDS, key=API_KEY)
    assert answer.status == 200, answer.body
    while f'"n0":{NUMBERS[0]}' not in (text := raw(reader)):
        pass
    assert FIELDS in text


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("way", ["PUBLISH", "FCALL", "POST"])
def test_such_a_number_where_one_is_read_ends_nothing(node, viewers, redis, task, way, number):
    """An invalid progress is left out; invalid times and other numbers count as missing."""
    redis.fcall(task, {"progress": 7})
    jobs, tasks = viewers(Jobs(node)), viewers(Tasks(node))
    jobs.join(task)
    jobs.receive_type("job_status")
    tasks.subscribe(task)
    tasks.receive_type("taskUpdated"), tasks.receive_type("taskProgress")
    for field in ("progress", "timestamp", "sequence", "epoch", "estimatedTimeRemaining", "totalSteps", "version"):
        publish(way, node, redis, task, '{"%s":%s,"mark":"%s"}' % (field, number, field))
        told, payload = jobs.receive_type("job_status")["data"], tasks.receive_type("taskProgress")["payload"]
        assert told["mark"] == payload["mark"] == field
        if field == "progress":
            is_one = len(number) <= 32 and abs(float(number)) != float("inf")
            progress = float(number) if is_one else 7
            # Like a progress of another kind, what is none is only passed on, where clients are told the event's own fields.
            assert told["progress"] == (float(number) if "." in number or "e" in number.lower() else int(number))
        assert float(payload["progress"]) == pytest.approx(progress)
    assert node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).status == 200


TWICE = ['{"a":1,"a":1}', '{"progress":1,"pro\\u0067ress":2}', '{"type":"own","x":[],"y":{},"x":{}}',
         '{"type":"completed","type":"progress"}', '{"owner":"a","x":1,"owner":"b"}']


@pytest.mark.parametrize("event", TWICE)
def test_an_event_with_a_field_that_stands_twice_is_refused(nodes, viewers, redis, task, event):
    node = nodes[0]
    client = viewers(Tasks(node))
    client.subscribe(task)
    for body in (event, f'[{{"progress":1}},{event}]'):
        answer = node.post(task, body)
        assert (answer.status, answer.code) == (422, "INVALID_EVENT") and b"twice" in answer.body, answer.body
    with pytest.raises(Exception, match="INVALID event.*twice"):
        redis.fcall(task, event)
    done = fantail("publish", task, event, "--redis", redis.url)
    assert done.returncode == 2 and "twice" in done.stderr, done
    assert node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).status == 404

    # What comes past all of these is dropped and counted, and takes its number with it.
    invalid = lambda: metrics(node).get("events_dropped_total", reason="invalid")
    before = invalid()
    redis.publish(task, event)
    assert redis.fcall(task, {"progress": 3}) == 1
    assert client.receive_type("taskProgress")["payload"]["sequence"] == 1
    epoch = redis.client.hget(f"ft:{{task:{task}}}:m", "e").decode()
    redis.publish(task, f"\x01ft1:{epoch}:2:1763010000000\n{event}")
    redis.publish(task, f'\x01ft1:{epoch}:3:1763010000000\n{{"progress":4}}')
    assert client.receive_type("taskProgress")["payload"]["sequence"] == 3
    wait_until(lambda: invalid() == before + 2, "both are counted")


def test_below_the_top_the_first_of_two_counts(node, viewers, redis, task):
    client = viewers(Tasks(node))
    client.subscribe(task)
    event = '{"type":"taskProgress","payload":{"progress":5,"progress":6,"x":{"a":1,"a":2}}}'
    redis.fcall(task, event)
    assert node.post(task, event).status == 200
    for _ in range(2):
        assert client.receive_type("taskProgress")["payload"]["progress"] == 5


@pytest.mark.parametrize("path, body", [
    ("tasks", '{"task_id":"%s","task_id":"other"}'), ("tasks", '{"task_id":"%s","status":"A","status":"B"}'),
    ("topics/%s/messages", '{"type":"data","data":{},"data":{"a":1}}'),
    ("users/%s/notifications", '{"notification_type":"a","notification_type":"b"}')])
def test_bodies_with_a_field_that_stands_twice_are_refused(node, task, path, body):
    answer = node.request("POST", "/api/v1/" + path.replace("%s", task), body.replace("%s", task), key=API_KEY)
    assert (answer.status, answer.code) == (422, "INVALID_EVENT") and b"twice" in answer.body


def test_a_third_partys_name_for_a_task_may_be_a_number_of_any_size(node, redis, task):
    body = '{"task_id":"%s","metadata":{"externalTaskId":%s,"x":%s}}' % (task, NUMBERS[3], NUMBERS[4])
    assert node.request("POST", "/api/v1/tasks", body, key=API_KEY).status == 201
    kept = redis.client.hgetall(f"ft:secret:{{task:{task}}}")
    assert kept[b"ext"].decode() == NUMBERS[3] and kept[b"meta"].decode() == '{"x":%s}' % NUMBERS[4]
