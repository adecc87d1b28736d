"""Numbers from outside, through their whole range, at every entry: out of range is an error or out of reach, and never the end of a
node."""

import json
import re

import pytest

from clients import Jobs, Presence, Stream, Tasks, Topics
from harness import API_KEY, ROOT, fantail, own_keys, wait_until
from raw import Raw, RawWebSocket
from third_party import ThirdParty, answer
from tokens import jwt, signed

# Where types and arithmetic end: of 32 and 64 bits with and without a sign, of what a double counts exactly; and one beside each.
EDGES = [0, 2**31, 2**32, 2**53, 2**63, 2**64, 10**30]
WHOLE = sorted({edge + step for edge in EDGES for step in (-1, 0, 1)} | {-(2**31), -(2**53), -(2**63), -(2**63) - 1, -(10**30)})
NUMBERS = [str(number) for number in WHOLE] + [
    "0.5", "-0.0", "1.0", "1.5", "9007199254740992.5", "1e0", "1e3", "1E30", "1e308", "-1e308", "1e-400", "18446744073709551615e0"]
# Of each kind one, where there are many places for them.
FEW = ["-1", "4294967296", "9007199254740993", "9223372036854775808", "18446744073709551615", "1" + "0" * 30, "1.5", "1e308"]
# What is no number in JSON, but in some place where there is no JSON.
WORDS = ["", "-", "+1", "1_000", "0x10", "nan", "inf", "-inf", "1e", ".5", "5.", "١"]


@pytest.fixture(scope="module")
def party():
    server = ThirdParty()
    yield server
    server.close()


@pytest.fixture(scope="module")
def nodes(launch, party):
    """One node, since each number is sent to it; with prefixes of its own, since it overwrites what is stored of users."""
    return [launch("--key-prefix", "odd", "--upstream", party.url, "--position-check", "1s")]


@pytest.fixture(autouse=True)
def the_node_serves_on(node, redis, viewers):
    """The process is the same before and after, and a new viewer gets new events."""
    yield
    assert node.process.poll() is None, node.log[-4000:]
    wait_until(node.is_ready, "the node is ready")
    viewer = viewers(Jobs(node))
    viewer.join("after-all")
    redis.wait_for_subscribers("after-all", 1)
    publish(redis, "after-all", '{"progress":5,"restart":true}')
    while viewer.receive_type("job_status")["data"]["progress"] != 5:
        pass


def publish(redis, task, event):
    epoch, sequence, _ = redis.client.fcall("fantail_publish_odd", *own_keys(f"task:{task}", "odd"), event)
    return epoch.decode(), sequence


@pytest.fixture
def watched(node, redis, viewers, task):
    """A task with a viewer that has heard one numbered event: its viewer, and its epoch."""
    viewer = viewers(Jobs(node))
    viewer.join(task)
    redis.wait_for_subscribers(task, 1)
    epoch, _ = publish(redis, task, '{"progress":1}')
    viewer.receive_type("job_status")
    return viewer, epoch


def digits(text):
    return int(text) if re.fullmatch("[0-9]+", text) else None


def is_sequence(text):
    return (number := digits(text)) is not None and number < 2**64


# REST: queries, fields


def test_streams_from_any_place(node, redis, task, watched):
    _, epoch = watched
    for number in NUMBERS + WORDS:
        for query, headers in ((f"?since={number}", {}), (f"?since={number}&epoch={epoch}", {}), ("", {"Last-Event-ID": f"{epoch}:{number}"})):
            if query and (number.startswith("+") or not number.isascii()):
                continue  # not what is sent
            if not number.isascii():
                continue
            stream = Stream(node, task, query, {"X-API-Key": API_KEY} | headers)
            expected = 200 if headers or is_sequence(number) else 400
            assert stream.response.status == expected, (number, query, headers)
            if expected == 200 and digits(number) != 1:
                first = stream.next()
                assert first["id"] == f"{epoch}:1" and first.get("event") == (None if digits(number) == 0 else "snapshot"), (number, first)
            stream.close()


def test_histories_since_any_number(node, redis, task, watched):
    for number in NUMBERS + ["-", "0x10", "nan", "1e", ".5"]:
        for more in ("", f"&epoch={watched[1]}", "&epoch=other"):
            found = node.request("GET", f"/api/v1/tasks/{task}/events?since={number}{more}", key=API_KEY)
            if is_sequence(number):
                assert found.status == 200 and found.json["recovered"] is (int(number) <= 1 and more != "&epoch=other"), (number, more)
            else:
                assert (found.status, found.code) == (400, "BAD_REQUEST"), number


def test_pages_of_any_length(node):
    for number in NUMBERS:
        found = node.request("GET", f"/api/v1/online?limit={number}", key=API_KEY)
        assert found.status == (200 if digits(number) is not None and 1 <= int(number) <= 1000 else 400), number


def test_fields_of_a_request(node, task):
    for number in NUMBERS + WORDS:
        for line in (f"Content-Length: {number}", f"Sec-WebSocket-Version: {number}", f"Host: h:{number}", f"Keep-Alive: timeout={number}",
                     f"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits={number}; client_max_window_bits={number}",
                     f"Range: bytes={number}-{number}", f"X-Forwarded-For: {number}", f"X-Real-IP: {number}", f"Origin: http://h:{number}"):
            request = Raw(node)
            upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            lines = [line] + ([] if line.startswith("Host") else ["Host: h"]) + ([] if "Version" in line else ["Sec-WebSocket-Version: 13"])
            request.send(f"GET /ws?token=demo-token HTTP/1.1\r\n{upgrade}".encode() + "\r\n".join(lines).encode() + b"\r\n\r\n")
            status, _, _ = request.answer()
            assert status in (101, 400, 403, 413, 426), (line, status)
            request.close()


def test_chunks_of_any_size(node, task):
    for size in ["-1", "0.5", "1.e3", "7fffffff", "80000000", "7fffffffffffffff", "8000000000000000", "ffffffffffffffff",
                 "10000000000000000", "f" * 40, "+1", "0x1", "", "fffff", "100001"]:
        request = Raw(node)
        request.send(f"POST /api/v1/tasks/{task}/events HTTP/1.1\r\nHost: h\r\nX-API-Key: {API_KEY}\r\nContent-Type: application/json\r\n"
                     f"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n{size}\r\n".encode() + b"{}\r\n0\r\n\r\n")
        if size != "fffff":  # which is within the bound, and waited for
            assert request.answer()[0] in (400, 413), size
        request.close()


# WebSockets


def test_frames_of_any_length(node):
    for length in (2**16 + 1, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1):
        for opcode in (1, 2, 9):
            socket = RawWebSocket(node)
            socket.frame(opcode, b"{}", length=length)
            first, payload = socket.next_frame()
            if first == 0x81:  # which says why
                first, payload = socket.next_frame()
            assert first == 0x88 and int.from_bytes(payload[:2], "big") in (1002, 1009), (length, opcode)
            socket.close()


def test_jobs_from_any_place(node, redis, viewers, task, watched):
    for place, number in enumerate(NUMBERS):
        if place % 25 == 0:  # within the rate of messages
            viewer = viewers(Jobs(node))
        viewer.send('{"type":"join_job","jobId":"%s","epoch":"%s","sequence":%s}' % (task, watched[1], number))
        if digits(number) != 1:  # of which nothing is missed
            told = viewer.receive()
            if told["type"] == "error":
                assert told["code"] == "INVALID_JSON", told
            else:
                assert told["data"].get("snapshot", False) is (digits(number) != 0), (number, told)
        viewer.expect_silence()
        viewer.send({"type": "leave_job", "jobId": task})


def test_tasks_from_any_place(node, redis, viewers, task, watched):
    viewer = viewers(Tasks(node))
    for number in NUMBERS:
        viewer.send('{"type":"subscribe_task","id":"s","payload":{"videoId":"%s","epoch":"%s","sequence":%s}}' % (task, watched[1], number))
        told = viewer.receive_type("subscribeSuccess", "error")
        if told["type"] == "subscribeSuccess":
            assert told["payload"]["recovered"] is (digits(number) in (0, 1)), (number, told)
            if digits(number) != 1:
                assert viewer.receive()["payload"]["sequence"] == 1
        else:
            assert told["payload"]["code"] == "INVALID_JSON", told
        viewer.send({"type": "unsubscribe_task", "payload": {"videoId": task}})
        while viewer.receive()["type"] != "unsubscribeSuccess":
            pass


def test_topics_from_any_place(node, redis, viewers, task, watched):
    viewer = viewers(Topics(node))
    for number in NUMBERS:
        viewer.send('{"type":"subscribe","messageId":"c","data":{"topic":"task","params":{"taskId":"%s"},"epoch":"%s","sequence":%s}}'
                    % (task, watched[1], number))
        told = viewer.receive_type("ack", "error")
        if told["type"] == "ack":
            assert told["data"]["recovered"] is (digits(number) in (0, 1)), (number, told)
            if digits(number) != 1:
                assert viewer.receive()["sequence"] == 1
        else:
            assert told["data"]["code"] == 2000, told
        viewer.request("unsubscribe", {"topic": "task", "params": {"taskId": task}})
        while viewer.receive()["type"] != "ack":
            pass


def variants(message, numbers):
    """The message as text, with each of its values in turn as each of the numbers."""
    def places(value, path=()):
        if isinstance(value, dict):
            return [place for key, inner in value.items() for place in places(inner, (*path, key))]
        if isinstance(value, list):
            return [place for index, inner in enumerate(value) for place in places(inner, (*path, index))]
        return [path]
    for place in places(message):
        copy = json.loads(json.dumps(message))
        holder = copy
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = "\ue000"
        for number in numbers:
            yield json.dumps(copy, ensure_ascii=False).replace('"\ue000"', number)


@pytest.mark.parametrize("dialect", ["jobs", "tasks", "presence", "topics"])
def test_every_value_of_every_message(node, viewers, dialect):
    examples = json.loads((ROOT / "Tests/Examples/messages.json").read_text())[dialect]["client_to_server"]
    extra = [{"type": "join_job", "jobId": "j", "epoch": "e", "sequence": 1}, {"type": "subscribe_task", "payload": {"videoId": "v", "epoch": "e", "sequence": 1}},
             {"type": "subscribe", "data": {"topic": "t", "params": {"a": 1}, "epoch": "e", "sequence": 1}}]
    # A bad token ends the connection, whatever it is.
    texts = [text for message in examples + extra if message["type"] != "auth" for text in variants(message, FEW)]
    connect = {"jobs": Jobs, "tasks": Tasks, "topics": Topics, "presence": lambda node, **options: Presence(node, jwt("p"), **options)}[dialect]
    for start in range(0, len(texts), 80):  # within the rate of messages
        client = viewers(connect(node, close_timeout=0.2))  # answers that nobody reads are on their way
        for text in texts[start:start + 80]:
            client.send(text)
        client.send({"type": "the_last"})
        while "the_last" not in json.dumps(client.receive()):
            pass
        client.close()


# Redis: what anybody with the password may have written


def test_forged_envelopes(node, redis, viewers, task, watched):
    viewer, epoch = watched
    everyone = viewers(Tasks(node, jwt("odd")))
    everyone.wait_for_room(redis, "user:odd")
    for number in NUMBERS + WORDS:
        for header in (f"{epoch}:{number}:0", f"other:{number}:0", f"{epoch}:1:{number}", f"{number}:1:1", f"{epoch}:{number}:{number}:=1\t2\t3\t4",
                       f"{epoch}:9:9:={number}\t{number}\t{number}\t{number}"):
            redis.client.publish(f"task:{task}", f"\x01ft1:{header}\n" + '{"type":"log"}')
        for header in (f"e:{number}:{number}:task:x\t\t{number}\t{number}", f"e:1:1:task:{number}\t{number}\t{number}\tRUNNING"):
            redis.client.publish("user:odd", f"\x01ft1:{header}\n" + '{"progress":1}')
    _, sequence = publish(redis, task, '{"type":"log","last":true}')
    assert sequence == 2
    while not viewer.receive().get("data", {}).get("last"):
        pass
    everyone.send({"type": "ping"})
    while everyone.receive()["type"] != "pong":
        pass


@pytest.mark.parametrize("field", ["s", "ss", "sm", "hb", "pg", "sw", "cs", "ds", "e", "end", "xp"])
def test_numbers_in_a_tasks_hash(node, redis, viewers, task, watched, field):
    viewer, _ = watched
    for number in NUMBERS + WORDS:
        redis.client.hset(f"odd:{{task:{task}}}:m", field, number)
        state = node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY)
        assert state.status in (200, 404), (number, state.body)
        assert node.request("GET", f"/api/v1/tasks/{task}/events?since=1", key=API_KEY).status in (200, 404), number
    # All is well again with the next event that begins anew.
    redis.client.delete(f"odd:{{task:{task}}}:m")
    publish(redis, task, '{"progress":77}')
    while viewer.receive_type("job_status")["data"].get("progress") != 77:
        pass


def test_what_comes_behind_a_number_that_cannot_be_counted_on(node, redis, viewers, task, watched):
    """A live viewer, and a new one, get what is published then."""
    viewer, epoch = watched
    for place, number in enumerate(["abc", "-1", "18446744073709551615", "9007199254740993", "1" + "0" * 30]):
        redis.client.hset(f"odd:{{task:{task}}}:m", "s", number)
        later, sequence = publish(redis, task, '{"progress":%d}' % (50 + place))
        assert later != epoch and sequence == 1
        epoch = later
        told = viewer.receive_type("job_status")["data"]
        assert (told["progress"], told["sequence"], told["snapshot"], told["epoch"]) == (50 + place, 1, True, epoch)
        newcomer = viewers(Jobs(node))
        newcomer.join(task)
        assert newcomer.receive_type("job_status")["data"]["progress"] == 50 + place


def test_numbers_in_a_history(node, redis, viewers, task, watched):
    _, epoch = watched
    history = f"odd:{{task:{task}}}:h"
    for number in NUMBERS + WORDS:
        for header in (f"{epoch}:{number}:1", f"{epoch}:1:{number}", f"{number}:1:1", f"{epoch}:1:1:={number}\t{number}\t{number}\t{number}", number):
            redis.client.lset(history, 0, f"\x01ft1:{header}\n" + '{"progress":1}')
            for query in ("", "?since=0"):
                assert node.request("GET", f"/api/v1/tasks/{task}/events{query}", key=API_KEY).status == 200, header
    viewer = viewers(Jobs(node))
    for number in FEW:
        redis.client.lset(history, 0, f"\x01ft1:{epoch}:1:{number}\n" + '{"progress":1}')
        viewer.send('{"type":"join_job","jobId":"%s","epoch":"%s","sequence":0}' % (task, epoch))
        viewer.send({"type": "leave_job", "jobId": task})
    viewer.send({"type": "ping"})
    while viewer.receive()["type"] != "pong":
        pass


def test_numbers_among_the_viewers_and_the_present(node, redis, task, watched):
    base = "odd:{online}:"
    loops = redis.client.zrange(base + "nodes", 0, -1)
    assert len(loops) >= 2
    for number in NUMBERS + WORDS:
        redis.client.hset(f"odd:{{task:{task}}}:p", mapping={loop: number for loop in loops})
        viewers_now = node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["viewers"]
        assert isinstance(viewers_now, int) and viewers_now >= 0, number
    redis.client.delete(f"odd:{{task:{task}}}:p")
    scores = [number for number in NUMBERS if number != "1e-400"] + ["inf", "-inf", "1.7e308"]
    for place, score in enumerate(scores):
        redis.client.execute_command("ZADD", base + "off", score, f"gone-{place}")
        found = node.request("GET", f"/api/v1/status/gone-{place}", key=API_KEY)
        assert found.status == 200 and found.json["online"] is False, (score, found.body)
        redis.client.execute_command("ZADD", base + "nodes", score, "odd-loop")
        redis.client.hset(base + "nc", "odd-loop", score)
        assert node.request("GET", "/api/v1/nodes", key=API_KEY).status == 200, score
    redis.client.zrem(base + "nodes", "odd-loop")
    redis.client.hdel(base + "nc", "odd-loop")
    for number in NUMBERS + WORDS:
        redis.client.hset(base + "u", "odd-user", number)
        redis.client.zadd(base + "x", {"odd-user": 0})
        assert node.request("GET", "/api/v1/online", key=API_KEY).status == 200, number
        assert node.request("GET", "/api/v1/status/odd-user", key=API_KEY).status == 200, number
    redis.client.hdel(base + "u", "odd-user")
    redis.client.zrem(base + "x", "odd-user")


def test_numbers_among_the_announcements(node, redis, viewers):
    client = viewers(Presence(node, jwt("listener")))
    client.wait_for_room(redis, "everyone")
    for number in NUMBERS:
        for event in ('{"type":"user_status","user_id":"u","status":"online","timestamp":%s,"version":%s}', '{"type":"typing","user_id":%s,"timestamp":%s}',
                      '{"type":"notification","id":%s,"created_at":%s}'):
            redis.client.publish("everyone", event % (number, number))
            redis.client.publish("user:listener", event % (number, number))
    client.send({"type": "ping"})
    while client.receive()["type"] != "pong":
        pass
    again = viewers(Presence(node, jwt("late")))
    again.send({"type": "ping"})
    while again.receive()["type"] != "pong":
        pass


def test_numbers_among_what_waits_to_be_acknowledged(node, redis, viewers):
    for place, number in enumerate(NUMBERS + WORDS):
        user = f"acker-{place}"
        key = f"odd:{{ack:{len(user)}:{user}:c}}"
        now, text = int(redis.client.time()[0]) * 1000, '{"type":"data"}'
        redis.client.hset(key, mapping={"@": "0", "m1": f"{number} {now}\n{text}", "m2": f"1 {number}\n{text}", "m3": f"{number} {number}\n{text}"})
        client = viewers(Topics(node, jwt(user), client="c"))
        client.send({"type": "heartbeat"})
        while client.receive().get("type") != "heartbeat":
            pass
        client.close()


def test_numbers_in_a_receipt_that_is_repeated(node, redis, task):
    post = lambda: node.request("POST", f"/api/v1/tasks/{task}/events", '{"progress":1}', key=API_KEY, headers={"Idempotency-Key": "k"})
    assert post().status == 200
    key = f"odd:{{task:{task}}}:i:k"
    receipt = json.loads(redis.client.get(key))
    for number in NUMBERS + WORDS:
        for place in (1, 2, 3):
            changed = list(receipt)
            changed[place] = number
            redis.client.set(key, json.dumps(changed))
            assert post().status in (200, 422, 503), (number, place)


def test_numbers_on_a_loops_own_channel(node, redis):
    for channel in redis.client.pubsub_channels("odd:{online}:node:*"):
        for number in NUMBERS + WORDS:
            redis.client.publish(channel, f"close {number}")
            redis.client.publish(channel, number)


# Events, and third parties


def test_numbers_inside_events(node, redis, task, watched):
    viewer, _ = watched
    fields = ["progress", "timestamp", "estimatedTimeRemaining", "totalSteps", "status", "currentStep", "sequence", "epoch", "error", "restart"]
    for number in NUMBERS:
        for field in fields:
            event = '{"%s":%s}' % (field, number)
            assert node.request("POST", f"/api/v1/tasks/{task}/events", event, key=API_KEY).status in (200, 400, 422), event
            redis.client.publish(f"task:{task}", event)
    publish(redis, task, '{"type":"log","last":true}')
    while not viewer.receive().get("data", {}).get("last"):
        pass


def test_what_third_parties_count(node, viewers, party):
    client = viewers(Tasks(node))
    for place, number in enumerate(NUMBERS):
        task = f"counted-{place}"
        metadata = {"externalTaskId": task, "apiKey": "k"}
        assert node.request("POST", "/api/v1/tasks", {"task_id": task, "metadata": metadata}, key=API_KEY).status == 201
        party.answers[task] = answer(200, b'{"status":"processing","progress":%s}' % number.encode())
        client.send({"type": "requestTaskStatus", "id": task, "payload": {"videoId": task}})
        while (told := client.receive()).get("id") != task:
            pass
        assert told["type"] == "taskUpdated" and 0 <= told["payload"]["progress"] <= 100, (number, told)


# Tokens, settings, the command


def test_times_in_tokens(node, viewers):
    for claim in ("exp", "nbf", "iat"):
        for number in NUMBERS:
            token = signed('{"sub":"odd","%s":%s}' % (claim, number))
            status = node.request("GET", "/api/v1/online/count", token=token).status
            assert status in (200, 401), (claim, number)
            socket = RawWebSocket(node, f"/ws?token={token}", welcome=False)
            assert socket.status == 101 and socket.message()["type"] == ("connection_established" if status == 200 else "error"), (claim, number)
            socket.close()


COMMANDS = [
    ["check", "--redis", "redis://127.0.0.1:1", "--api-key", "k", "--task-ttl", "{}"], ["check", "--redis", "redis://127.0.0.1:1/{}"],
    ["check", "--redis", "redis://127.0.0.1:{}"], ["check", "--redis", "redis://127.0.0.1:1", "--port", "{}"],
    ["check", "--redis", "redis://127.0.0.1:1", "--trust-proxy", "10.0.0.0/{}"], ["serve", "--redis", "redis://127.0.0.1:1", "--history", "{}"],
    ["watch", "t", "--token", "t", "--url", "http://127.0.0.1:{}", "--timeout", "1ms"], ["watch", "t", "--token", "t", "--url", "http://127.0.0.1:1", "--timeout", "{}x"],
    ["run", "--every", "{}", "t"], ["token", "--jwt-secret", "x" * 32, "--expires", "{}x"], ["bench", "--connections", "{}x"], ["bench", "--duration", "{}x"],
    ["online", "--redis", "redis://127.0.0.1:{}/{}"], ["publish", "t", '{"progress":{}}', "--redis", "redis://127.0.0.1:1"]]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(arguments)[:60])
def test_arguments_of_the_command(arguments):
    for number in FEW:
        done = fantail(*[word.replace("{}", number) for word in arguments])
        assert done.returncode in (0, 1, 2, 124), (number, done)
        if done.returncode == 2:
            assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_settings_from_the_environment(redis):
    for name in ("PORT", "FANTAIL_PORT", "FANTAIL_LOOPS", "FANTAIL_HISTORY", "FANTAIL_HISTORY_BYTES", "FANTAIL_TASK_TTL", "WS_HEARTBEAT_INTERVAL",
                 "WS_AUTH_TIMEOUT", "WS_CONNECTION_TIMEOUT", "FANTAIL_SOCKETIO_PING_INTERVAL", "FANTAIL_SOCKETIO_PING_TIMEOUT", "FANTAIL_DRAIN", "FANTAIL_PRESENCE_LEASE", "FANTAIL_CONNECTIONS_PER_USER", "FANTAIL_BROADCAST_UP_TO"):
        for number in ("-1", "18446744073709551615", "1" + "0" * 30, "1.5"):
            done = fantail("check", "--redis", redis.url, "--api-key", "k", env={name: number})
            assert done.returncode == 2 and name in done.stderr and len(done.stderr.strip().splitlines()) == 1, (name, number, done.stderr)


def test_watching_what_counts_beyond_everything(node, redis, task):
    for number in NUMBERS:
        redis.client.publish(f"task:{task}", '{"progress":%s}' % number)
    for number in ("0", "99.9", "100", "101", "1e30", "1e308", "-1e308", "9223372036854775807", "18446744073709551615"):
        publish(redis, task, '{"restart":true,"progress":%s,"estimatedTimeRemaining":%s,"totalSteps":%s}' % (number, number, number))
        for flags in ([], ["--json"]):
            done = fantail("watch", task, "--url", f"http://127.0.0.1:{node.port}", "--api-key", API_KEY, "--timeout", "300ms", *flags)
            assert done.returncode == 124 and task in done.stdout, (number, done)
