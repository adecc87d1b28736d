"""The test page in Chromium: every dialect by hand."""

import json
import re

import pytest

from harness import API_KEY
from test_console_access import bench
from tokens import jwt

WELCOMES = {"jobs": "connection_established", "tasks": "authSuccess", "presence": "connected", "topics": "connect",
            "socketio": "authSuccess"}
# An example of each dialect, what answers it, and a line of both in the record.
EXAMPLES = {
    "jobs": ("Ping", "pong"), "tasks": ("Subscribe to a task", "subscribeSuccess"), "presence": ("Ping", "pong"),
    "topics": ("Subscribe to a task", "ack"), "socketio": ("Subscribe to a task", "subscribeSuccess"),
}


def type_of(text):
    """The type of a message, or of the event in a packet of Socket.IO."""
    number, rest = re.fullmatch(r"(\d*)(.*)", text, re.DOTALL).groups()
    value = json.loads(rest or "{}")
    return value[0] if number.startswith("42") else value[0]["type"] if number.startswith("43") else value.get("type")


def frames(page):
    """`(way, type)` of every frame in the record."""
    return [tuple(one) for one in page.run("""[...document.querySelectorAll('#frames details')].map((one) =>
      [one.className, one.querySelector('b').textContent])""")]


def connect(page, token=None):
    if token:
        page.fill("#token", token)
    page.click("#connect-button")
    page.wait_for("Connected", "#state")


def use(page, example):
    page.run(f"""{{ const list = document.getElementById('example');
      list.value = [...list.options].find((one) => one.textContent === {json.dumps(example)}).value;
      list.dispatchEvent(new Event('change')); }}""")


@pytest.mark.parametrize("dialect", EXAMPLES)
def test_every_dialect_is_spoken_and_shown_both_ways(node, visit, dialect):
    page = bench(visit, node, dialect)
    assert "not shown to pages" in page.reads("#no-frames")
    connect(page, jwt())
    page.wait(f"[...document.querySelectorAll('#frames b')].some((one) => one.textContent === '{WELCOMES[dialect]}')")
    example, answer = EXAMPLES[dialect]
    use(page, example)
    page.run("document.getElementById('message').focus()")
    page.press("Enter", modifiers=2)  # with Ctrl
    page.wait(f"[...document.querySelectorAll('#frames b')].some((one) => one.textContent === '{answer}')")
    seen, kind = frames(page), type_of(page.run("document.getElementById('message').value"))
    assert seen.index(("received", WELCOMES[dialect])) < seen.index(("sent", kind)) < seen.index(("received", answer))
    times = page.run("[...document.querySelectorAll('#frames time')].map((one) => one.dateTime)")
    assert times == sorted(times) and len(times) == len(seen) + 1  # and the line that says connected
    page.click("#connect-button")
    page.wait_for("Closed: 1000, closed as asked", "#state")


@pytest.mark.parametrize("dialect", EXAMPLES)
def test_every_example_is_understood(node, visit, dialect):
    page = bench(visit, node, dialect)
    connect(page, jwt())
    page.wait(f"[...document.querySelectorAll('#frames b')].some((one) => one.textContent === '{WELCOMES[dialect]}')")
    names = page.run("[...document.getElementById('example').options].map((one) => one.textContent)")
    for name in names:
        if not name.startswith("A mistake") and name != "Leave":
            use(page, name)
            page.click("#send-button")
    page.run("new Promise((done) => setTimeout(done, 500))")
    answers = page.run("[...document.querySelectorAll('#frames .received pre')].map((one) => one.textContent)")
    assert [one for one in answers if type_of(one) == "error" and "NOT_FOUND" not in one] == []


def test_mistakes_are_answered_in_the_record(node, visit):
    page = bench(visit, node, "jobs")
    connect(page)
    for mistake, code in [
            ("A mistake: not JSON", "INVALID_JSON"), ("A mistake: an unknown type", "UNKNOWN_MESSAGE_TYPE")]:
        use(page, mistake)
        page.click("#send-button")
        page.wait_for(code, "#frames")
    assert ("sent", "not JSON") in frames(page)


def test_mistakes_in_packets_are_answered_too_and_the_page_answers_pings(launch, visit):
    page = bench(visit, launch("--socketio-ping-interval", "200", "--socketio-ping-timeout", "60000"), "socketio")
    connect(page)
    page.wait_for("authSuccess", "#frames")
    for mistake, answer in [
            ("A mistake: not JSON", "INVALID_MESSAGE"), ("A mistake: an unknown type", "UNKNOWN_MESSAGE_TYPE"),
            ("A mistake: another namespace", "Invalid namespace")]:
        use(page, mistake)
        page.click("#send-button")
        page.wait_for(answer, "#frames")
    page.wait("[...document.querySelectorAll('#frames details')].filter((one) => one.querySelector('b').textContent === 'pong').length > 1")
    assert page.reads("#state") == "Connected"


def test_a_close_is_explained(node, visit):
    page = bench(visit, node, "jobs")
    page.fill("#token", "garbage")
    page.click("#connect-button")
    page.wait_for("Closed with 1008: refused.", "#frames")
    page.wait_for("The token is wrong or has expired", "#frames")
    assert "Closed: 1008, refused" in page.reads("#state")
    page.fill("#token", jwt("kim"))
    connect(page)
    node.request("DELETE", "/api/v1/users/kim/connections", key=API_KEY)
    page.wait("document.querySelectorAll('#frames .note').length === 4")


def test_no_connection_at_all_is_explained(site, visit):
    page = bench(visit, site)
    site.nodes = []
    page.click("#connect-button")
    page.wait_for("The node does not answer, or refused the handshake", "#frames")
    page.fill("#address", "ws://example.invalid/ws")
    page.click("#connect-button")
    page.wait_for("This page may speak with its own node only", "#connect-said")


def test_the_record_is_copied_without_tokens_and_cleared(node, visit):
    page = bench(visit, node, "tasks")
    page.browser.call("Browser.grantPermissions", origin=page.origin, browserContextId=page.context,
                      permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    token = jwt()
    connect(page, token)
    page.wait_for("authSuccess", "#frames")
    page.call("Page.bringToFront")
    page.click("#copy")
    page.wait_for("Copied 3 lines.", "#copied")
    lines = page.run("navigator.clipboard.readText()").splitlines()
    assert "# Connected" in lines[0] and '> {"type":"auth"' in lines[1] and '< {"type":"authSuccess"' in lines[2]
    assert token not in "".join(lines)
    assert token not in page.run("document.body.outerHTML")
    page.click("#clear")
    assert frames(page) == []
    page.wait_for("Nothing yet.", "#no-frames")


def test_heartbeats_can_be_left_out(node, visit):
    page = bench(visit, node, "jobs")
    connect(page)
    use(page, "Ping")
    page.click("#send-button")
    page.wait_for("pong", "#frames")
    page.click("#without-beats")
    assert "pong" not in page.reads("#frames") and "connection_established" in page.reads("#frames")
