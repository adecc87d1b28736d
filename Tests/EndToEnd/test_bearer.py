"""The token of a WebSocket in `Authorization: Bearer`, for clients that can set a header."""

import pytest

from clients import Client
from harness import FIXED_TOKEN
from tokens import bad_tokens, jwt

GREETINGS = {
    "/ws": "authSuccess", "/ws?token=": "connection_established", "/api/v1/ws": "connected", "/api/v1/ws?clientId=c": "connect"}
REFUSALS = {"/ws": "authError", "/ws?token=": "error", "/api/v1/ws": "error", "/api/v1/ws?clientId=c": "error"}


def with_header(node, path, *values, **options):
    return Client(node, path, additional_headers=[("Authorization", value) for value in values], **options)


@pytest.mark.parametrize("path", GREETINGS)
def test_a_good_one_opens_the_dialect_that_the_path_says(node, viewers, path):
    client = viewers(with_header(node, path, f"Bearer {jwt('alice')}"))
    welcome = client.receive_type(GREETINGS[path])
    if path == "/ws":
        assert welcome["payload"]["userId"] == "alice" and "id" not in welcome


@pytest.mark.parametrize("dialect, welcome", [
    ("jobs", "connection_established"), ("tasks", "authSuccess"), ("presence", "connected"), ("topics", "connect")])
def test_a_good_one_opens_the_dialect_that_the_subprotocol_says(node, viewers, dialect, welcome):
    for path in ("/ws", "/api/v1/ws"):
        client = viewers(with_header(node, path, f"Bearer {jwt('alice')}", subprotocols=[f"fantail.{dialect}"]))
        client.receive_type(welcome)


@pytest.mark.parametrize("path", REFUSALS)
def test_a_bad_one_is_refused_as_it_is_in_the_query(node, viewers, path):
    for kind in ("garbage", "expired", "alg none", "needs an extension"):
        client = viewers(with_header(node, path, f"Bearer {bad_tokens()[kind]}"))
        client.receive_type(REFUSALS[path])
        if "clientId" in path:
            client.receive_type("error")
        client.expect_close(1008)


def test_the_fixed_and_the_demo_token_open_what_they_open_in_the_query(launch, node, viewers):
    viewers(with_header(node, "/ws?token=", f"Bearer {FIXED_TOKEN}")).receive_type("connection_established")
    viewers(with_header(node, "/api/v1/ws?clientId=c", f"Bearer {FIXED_TOKEN}")).receive_type("connect")
    for path in GREETINGS:
        viewers(with_header(node, path, "Bearer demo-token")).receive_type(GREETINGS[path])
    for path in ("/ws", "/api/v1/ws"):  # these need a user
        client = viewers(with_header(node, path, f"Bearer {FIXED_TOKEN}"))
        client.receive_type(REFUSALS[path])
        client.expect_close(1008)
    grown_up = launch(dev=False)
    client = viewers(with_header(grown_up, "/ws", "Bearer demo-token"))
    client.receive_type("authError")
    client.expect_close(1008)


def test_the_query_wins(node, viewers):
    """A proxy or a browser may have added the header; the author of the address chose the token in it."""
    good, bad = jwt("alice"), jwt("mallory", secret="x" * 40)
    viewers(with_header(node, f"/ws?token={good}", f"Bearer {bad}")).receive_type("connection_established")
    client = viewers(with_header(node, f"/ws?token={bad}", f"Bearer {good}"))
    client.receive_type("error")
    client.expect_close(1008)
    presence = viewers(with_header(node, f"/api/v1/ws?token={good}", f"Bearer {jwt('bob')}"))
    assert presence.receive_type("connected")["data"]["user_id"] == "alice"


def test_a_password_for_a_page_is_no_token(node, viewers):
    viewers(with_header(node, f"/ws?token={jwt()}", "Basic dTpw")).receive_type("connection_established")
    client = viewers(with_header(node, "/ws", "Basic dTpw"))
    client.send({"type": "auth", "payload": {"token": jwt("alice")}})
    assert client.receive_type("authSuccess")["payload"]["userId"] == "alice"
    client = viewers(with_header(node, "/ws?token=", "Basic dTpw"))
    client.receive_type("error")
    client.expect_close(1008)


def test_two_headers_are_no_token(node, viewers):
    client = viewers(with_header(node, "/ws?token=", f"Bearer {jwt('alice')}", f"Bearer {jwt('bob')}"))
    client.receive_type("error")
    client.expect_close(1008)


def test_after_it_an_auth_message_renews_the_session_of_the_same_user(node, viewers, redis, task):
    client = viewers(with_header(node, "/ws", f"Bearer {jwt('alice')}"))
    client.receive_type("authSuccess")
    client.send({"type": "auth", "id": "1", "payload": {"token": jwt("alice", username="A")}})
    assert client.receive_type("authSuccess")["payload"]["username"] == "A"
    client.send({"type": "auth", "id": "2", "payload": {"token": jwt("bob")}})
    assert client.receive_type("error")["payload"]["code"] == "INVALID_OPERATION"
    client.send({"type": "subscribe_task", "id": "3", "payload": {"videoId": task}})
    assert client.receive_type("subscribeSuccess")["payload"]["videoId"] == task


def test_it_is_in_no_log(launch, viewers):
    node = launch()
    client = viewers(with_header(node, "/ws", "Bearer secret-looking-token"))
    client.receive_type("authError")
    client.expect_close(1008)
    assert "secret-looking" not in node.log
