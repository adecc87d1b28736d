"""Events that reach a user without a subscription: owners, teams, status requests; batches; rights to watch."""

import pytest

from clients import Client, Jobs, Presence, Tasks, marker
from harness import API_KEY
from tokens import jwt


@pytest.fixture
def owner(task):
    return f"owner-{task}"


def drain_markers(client):
    """Markers for others in the same room may still be on their way."""
    client.send({"type": "ping"})
    while client.receive()["type"] != "pong":
        pass


def test_an_owner_is_told_of_every_change_once_as_taskUpdated(nodes, redis, viewers, task, owner):
    owners = [viewers(Tasks(node, jwt(owner, teams=["t-1"]))) for node in nodes]
    member = viewers(Tasks(nodes[0], jwt("member", teams=["t-1"])))
    stranger = viewers(Tasks(nodes[1], jwt("stranger", teams=["t-2"])))
    for client in owners:
        client.wait_for_room(redis, f"user:{owner}")
    for client in [*owners, member]:
        client.wait_for_room(redis, "team:t-1")
    for client in [*owners, member]:
        drain_markers(client)
    redis.fcall(task, {"progress": 10, "status": "QUEUED", "owner": owner, "team": "t-1"})
    redis.fcall(task, {"type": "stage", "stage": "A", "nextStage": "B"})
    redis.fcall(task, {"progress": 50, "owner": "somebody-else"})
    redis.fcall(task, {"type": "own-type"})
    redis.fcall(task, {"type": "completed", "result": {"videoUrl": "u"}})
    for client in [*owners, member]:
        updates = [client.receive_type("taskUpdated")["payload"] for _ in range(4)]
        assert [u["videoId"] for u in updates] == [task] * 4
        assert all({"status", "progress", "videoUrl", "error"} <= u.keys() for u in updates)
        assert (updates[0]["status"], updates[0]["progress"]) == ("QUEUED", 10)
        assert (updates[1]["status"], updates[1]["progress"]) == ("PROCESSING", 10)  # it runs: a stage is done
        assert (updates[2]["status"], updates[2]["progress"]) == ("PROCESSING", 50)
        assert (updates[3]["status"], updates[3]["progress"], updates[3]["videoUrl"]) == ("COMPLETED", 100, "u")
        client.expect_silence()
    stranger.expect_silence()


def test_who_follows_the_task_is_not_told_twice(node, redis, viewers, task, owner):
    client = viewers(Tasks(node, jwt(owner)))
    client.subscribe(task)
    client.wait_for_room(redis, f"user:{owner}")
    redis.fcall(task, {"progress": 10, "owner": owner})
    assert client.receive_type("taskProgress")["payload"]["progress"] == 10
    client.expect_silence()


def test_an_owner_on_presence_is_notified_of_the_end(node, redis, viewers, task, owner):
    client = viewers(Presence(node, jwt(owner)))
    redis.fcall(task, {"progress": 10, "owner": owner})
    redis.fcall(task, {"type": "failed", "error": "no memory"})
    while (message := client.receive())["type"] == "user_status":
        pass
    assert message["notification_type"] == "task_failed" and message["data"]["data"]["task_id"] == task
    assert "no memory" in message["data"]["message"]


def test_who_has_asked_for_the_status_is_told_of_every_change(nodes, redis, viewers, task):
    redis.fcall(task, {"progress": 10})
    client = viewers(Tasks(nodes[0]))
    client.send({"type": "requestTaskStatus", "id": "r", "payload": {"videoId": task}})
    reply = client.receive_type("taskUpdated")
    assert reply["id"] == "r" and reply["payload"]["progress"] == 10
    redis.wait_for_subscribers(task, 1)
    client.expect_silence()
    redis.fcall(task, {"progress": 20})
    update = client.receive_type("taskUpdated")
    assert "id" not in update and update["payload"]["progress"] == 20
    client.subscribe(task)
    assert client.receive_type("taskUpdated")["payload"]["snapshot"] is True
    client.receive_type("taskProgress")
    redis.fcall(task, {"progress": 30})
    assert {client.receive()["type"], client.receive()["type"]} == {"taskProgress", "taskUpdated"}
    client.send({"type": "unsubscribe_task", "id": "u", "payload": {"videoId": task}})
    client.receive_type("unsubscribeSuccess")
    redis.fcall(task, {"progress": 40})
    client.expect_silence()


def test_batches_for_who_asks_for_them(node, redis, viewers, task):
    client = viewers(Tasks(node))
    client.send({"type": "auth", "payload": {"token": "demo-token", "batch": True}})
    client.receive_type("authSuccess")
    client.subscribe(task)
    events = [{"type": "log", "n": n} for n in range(50)]
    assert node.post(task, events).status == 200
    seen = []
    while len(seen) < 50:
        message = client.receive_type("taskBatch")
        assert isinstance(message["timestamp"], int)
        seen += message["payload"]["updates"]
    assert [u["payload"]["n"] for u in seen] == list(range(50)) and {u["type"] for u in seen} == {"log"}
    redis.fcall(task, {"progress": 5})
    assert [u["type"] for u in client.receive_type("taskBatch")["payload"]["updates"]] == ["taskProgress"]


def asking(node, dialect, task):
    """A client that asks for batches with its handshake and follows `task`; and what gives the number in a message."""
    if dialect == "jobs":
        client = Client(node, "/ws?token=demo-token&batch=1")
        client.receive_type("connection_established")
        client.send({"type": "join_job", "jobId": task})
        client.send({"type": "ping"})
        client.receive_type("pong")
    elif dialect == "tasks":
        client = Client(node, "/ws?batch=1")
        client.send({"type": "auth", "payload": {"token": "demo-token"}})
        client.receive_type("authSuccess")
        client.send({"type": "subscribe_task", "payload": {"videoId": task}})
        client.receive_type("subscribeSuccess")
    else:
        client = Client(node, "/api/v1/ws?token=demo-token&protocol=1&batch=1")
        client.receive_type("connect")
        client.send({"type": "subscribe", "messageId": "s", "data": {"topic": "task", "params": {"taskId": task}}})
        client.receive_type("ack")
    return client


@pytest.mark.parametrize("dialect", ["jobs", "tasks", "topics"])
def test_batches_for_a_handshake_that_asks_for_them_and_for_no_other(node, viewers, task, dialect):
    client, other = viewers(asking(node, dialect, task)), viewers(Jobs(node))
    other.join(task)
    other.expect_silence()
    node.post(task, [{"type": "log", "n": n} for n in range(20)])
    seen = []
    while len(seen) < 20:
        message = client.receive_type("taskBatch" if dialect == "tasks" else "batch")
        seen += (message.get("payload") or message.get("data"))["updates"]
    assert [marker(update) for update in seen] == list(range(20))
    assert [event["n"] for event in other.events(20)] == list(range(20))


def test_presence_batches_what_people_say(node, redis, viewers, owner):
    client = viewers(Client(node, f"/api/v1/ws?token={jwt(owner)}&batch=1"))
    client.receive_type("connected")
    other = viewers(Presence(node, jwt(f"other-{owner}")))
    for n in range(5):
        other.send({"type": "message", "to_user_id": owner, "message": str(n)})
    seen = []
    while len(seen) < 5:
        message = client.receive_type("batch")
        seen += [update["data"]["message"] for update in message["data"]["updates"] if update["type"] == "chat"]
    assert seen == [str(n) for n in range(5)]


class TestWatchRules:
    @pytest.fixture(scope="class")
    def by_claims(self, launch):
        return launch("--watch", "claims")

    @pytest.fixture(scope="class")
    def by_owner(self, launch):
        return launch("--watch", "owner")

    def refused(self, client, task, code="FORBIDDEN"):
        client.send({"type": "subscribe_task", "id": "s", "payload": {"videoId": task}})
        error = client.receive_type("error")
        assert error["id"] == "s" and error["payload"]["code"] == code
        client.send({"type": "requestTaskStatus", "id": "r", "payload": {"videoId": task}})
        assert client.receive_type("error")["payload"]["code"] == code
        client.expect_silence()

    def test_claims(self, by_claims, redis, viewers, task):
        redis.fcall(task, {"progress": 1})
        self.refused(viewers(Tasks(by_claims, jwt("a"))), task)
        self.refused(viewers(Tasks(by_claims, jwt("a", tasks=["other", task + "x"]))), task)
        for rights in [{"tasks": [task]}, {"tasks": ["task-*"]}, {"scope": "tasks:*"}]:
            viewers(Tasks(by_claims, jwt("a", **rights))).subscribe(task)
        jobs = viewers(Jobs(by_claims, jwt("a")))
        jobs.join(task)
        assert jobs.receive_type("error")["code"] == "FORBIDDEN"
        assert by_claims.request("GET", f"/api/v1/tasks/{task}", token=jwt("a")).status == 403
        assert by_claims.request("GET", f"/api/v1/tasks/{task}", token=jwt("a", tasks=[task])).status == 200
        assert by_claims.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).status == 200

    def test_owner(self, by_owner, redis, viewers, task, owner):
        self.refused(viewers(Tasks(by_owner, jwt(owner))), task)  # unknown
        redis.fcall(task, {"progress": 1, "owner": owner})
        viewers(Tasks(by_owner, jwt(owner))).subscribe(task)
        self.refused(viewers(Tasks(by_owner, jwt("thief"))), task)  # of a channel that is live here
        redis.fcall(task, {"progress": 2, "owner": "thief"})  # the first write wins
        self.refused(viewers(Tasks(by_owner, jwt("thief"))), task)
        viewers(Tasks(by_owner, jwt("reader", tasks=[task]))).subscribe(task)
        assert by_owner.request("GET", f"/api/v1/tasks/{task}", token=jwt("thief")).status == 403
