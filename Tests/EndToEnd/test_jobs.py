"""The dialect `jobs`, as ops/dialects.md has it."""

import time

import pytest

from clients import Client, Jobs, is_iso_now
from harness import FIXED_TOKEN, fantail
from tokens import bad_tokens, jwt


def expect_unauthorized(client):
    error = client.receive_type("error")
    assert error["code"] == "UNAUTHORIZED" and error["message"] == "Authentication failed"
    assert is_iso_now(error["timestamp"])
    client.expect_close(1008)


GOOD_TOKENS = {
    "demo-token": "demo-token", "WS_AUTH_TOKEN": FIXED_TOKEN, "jwt": jwt(), "numeric text": jwt("42"), "number": jwt(42),
    "userId": jwt(None, userId="7"),
    "ends within a second": jwt(exp=time.time() + 3600.25, nbf=time.time() - 0.25), "without exp": jwt(expires_in=None)}


@pytest.mark.parametrize("kind", GOOD_TOKENS)
def test_a_good_token_is_welcomed(node, viewers, kind):
    welcome = viewers(Jobs(node, GOOD_TOKENS[kind])).welcome
    assert set(welcome) >= {"type", "clientId", "timestamp", "heartbeatInterval"}
    assert isinstance(welcome["clientId"], str) and welcome["clientId"]
    assert welcome["heartbeatInterval"] == 30000 and is_iso_now(welcome["timestamp"])


def test_the_commands_own_token_is_welcomed(node, viewers, redis):
    made = fantail("token", "--user", "bob", "--jwt-secret", "end-to-end-secret-of-32-bytes-or-more")
    assert made.returncode == 0, made.stderr
    viewers(Jobs(node, made.stdout.strip()))


# A token above 8 KiB does not fit into a request's head, so it ends as 431 before it is a token.
@pytest.mark.parametrize("kind", [kind for kind in bad_tokens() if kind != "too long"])
def test_a_bad_token_is_told_and_closed(node, viewers, kind):
    expect_unauthorized(viewers(Client(node, f"/ws?token={bad_tokens()[kind]}")))


def test_an_empty_token_is_a_bad_one(node, viewers):
    expect_unauthorized(viewers(Client(node, "/ws?token=")))


def test_a_missing_token_with_the_subprotocol_is_a_bad_one(node, viewers):
    client = viewers(Client(node, "/ws", subprotocols=["fantail.jobs"]))
    assert client.socket.subprotocol == "fantail.jobs"
    expect_unauthorized(client)


def test_the_subprotocol_is_echoed(node, viewers):
    client = viewers(Jobs(node, subprotocols=["other", "fantail.jobs"]))
    assert client.socket.subprotocol == "fantail.jobs"


def test_demo_token_needs_dev(launch, viewers):
    node = launch(dev=False)
    expect_unauthorized(viewers(Client(node, "/ws?token=demo-token")))
    viewers(Jobs(node, jwt()))


def test_ping_is_answered(node, viewers):
    client = viewers(Jobs(node))
    client.send({"type": "ping"})
    assert is_iso_now(client.receive_type("pong")["timestamp"])


def test_join_leave_and_join_again(node, viewers, redis, task):
    client = viewers(Jobs(node))
    client.join(task)
    client.expect_silence()
    redis.wait_for_viewers(task, 1)
    redis.publish(task, {"progress": 1})
    assert client.receive_type("job_status")["data"]["jobId"] == task

    client.send({"type": "leave_job", "jobId": task})
    client.expect_silence()
    redis.publish(task, {"progress": 2})
    client.expect_silence()

    redis.fcall(task, {"progress": 3})
    client.join(task)
    # The loop still follows the channel for a while, so the state may be one before, and the events themselves follow.
    status = client.receive_type("job_status")["data"]
    assert status["snapshot"] is True
    while status["progress"] < 3:
        status = client.receive_type("job_status")["data"]
    assert status["progress"] == 3


def test_joining_twice_delivers_once(node, viewers, redis, task):
    client = viewers(Jobs(node))
    redis.fcall(task, {"progress": 0})
    client.join(task)
    assert client.receive_type("job_status")["data"]["snapshot"] is True
    client.join(task)
    assert client.receive_type("job_status")["data"]["snapshot"] is True
    redis.publish(task, {"progress": 1})
    redis.fcall(task, {"progress": 2})
    assert [event["progress"] for event in client.events(2)] == [1, 2]
    client.expect_silence()


@pytest.mark.parametrize("message, code", [
    ('{"type":"dance"}', "UNKNOWN_MESSAGE_TYPE"),
    ("not JSON", "INVALID_JSON"),
    ('{"type":"ping"', "INVALID_JSON"),
    ('{"type":"ping",}', "INVALID_JSON"),
    ("", "INVALID_JSON"),
    ("[" * 2000, "INVALID_JSON"),
    ("[]", "INVALID_MESSAGE"),
    ("null", "INVALID_MESSAGE"),
    ('"ping"', "INVALID_MESSAGE"),
    ("{}", "INVALID_MESSAGE"),
    ('{"type":5}', "INVALID_MESSAGE"),
    ('{"type":null}', "INVALID_MESSAGE"),
    ('{"type":"join_job"}', "INVALID_MESSAGE"),
    ('{"type":"join_job","jobId":7}', "INVALID_MESSAGE"),
    ('{"type":"join_job","jobId":{}}', "INVALID_MESSAGE"),
    ('{"type":"join_job","jobId":""}', "INVALID_MESSAGE"),
    ('{"type":"join_job","jobId":"a b"}', "INVALID_MESSAGE"),
    ('{"type":"join_job","jobId":"a}b"}', "INVALID_MESSAGE"),
    ('{"type":"join_job","jobId":"%s"}' % ("x" * 129), "INVALID_MESSAGE"),
    ('{"type":"leave_job"}', "INVALID_MESSAGE"),
    (b"\x00\x01binary", "INVALID_MESSAGE"),
])
def test_a_wrong_message_is_told_and_the_connection_stays(node, viewers, message, code):
    client = viewers(Jobs(node))
    client.send(message)
    error = client.receive_type("error")
    assert error["code"] == code, error
    assert isinstance(error["message"], str) and error["message"] and is_iso_now(error["timestamp"])
    client.expect_silence()


def test_every_event_in_its_shape(node, viewers, redis, task):
    client = viewers(Jobs(node))
    client.join(task)
    redis.wait_for_viewers(task, 1)

    redis.fcall(task, {"progress": 5, "own": {"kept": [1]}})
    status = client.receive_type("job_status")["data"]
    assert status["jobId"] == task and status["status"] == "RUNNING" and status["progress"] == 5
    assert status["currentStage"] is None and status["completedStages"] == [] and status["own"] == {"kept": [1]}
    assert status["sequence"] == 1 and is_iso_now(status["timestamp"])

    redis.fcall(task, {"progress": 10, "currentStep": "PLAN", "status": "PROCESSING"})
    status = client.receive_type("job_status")["data"]
    assert (status["status"], status["currentStage"]) == ("RUNNING", "PLAN")

    redis.fcall(task, {"type": "stage", "stage": "PLAN", "nextStage": "OUTLINE"})
    stage = client.receive_type("stage_completed")["data"]
    assert (stage["jobId"], stage["stage"], stage["nextStage"]) == (task, "PLAN", "OUTLINE") and is_iso_now(stage["timestamp"])

    redis.fcall(task, {"progress": 50})
    status = client.receive_type("job_status")["data"]
    assert (status["currentStage"], status["completedStages"]) == ("OUTLINE", ["PLAN"])

    redis.fcall(task, {"type": "note", "text": "hello", "timestamp": 1763010000000})
    note = client.receive_type("note")["data"]
    assert note["jobId"] == task and note["text"] == "hello" and note["timestamp"] == "2025-11-13T05:00:00.000Z"

    redis.fcall(task, {"type": "failed", "error": {"message": "no luck", "retryable": True}})
    error = client.receive_type("job_error")["data"]
    assert (error["jobId"], error["error"], error["stage"]) == (task, "no luck", "OUTLINE") and is_iso_now(error["timestamp"])

    redis.fcall(task, {"type": "completed", "result": {"videoUrl": "u"}})
    status = client.receive_type("job_status")["data"]
    assert status["status"] == "COMPLETED" and status["result"] == {"videoUrl": "u"}
    assert status["completedStages"] == ["PLAN"]


def test_client_shapes_are_read(node, viewers, redis, task):
    client = viewers(Jobs(node))
    client.join(task)
    redis.wait_for_viewers(task, 1)
    redis.fcall(task, {"type": "job_status", "data": {
        "jobId": "forged", "status": "RUNNING", "currentStage": "OUTLINE", "completedStages": ["PLAN"],
        "timestamp": "2025-12-22T08:46:30Z"}})
    status = client.receive_type("job_status")["data"]
    assert status["jobId"] == task and status["timestamp"] == "2025-12-22T08:46:30.000Z"
    assert (status["currentStage"], status["completedStages"]) == ("OUTLINE", ["PLAN"])

    redis.fcall(task, {"type": "stage_completed", "data": {"stage": "OUTLINE", "nextStage": "STORYBOARD"}})
    assert client.receive_type("stage_completed")["data"]["nextStage"] == "STORYBOARD"

    redis.fcall(task, {"type": "taskProgress", "payload": {"videoId": "x", "progress": 45, "status": "PROCESSING"}})
    status = client.receive_type("job_status")["data"]
    assert (status["status"], status["progress"], status["currentStage"]) == ("RUNNING", 45, "STORYBOARD")

    redis.fcall(task, {"type": "job_error", "data": {"jobId": task, "error": "Stage execution failed"}})
    error = client.receive_type("job_error")["data"]
    assert (error["error"], error["stage"]) == ("Stage execution failed", "STORYBOARD")


@pytest.mark.parametrize("last, kind", [
    ({"progress": 45, "currentStage": "OUTLINE"}, "job_status"),
    ({"type": "completed"}, "job_status"),
    ({"type": "failed", "error": "broken"}, "job_error"),
])
def test_a_late_joiner_gets_the_last_state(nodes, viewers, redis, task, last, kind):
    redis.fcall(task, {"type": "stage", "stage": "PLAN", "nextStage": "OUTLINE"})
    redis.fcall(task, last)
    for node in nodes:
        client = viewers(Jobs(node))
        client.join(task)
        state = client.receive_type(kind)["data"]
        assert state["jobId"] == task and state["snapshot"] is True
        assert state["sequence"] == 2 and isinstance(state["epoch"], str)
        if kind == "job_status":
            assert state["completedStages"] == ["PLAN"] and state["currentStage"] == "OUTLINE"
        else:
            assert (state["error"], state["stage"]) == ("broken", "OUTLINE")
        client.expect_silence()
