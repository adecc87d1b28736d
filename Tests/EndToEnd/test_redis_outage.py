"""Redis stops, dies and comes back: viewers stay, publishers get errors, events flow again."""

import http.client
import json

import pytest

from clients import Jobs, Tasks
from harness import API_KEY, wait_until
from tokens import jwt


def tries_to_publish(node, task, event):
    """POSTs until the node answers that Redis is away."""
    answer = node.post(task, event)
    if answer.status == 200:
        return None
    assert answer.status == 503, answer.body
    return answer


@pytest.fixture(autouse=True)
def redis_is_back(redis):
    yield
    redis.resume()
    if redis.process.poll() is not None:
        redis.start()


@pytest.mark.parametrize("outage", ["stopped", "killed"])
def test_viewers_stay_through_an_outage(nodes, viewers, redis, task, outage):
    redis.fcall(task, {"progress": 1})
    watching = [viewers(kind(node)) for node in nodes for kind in (Jobs, Tasks)]
    for client in watching:
        client.join(task) if isinstance(client, Jobs) else client.subscribe(task)
        client.receive_type("job_status", "taskUpdated")
        if isinstance(client, Tasks):
            client.receive_type("taskProgress")

    redis.pause() if outage == "stopped" else redis.kill()
    for node in nodes:
        answer = wait_until(lambda: tries_to_publish(node, task, {"progress": 2}), "POST answers 503", 20)
        assert answer.code == "UNAVAILABLE" and int(answer.headers["Retry-After"]) >= 0
        wait_until(lambda: node.request("GET", "/health/ready").status == 503, "ready turns red", 15)
        assert node.request("GET", "/health/live").status == 200
    for client in watching:
        client.expect_silence()
    newcomer = viewers(Jobs(nodes[0]))  # its channel's state may come from the node's memory
    newcomer.join(task)

    redis.resume() if outage == "stopped" else redis.start()
    for node in nodes:
        wait_until(node.is_ready, "ready turns green", 20)
    redis.wait_for_subscribers(task, 2)
    wait_until(lambda: nodes[0].post(task, {"progress": 50}).status == 200, "publishing works", 10)
    wait_until(lambda: worker_publishes(redis, task, {"progress": 51}), "the Function is there", 10)
    for client in [*watching, newcomer]:
        seen = []
        while not seen or seen[-1]["progress"] != 51:
            message = client.receive_type("job_status", "taskProgress", "taskUpdated")
            seen.append(message.get("data") or message["payload"])
        epoch_changes = [body for body in seen if body.get("snapshot")]
        live = [body["sequence"] for body in seen if not body.get("snapshot") and "sequence" in body]
        assert live == sorted(set(live)), (live, epoch_changes)


def worker_publishes(redis, task, event):
    try:
        return redis.fcall(task, event)
    except Exception as error:
        assert "not found" in str(error).lower(), error
        return None


def test_what_was_published_while_the_node_was_away_is_repaired(nodes, viewers, redis, task):
    """The pub/sub connections are cut, the history is not: viewers get what they missed, once and in order."""
    redis.fcall(task, {"progress": 0})
    client = viewers(Tasks(nodes[0]))
    client.subscribe(task)
    client.receive_type("taskUpdated"), client.receive_type("taskProgress")
    redis.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    for number in range(1, 11):
        redis.fcall(task, {"progress": number})
    wait_until(nodes[0].is_ready, "ready again", 15)
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 11})
    assert [event["progress"] for event in client.events(11)] == list(range(1, 12))


class Stream:
    """A request for a task's event stream."""

    def __init__(self, node, task, **headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=15)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request("GET", f"/api/v1/tasks/{task}/events", headers={"Accept": "text/event-stream"} | headers)
        self.response = self.connection.getresponse()

    def next(self, name):
        """The next field of that name."""
        while not (line := self.response.readline().decode()).startswith(name + ": "):
            assert line, "the stream has ended"
        return line.removeprefix(name + ": ").strip()


@pytest.mark.parametrize("outage", ["stopped", "killed"])
def test_event_streams_are_answered_during_an_outage(launch, redis, task, outage):
    node, guarded = launch(), launch("--watch", "owner")
    redis.pause() if outage == "stopped" else redis.kill()
    stream = Stream(node, task, X_API_Key=API_KEY)
    operator = Stream(guarded, task, X_API_Key=API_KEY)
    user = Stream(guarded, task, Authorization=f"Bearer {jwt('u')}")
    assert (stream.response.status, operator.response.status) == (200, 200)
    # Whose the task is, only Redis knows.
    assert user.response.status == 503 and int(user.response.headers["Retry-After"]) >= 0
    assert json.loads(user.response.read())["error"]["code"] == "UNAVAILABLE"
    redis.resume() if outage == "stopped" else redis.start()
    for one in (node, guarded):
        wait_until(one.is_ready, "ready turns green", 20)
    redis.wait_for_subscribers(task, 2)
    wait_until(lambda: node.post(task, {"progress": 50}).status == 200, "publishing works", 10)
    for one in (stream, operator):
        assert json.loads(one.next("data"))["progress"] == 50
