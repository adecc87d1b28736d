"""Invalid events harm no viewer, and HTTP answers name the error."""

import json

import pytest

from clients import Jobs, Tasks
from harness import API_KEY, fantail
from tokens import bad_tokens, jwt

LIMIT = 64 * 1024


def event_of(size):
    """A valid event of exactly that many bytes."""
    frame = json.dumps({"progress": 1, "message": ""})
    return frame[:-2] + "x" * (size - len(frame)) + frame[-2:]


BAD = {
    "empty": (b"", 400),
    "invalid JSON": (b'{"progress":', 400),
    "trailing comma": (b'{"progress":1,}', 400),
    "two values": (b'{"progress":1} {}', 400),
    "NaN": (b'{"progress":NaN}', 400),
    "invalid UTF-8": (b'{"message":"\xff\xfe"}', 400),
    "cut surrogate": (b'{"message":"\\ud800"}', 400),
    "NUL byte": (b'{"message":"\x00"}', 400),
    "depth 100": (b'{"a":' * 100 + b"1" + b"}" * 100, 422),
    "depth 100, cut": (b'{"a":' * 100 + b"1" + b"}" * 99, 400),
    "number cut short": (b'{"a":123456789012345678901234567890e}', 400),
    "field twice": (b'{"a":1,"\\u0061":2}', 422),
    "depth 100,000": (b"[" * 100_000, 400),
    "number": (b"5", 422),
    "string": (b'"progress"', 422),
    "null": (b"null", 422),
    "empty array": (b"[]", 422),
    "array of arrays": (b"[[]]", 422),
    "type no string": (b'{"type":7}', 422),
    "stage without stage": (b'{"type":"stage"}', 422),
    "wrapper no object": (b'{"type":"taskProgress","payload":5}', 422),
    "64 KiB and 1": (event_of(LIMIT + 1).encode(), 413),
    "a megabyte": (event_of(1024 * 1024).encode(), 413),
    "two megabytes": (event_of(2 * 1024 * 1024).encode(), 413),
}

FORGED = {
    "far ahead": "{epoch}:900000:1763010000000\n",
    "in the past": "{epoch}:1:1763010000000\n",
    "another epoch": "forged:1:1763010000000\n",
    "sequence over 64 bits": "{epoch}:99999999999999999999999999:1763010000000\n",
    "highest sequence": "{epoch}:18446744073709551615:1763010000000\n",
    "negative": "{epoch}:-5:-5\n",
    "no numbers": "a:b:c\n",
    "empty head": "::\n",
    "no newline": "{epoch}:1:1",
    "long head": "x" * 5000 + ":1:1\n",
    "nothing": "",
}


@pytest.fixture
def pair(node, viewers, redis, task):
    """A viewer of each dialect who has seen the first event."""
    jobs, tasks = viewers(Jobs(node)), viewers(Tasks(node))
    redis.fcall(task, {"progress": 1})
    tasks.subscribe(task)
    jobs.join(task)
    tasks.receive_type("taskUpdated"), tasks.receive_type("taskProgress"), jobs.receive_type("job_status")
    return jobs, tasks


def expect_the_next_event(pair, redis, task):
    """No viewer got what was published before; the next event arrives."""
    redis.fcall(task, {"progress": 77})
    for client in pair:
        message = client.receive_type("job_status", "taskProgress")
        body = message.get("data") or message["payload"]
        assert body["progress"] == 77, body


@pytest.mark.parametrize("kind", [kind for kind in BAD if "array" not in kind] + ["array"])
def test_a_bad_event_by_plain_publish_harms_nobody(node, pair, redis, task, kind):
    redis.publish(task, b'[{"progress":1}]' if kind == "array" else BAD[kind][0])
    expect_the_next_event(pair, redis, task)
    assert node.request("GET", "/health/ready").status == 200


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_envelope_harms_nobody(pair, redis, task, node, kind):
    epoch = node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["epoch"]
    redis.publish(task, "\x01ft1:" + FORGED[kind].replace("{epoch}", epoch) + '{"progress":50}')
    # What it says may come through, since whoever may PUBLISH may; what the real workers say must come after it.
    for number in range(60, 63):
        redis.fcall(task, {"progress": number})
    for client in pair:
        seen = []
        while not seen or seen[-1] != 62:
            body = client.receive_type("job_status", "taskProgress", "taskUpdated")
            seen.append((body.get("data") or body["payload"])["progress"])
        assert [number for number in dict.fromkeys(seen) if number != 50][-1] == 62
    assert redis.fcall(task, {"progress": 80}) == 5
    for client in pair:
        body = client.receive_type("job_status", "taskProgress")
        assert (body.get("data") or body["payload"])["progress"] == 80


@pytest.mark.parametrize("kind", BAD)
def test_post_says_what_is_wrong(node, task, kind):
    body, status = BAD[kind]
    answer = node.post(task, body)
    assert answer.status == status, answer.body
    assert answer.code == {400: "BAD_REQUEST", 413: "TOO_LARGE", 422: "INVALID_EVENT"}[status]
    assert answer.headers["Content-Type"].startswith("application/json")
    assert node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).status == 404


def test_an_event_of_64_kib_is_taken_and_delivered(node, pair, redis, task):
    assert node.post(task, event_of(LIMIT)).status == 200
    for client in pair:
        message = client.receive_type("job_status", "taskProgress")
        assert len((message.get("data") or message["payload"])["message"]) > LIMIT - 100
    assert redis.fcall(task, event_of(LIMIT)) == 3


@pytest.mark.parametrize("kind", ["empty", "invalid JSON", "invalid UTF-8", "number", "empty array", "64 KiB and 1"])
def test_the_function_refuses_and_stores_nothing(node, redis, task, kind):
    with pytest.raises(Exception):
        redis.fcall(task, BAD[kind][0])
    assert redis.fcall(task, {"progress": 1}) == 1


@pytest.mark.parametrize("media, status", [
    ("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("application/json; charset=utf-8", 200),
    ("application/cloudevents+json", 200)])
def test_the_media_type(node, task, media, status):
    answer = node.post(task, {"progress": 1}, key=API_KEY, headers={"Content-Type": media})
    assert answer.status == status
    if status == 415:
        assert answer.code == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize("depth", [63, 64, 65, 66])
def test_what_is_taken_is_delivered_however_deep(node, pair, redis, task, depth):
    """In both ways, alone and in a batch: viewers get every event whose publisher got a sequence number."""
    deep = '{"progress":7,"x":' + "[" * (depth - 1) + "1" + "]" * (depth - 1) + "}"
    taken = 0
    for body in (deep, f"[{deep}]"):
        answer = node.post(task, body)
        assert answer.status == (200 if depth <= 64 else 422), answer.body
        taken += answer.status == 200
    if depth <= 64:
        redis.fcall(task, deep)
        taken += 1
    else:
        with pytest.raises(Exception, match="INVALID"):
            redis.fcall(task, deep)
    redis.fcall(task, {"progress": 8})
    for client in pair:
        seen = client.events(taken + 1)
        assert [event["progress"] for event in seen] == [7] * taken + [8]


def test_an_oversize_event_of_a_batch_is_named(node, task):
    answer = node.post(task, [{"progress": 1}, {"progress": 2, "filler": "x" * 70_000}])
    assert answer.status == 422 and answer.code == "INVALID_EVENT" and answer.json["error"]["index"] == 1


def test_too_many_events_in_one_request(node, task):
    assert node.post(task, [{"progress": 1}] * 257).status == 422
    assert node.post(task, [{"progress": 1}] * 256).status == 200


def test_who_comes_back_behind_a_forged_number_is_let_in(launch, redis, viewers, task):
    """The loop believed the number until it read Redis again: a viewer that saw it asks for what follows."""
    node = launch("--loops", "1")
    there = viewers(Tasks(node))
    there.subscribe(task)
    redis.fcall(task, {"progress": 1})
    epoch = there.receive_type("taskProgress")["payload"]["epoch"]
    redis.publish(task, f'\x01ft1:{epoch}:2:1763010000000\n{{"type":"log"}}')
    assert there.receive_type("log")["payload"]["sequence"] == 2
    redis.client.client_kill_filter(_type="pubsub")
    assert [there.receive_type("taskUpdated", "taskProgress")["payload"]["sequence"] for _ in range(2)] == [1, 1]
    back = viewers(Tasks(node))
    assert back.subscribe(task, epoch=epoch, sequence=2)["payload"]["recovered"] is False
    assert [back.receive_type(kind)["payload"]["sequence"] for kind in ("taskUpdated", "taskProgress")] == [1, 1]
    assert redis.fcall(task, {"progress": 3}) == 2
    for client in (there, back):
        assert client.receive_type("taskProgress")["payload"]["progress"] == 3
        client.expect_silence()


def test_who_may_publish(node, task):
    event = {"progress": 1}
    assert (answer := node.request("POST", f"/api/v1/tasks/{task}/events", event)).status == 401
    assert answer.code == "UNAUTHORIZED"
    for kind, token in bad_tokens().items():
        # A token above 8 KiB does not fit into a request's head.
        assert node.post(task, event, token=token).status == (431 if kind == "too long" else 401), kind
    assert node.post(task, event, key="wrong").status == 401
    assert node.post(task, event, token="end-to-end-ws-auth-token").status == 401
    assert (answer := node.post(task, event, token=jwt())).status == 403
    assert answer.code == "FORBIDDEN"
    assert node.post(task, event, token=jwt(scope="admin publish")).status == 200


def test_paths_and_methods(node, task):
    for path in ("/nothing", "/api/v1/tasks", "/api/v2/tasks/x", f"/api/v1/tasks/{task}/other", "/%2e%2e/etc/passwd"):
        answer = node.request("GET", path, key=API_KEY)
        if path != "/api/v1/tasks":
            assert answer.status == 404 and answer.code == "NOT_FOUND", path
    answer = node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY)
    assert answer.status == 404 and answer.code == "NOT_FOUND"
    answer = node.request("DELETE", f"/api/v1/tasks/{task}", key=API_KEY)
    assert answer.status == 405 and answer.code == "METHOD_NOT_ALLOWED" and "GET" in answer.headers["Allow"]
    answer = node.request("PUT", f"/api/v1/tasks/{task}/events", {}, key=API_KEY)
    assert answer.status == 405 and "POST" in answer.headers["Allow"]
    answer = node.request("POST", "/health/live", {})
    assert answer.status == 405 and "GET" in answer.headers["Allow"]
    assert node.request("GET", "/health/live").status == 200
    assert node.request("HEAD", "/health/live").body == b""


@pytest.mark.parametrize("path", ["a%20b", "%7Bx%7D", "x" * 129, "%00", "%ff"])
def test_a_task_id_that_is_none(node, path):
    answer = node.post(path, {"progress": 1})
    assert answer.status in (400, 422) and answer.code in ("BAD_REQUEST", "INVALID_EVENT")


def test_an_id_is_decoded_once(node, viewers, redis, task):
    client = viewers(Tasks(node))
    client.subscribe(task + "/%41")
    assert node.post(task + "%2F%2541", {"progress": 1}).status == 200
    assert client.receive_type("taskProgress")["payload"]["videoId"] == task + "/%41"
    assert fantail("publish", task + "/%41", '{"progress":2}', "--redis", redis.url).returncode == 0
    client.receive_type("taskProgress")


def test_an_encoded_body_is_415(node, task):
    for coding, status in (("gzip", 415), ("br, gzip", 415), ("identity", 200)):
        body, headers = {"progress": 1}, {"Content-Encoding": coding, "X-API-Key": API_KEY}
        answer = node.request("POST", f"/api/v1/tasks/{task}/events", body, headers=headers)
        assert answer.status == status, (coding, answer.body)
        if status == 415:
            assert answer.code == "UNSUPPORTED_MEDIA_TYPE" and coding in answer.json["error"]["message"]


def test_what_is_no_object_is_told_in_words(node, viewers):
    client = viewers(Jobs(node))
    for text, words in (("[]", "A JSON object is expected."), ('{"type":5}', "type is missing, or is not a string")):
        client.send(text)
        assert client.receive_type("error")["message"] == words
