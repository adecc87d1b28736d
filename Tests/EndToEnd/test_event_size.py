"""A message that becomes too long as an event: its sender gets an error, since no node would deliver it."""

import json

from clients import Presence, Topics
from harness import API_KEY
from tokens import jwt

EVENT_BYTES = 65_536


def receive(client, *types):
    """The next message of one of these types; changes of users online may come at any time."""
    while (message := client.receive())["type"] == "user_status":
        pass
    assert message["type"] in types, message
    return message


def chat(characters):
    """A chat message of control characters, each of them six bytes of JSON."""
    return {"type": "message", "to_user_id": 2, "message": "\x01" * characters}


def test_chat_that_outgrows_an_event_is_refused_and_a_little_less_arrives(launch, viewers):
    node = launch()
    alice, bob = viewers(Presence(node, jwt("1"))), viewers(Presence(node, jwt("2")))
    # The most that fits a frame; around it the event has more words than the message.
    most = (EVENT_BYTES - len(json.dumps(chat(0)))) // 6
    assert len(json.dumps(chat(most))) <= EVENT_BYTES
    alice.send(chat(most))
    error = receive(alice, "error")
    assert error["error_code"] == "MESSAGE_TOO_LARGE" and "escapes" in error["message"]
    alice.send(chat(most - 40))
    received = receive(bob, "chat", "error")
    assert received["type"] == "chat" and received["data"]["message"] == "\x01" * (most - 40)


def test_notifications_and_topics_messages_have_the_bound_of_events(launch, viewers):
    node = launch()
    bob = viewers(Presence(node, jwt("2")))
    topics = viewers(Topics(node))
    topics.subscribe("news")
    publisher = jwt("worker", scope="publish")
    for path, body in [
        ("/api/v1/users/2/notifications", lambda text: {"notification_type": "x", "title": "t", "message": text}),
        ("/api/v1/topics/news/messages", lambda text: {"type": "data", "data": {"text": text}}),
    ]:
        for text in ["x" * EVENT_BYTES, "\x01" * (EVENT_BYTES // 6)]:
            answer = node.request("POST", path, body(text), token=publisher)
            assert answer.status == 413 and answer.code == "TOO_LARGE", (path, answer.status, answer.body)
        text = "x" * (EVENT_BYTES - 512)
        answer = node.request("POST", path, body(text), token=publisher)
        assert answer.status in (200, 202), answer.body
    assert receive(bob, "notification")["data"]["message"] == text
    assert receive(topics, "data")["data"]["text"] == text
    assert node.request("GET", "/api/v1/online/count", key=API_KEY).status == 200
