"""socket.io-client in a real browser, against real nodes."""

import json

import pytest

from harness import wait_until
from tokens import jwt

WAYS = {"polling": {"transports": ["polling"]}, "websocket": {"transports": ["websocket"]}, "both": {}}


@pytest.fixture
def page(site, pages):
    return pages(site.url("/test/socketio.html"))


def begin(page, name, **options):
    page.run(f"open_client('{name}', {json.dumps({'auth': {'token': jwt()}} | options)})")


def follow(page, name, task):
    assert page.run(f"ask('{name}', 'subscribe_task', {{videoId: '{task}'}})")["type"] == "subscribeSuccess"


def progress(page, name):
    return [message["payload"]["progress"] for message in page.run(f"events_of('{name}', 'taskProgress')")]


@pytest.mark.parametrize("ways", WAYS)
@pytest.mark.parametrize("path", ["/socket.io/", "/ws/"])
def test_it_follows_a_task(node, page, task, ways, path):
    begin(page, ways, path=path, **WAYS[ways])
    page.wait(f"events_of('{ways}', 'authSuccess').length === 1")
    follow(page, ways, task)
    for number in range(1, 40):
        node.post(task, {"progress": number})
    page.wait(f"events_of('{ways}', 'taskProgress').length === 39")
    assert progress(page, ways) == list(range(1, 40))
    assert page.run(f"ask('{ways}', 'ping')")["type"] == "pong"
    if ways == "both":
        page.wait("transport_of('both') === 'websocket'")
    assert page.run(f"got['{ways}'].filter(([event]) => event === 'disconnect')") == []


def test_a_bad_token_is_a_connect_error(page):
    begin(page, "bad", auth={"token": "nonsense"})
    page.wait("got.bad.length >= 1")
    assert page.run("got.bad") == [["connect_error", {"message": "Authentication failed"}]]


@pytest.mark.parametrize("ways", WAYS)
def test_it_comes_back_by_itself_after_a_drain(launch, site, page, task, ways):
    site.nodes[:0] = [launch()]
    begin(page, ways, **WAYS[ways])
    follow(page, ways, task)
    site.nodes.pop(0).terminate()
    page.wait(f"events_of('{ways}', 'connect').length === 2")
    follow(page, ways, task)
    wait_until(lambda: site.nodes[0].post(task, {"progress": 8}), "an event")
    page.wait(f"events_of('{ways}', 'taskProgress').length === 1")


@pytest.mark.parametrize("ways", WAYS)
def test_it_stays_away_when_it_is_told_to_disconnect(node, page, ways):
    begin(page, ways, **WAYS[ways] | {"auth": {"token": jwt("leaver")}})
    page.wait(f"events_of('{ways}', 'authSuccess').length === 1")
    assert node.request("DELETE", "/api/v1/users/leaver/connections", token=jwt("root", scope="admin")).status < 300
    page.wait(f"events_of('{ways}', 'disconnect').length === 1")
    assert page.run(f"events_of('{ways}', 'disconnect')") == [{"reason": "io server disconnect"}]
