"""REST for pages of other origins, as --allow-origin allows."""

import pytest

from harness import API_KEY
from tokens import jwt

PAGE = "https://app.example"


@pytest.fixture(scope="module")
def node(launch):
    return launch("--allow-origin", PAGE, dev=False)


def preflight(node, origin):
    return node.request("OPTIONS", "/api/v1/online", headers={
        "Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"})


def test_a_page_that_may_gets_what_the_browser_asks_for(node):
    answer = preflight(node, PAGE)
    assert answer.status == 204 and answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    for how, status in [({"key": API_KEY}, 200), ({}, 401)]:  # a page must be able to read errors too
        answer = node.request("GET", "/api/v1/online", headers={"Origin": PAGE}, **how)
        assert answer.status == status and answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert answer.headers["Vary"] == "Origin"


def test_another_page_gets_nothing_to_read_with(node):
    for origin in ["https://evil.example", "null", "https://app.example.evil", "http://app.example"]:
        answer = preflight(node, origin)
        assert answer.status == 204 and answer.headers["Access-Control-Allow-Origin"] is None
        answer = node.request("GET", "/api/v1/online", headers={"Origin": origin}, key=API_KEY)
        assert answer.headers["Access-Control-Allow-Origin"] is None


def test_programs_are_not_bothered(node):
    answer = node.request("GET", "/api/v1/online", token=jwt("a"))
    assert answer.headers["Access-Control-Allow-Origin"] is None
    assert node.request("OPTIONS", "/api/v1/online").status == 405
