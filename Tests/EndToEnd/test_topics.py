"""The dialect `topics`, as ops/dialects.md has it."""

import json

import pytest

from clients import Client, Jobs, Topics, is_now
from harness import API_KEY, FIXED_TOKEN, own_keys
from tokens import bad_tokens, jwt


@pytest.fixture
def topic(task):
    return f"orders-{task}"


def post(node, topic, kind="data", data=None, **more):
    body = {"type": kind, "data": data or {"anything": 1}, **more}
    return node.request("POST", f"/api/v1/topics/{topic}/messages", body, key=API_KEY)


def test_connect_names_the_client_and_the_time(node, viewers):
    client = viewers(Topics(node, jwt("u"), client="client_123"))
    message = client.connect
    assert message["data"]["clientId"] == "client_123" and is_now(message["data"]["serverTime"])
    assert is_now(message["timestamp"]) and message["messageId"]
    made_up = viewers(Topics(node, FIXED_TOKEN)).connect["data"]["clientId"]
    assert made_up and made_up != viewers(Topics(node, FIXED_TOKEN)).connect["data"]["clientId"]


@pytest.mark.parametrize("kind", [*sorted(bad_tokens().keys() - {"too long"}), "missing"])
def test_a_bad_token_gets_both_errors_and_a_close(node, viewers, kind):
    token = (bad_tokens() | {"missing": ""})[kind].replace(" ", "%20")
    client = viewers(Client(node, f"/api/v1/ws?token={token}&clientId=c&protocol=1.0"))
    first, second = client.receive_type("error"), client.receive_type("error")
    assert first["data"]["code"] == 40100 and first["data"]["message"] == "Token invalid"
    assert first["data"]["details"] == {"reason": 1001}
    assert second["data"]["code"] == 1001 and first["messageId"] != second["messageId"]
    client.expect_close(1008)


@pytest.mark.parametrize("version, known", [("1", True), ("1.0", True), ("1.7", True), ("2.0", False), ("x", False), ("", True)])
def test_the_protocol_is_checked(node, viewers, version, known):
    client = viewers(Client(node, f"/api/v1/ws?token=demo-token&clientId=c&protocol={version}"))
    if known:
        client.receive_type("connect")
    else:
        assert client.receive_type("error")["data"]["code"] == 1002
        client.expect_close(1002)


@pytest.mark.parametrize("kind", ["connect", "error", "notification", "status", "data"])
def test_what_only_a_server_says_is_no_operation(node, viewers, kind):
    client = viewers(Topics(node))
    request = client.request(kind, {"topic": "orders", "code": 1, "title": "t"})
    error = client.receive_type("error")["data"]
    assert error["code"] == 3002 and kind in error["message"] and error["details"]["messageId"] == request
    client.expect_silence()


def test_a_made_up_client_id_is_nobody_elses(nodes, viewers):
    ids = {viewers(Topics(node)).connect["data"]["clientId"] for node in nodes * 4}
    assert len(ids) == 8


def test_an_empty_name_or_protocol_is_none(node, viewers):
    for query in ("&clientId=&protocol=1.0", "&clientId=c&protocol=", "&clientId=&protocol="):
        client = viewers(Client(node, f"/api/v1/ws?token={jwt('u')}{query}"))
        assert client.receive_type("connect")["data"]["clientId"]


def test_a_heartbeat_is_answered(node, viewers):
    client = viewers(Topics(node))
    client.send({"type": "heartbeat", "timestamp": 1})
    assert is_now(client.receive_type("heartbeat")["timestamp"])


def test_messages_reach_exactly_the_params_they_are_for(nodes, viewers, topic):
    one, two, bare = (viewers(Topics(nodes[0])) for _ in range(3))
    one.subscribe(topic, {"orderId": "A", "n": 1})
    two.subscribe(topic, {"orderId": "B", "n": 1})
    bare.subscribe(topic)
    answer = post(nodes[1], topic, "data", {"anything": 1}, params={"n": 1, "orderId": "A"})
    assert answer.status == 200 and answer.json["sequence"] == 1
    message = one.receive_type("data")
    assert message["data"] == {"anything": 1} and message["topic"] == topic
    assert message["params"] == {"orderId": "A", "n": "1"} and message["sequence"] == 1 and message["messageId"]
    two.expect_silence()
    bare.expect_silence()


def test_a_publishers_time_and_further_fields_are_kept(nodes, redis, viewers, topic):
    client = viewers(Topics(nodes[0]))
    client.subscribe(topic)
    for timestamp in (1643673600000, "2022-02-01T00:00:00Z"):
        post(nodes[1], topic, "data", {"n": 1}, timestamp=timestamp, source={"app": "shop"}, messageId="mine", sequence=99)
        message = client.receive_type("data")
        assert message["timestamp"] == 1643673600000 and message["source"] == {"app": "shop"} and message["data"] == {"n": 1}
        assert message["messageId"] != "mine" and message["sequence"] < 99
    post(nodes[1], topic, "data", {"n": 2}, timestamp="soon")
    assert is_now(client.receive_type("data")["timestamp"])
    # Any Redis client, the same shape.
    redis.client.fcall(
        "fantail_publish", *own_keys(f"topic:{topic}"),
        '{"type":"notification","title":"T","data":{"level":"warn"},"priority":3,"epoch":"x","topic":"y"}')
    message = client.receive_type("notification")
    assert message["data"]["title"] == "T" and message["data"]["level"] == "warn" and message["priority"] == 3
    assert message["topic"] == topic and "title" not in message and message.get("epoch") != "x"


def test_a_topic_is_left_with_all_its_params(node, viewers, topic):
    client = viewers(Topics(node))
    for order in "AB":
        client.subscribe(topic, {"orderId": order})
    request = client.request("unsubscribe", {"topic": topic, "params": {"orderId": "A"}})
    assert client.receive_type("ack")["data"] == {
        "messageId": request, "topic": topic, "params": {"orderId": "A"}, "subscribed": False}
    post(node, topic, params={"orderId": "A"})
    post(node, topic, params={"orderId": "B"})
    assert client.receive_type("data")["params"] == {"orderId": "B"}
    request = client.request("unsubscribe", {"topic": topic})
    assert client.receive_type("ack")["data"] == {"messageId": request, "topic": topic, "subscribed": False}
    post(node, topic, params={"orderId": "B"})
    client.expect_silence()


def test_what_was_missed_comes_when_the_client_says_where_it_stood(nodes, viewers, topic):
    first = viewers(Topics(nodes[0]))
    first.subscribe(topic)
    for number in range(3):
        post(nodes[0], topic, data={"n": number})
    seen = [first.receive_type("data") for _ in range(3)]
    again = viewers(Topics(nodes[1]))
    position = again.subscribe(topic)
    assert position["sequence"] == 3
    later = viewers(Topics(nodes[1]))
    reply = later.subscribe(topic, epoch=position["epoch"], sequence=1)
    assert reply["recovered"] is True
    missed = [later.receive_type("data") for _ in range(2)]
    assert [m["messageId"] for m in missed] == [m["messageId"] for m in seen[1:]]


def test_the_topic_task_follows_a_task(nodes, redis, viewers, task):
    redis.fcall(task, {"status": "RUNNING", "progress": 5, "message": "a"})
    client = viewers(Topics(nodes[0]))
    client.subscribe("task", {"taskId": task})
    state = client.receive_type("status")
    assert state["snapshot"] is True and state["sequence"] == 1 and state["epoch"]
    redis.fcall(task, {"progress": 6})
    redis.fcall(task, {"type": "stage", "stage": "A", "nextStage": "B"})
    redis.fcall(task, {"type": "completed", "result": {"videoUrl": "u"}})
    progress, stage, done = client.receive_type("status"), client.receive_type("data"), client.receive_type("status")
    assert progress["data"] == {"entityType": "task", "entityId": task, "status": "processing", "progress": 6}
    assert progress["topic"] == "task" and progress["params"] == {"taskId": task}
    assert stage["data"]["stage"] == "A" and stage["data"]["nextStage"] == "B"
    assert done["data"]["status"] == "completed" and done["data"]["result"] == {"videoUrl": "u"}
    answer = post(nodes[0], "task", params={"taskId": task})
    assert answer.status == 422


def test_a_state_that_a_plain_event_changed_is_another_message(launch, redis, viewers, task):
    node = launch("--loops", "1")
    redis.fcall(task, {"progress": 5})
    client = viewers(Topics(node))

    def state():
        client.subscribe("task", {"taskId": task})
        message = client.receive_type("status")
        assert message["snapshot"] is True
        return message

    first = state()
    viewers(Topics(node)).subscribe("task", {"taskId": task})  # keeps the channel
    client.request("unsubscribe", {"topic": "task", "params": {"taskId": task}})
    client.receive_type("ack")
    again = state()
    assert again["messageId"] == first["messageId"] and again["data"] == first["data"]
    redis.publish(task, {"type": "stage", "stage": "A", "nextStage": "B"})
    client.receive_type("data")
    client.request("unsubscribe", {"topic": "task", "params": {"taskId": task}})
    client.receive_type("ack")
    changed = state()
    assert (changed["sequence"], changed["data"]["currentStage"]) == (first["sequence"], "B")
    assert changed["messageId"] != first["messageId"]
    redis.fcall(task, {"progress": 6, "restart": True})
    client.receive_type("status")
    client.request("unsubscribe", {"topic": "task", "params": {"taskId": task}})
    client.receive_type("ack")
    assert state()["messageId"].endswith(":2:state")


def test_posting_is_checked(node, topic):
    path = f"/api/v1/topics/{topic}/messages"
    assert node.request("POST", path, {"type": "data", "data": {}}).status == 401
    assert node.request("POST", path, {"type": "data", "data": {}}, token=jwt("a")).status == 403
    for bad in [{"type": "chat", "data": {}}, {"type": "data"}, {"type": "data", "data": 5}, {"data": {}, "params": []},
                {"data": {}, "params": {"a": []}}, {"data": {}, "ack": "yes"}, []]:
        assert node.request("POST", path, bad, key=API_KEY).status == 422, bad
    assert node.request("POST", "/api/v1/topics/a%3Fb/messages", {"data": {}}, key=API_KEY).status == 422


@pytest.mark.parametrize("message, code", [
    (b"{", 2000), (b"[]", 2000), ({"type": "x"}, 2000), ({"type": "subscribe"}, 2000),
    ({"type": "subscribe", "data": {"topic": "a b"}}, 2000), ({"type": "subscribe", "data": {"topic": "task"}}, 2000),
    ({"type": "ack", "data": {}}, 2000), ({"type": "unsubscribe", "data": {"topic": "o", "params": 5}}, 2000),
])
def test_bad_messages_are_told_and_the_connection_lives(node, viewers, message, code):
    client = viewers(Topics(node))
    client.send(message.decode() if isinstance(message, bytes) else message | {"messageId": "m-1"})
    error = client.receive_type("error")["data"]
    assert error["code"] == code and error["message"]
    if not isinstance(message, bytes):
        assert error["details"]["messageId"] == "m-1"
    client.expect_silence()


def test_a_client_may_leave_and_the_server_says_when_it_closes(launch, viewers):
    node = launch()
    leaving, staying = viewers(Topics(node)), viewers(Topics(node))
    leaving.send({"type": "disconnect", "data": {}})
    leaving.expect_close(1000)
    node.process.terminate()
    assert staying.receive_type("disconnect")["data"]["code"] == 1012
    staying.expect_close(1012)


def test_a_message_to_acknowledge_comes_again_until_it_is(nodes, viewers, topic):
    token = jwt(f"u-{topic}")
    client = viewers(Topics(nodes[0], token, client="c-1"))
    client.subscribe(topic)
    post(nodes[0], topic, ack=True)
    post(nodes[0], topic, data={"n": 2}, ack=True)
    first, second = client.receive_type("data"), client.receive_type("data")
    client.acknowledge(second)
    client.acknowledge(second)  # twice is harmless
    copy = client.receive_type("data")  # after 5 s
    assert copy["messageId"] == first["messageId"] and copy["data"] == first["data"]
    client.acknowledge(copy)
    client.expect_silence()


def test_the_same_client_finds_what_it_did_not_acknowledge_on_another_node(nodes, redis, viewers, topic):
    token = jwt(f"u-{topic}")
    client = viewers(Topics(nodes[0], token, client="c-1"))
    client.subscribe(topic)
    post(nodes[0], topic, ack=True)
    message = client.receive_type("data")
    client.expect_silence()
    key = f"ft:{{ack:{len('u-' + topic)}:u-{topic}:c-1}}"
    assert message["messageId"].encode() in redis.client.hkeys(key)
    again = viewers(Topics(nodes[1], token, client="c-1"))
    copy = again.receive_type("data")
    assert copy["messageId"] == message["messageId"]
    again.acknowledge(copy)
    again.expect_silence()
    third = viewers(Topics(nodes[0], token, client="c-1"))
    third.expect_silence()
    assert not redis.client.exists(key)
    other = viewers(Topics(nodes[0], token, client="c-2"))
    other.expect_silence()


def test_one_event_reaches_the_viewers_of_each_dialect_in_its_own_shape(nodes, redis, viewers, task):
    jobs, topics = viewers(Jobs(nodes[0])), viewers(Topics(nodes[1]))
    topics.subscribe("task", {"taskId": task})
    jobs.join(task)
    redis.wait_for_viewers(task, 2)
    redis.fcall(task, {"progress": 45})
    assert jobs.receive_type("job_status")["data"]["progress"] == 45
    assert topics.receive_type("status")["data"]["progress"] == 45


def test_a_topic_goes_on_whatever_one_message_says(nodes, redis, viewers, topic):
    """An end, an owner and a team belong to tasks."""
    viewer = viewers(Topics(nodes[1]))
    viewer.subscribe(topic)
    messages = [
        {"orderId": 1, "status": "COMPLETED"}, {"orderId": 2, "status": "shipped", "owner": "John Smith"},
        {"orderId": 3, "type": "failed", "team": 1.5}, {"orderId": 4},
    ]
    for message in messages:
        redis.client.fcall("fantail_publish", *own_keys(f"topic:{topic}"), json.dumps(message))
    redis.client.publish(f"topic:{topic}", json.dumps({"orderId": 5, "owner": "John Smith"}))
    assert post(nodes[0], topic, data={"orderId": 6, "status": "COMPLETED"}).status == 200
    assert [viewer.receive_type("data")["data"]["orderId"] for _ in range(6)] == [1, 2, 3, 4, 5, 6]
    late = viewers(Topics(nodes[0]))
    late.subscribe(topic)
    assert late.receive_type("data")["data"] == {"orderId": 4}
