"""Logs: one line an event, with node and connection; none contains a secret."""

import json
import re
import time
import uuid

import pytest

from clients import Client, Jobs, Presence, Tasks, Topics
from harness import API_KEY, FIXED_TOKEN, SECRET, wait_until
from raw import Raw, RawWebSocket
from third_party import ThirdParty, answer
from tokens import _part, bad_tokens, jwt

LINE = re.compile(
    r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warning|info|debug) \S+ [^=]+?( \w+=("([^"\\]|\\.)*"|[^ "]+))*')
PAYLOAD = "payload-that-nobody-may-see"
PARTY_KEY = "sk-third-party-key"


@pytest.fixture(scope="module")
def party():
    server = ThirdParty()
    yield server
    server.close()


class Secrets:
    """Every secret of a session, and every part of one that would suffice."""

    def __init__(self):
        self.all = {API_KEY, FIXED_TOKEN, SECRET, PAYLOAD, PARTY_KEY, _part(PAYLOAD.encode())}

    def token(self, *arguments, **claims):
        token = jwt(*arguments, **claims)
        self.all.update(part for part in token.split(".") if part != jwt().split(".")[0])
        return token

    def bad(self):
        tokens = bad_tokens()
        self.all.update(token for token in tokens.values())
        self.all.update(part for token in tokens.values() for part in token.split(".")[1:] if len(part) > 10)
        self.all.discard("garbage")
        return [token for token in tokens.values() if token != "garbage"]

    def assert_absent(self, log):
        assert len(log) > 2000
        for secret in self.all:
            assert secret not in log, secret


def busy(node, redis, viewers, party, secrets):
    """Some of everything that clients can send."""
    alice, bob = secrets.token("alice", scope="publish admin"), secrets.token("bob")
    task = f"log-{uuid.uuid4().hex}"
    clients = [viewers(Jobs(node, alice)), viewers(Jobs(node, FIXED_TOKEN)), viewers(Tasks(node, bob))]
    clients += [viewers(Presence(node, bob)), viewers(Topics(node, alice, client=task))]
    clients[0].join(task), clients[1].join(task), clients[2].subscribe(task)
    clients[4].subscribe(task)
    redis.wait_for_subscribers(task, 1)

    # Events, good and bad, by every road.
    events = [{"progress": 5, "message": PAYLOAD}, {"type": "log", "text": PAYLOAD}]
    for event in events:
        redis.fcall(task, event), redis.publish(task, event)
        assert node.post(task, event, token=alice).status == 200
    for bad in [PAYLOAD, f'{{"progress":"{PAYLOAD}"}}', f'["{PAYLOAD}"]', f'{{"a":"{PAYLOAD}', f"\x01ft1:{PAYLOAD}\n{{}}"]:
        redis.publish(task, bad)
        redis.client.publish("user:bob", bad), redis.client.publish("everyone", bad)
        assert node.post(task, bad, token=alice).status in (200, 400, 422)
    assert node.post(task, {"progress": 1}, key="wrong-" + API_KEY).status == 401
    assert node.post(task, {"message": PAYLOAD * 4000}, token=alice).status == 413
    message = {"type": "data", "data": {"text": PAYLOAD}, "ack": True}
    assert node.request("POST", f"/api/v1/topics/{task}/messages", message, token=alice).status == 200
    assert node.request("POST", f"/api/v1/topics/{task}/messages", {"type": PAYLOAD, "data": {}}, token=alice).status == 422
    note = {"notification_type": "x", "title": PAYLOAD, "message": PAYLOAD}
    assert node.request("POST", "/api/v1/users/bob/notifications", note, token=alice).status == 202
    assert node.request("POST", "/api/v1/users/bob/notifications", {"title": [PAYLOAD]}, token=alice).status == 422

    # What clients say, well and badly.
    clients[3].send({"type": "message", "to_user_id": "alice", "message": PAYLOAD})
    clients[3].send({"type": "typing", "data": {"is_typing": True, "context": PAYLOAD}})
    for client in clients:
        for text in [PAYLOAD, json.dumps([PAYLOAD]), json.dumps({"type": PAYLOAD}), json.dumps({"type": "ping", PAYLOAD: 1}),
                     json.dumps({"type": "join_job", "jobId": f"{PAYLOAD} {{}}"})]:
            client.send(text)
        client.socket.send(PAYLOAD.encode())

    # Third parties.
    party.answers[task] = answer(500, PAYLOAD.encode())
    metadata = {"externalTaskId": task, "apiKey": PARTY_KEY, "note": PAYLOAD}
    assert node.request("POST", "/api/v1/tasks", {"task_id": f"{task}-p", "metadata": metadata}, token=alice).status == 201
    metadata["apiEndpoint"] = f"http://{PARTY_KEY}.example"
    assert node.request("POST", "/api/v1/tasks", {"task_id": f"{task}-q", "metadata": metadata}, token=alice).status == 422
    clients[2].send({"type": "requestTaskStatus", "id": "ask", "payload": {"videoId": f"{task}-p"}})
    party.wait_for_requests(task, 1)

    # Tokens, in every place there is for them, good, bad and where none belongs.
    for token in [*secrets.bad(), alice]:
        for path in (f"/ws?token={token}", f"/api/v1/ws?token={token}", f"/api/v1/ws?token={token}&protocol=9",
                     f"/nowhere?token={token}"):
            viewers(RawWebSocket(node, path, welcome=False)) if len(path) < 8000 else None
        late = viewers(Client(node, "/ws"))
        late.send({"type": "auth", "id": "a", "payload": {"token": token}})
        if len(token) < 7000:
            for path in (f"/api/v1/tasks/{task}/events?token={token}", f"/api/v1/online?token={token}", "/nothing"):
                for headers in ({}, {"Accept": "text/event-stream", "Connection": "close"}):
                    raw = viewers(Raw(node))
                    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                    raw.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\n{fields}\r\n".encode())
                    raw.fill()
            node.request("GET", "/api/v1/online", token=token)
            node.request("GET", "/api/v1/online", key=token)
    raw = viewers(Raw(node))
    raw.send(f"GET /ws?token={alice} HTTP/1.1\r\nHost: x\r\nX-API-Key: {API_KEY}\r\nAuthorization : {alice}\r\n\r\n".encode())
    assert raw.answer()[0] == 400
    assert node.request("DELETE", "/api/v1/users/bob/connections", token=alice).status == 202
    wait_until(lambda: "closed by an administrator" in node.log, "bob is closed")
    wait_until(lambda: "third party" in node.log, "the third party has failed")


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_secret_is_in_the_log_of_a_busy_node(launch, redis, viewers, party, form):
    secrets = Secrets()
    node = launch("--ws-auth-timeout", "300", "--upstream", party.url, "--node-id", f"busy-{form}", log=form, dev=False)
    busy(node, redis, viewers, party, secrets)
    redis.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    redis.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    wait_until(lambda: "Redis lost" in node.log, "Redis is lost")
    wait_until(node.is_ready, "and found again")
    assert node.terminate() == 0
    secrets.assert_absent(node.log)

    lines = node.log.splitlines()
    assert len(lines) > 100
    for line in lines:
        if form == "json":
            record = json.loads(line)
            assert list(record)[:4] == ["time", "level", "node", "message"] and record["node"] == "busy-json", line
            assert all(isinstance(value, (str, int)) and value != "" for value in record.values()), line
        else:
            assert LINE.fullmatch(line) and f" busy-{form} " in line, line
    # Whoever asks whether it is ready may be answered a moment before; that is no line of an operator's.
    first = next(line for line in lines if "answered a request" not in line)
    assert "http://" in first and "ws://" in first, "the first line says where it serves"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_refused_client_is_found_by_its_id_and_reason(launch, viewers, form):
    node = launch(log=form)
    client = viewers(Topics(node, jwt("carol"), client="carols-phone"))
    for number in range(101):
        client.request("subscribe", {"topic": f"t{number}"})
        reply = client.receive_type("ack", "error")
    assert reply["type"] == "error"
    found = wait_until(lambda: [line for line in node.log.splitlines() if "carols-phone" in line and "refused" in line],
                       "the line is there")
    assert len(found) == 1 and "WebSocket" in found[0], "one line an event"
    if form == "json":
        record = json.loads(found[0])
        assert record["reason"] == "subscriptions" and record["user"] == "carol" and record["client"] == "carols-phone"
        number, peer = record["connection"], record["peer"]
    else:
        assert " reason=subscriptions " in found[0] and " user=carol " in found[0]
        number, peer = (re.search(rf" {key}=(\S+)", found[0])[1] for key in ("connection", "peer"))
    assert peer == "%s:%d" % client.socket.socket.getsockname()
    # The whole life of the connection is found by its number.
    client.close()
    mark = f'"connection":"{number}"' if form == "json" else f" connection={number} "
    life = lambda: [line for line in node.log.splitlines() if mark in line + " "]
    wait_until(lambda: len(life()) >= 4, "opened, authenticated, refused, closed")
    assert "opened" in life()[0] and "authenticated" in life()[1] and "closed" in life()[-1]


def about_websockets(node):
    """What `grep WebSocket` finds after the first line, which says where the node serves them."""
    return [line for line in node.log.splitlines() if "WebSocket" in line and "serving" not in line]


def test_what_a_client_does_is_followed_with_grep(launch, viewers, party):
    node = launch("--log-level", "info", "--upstream", party.url)
    task = f"followed-{uuid.uuid4().hex}"
    party.tell(task, "processing", progress=5)
    metadata = {"externalTaskId": task, "apiKey": PARTY_KEY}
    body = {"task_id": task, "status": "PROCESSING", "metadata": metadata}
    assert node.request("POST", "/api/v1/tasks", body, key=API_KEY).status == 201
    client = viewers(Tasks(node, jwt("dora")))
    client.send({"type": "requestTaskStatus", "id": "ask", "payload": {"videoId": task}})
    client.receive_type("taskUpdated")
    client.socket.close(4001, "enough")
    wait_until(lambda: "WebSocket closed" in node.log, "it is closed")
    lines = about_websockets(node)
    said = ["WebSocket opened ", "WebSocket authenticated ", "WebSocket asked how a task stands ", "asked a third party, for WebSockets ",
            "a third party answered, for WebSockets ", "WebSocket closed "]
    assert [next(words for words in said if words in line) for line in lines] == said, lines
    assert " dialect=tasks" in lines[0] and " user=dora" in lines[1] and f" task={task} tasks=1" in lines[2]
    assert f" task={task} status=200" in lines[4] and " user=dora by=client code=4001 reason=enough" in lines[5]
    number = re.search(r" connection=(\S+)", lines[0])[1]
    assert all(f" connection={number} " in line for line in (lines[1], lines[2], lines[5]))


def test_under_load_lines_about_clients_are_counted_not_written(launch, viewers):
    from metrics import metrics
    node = launch("--log-level", "info", "--loops", "1")
    began = time.monotonic()
    for _ in range(100):
        Jobs(node).close()
    wait_until(lambda: metrics(node).value("closes_total", code="1000", by="client") == 100, "all are closed")
    lines = [line for line in about_websockets(node) if "left out" not in line]
    left_out = metrics(node).value("log_lines_suppressed_total")
    assert 200 <= len(lines) <= 201 + 20 * (time.monotonic() - began) and len(lines) + left_out == 300
    wait_until(lambda: Jobs(node).close() or "lines about a WebSocket are left out here: too many lines=" in node.log,
               "the count is in the log")


def test_a_foreign_origin_is_told_the_setting(launch, viewers):
    node = launch(dev=False)
    assert viewers(RawWebSocket(node, "/ws", "Origin: https://evil.example", welcome=False)).status == 403
    line = wait_until(lambda: [line for line in node.log.splitlines() if "https://evil.example" in line], "it is logged")
    assert len(line) == 1 and "--allow-origin" in line[0] and "reason=origin" in line[0]


def test_a_line_cannot_be_forged(launch, viewers):
    """Clients' texts stay in their field."""
    node = launch("--trust-proxy", "127.0.0.0/8")
    forged = 'https://a" reason=none level=error'
    viewers(RawWebSocket(node, "/ws", f"Origin: {forged}", welcome=False))
    viewers(RawWebSocket(node, "/api/v1/ws?token=x&protocol=%22%1b%5b31m", welcome=False))
    viewers(RawWebSocket(node, "/api/v1/ws?token=x&protocol=2%C2%85%E2%80%A8x%22%20reason%3Dnone", welcome=False))
    wait_until(lambda: node.log.count("refused") >= 2, "both are refused")
    assert "\x1b" not in node.log and "\x85" not in node.log
    for line in node.log.split("\n")[:-1]:
        assert LINE.fullmatch(line), line
        assert line.count(" reason=") <= 2 and '\\" reason=' in line or line.count(" reason=") <= 1, line


def test_refusals_without_end_are_counted_not_written(launch, viewers):
    from metrics import metrics
    node = launch("--loops", "1")
    raw = viewers(Raw(node))
    began = time.monotonic()
    for _ in range(700):
        raw.send(b"GET /api/v1/online HTTP/1.1\r\nHost: x\r\n\r\n")
        assert raw.answer()[0] == 401
    page = metrics(node)
    written = node.log.count("reason=token")
    assert page.value("refused_total", reason="token") == 700
    # Five hundred at once, and twenty in each second.
    assert 500 <= written <= 501 + 20 * (time.monotonic() - began) and page.value("log_lines_suppressed_total") == 700 - written
