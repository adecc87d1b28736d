"""The dialect `tasks`, as ops/dialects.md has it."""

import re
import time

import pytest

from clients import Client, Tasks, is_now
from harness import FIXED_TOKEN
from tokens import bad_tokens, jwt


@pytest.mark.parametrize("request_id", [
    "a", 7, 1.5, "", True, [1, [2]], {"n": 1, "of": {"x": [None]}}, "x" * 1000])
def test_an_id_of_any_kind_comes_back_as_it_was(node, viewers, request_id):
    client = viewers(Tasks(node))
    client.send({"type": "ping", "id": request_id})
    assert client.receive_type("pong")["id"] == request_id
    client.send({"type": "nothing", "id": request_id})
    assert client.receive_type("error")["id"] == request_id


@pytest.mark.parametrize("request_id", [None, "x" * 1100, {"x": ["y" * 1100]}])
def test_no_id_and_one_too_long_are_not_given_back(node, viewers, request_id):
    client = viewers(Tasks(node))
    client.send({"type": "ping", "id": request_id})
    assert "id" not in client.receive_type("pong")


def test_auth_tells_who_it_is(node, viewers):
    expires = int(time.time()) + 1000
    client = viewers(Client(node, "/ws"))
    client.send({"type": "auth", "id": "auth-001", "timestamp": 1, "payload": {
        "token": jwt("u-1", username="admin", exp=expires)}})
    reply = client.receive_type("authSuccess")
    assert reply["id"] == "auth-001" and is_now(reply["timestamp"])
    payload = reply["payload"]
    assert (payload["userId"], payload["username"], payload["expiresAt"]) == ("u-1", "admin", expires * 1000)
    assert re.fullmatch(r"ws_\d{10}_\w+", payload["sessionId"])


@pytest.mark.parametrize("claims, user, name", [
    ({"sub": "7", "name": "Ann"}, "7", "Ann"),
    ({"sub": 7}, "7", "7"),
    ({"userId": "u"}, "u", "u"),
])
def test_the_user_is_read_from_the_claims(node, viewers, claims, user, name):
    payload = viewers(Tasks(node, jwt(**{"user": None} | claims))).success["payload"]
    assert (payload["userId"], payload["username"]) == (user, name)


def test_a_token_without_exp_has_no_end(node, viewers):
    assert viewers(Tasks(node, jwt(expires_in=None))).success["payload"]["expiresAt"] is None


@pytest.mark.parametrize("kind", [*bad_tokens(), "the fixed token", "missing", "number"])
def test_a_bad_token_is_told_and_closed(node, viewers, kind):
    token = (bad_tokens() | {"the fixed token": FIXED_TOKEN, "missing": None, "number": 5})[kind]
    client = viewers(Client(node, "/ws"))
    client.send({"type": "auth", "id": "a", "payload": {"token": token} if token else {}})
    error = client.receive_type("authError")
    assert error["id"] == "a" and is_now(error["timestamp"])
    assert isinstance(error["payload"]["code"], str) and isinstance(error["payload"]["message"], str)
    client.expect_close(1008)


def test_ping_is_answered_before_auth(node, viewers):
    client = viewers(Client(node, "/ws"))
    client.send({"type": "ping", "id": "p-1"})
    pong = client.receive_type("pong")
    assert pong["id"] == "p-1" and pong["payload"] == {} and is_now(pong["timestamp"])


def test_anything_else_before_auth_is_refused_and_the_connection_lives(node, viewers, task):
    client = viewers(Client(node, "/ws"))
    client.send({"type": "subscribe_task", "id": "s", "payload": {"videoId": task}})
    error = client.receive_type("error")
    assert error["id"] == "s" and error["payload"]["code"] == "AUTH_REQUIRED"
    client.send({"type": "auth", "payload": {"token": "demo-token"}})
    assert "id" not in client.receive_type("authSuccess")


def test_a_client_that_does_not_authenticate_is_closed(launch, viewers):
    node = launch(env={"WS_AUTH_TIMEOUT": "300"})
    idle, late = viewers(Client(node, "/ws")), viewers(Tasks(node))
    error = idle.receive_type("error")
    assert error["payload"]["code"] == "AUTH_TIMEOUT"
    idle.expect_close(1008)
    late.expect_silence()


def test_subscribing_behind_auth_without_waiting(node, viewers, task):
    client = viewers(Client(node, "/ws"))
    client.send({"type": "auth", "id": "a", "payload": {"token": jwt()}})
    client.send({"type": "subscribe_task", "id": "s", "payload": {"videoId": task}})
    assert client.receive_type("authSuccess")["id"] == "a"
    reply = client.receive_type("subscribeSuccess")
    assert reply["id"] == "s" and is_now(reply["timestamp"])
    assert reply["payload"]["videoId"] == task and reply["payload"]["subscribed"] is True


def test_a_second_auth_of_the_same_user_renews(node, viewers):
    client = viewers(Tasks(node, jwt(expires_in=100)))
    client.send({"type": "auth", "id": "again", "payload": {"token": jwt(expires_in=1000)}})
    again = client.receive_type("authSuccess")
    assert again["id"] == "again"
    assert again["payload"]["expiresAt"] > client.success["payload"]["expiresAt"]


@pytest.mark.parametrize("given", ["sub-001", 7, "äöü \"quoted\"", None])
def test_ids_are_echoed(node, viewers, task, given):
    client = viewers(Tasks(node))
    request = {"id": given} if given is not None else {}
    for kind, reply in [("subscribe_task", "subscribeSuccess"), ("unsubscribe_task", "unsubscribeSuccess"), ("ping", "pong"), ("dance", "error")]:
        client.send({"type": kind, "payload": {"videoId": task}} | request)
        assert client.receive_type(reply).get("id") == given


def test_unsubscribing_ends_the_events(node, viewers, redis, task):
    client = viewers(Tasks(node))
    client.subscribe(task)
    client.send({"type": "unsubscribe_task", "id": "u", "payload": {"videoId": task}})
    assert client.receive_type("unsubscribeSuccess")["payload"] == {"videoId": task, "subscribed": False}
    redis.fcall(task, {"progress": 1})
    client.expect_silence()


@pytest.mark.parametrize("message, code", [
    ('{"type":"dance"}', "UNKNOWN_MESSAGE_TYPE"),
    ("{", "INVALID_JSON"),
    ("[1]", "INVALID_MESSAGE"),
    ('{"type":{}}', "INVALID_MESSAGE"),
    ('{"type":"subscribe_task"}', "INVALID_MESSAGE"),
    ('{"type":"subscribe_task","payload":[]}', "INVALID_MESSAGE"),
    ('{"type":"subscribe_task","payload":{"videoId":5}}', "INVALID_MESSAGE"),
    ('{"type":"subscribe_task","payload":{"videoId":"a b"}}', "INVALID_MESSAGE"),
    ('{"type":"requestMultipleTaskStatus","payload":{"videoIds":"x"}}', "INVALID_MESSAGE"),
    (b"binary", "INVALID_MESSAGE"),
])
def test_a_wrong_message_is_told_and_the_connection_stays(node, viewers, message, code):
    client = viewers(Tasks(node))
    client.send(message)
    error = client.receive_type("error")
    assert error["payload"]["code"] == code and error["payload"]["message"] and is_now(error["timestamp"])
    client.expect_silence()


def test_every_event_in_its_shape(node, viewers, redis, task):
    client = viewers(Tasks(node))
    client.subscribe(task)

    redis.fcall(task, {"message": "正在生成视频...", "own": None})
    progress = client.receive_type("taskProgress")
    assert is_now(progress["timestamp"])
    payload = progress["payload"]
    assert (payload["videoId"], payload["status"], payload["progress"]) == (task, "PROCESSING", 0)
    assert payload["message"] == "正在生成视频..." and payload["sequence"] == 1 and payload["own"] is None

    redis.fcall(task, {
        "type": "progress", "status": "RUNNING", "progress": 45, "currentStage": "rendering", "totalSteps": 4,
        "estimatedTimeRemaining": 60, "timestamp": "2025-11-13T05:00:00Z"})
    progress = client.receive_type("taskProgress")
    payload = progress["payload"]
    assert progress["timestamp"] == 1763010000000
    assert (payload["status"], payload["progress"], payload["currentStep"]) == ("PROCESSING", 45, "rendering")
    assert (payload["totalSteps"], payload["estimatedTimeRemaining"]) == (4, 60)

    redis.fcall(task, {"type": "stage", "stage": "rendering", "nextStage": "encoding"})
    payload = client.receive_type("taskProgress")["payload"]
    assert (payload["currentStep"], payload["progress"], payload["status"]) == ("encoding", 45, "PROCESSING")

    redis.fcall(task, {"type": "note", "text": "x"})
    assert client.receive_type("note")["payload"]["videoId"] == task

    redis.fcall(task, {"type": "failed", "error": {"message": "busy", "retryable": True, "details": "d"}})
    payload = client.receive_type("taskFailed")["payload"]
    assert (payload["videoId"], payload["status"]) == (task, "failed")
    assert payload["error"] == {"code": "GENERATION_FAILED", "message": "busy", "retryable": True, "details": "d"}

    redis.fcall(task, {"type": "completed", "result": {"videoUrl": "u"}, "metrics": {"totalTime": 125}})
    payload = client.receive_type("taskCompleted")["payload"]
    assert (payload["videoId"], payload["status"], payload["progress"]) == (task, "completed", 100)
    assert payload["result"] == {"videoUrl": "u"} and payload["metrics"] == {"totalTime": 125}


@pytest.mark.parametrize("event, kind, expected", [
    ({"type": "completed"}, "taskCompleted", {"status": "completed", "progress": 100, "result": {}}),
    ({"type": "failed", "error": "broken"}, "taskFailed",
     {"error": {"code": "GENERATION_FAILED", "message": "broken", "retryable": False}}),
    ({"status": "completed"}, "taskCompleted", {"status": "completed", "progress": 100}),
    ({"status": "FAILED", "error": "x"}, "taskFailed", {"status": "failed"}),
    ({"type": "taskProgress", "payload": {"videoId": "forged", "progress": 9, "status": "QUEUED"}}, "taskProgress",
     {"progress": 9, "status": "QUEUED"}),
    ({"type": "taskUpdated", "payload": {"status": "PROCESSING", "progress": 8}}, "taskProgress", {"progress": 8}),
    ({"type": "taskCompleted", "payload": {"result": {"videoUrl": "v"}}}, "taskCompleted", {"result": {"videoUrl": "v"}}),
    ({"type": "taskFailed", "payload": {"error": {"code": "C", "message": "m"}}}, "taskFailed",
     {"error": {"code": "C", "message": "m", "retryable": False}}),
    ({"type": "job_status", "data": {"jobId": "forged", "status": "RUNNING", "currentStage": "A"}}, "taskProgress",
     {"status": "PROCESSING", "currentStep": "A", "progress": 0}),
    ({"type": "stage_completed", "data": {"stage": "A", "nextStage": "B"}}, "taskProgress", {"currentStep": "B"}),
    ({"type": "job_error", "data": {"error": "e"}}, "taskFailed", {"status": "failed"}),
])
def test_single_events_and_client_shapes(node, viewers, redis, task, event, kind, expected):
    client = viewers(Tasks(node))
    client.subscribe(task)
    redis.fcall(task, event)
    payload = client.receive_type(kind)["payload"]
    assert payload["videoId"] == task
    assert {key: payload[key] for key in expected} == expected


@pytest.mark.parametrize("event, kind, status, progress, url, error", [
    ({"progress": 45}, "taskProgress", "PROCESSING", 45, None, None),
    ({"type": "completed", "result": {"videoUrl": "u"}}, "taskCompleted", "COMPLETED", 100, "u", None),
    ({"type": "failed", "error": "broken"}, "taskFailed", "FAILED", 0, None, "broken"),
])
def test_the_state_on_joining_comes_twice(nodes, viewers, redis, task, event, kind, status, progress, url, error):
    redis.fcall(task, event)
    for node in nodes:
        client = viewers(Tasks(node))
        client.subscribe(task)
        updated = client.receive_type("taskUpdated")["payload"]
        assert (updated["videoId"], updated["status"], updated["progress"]) == (task, status, progress)
        assert (updated["videoUrl"], updated["error"]) == (url, error)
        typed = client.receive_type(kind)["payload"]
        for payload in (updated, typed):
            assert payload["snapshot"] is True and payload["sequence"] == 1 and isinstance(payload["epoch"], str)
        client.expect_silence()


def test_resuming_brings_exactly_what_was_missed(nodes, viewers, redis, task):
    for number in range(1, 6):
        redis.fcall(task, {"progress": number})
    first = viewers(Tasks(nodes[0]))
    position = first.subscribe(task)["payload"]
    assert position["sequence"] == 5
    resumed = viewers(Tasks(nodes[1]))
    reply = resumed.subscribe(task, epoch=position["epoch"], sequence=2)
    assert reply["payload"]["recovered"] is True
    assert [event["progress"] for event in resumed.events(3)] == [3, 4, 5]
    redis.fcall(task, {"progress": 6})
    assert resumed.receive_type("taskProgress")["payload"]["sequence"] == 6


def test_status_on_request(node, viewers, redis, task):
    redis.fcall(task, {"progress": 30, "status": "RUNNING"})
    client = viewers(Tasks(node))
    client.send({"type": "requestTaskStatus", "id": "r", "payload": {"videoId": task}})
    reply = client.receive_type("taskUpdated")
    assert reply["id"] == "r"
    assert (reply["payload"]["status"], reply["payload"]["progress"]) == ("PROCESSING", 30)
    assert reply["payload"]["videoUrl"] is None and reply["payload"]["error"] is None


def test_status_of_many(node, viewers, redis, task):
    redis.fcall(task, {"progress": 30})
    client = viewers(Tasks(node))
    client.send({"type": "requestMultipleTaskStatus", "id": "r", "payload": {"videoIds": [task, task + "-none", task]}})
    replies = {reply["type"]: reply for reply in (client.receive(), client.receive())}
    assert replies["taskUpdated"]["payload"]["videoId"] == task and replies["taskUpdated"]["id"] == "r"
    assert replies["error"]["payload"]["code"] == "NOT_FOUND" and replies["error"]["payload"]["videoId"] == task + "-none"
    client.expect_silence()


def test_asking_costs_no_subscriptions_and_can_be_ended(launch, viewers, redis, task):
    node = launch("--loops", "1", "--subscriptions-per-connection", "3")
    names = redis.tasks_in_order(task, 8)
    for name in names:
        redis.fcall(name, {"progress": 1})
    client = viewers(Tasks(node))

    def ask(*asked):
        client.send({"type": "requestMultipleTaskStatus", "id": "r", "payload": {"videoIds": asked}})
        assert {client.receive_type("taskUpdated")["payload"]["videoId"] for _ in asked} == set(asked)

    def told(*published):
        for name in published:
            redis.fcall(name, {"progress": 2})
        redis.fcall(names[5], {"type": "note"})  # behind all that was published before
        while (message := client.receive())["type"] != "note":
            yield message["type"], message["payload"]["videoId"]

    ask(*names[:3])
    for name in names[3:6]:
        client.subscribe(name)
        client.receive_type("taskUpdated"), client.receive_type("taskProgress")
    client.send({"type": "subscribe_task", "id": "s", "payload": {"videoId": names[6]}})
    assert client.receive_type("error")["payload"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
    assert list(told(*names[:4])) == [("taskUpdated", name) for name in names[:3]] + [("taskProgress", names[3])]
    ask(names[6])  # lets go of the first
    assert list(told(*names[:3], names[6])) == [("taskUpdated", name) for name in [*names[1:3], names[6]]]
    client.send({"type": "unsubscribe_task", "id": "u", "payload": {"videoId": names[1]}})
    client.receive_type("unsubscribeSuccess")
    assert list(told(*names[:3])) == [("taskUpdated", names[2])]
    client.send({"type": "unsubscribe_task", "id": "u", "payload": {"videoId": names[3]}})
    client.receive_type("unsubscribeSuccess")
    client.subscribe(names[6])  # in the room of the one that was left, and asked about before


def test_a_request_is_answered_though_the_task_is_left_at_once(launch, viewers, redis, task):
    redis.fcall(task, {"progress": 30})
    client = viewers(Tasks(launch("--loops", "1")))
    client.send({"type": "requestTaskStatus", "id": "r", "payload": {"videoId": task}})
    client.send({"type": "unsubscribe_task", "id": "u", "payload": {"videoId": task}})
    assert {client.receive()["type"], client.receive()["type"]} == {"taskUpdated", "unsubscribeSuccess"}
    client.subscribe(task + "-later")
    redis.fcall(task, {"progress": 40})
    redis.fcall(task + "-later", {"type": "note"})
    client.receive_type("note")


def test_heartbeats_tell_clients_and_uptime(launch, viewers):
    client = viewers(Tasks(launch(env={"WS_HEARTBEAT_INTERVAL": "300"})))
    payload = client.receive_type("heartbeat")["payload"]
    assert payload["connectedClients"] >= 1 and payload["uptime"] >= 0
