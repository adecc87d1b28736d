"""The dialect `presence`: users online, notifications, chat, typing."""

import re
import time

import pytest

from clients import Client, Jobs, Presence, Tasks, Topics
from harness import API_KEY, FIXED_TOKEN, wait_until
from tokens import bad_tokens, jwt

ISO_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_connected_tells_who_it_is(node, viewers):
    data = viewers(Presence(node, jwt("123", username="Ann"))).connected
    assert data["message"] == "Welcome, Ann!" and data["user_id"] == 123 and isinstance(data["online_count"], int)


def test_the_welcome_is_the_operators(launch, viewers):
    node = launch(env={"FANTAIL_WELCOME": "欢迎, {username}! \\ \"{username}\""})
    assert viewers(Presence(node, jwt("123", username="小明"))).connected["message"] == '欢迎, 小明! \\ "小明"'


@pytest.mark.parametrize("kind", [*sorted(bad_tokens().keys() - {"too long"}), "the fixed token", "missing"])
def test_a_bad_token_is_told_and_closed(node, viewers, kind):
    token = (bad_tokens() | {"the fixed token": FIXED_TOKEN, "missing": ""})[kind].replace(" ", "%20")
    client = viewers(Client(node, f"/api/v1/ws?token={token}"))
    error = client.receive_type("error")
    assert error["error_code"] == "UNAUTHORIZED" and error["message"] and ISO_SECONDS.fullmatch(error["timestamp"])
    client.expect_close(1008)


def test_a_token_that_ends_closes_the_connection(node, viewers):
    # Good for 30 s of leeway after its end, of which some seconds are left.
    client = viewers(Presence(node, jwt("short", exp=int(time.time()) - 26)))
    assert next_of(client, "error")["error_code"] == "UNAUTHORIZED"
    client.expect_close(1008)


def test_a_token_whose_end_has_come_neither_cuts_off_nor_lets_in_before_the_leeway_is_over(node, viewers):
    """If the node closed it at the expiry itself, a client could reconnect with the same token at once, again and again."""
    soon_end = time.time() + 1
    soon, token = viewers(Presence(node, jwt("soon", expires_in=1))), jwt("late", expires_in=-28)
    late = viewers(Presence(node, token))
    assert next_of(late, "error")["error_code"] == "UNAUTHORIZED"
    late.expect_close(1008)
    again = viewers(Client(node, f"/api/v1/ws?token={token}"))
    assert again.receive_type("error")["error_code"] == "UNAUTHORIZED"
    again.expect_close(1008)
    wait_until(lambda: time.time() > soon_end + 1, "the first token's end is past")
    soon.expect_silence("user_status")


def test_ping_is_answered_with_the_time(node, viewers):
    client = viewers(Presence(node, jwt("p")))
    client.send({"type": "ping", "timestamp": "2025-10-22T10:00:00Z"})
    while (message := client.receive())["type"] == "user_status":
        pass
    assert message["type"] == "pong" and ISO_SECONDS.fullmatch(message["timestamp"])


def settled(*clients):
    """The clients, once no arrival is still being announced to them."""
    for client in clients:
        client.expect_silence("user_status")
    return clients


def test_a_token_within_its_leeway_is_good_until_that_ends(node, viewers):
    """30 s, of which 27 are over."""
    client = viewers(Presence(node, jwt("late", expires_in=-27)))
    client.expect_silence()
    assert next_of(client, "error")["error_code"] == "UNAUTHORIZED"
    client.expect_close(1008)


def next_of(client, kind):
    """The next message of that type, past announcements and the markers of rooms."""
    while (message := client.receive())["type"] != kind or "probe" in str(message):
        assert message["type"] in ("user_status", "marker") or "probe" in str(message), message
    return message


def test_chat_reaches_every_connection_of_the_one_user_on_every_node(nodes, viewers):
    sender = viewers(Presence(nodes[0], jwt("1", username="John")))
    same = viewers(Presence(nodes[1], jwt("1", username="John")))
    receivers = [viewers(Presence(node, jwt("456"))) for node in nodes]
    other = viewers(Presence(nodes[1], jwt("789")))
    sender.send({"type": "message", "to_user_id": 456, "message": "Hello!", "timestamp": "2025-10-22T10:00:00Z"})
    for receiver in receivers:
        message = next_of(receiver, "chat")
        assert message["data"] == {
            "from_user_id": 1, "from_username": "John", "message": "Hello!", "timestamp": "2025-10-22T10:00:00Z"}
        assert ISO_SECONDS.fullmatch(message["timestamp"])
    settled(sender, same, other)


def test_chat_to_oneself_reaches_ones_connections(nodes, redis, viewers):
    sender, tab = viewers(Presence(nodes[0], jwt("124"))), viewers(Presence(nodes[1], jwt("124")))
    for client in (sender, tab):
        client.wait_for_room(redis, "user:124")
    sender.send({"type": "message", "to_user_id": 124, "message": "self"})
    for client in (sender, tab):
        assert next_of(client, "chat")["data"]["message"] == "self"
        client.expect_silence("user_status", "marker")


@pytest.mark.parametrize("said, heard", [
    ({"type": "typing", "data": {"is_typing": True, "context": "post_123"}},
     {"type": "typing", "data": {"user_id": 11, "is_typing": True, "context": "post_123"}}),
    ({"type": "presence", "status": "away", "data": {"device": "desktop"}},
     {"type": "presence", "data": {"user_id": 11, "status": "away", "data": {"device": "desktop"}}}),
])
def test_typing_and_presence_reach_the_others_and_never_the_sender(nodes, viewers, said, heard):
    sender, tab = viewers(Presence(nodes[0], jwt("11"))), viewers(Presence(nodes[1], jwt("11")))
    others = [viewers(Presence(node, jwt("12"))) for node in nodes]
    sender.send(said)
    for other in others:
        assert next_of(other, said["type"]) == heard
    settled(sender, tab)


def heard(node, topics):
    """Whether a notification for user 77 reaches this client."""
    node.request("POST", "/api/v1/users/77/notifications", {"notification_type": "probe"}, key=API_KEY)
    try:
        return topics.receive(timeout=0.1)["type"] == "notification"
    except TimeoutError:
        return False


@pytest.mark.parametrize("body", [
    {"notification_type": "new_follower", "title": "New follower", "message": "John followed you",
     "data": {"follower_id": 456}, "link": "/users/456"},
    {"notification_type": "new_follower", "data": {
        "id": 789, "type": "new_follower", "title": "New follower", "message": "John followed you",
        "data": {"follower_id": 456}, "link": "/users/456", "created_at": "2025-10-22T10:00:00Z"}},
])
def test_a_notification_reaches_its_user_in_every_dialect_and_nobody_else(nodes, redis, viewers, body):
    token = jwt("77")
    presence = viewers(Presence(nodes[0], token))
    tasks, jobs, topics = viewers(Tasks(nodes[1], token)), viewers(Jobs(nodes[0], token)), viewers(Topics(nodes[1], token))
    other = viewers(Presence(nodes[0], jwt("78")))
    for client in (tasks, jobs, presence):
        client.wait_for_room(redis, "user:77")
    for client in (presence, tasks, jobs):
        client.send({"type": "ping"})
        while client.receive()["type"] != "pong":
            pass
    wait_until(lambda: heard(nodes[1], topics), "the room of the topics client is joined")
    answer = nodes[1].request("POST", "/api/v1/users/77/notifications", body, key=API_KEY)
    assert answer.status == 202 and answer.json["receivers"] >= 2
    message = next_of(presence, "notification")
    data = message["data"]
    assert message["notification_type"] == data["type"] == "new_follower"
    assert (data["title"], data["message"], data["link"]) == ("New follower", "John followed you", "/users/456")
    assert data["data"] == {"follower_id": 456} and data["id"] == answer.json["id"]
    assert ISO_SECONDS.fullmatch(data["created_at"])
    assert next_of(tasks, "notification")["payload"]["message"] == "John followed you"
    assert next_of(jobs, "notification")["data"]["title"] == "New follower"
    found = next_of(topics, "notification")["data"]
    assert (found["title"], found["content"], found["level"]) == ("New follower", "John followed you", "info")
    settled(other)


@pytest.mark.parametrize("body, same", [
    ({"title": "t", "id": 5}, 5), ({"data": {"title": "t", "id": 7}}, 7), ({"data": {"title": "t", "id": "x"}}, None),
    ({"title": "t", "id": 2 ** 60}, None), ({"title": "t", "id": "x"}, None), ({"title": "t", "data": {"id": 3}}, None)])
def test_a_notification_has_the_id_that_the_sender_was_told(node, redis, viewers, body, same):
    client = viewers(Presence(node, jwt("77")))
    client.wait_for_room(redis, "user:77")
    told = node.request(
        "POST", "/api/v1/users/77/notifications", {"notification_type": "x"} | body, key=API_KEY).json["id"]
    assert told == same if same else isinstance(told, int)
    while (message := client.receive())["type"] != "notification" or message["notification_type"] != "x":
        pass
    assert message["data"]["id"] == told


def test_a_notification_that_is_too_large_is_refused(node):
    body = {"notification_type": "x", "message": "y" * 66_000}
    answer = node.request("POST", "/api/v1/users/77/notifications", body, key=API_KEY)
    assert answer.status == 413 and answer.code == "TOO_LARGE"


def test_notifications_need_the_scope_and_a_type(node):
    path, body = "/api/v1/users/77/notifications", {"notification_type": "x"}
    assert node.request("POST", path, body).status == 401
    assert node.request("POST", path, body, token=jwt("a")).status == 403
    assert node.request("POST", path, body, token=jwt("a", scope="publish")).status == 202
    for bad in [{}, {"notification_type": 5}, {"notification_type": "x", "title": 5}, {"notification_type": "x", "data": []}]:
        assert node.request("POST", path, bad, key=API_KEY).status == 422, bad
    assert node.request("POST", path, b"{", key=API_KEY).status == 400
    assert node.request("GET", path, key=API_KEY).status == 405
    assert node.request("POST", "/api/v1/users/a%20b/notifications", body, key=API_KEY).status == 422


@pytest.mark.parametrize("message, code", [
    (b"{", "INVALID_JSON"), (b"[]", "INVALID_MESSAGE"), ({"type": "x"}, "UNKNOWN_MESSAGE_TYPE"),
    ({"type": "typing"}, "INVALID_MESSAGE"), ({"type": "message", "message": "m"}, "INVALID_MESSAGE"),
    ({"type": "presence", "status": "asleep"}, "INVALID_MESSAGE"),
    ({"type": "message", "to_user_id": 1, "message": "m" * 16_385}, "MESSAGE_TOO_LARGE"),
    ({"type": "typing", "data": {"is_typing": True, "context": "c" * 16_384}}, "MESSAGE_TOO_LARGE"),
])
def test_bad_messages_are_told_and_the_connection_lives(node, viewers, message, code):
    client = viewers(Presence(node, jwt("bad")))
    client.send(message.decode() if isinstance(message, bytes) else message)
    assert next_of(client, "error")["error_code"] == code
    settled(client)
