"""Every metric is present, in Prometheus' format, and moves when it must."""

import json
import re
import socket
import time

import pytest

from clients import Jobs, Presence, Tasks, Topics
from harness import API_KEY, fantail, wait_until
from metrics import Watch, declared, metrics
from raw import Raw, RawWebSocket
from third_party import ThirdParty
from tokens import jwt


@pytest.fixture(scope="module")
def party():
    server = ThirdParty()
    yield server
    server.close()


@pytest.fixture(scope="module")
def node(launch, party):
    """A node of one loop, so that an event is counted once."""
    return launch("--loops", "1", "--node-id", "metered", "--ws-auth-timeout", "400", "--connections-per-user", "3",
                  "--watch", "claims", "--presence-heartbeat", "100ms", "--presence-lease", "2s", "--upstream", party.url)


@pytest.fixture(autouse=True)
def quiet(node):
    """Earlier tests' leftovers do not move under this one: no client is connected."""
    def is_quiet():
        page = metrics(node)
        figures = ("sessions", "event_streams", "handshakes_pending", "subscriptions", "presence_users_online", "presence_connections",
                   "redis_pending_commands")
        busy = {key: value for key, value in page.samples.items() if value and key[0].removeprefix("fantail_") in figures}
        # The one that asks.
        return not busy and page.value("connections") == 1 and page.value("ready") == 1

    wait_until(is_quiet, "the node is quiet", 30)


# The page

LABELS = r'(?:\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\})?'
SAMPLE = re.compile(rf'[a-z_]+{LABELS} (?:-?\d+(?:\.\d+)?(?:e[+-]\d+)?)')


def test_every_declared_metric_is_there_and_no_other(node):
    page, names = metrics(node), declared()
    assert len(names) > 40
    shown = dict(re.findall(r"^# TYPE (\S+) (\S+)$", page.text, re.M))
    assert shown == names


def test_the_page_is_strictly_in_the_format(node):
    page = metrics(node)
    assert page.text.endswith("\n")
    current, seen = None, set()
    lines = page.text.splitlines()
    for index, line in enumerate(lines):
        if line.startswith("# HELP "):
            current = line.split(" ", 3)[2]
            assert current not in seen and lines[index + 1].startswith(f"# TYPE {current} "), line
            assert line.split(" ", 3)[3].endswith("."), line
            seen.add(current)
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2] == current
        else:
            assert SAMPLE.fullmatch(line), line
            assert re.fullmatch(rf"{current}(_bucket|_sum|_count)?[ {{].*", line), (current, line)


def test_counters_and_histograms_are_what_prometheus_takes_them_for(node):
    page = metrics(node)
    for name, kind in declared().items():
        assert name.endswith("_total") == (kind == "counter"), name
        if kind != "histogram":
            continue
        buckets = [(dict(labels)["le"], value) for (sample, labels), value in page.samples.items()
                   if sample == name + "_bucket"]
        bounds = [float(le) for le, _ in buckets]
        assert bounds == sorted(bounds) and bounds[-1] == float("inf")
        counts = [value for _, value in buckets]
        assert counts == sorted(counts)
        assert counts[-1] == page.samples[name + "_count", frozenset()]


def test_head_of_the_page(node):
    answer = node.request("HEAD", "/metrics")
    assert answer.status == 200 and answer.body == b""
    assert node.request("POST", "/metrics", {}).status == 405


# The node

def test_the_node_says_what_it_is(node):
    page = metrics(node)
    version = fantail("version").stdout.split()[1]
    assert page.value("build_info", version=version, node="metered") == 1
    assert page.value("ready") == 1 and page.value("loops") == 1
    assert abs(page.value("start_time_seconds") - time.time()) < 600
    assert page.value("process_resident_memory_bytes") > 1 << 20 and page.value("process_cpu_seconds_total") > 0
    assert page.value("connections_limit") > 1000
    assert {value for (name, _), value in page.samples.items() if name == "fantail_unready"} == {0}


# Clients

def test_sessions_by_dialect(node):
    kinds = {"jobs": lambda: Jobs(node), "tasks": lambda: Tasks(node),
             "presence": lambda: Presence(node, jwt("met-1")), "topics": lambda: Topics(node)}
    for dialect, make in kinds.items():
        opened = Watch(node, "sessions_opened_total", dialect=dialect)
        sessions, connections = Watch(node, "sessions", dialect=dialect), Watch(node, "connections")
        client = make()
        assert opened.rise() == 1 and sessions.rise() == 1
        wait_until(lambda: connections.rise() == 1, "what asked for the page before is gone")
        client.close()
        wait_until(lambda: sessions.rise() == 0 and connections.rise() == 0, "the session is over")
        assert opened.rise() == 1


def test_a_stream_is_counted_while_it_is_open(node, viewers, redis, task):
    streams, answers = Watch(node, "event_streams"), Watch(node, "http_responses_total", status="200")
    raw = viewers(Raw(node))
    raw.send(f"GET /api/v1/tasks/{task}/events HTTP/1.1\r\nHost: x\r\nX-API-Key: {API_KEY}\r\n"
             "Accept: text/event-stream\r\n\r\n".encode())
    raw.fill()
    assert streams.rise() == 1 and answers.rise() >= 1
    raw.close()
    wait_until(lambda: streams.rise() == 0, "the stream is over")


def test_connections_accepted_and_handshakes_pending(node, viewers):
    accepted, pending = Watch(node, "connections_accepted_total"), Watch(node, "handshakes_pending")
    silent = [viewers(Raw(node)) for _ in range(5)]
    # Each look at the page is a connection too.
    wait_until(lambda: pending.rise() == 5, "five handshakes are pending")
    assert accepted.rise() >= 5
    for raw in silent:
        raw.close()
    wait_until(lambda: pending.rise() == 0, "none is")


@pytest.mark.parametrize("how, code, by", [
    ("goes", "1001", "client"), ("cuts", "1006", "client"), ("own code", "other", "client"), ("breaks", "1002", "node"),
    ("no code", "1005", "client")])
def test_closes_by_code_and_side(node, viewers, how, code, by):
    closes = Watch(node, "closes_total", code=code, by=by)
    client = viewers(RawWebSocket(node))
    match how:
        case "goes": client.frame(8, b"\x03\xe9")
        case "own code": client.frame(8, b"\x0f\xa1")
        case "no code": client.frame(8)
        case "breaks": client.frame(3)
        case "cuts": client.close()
    closes.wait_for(1)


def test_answers_by_status(node):
    found, missing = Watch(node, "http_responses_total", status="405"), Watch(node, "http_responses_total", status="404")
    node.request("POST", "/health/live", {})
    node.request("GET", "/nothing")
    assert found.rise() == 1 and missing.rise() == 1


# Refusals

def bad_token(node, viewers):
    viewers(RawWebSocket(node, "/ws?token=bad", welcome=False)).next_frame()


def bad_bearer(node, viewers):
    assert node.request("GET", "/api/v1/online", token="bad").status == 401


def bad_key(node, viewers):
    assert node.request("GET", "/api/v1/online", key="bad").status == 401


def stream_token(node, viewers):
    assert node.request("GET", "/api/v1/tasks/a/events?token=bad", headers={"Accept": "text/event-stream"}).status == 401


def no_scope(node, viewers):
    assert node.request("GET", "/api/v1/nodes", token=jwt("a")).status == 403


def not_to_watch(node, viewers):
    client = viewers(Jobs(node, jwt("b", tasks=["mine-*"])))
    client.join("theirs")
    assert client.receive()["code"] == "FORBIDDEN"


def other_origin(node, viewers):
    assert viewers(RawWebSocket(node, "/ws?token=demo-token", "Origin: https://evil.example")).status == 403


def other_path(node, viewers):
    assert viewers(RawWebSocket(node, "/elsewhere")).status == 404


def old_version(node, viewers):
    raw = viewers(Raw(node))
    raw.send(b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n")
    assert raw.answer()[0] == 426


def garbage(node, viewers):
    raw = viewers(Raw(node))
    raw.send(b"garbage\r\n\r\n")
    assert raw.answer()[0] == 400


def huge_head(node, viewers):
    raw = viewers(Raw(node))
    raw.send(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 9000)
    assert raw.answer()[0] == 431


def huge_event(node, viewers):
    assert node.post("huge", {"message": "x" * 70_000}).status == 413


def broken_frame(node, viewers):
    viewers(RawWebSocket(node)).frame(3)


def huge_message(node, viewers):
    viewers(RawWebSocket(node)).frame(1, b"{", length=1 << 20)


def flood(node, viewers):
    client = viewers(RawWebSocket(node))
    for _ in range(130):
        client.frame(1, '{"type":"ping"}')


def no_auth(node, viewers):
    viewers(RawWebSocket(node, "/ws", welcome=False)).next_frame()


def hundred_and_one(node, viewers):
    client = viewers(RawWebSocket(node))
    client.send(b"")
    sent = 0
    for number in range(101):
        client.frame(1, json.dumps({"type": "join_job", "jobId": f"many-{number}"}))
        sent += 1
        if sent == 90:
            time.sleep(1)  # below the rate of messages
    while client.message()["type"] != "error":
        pass


def fourth_tab(node, viewers):
    for _ in range(3):
        viewers(Tasks(node, jwt("tabs")))
    viewers(Tasks(node, jwt("tabs"))).receive_type("error")


REFUSALS = {
    "token": [bad_token, bad_bearer, bad_key, stream_token], "forbidden": [no_scope, not_to_watch],
    "origin": [other_origin], "path": [other_path], "handshake": [old_version], "malformed": [garbage],
    "request_size": [huge_head, huge_event], "frame": [broken_frame], "message_size": [huge_message], "rate": [flood],
    "auth_timeout": [no_auth], "subscriptions": [hundred_and_one], "user_connections": [fourth_tab],
}


@pytest.mark.parametrize("reason, refuse", [(reason, act) for reason, acts in REFUSALS.items() for act in acts],
                         ids=lambda value: value if isinstance(value, str) else value.__name__)
def test_a_refusal_is_counted_once_by_its_reason(node, viewers, reason, refuse):
    before = metrics(node)
    refused = Watch(node, "refused_total", reason=reason)
    refuse(node, viewers)
    refused.wait_for(1)
    after = metrics(node)
    others = {key: value - before.samples[key] for key, value in after.samples.items()
              if key[0] == "fantail_refused_total" and dict(key[1])["reason"] != reason}
    assert not any(others.values()), others
    line = node.log.splitlines()
    assert any(f"reason={reason}" in text and "connection=" in text for text in line)


# Events

def test_events_in_and_deliveries_out(node, viewers, redis, task):
    # A channel is followed for two seconds more than it has viewers.
    wait_until(lambda: metrics(node).value("channels") == 0, "the channels of other tests are given up")
    one, other = viewers(Jobs(node)), viewers(Tasks(node, jwt("c", tasks=[task])))
    subscriptions, channels = Watch(node, "subscriptions"), Watch(node, "channels")
    reads = Watch(node, "channel_reads_total")
    redis.fcall(task, {"progress": 0})
    one.join(task)
    one.receive_type("job_status")
    other.subscribe(task)
    other.receive_type("taskUpdated"), other.receive_type("taskProgress")
    assert subscriptions.rise() == 2 and channels.rise() == 1 and reads.rise() >= 1

    events, deliveries = Watch(node, "events_received_total"), Watch(node, "deliveries_total")
    latency, total = Watch(node, "delivery_latency_seconds_count"), Watch(node, "delivery_latency_seconds_sum")
    flushes, sent = Watch(node, "flush_bytes_count"), Watch(node, "sent_bytes_total")
    for number in range(1, 21):
        redis.fcall(task, {"progress": number, "message": "m" * 500})
    assert len(one.events(20)) == len(other.events(20)) == 20
    assert events.rise() >= 20 and deliveries.rise() == 40
    assert latency.rise() == 20 and 0 <= total.rise() < 20 * 5
    assert sent.rise() > 40 * 500 and flushes.rise() > 1
    received = Watch(node, "received_bytes_total")
    one.send({"type": "ping", "filler": "x" * 5000})
    one.receive_type("pong")
    assert received.rise() > 5000


def test_events_that_are_not_passed_on(node, viewers, redis, task):
    client = viewers(Jobs(node))
    client.join(task)
    redis.wait_for_viewers(task, 1)
    dropped = {reason: Watch(node, "events_dropped_total", reason=reason) for reason in ("invalid", "forged", "after_end")}
    redis.publish(task, "no json")
    redis.publish(task, b"\x01ft1:x:1:1")
    redis.fcall(task, {"type": "completed"})
    client.receive_type("job_status")
    redis.publish(task, {"progress": 5})
    for watch in dropped.values():
        watch.wait_for(1)


def test_a_slow_viewer_is_conflated_then_closed(node, redis, task):
    closes, slow = Watch(node, "closes_total", code="1013", by="node"), Watch(node, "slow_closes_total")
    conflated = Watch(node, "conflated_total")
    client = Raw.__new__(RawWebSocket)
    client.socket, client.buffer = socket.socket(), b""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.socket.settimeout(10)
    client.socket.connect(("127.0.0.1", node.port))
    client.send(b"GET /ws?token=demo-token HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
    assert client.answer()[0] == 101
    client.frame(1, json.dumps({"type": "join_job", "jobId": task}))
    redis.wait_for_subscribers(task, 1)
    wait_until(lambda: metrics(node).value("subscriptions") > 0, "the viewer is in")
    for number in range(400):
        redis.publish(task, {"progress": number % 100, "message": "x" * 60_000})
    wait_until(lambda: conflated.rise() > 100, "progress is conflated")
    assert slow.rise() == 0
    for _ in range(40):
        redis.publish(task, {"type": "log", "text": "x" * 60_000})
    slow.wait_for(1)
    closes.wait_for(1)
    client.close()


# Redis

@pytest.mark.not_on("cluster", why="the connections to one Redis are counted")
def test_redis_connections_and_commands(node, redis):
    page = metrics(node)
    for connection in ("commands", "pubsub"):
        assert page.value("redis_connected", connection=connection) == 1
    assert page.value("redis_probes_failing") == 0 and page.value("redis_pending_commands") >= 0
    replies = Watch(node, "redis_command_seconds_count")
    wait_until(lambda: replies.rise() > 5, "heartbeats are answered")

    kinds = {"commands": "normal", "pubsub": "pubsub"}
    losses = {name: Watch(node, "redis_losses_total", connection=name) for name in kinds}
    connects = {name: Watch(node, "redis_connects_total", connection=name) for name in kinds}
    for name, kind in kinds.items():
        redis.client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
        losses[name].wait_for(1)
        connects[name].wait_for(1)
    wait_until(node.is_ready, "ready again")


# Presence

def test_presence_figures(node, viewers):
    assert metrics(node).value("presence_registered_loops") == 1
    before = metrics(node)
    for number in range(3):
        viewers(Tasks(node, jwt(f"present-{number}")))
    viewers(Tasks(node, jwt("present-0")))
    after = lambda name: metrics(node).value(name) - before.value(name)
    wait_until(lambda: after("presence_users_online") == 3, "three users are online")
    wait_until(lambda: after("presence_connections") == 4, "with four connections")


def test_a_lost_lease_is_counted(node, redis):
    lost = Watch(node, "presence_leases_lost_total")
    redis.client.delete("ft:{online}:nodes")
    lost.wait_for(1)
    wait_until(lambda: metrics(node).value("presence_registered_loops") == 1, "it is registered again")


# Third parties

def test_third_parties_asked(node, viewers, party, task):
    asked, failed = Watch(node, "upstream_requests_total"), Watch(node, "upstream_failures_total")
    for name in (task, f"{task}-broken"):
        metadata = {"externalTaskId": name, "apiKey": "k"}
        assert node.request("POST", "/api/v1/tasks", {"task_id": name, "metadata": metadata}, key=API_KEY).status == 201
    party.tell(task, "processing", progress=10)
    client = viewers(Tasks(node, jwt("asker", tasks=["*"])))
    for name in (task, f"{task}-broken"):
        client.send({"type": "requestTaskStatus", "id": "ask", "payload": {"videoId": name}})
        while client.receive().get("id") != "ask":
            pass
    assert asked.rise() == 2 and failed.rise() == 1
    assert metrics(node).value("upstream_refused_total") == 0
