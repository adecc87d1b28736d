"""Clients of Socket.IO: the wire itself, and a client that is not ours."""

import asyncio
import http.client
import json
import queue
import re
import threading

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from clients import DEADLINE, Jobs, Presence, Stream, Tasks, Topics
from harness import ROOT, wait_until
from raw import Raw, RawWebSocket
from socketio_clients import WAYS, Crowd, Polling, SocketIO, masked, upgrade
from test_document_examples import matches
from tokens import jwt


def test_a_session_opens_with_its_times(node):
    opened = Polling(node).open
    assert opened["upgrades"] == ["websocket"] and (opened["pingInterval"], opened["pingTimeout"]) == (25000, 20000)
    assert opened["maxPayload"] > 1000 and len(opened["sid"]) > 20


@pytest.mark.parametrize("path", ["/socket.io/", "/socket.io", "/ws", "/ws/"])
def test_every_address_serves_it(node, path):
    polling = Polling(node, path)
    assert polling.post("40" + json.dumps({"token": jwt()})) == (200, "ok")
    assert polling.until("42")[0].startswith('40{"sid":')


@pytest.mark.parametrize("query, code", [
    ("", 5), ("EIO=3&transport=polling", 5), ("EIO=4", 0), ("EIO=4&transport=smoke", 0),
    ("EIO=4&transport=polling&sid=unknown", 1), ("EIO=4&transport=polling&sid=a-0-b", 1),
    ("EIO=4&transport=polling&sid=a-99-b", 1), ("EIO=4&transport=websocket", 3)])
def test_a_wrong_request_gets_the_protocols_own_error(node, query, code):
    answer = node.request("GET", f"/socket.io/?{query}")
    assert (answer.status, answer.json["code"]) == (400, code)


def test_events_come_with_the_whole_message(node, task):
    polling = Polling(node)
    assert polling.post("40" + json.dumps({"token": jwt("ann")})) == (200, "ok")
    name, message = json.loads(polling.until("42")[-1][2:])
    assert name == "authSuccess" == message["type"] and message["payload"]["userId"] == "ann"
    assert polling.post('42["subscribe_task",{"videoId":"%s"}]' % task) == (200, "ok")
    name, message = json.loads(polling.until("42")[-1][2:])
    assert name == "subscribeSuccess" and message["payload"]["videoId"] == task
    node.post(task, {"progress": 7})
    name, message = json.loads(polling.until("42")[-1][2:])
    assert name == "taskProgress" and message["payload"]["progress"] == 7


def test_an_acknowledged_event_is_answered_by_its_number(node, task):
    polling = Polling(node)
    polling.post("40" + json.dumps({"token": jwt()}))
    polling.post('421["ping"]', '4213["subscribe_task",{"id":"s","payload":{"videoId":"%s"}}]' % task, '429["nothing"]')
    answers = {}
    while len(answers) < 3:
        packet = polling.until("43")[-1]
        answers[packet[2:packet.index("[")]] = json.loads(packet[packet.index("["):])[0]
    assert answers["1"]["type"] == "pong" and answers["9"]["payload"]["code"] == "UNKNOWN_MESSAGE_TYPE"
    assert answers["13"]["type"] == "subscribeSuccess" and answers["13"]["id"] == "s"


def test_a_bad_token_is_refused(node):
    polling = Polling(node)
    polling.post('40{"token":"nonsense"}')
    assert polling.until("44") == ['44{"message":"Authentication failed"}']
    assert polling.post("40" + json.dumps({"token": jwt()})) == (200, "ok")
    assert polling.until("40")


def test_another_namespace_is_refused_and_the_session_goes_on(node):
    polling = Polling(node)
    polling.post("40/admin,")
    assert polling.until("44") == ['44/admin,{"message":"Invalid namespace"}']
    polling.post("40" + json.dumps({"token": jwt()}))
    polling.until("42")


def test_two_polls_at_once_end_the_session(node):
    polling = Polling(node)
    first = queue.Queue()
    threading.Thread(target=lambda: first.put(polling.get()), daemon=True).start()
    wait_until(lambda: polling.post("3") == (200, "ok"), "a session")  # The first poll has no sign of its own.
    second = polling.get()
    answers = {first.get(timeout=DEADLINE)[0], second[0]}
    assert answers == {200, 400}
    assert polling.get()[0] == 400


def signed_in(node):
    polling = Polling(node)
    assert polling.post("40" + json.dumps({"token": jwt()})) == (200, "ok")
    polling.until("42")
    return polling


def test_pipelined_polls_are_answered_in_turn(node, viewers, task):
    polling = signed_in(node)
    polling.post('42["subscribe_task",{"videoId":"%s"}]' % task)
    polling.until("42")
    polling.post('42["ping"]', "40/other,")
    get = f"GET /socket.io/?EIO=4&transport=polling&sid={polling.sid} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    raw = viewers(Raw(node))
    raw.send(get + get + get)
    first = raw.answer()
    assert first[0] == 200 and b"pong" in first[2] and b"Invalid namespace" in first[2]
    for progress in (1, 2):
        node.post(task, {"progress": progress})
        assert raw.answer()[2].count(b'"progress":%d' % progress) == 1


def test_a_poll_that_is_cut_off_ends_the_session(node):
    polling = signed_in(node)
    connection = http.client.HTTPConnection("127.0.0.1", node.port)
    connection.request("GET", f"/socket.io/?EIO=4&transport=polling&sid={polling.sid}")
    connection.close()
    wait_until(lambda: polling.post("3")[0] == 400, "the end of the session")


def test_who_shows_no_token_holds_few_places(launch, viewers):
    node = launch("--handshakes-per-address", "20", "--loops", "1")
    member = signed_in(node)
    first = Polling(node)
    for _ in range(20):
        Polling(node)
    wait_until(lambda: first.get()[0] == 400, "the oldest has made way")
    assert member.post("3") == (200, "ok")


def test_binary_packets_are_refused_and_the_session_goes_on(node, task):
    polling = signed_in(node)
    assert polling.post('451-["a",{"_placeholder":true,"num":0}]', "bAQ==") == (200, "ok")
    assert json.loads(polling.until("42")[-1][2:])[1]["payload"]["code"] == "INVALID_MESSAGE"
    polling.post('421["ping"]')
    assert "pong" in polling.until("43")[-1]


@pytest.mark.parametrize("length", ["announced", "in chunks"])
def test_a_body_of_many_bytes_costs_no_more_than_its_bound(node, viewers, length):
    polling = signed_in(node)
    raw = viewers(Raw(node))
    head = f"POST /socket.io/?EIO=4&transport=polling&sid={polling.sid} HTTP/1.1\r\nHost: localhost\r\n"
    if length == "announced":
        raw.send(f"{head}Content-Length: 1000000\r\n\r\n".encode())
    else:
        raw.send(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + b"4000\r\n" + b"4" * 0x4000 + b"\r\n")
        for _ in range(8):
            raw.send(b"4000\r\n" + b"4" * 0x4000 + b"\r\n")
    assert raw.answer()[0] == 413
    assert polling.post("3") == (200, "ok")


def test_a_poll_with_a_body_is_answered_without_it(node, viewers):
    polling = signed_in(node)
    raw = viewers(Raw(node))
    raw.send(f"GET /socket.io/?EIO=4&transport=polling&sid={polling.sid} HTTP/1.1\r\nHost: localhost\r\n"
             "Content-Length: 5\r\n\r\nhello".encode())
    wait_until(lambda: polling.post('42["ping"]') == (200, "ok"), "a ping")
    assert b"pong" in raw.answer()[2]
    raw.send(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert raw.answer()[0] == 200


@pytest.mark.parametrize("body", ["x", "", "4\x1e", "5", "0", "2probe"])
def test_what_is_no_packet_ends_the_session_and_nothing_else(node, body):
    polling, other = Polling(node), Polling(node)
    assert polling.post(body)[0] == 400
    assert polling.get()[0] == 400
    assert other.post("40" + json.dumps({"token": jwt()})) == (200, "ok")


@pytest.mark.parametrize("packet", ["4", "4x", "47", "40x", '42["ping"]', '40["token"]', "451", "4" + "1" * 20])
def test_what_is_no_socket_io_ends_the_session_and_nothing_else(node, packet):
    polling, other = Polling(node), Polling(node)
    polling.post(packet)
    polls = [polling.get()]
    while polls[-1][0] == 200 and len(polls) < 3:
        polls.append(polling.get())
    assert (polls[-1][0], json.loads(polls[-1][1])["code"]) == (400, 1), polls
    assert other.post("40" + json.dumps({"token": jwt()})) == (200, "ok") and other.until("42")


def test_a_broken_event_is_an_error_and_the_session_goes_on(node):
    polling = signed_in(node)
    for broken in ["42", "42{}", "42[]", "42[1]", '42["a"', '42["a",{]', "42null"]:
        polling.post(broken)
        name, message = json.loads(polling.until("42")[-1][2:])
        assert (name, message["payload"]["code"]) == ("error", "INVALID_MESSAGE"), broken
    polling.post('421["ping"]')
    assert "pong" in polling.until("431")[-1]


def test_the_session_of_another_node_is_unknown_here_and_lives_on_there(nodes):
    loop_of = lambda session: session.sid.split("-")[-2]
    polling, other = signed_in(nodes[0]), signed_in(nodes[1])
    while loop_of(other) != loop_of(polling):  # where it would be looked for
        other = signed_in(nodes[1])
    for method, body in (("GET", None), ("POST", b'42["ping"]')):
        answer = nodes[1].request(method, f"/socket.io/?EIO=4&transport=polling&sid={polling.sid}", body)
        assert (answer.status, answer.json["code"]) == (400, 1)
    raw = Raw(nodes[1])
    raw.send(upgrade(polling.sid))
    status, _, body = raw.answer()
    assert (status, json.loads(body)["code"]) == (400, 1)
    for session, ping in ((other, "7"), (polling, "1")):  # neither has heard of it
        session.post(f'42{ping}["ping"]')
        answer, = session.until("43")
        assert answer.startswith(f"43{ping}[") and "pong" in answer


@pytest.fixture(scope="module")
def pinging(launch):
    return launch("--socketio-ping-interval", "150", "--socketio-ping-timeout", "1000")


def test_a_client_that_answers_pings_may_be_idle(pinging, viewers, task):
    polling = signed_in(pinging)
    assert (polling.open["pingInterval"], polling.open["pingTimeout"]) == (150, 1000)
    raw = viewers(RawWebSocket(pinging, "/socket.io/?EIO=4&transport=websocket", welcome=False))
    raw.next_frame()
    for _ in range(8):  # longer than the timeout
        polling.until("2")
        assert raw.next_frame() == (0x81, b"2")
        polling.post("3")
        raw.frame(1, "3")
    polling.post('421["ping"]')
    assert "pong" in polling.until("431")[-1]


def test_a_client_that_never_answers_a_ping_is_given_up(pinging, viewers):
    polling = signed_in(pinging)
    raw = viewers(RawWebSocket(pinging, "/socket.io/?EIO=4&transport=websocket", welcome=False))
    while raw.fill():
        pass
    assert raw.buffer.count(b"\x81\x012") == 1, "one ping waits for its answer"
    wait_until(lambda: polling.get()[0] == 400, "the one that polls is gone, too")


def read(packet):
    """A packet's numbers and namespace, the names of its event and messages, and its values."""
    head, text = re.fullmatch(r"([^\[{]*)(.*)", packet, re.DOTALL).groups()
    values = json.loads(text or "[]")
    values = values if isinstance(values, list) else [values]
    return head, [one if isinstance(one, str) else one.get("type") for one in values], values


def is_like(packet, example):
    """Whether it is the same packet, by names and JSON types."""
    *names, values = read(packet)
    *expected, examples = read(example)
    return names == expected and all(map(matches, values, examples))


def test_every_packet_of_the_contract(node, task):
    contract = json.loads((ROOT / "Tests/Examples/messages.json").read_text())["socketio"]
    polling, said = Polling(node), []
    said += ["0" + json.dumps(polling.open)]
    for packet in contract["client_to_server"]:
        if packet in ("1", "2probe", "5", "41"):
            continue
        packet = packet.replace("JWT", jwt()).replace("video_xxx", task)
        if "requestTaskStatus" in packet:
            node.post(task, {"progress": 1})
            polling.post('42["requestTaskStatus",{"videoId":"%s"}]' % task)
            said += polling.until('42["taskUpdated"')
            node.post(task, {"type": "completed", "result": {"videoUrl": "u"}})
            said += polling.until('42["taskUpdated"')  # as every change for who has asked
        assert polling.post(packet) == (200, "ok"), packet
    said += polling.until("431")
    bad = Polling(node)
    bad.post('40{"token":"bad"}')
    said += bad.until("44")
    with connect(node.url(f"/socket.io/?EIO=4&transport=websocket&sid={polling.sid}"), open_timeout=DEADLINE) as socket:
        socket.send("2probe")
        said += [socket.recv(timeout=DEADLINE)]
        said += [polling.get()[1]]  # a poll ends while the client moves
        socket.send("5")
        socket.send("41")
        while said[-1] != "41":
            said.append(socket.recv(timeout=DEADLINE))
    # "0" without upgrades, "2" and "1" have tests of their own.
    for packet in contract["server_to_client"]:
        if packet in ("2", "1") or packet.startswith('0{') and '"upgrades":[]' in packet:
            continue
        assert any(is_like(one, packet) for one in said), (packet, said)


def test_a_crowd_on_two_nodes_beside_all_other_dialects_gets_every_event_once_and_in_order(nodes, viewers, task):
    count = 12
    crowd = Crowd(task, count)
    others = []
    for node in nodes:
        tasks, jobs, topics = viewers(Tasks(node)), viewers(Jobs(node)), viewers(Topics(node))
        tasks.subscribe(task), jobs.join(task), topics.subscribe("task", {"taskId": task})
        jobs.expect_silence()
        others += [tasks, jobs, topics]
    streams = [viewers(Stream(node, task)) for node in nodes]
    # Nobody reads of the crowd's coming and going, so their close would wait for it.
    people = [viewers(Presence(node, jwt(f"{task}-{number}"), close_timeout=0.2)) for number, node in enumerate(nodes)]

    async def everybody():
        ways = [crowd.talk, crowd.poll]
        clients = [asyncio.create_task(ways[n % 2](nodes[n // 2 % 2], jwt(f"{task}-{n % 40}"))) for n in range(400)]
        while crowd.following < 400:
            done, _ = await asyncio.wait(clients, timeout=0.05, return_when=asyncio.FIRST_EXCEPTION)
            [one.result() for one in done]
        for number in range(1, count + 1):
            await asyncio.to_thread(nodes[number % 2].post, task, {"type": "log", "n": number})
        await asyncio.wait_for(asyncio.gather(*clients), DEADLINE * 2)

    asyncio.run(everybody())
    expected = list(range(1, count + 1))
    assert [seen for seen in crowd.seen if seen != expected] == [] and len(crowd.seen) == 400
    for other in others:
        heard = [other.receive() for _ in expected]
        assert [(message.get("payload") or message["data"])["n"] for message in heard] == expected
    assert [[stream.next()["data"]["n"] for _ in expected] for stream in streams] == [expected] * 2
    people[0].send({"type": "message", "to_user_id": f"{task}-1", "message": "Hello!"})
    while (message := people[1].receive())["type"] != "chat":
        assert message["type"] == "user_status", message


def test_a_client_moves_to_a_websocket_and_misses_nothing(node, task):
    polling = Polling(node)
    polling.post("40" + json.dumps({"token": jwt()}))
    polling.until("42")
    polling.post('42["subscribe_task",{"videoId":"%s"}]' % task)
    polling.until("42")
    waiting = queue.Queue()
    threading.Thread(target=lambda: waiting.put(polling.get()), daemon=True).start()
    with connect(node.url(f"/socket.io/?EIO=4&transport=websocket&sid={polling.sid}"), open_timeout=DEADLINE) as socket:
        socket.send("2probe")
        assert socket.recv(timeout=DEADLINE) == "3probe"
        assert waiting.get(timeout=DEADLINE) == (200, "6")
        node.post(task, {"progress": 1})
        socket.send("5")
        assert json.loads(socket.recv(timeout=DEADLINE)[2:])[1]["payload"]["progress"] == 1
        node.post(task, {"progress": 2})
        assert json.loads(socket.recv(timeout=DEADLINE)[2:])[1]["payload"]["progress"] == 2
        assert polling.get()[0] == 400
        socket.send('421["ping"]')
        assert socket.recv(timeout=DEADLINE).startswith('431[{"type":"pong"')


@pytest.mark.parametrize("ways", WAYS)
def test_a_client_that_is_not_ours_follows_a_task(node, viewers, task, ways):
    client = viewers(SocketIO(node, ways))
    assert client.until("authSuccess")
    client.follow(task)
    for progress in range(1, 30):
        node.post(task, {"progress": progress})
    assert client.progress(29) == list(range(1, 30))
    assert client.client.call("ping", timeout=DEADLINE)["type"] == "pong"
    node.post(task, {"type": "completed", "result": {"videoUrl": "u"}})
    assert client.until("taskCompleted")["payload"]["result"]["videoUrl"] == "u"


@pytest.mark.parametrize("ways", WAYS)
def test_clients_of_many_loops_get_every_event_once(launch, viewers, task, ways):
    node = launch("--loops", "4")
    clients = [viewers(SocketIO(node, ways)) for _ in range(8)]
    for client in clients:
        client.follow(task)
    for progress in range(1, 50):
        node.post(task, {"progress": progress})
    for client in clients:
        assert client.progress(49) == list(range(1, 50))


@pytest.mark.parametrize("ways", WAYS)
def test_a_client_comes_back_after_a_drain(launch, redis, viewers, task, ways):
    first = launch()
    client = viewers(SocketIO(first, ways))
    client.follow(task)
    port = first.port
    first.terminate()
    second = launch(port=port)
    client.until("authSuccess")
    client.follow(task)
    second.post(task, {"progress": 3})
    assert client.until("taskProgress")["payload"]["progress"] == 3


@pytest.mark.parametrize("ways", WAYS)
def test_a_client_of_a_killed_node_comes_back_on_another_and_misses_nothing(launch, viewers, task, ways):
    first = launch()
    second = launch()
    client = viewers(SocketIO(first, ways))
    client.follow(task)
    second.post(task, {"progress": 1})
    seen = client.until("taskProgress")["payload"]
    port = first.port
    first.expected_to_die = True
    first.kill()
    second.post(task, {"progress": 2})
    launch(port=port)
    client.until("authSuccess")
    client.client.emit("subscribe_task", {"videoId": task, "epoch": seen["epoch"], "sequence": seen["sequence"]})
    assert client.until("subscribeSuccess")["payload"]["recovered"] is True
    assert client.until("taskProgress")["payload"]["progress"] == 2


def test_a_client_that_does_not_poll_gets_the_newest_and_not_all(node, task):
    polling = Polling(node)
    polling.post("40" + json.dumps({"token": jwt()}))
    polling.until("42")
    polling.post('42["subscribe_task",{"videoId":"%s"}]' % task)
    polling.until("42")
    text = "x" * 20_000
    for progress in range(1, 100):
        node.post(task, {"progress": progress, "message": text})
    seen = []
    while not seen or seen[-1] != 99:  # the last may be on its way still
        seen.append(json.loads(polling.until('42["taskProgress"')[-1][2:])[1]["payload"]["progress"])
    assert seen == sorted(seen) and len(seen) < 99


def test_the_other_dialects_get_the_same_events(node, viewers, task):
    clients = [viewers(SocketIO(node, ways)) for ways in WAYS]
    plain = viewers(Tasks(node))
    plain.subscribe(task)
    for client in clients:
        client.follow(task)
    node.post(task, {"type": "failed", "error": "e"})
    expected = plain.receive_type("taskFailed")["payload"]
    for client in clients:
        assert client.until("taskFailed")["payload"] == expected


def test_a_websocket_of_no_session_or_of_one_that_has_moved_is_refused(node):
    polling = Polling(node)
    for _ in range(2):
        with connect(node.url(f"/socket.io/?EIO=4&transport=websocket&sid={polling.sid}"), open_timeout=DEADLINE) as socket:
            socket.send("42")  # Not a probe: the session stays with polls.
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=DEADLINE)
    with connect(node.url(f"/socket.io/?EIO=4&transport=websocket&sid={polling.sid}"), open_timeout=DEADLINE) as first:
        first.send("2probe")
        assert first.recv(timeout=DEADLINE) == "3probe"
        with connect(node.url(f"/socket.io/?EIO=4&transport=websocket&sid={polling.sid}"), open_timeout=DEADLINE) as second:
            with pytest.raises(ConnectionClosed):
                second.recv(timeout=DEADLINE)
        first.send("5")
        first.send("40" + json.dumps({"token": jwt()}))
        assert first.recv(timeout=DEADLINE).startswith("40")


def test_a_client_without_a_token_is_told_and_disconnected(launch):
    node = launch("--ws-auth-timeout", "300")
    polling = Polling(node)
    polling.post("40")
    said = polling.until("41")
    assert json.loads(said[1][2:])[1]["payload"]["code"] == "AUTH_TIMEOUT"
    assert polling.get()[0] == 400


@pytest.mark.parametrize("head", ["Authorization", "query"])
def test_a_token_of_the_handshake_is_enough(node, head):
    token = jwt("ann")
    more = f"&token={token}" if head == "query" else ""
    headers = {"Authorization": f"Bearer {token}"} if head == "Authorization" else None
    with connect(node.url(f"/ws?EIO=4&transport=websocket{more}"), additional_headers=headers, open_timeout=DEADLINE) as socket:
        assert json.loads(socket.recv(timeout=DEADLINE)[1:])["upgrades"] == []
        socket.send("40")
        assert socket.recv(timeout=DEADLINE).startswith("40{")
        assert json.loads(socket.recv(timeout=DEADLINE)[2:])[1]["payload"]["userId"] == "ann"


def test_too_large_a_body_is_refused_before_it_comes(node):
    polling = Polling(node)
    assert polling.request("POST", f"&sid={polling.sid}", b"4" + b"x" * polling.open["maxPayload"]).status == 413
    assert polling.post("40" + json.dumps({"token": jwt()})) == (200, "ok")


def test_a_page_of_another_origin_is_refused(node):
    answer = node.request("GET", "/socket.io/?EIO=4&transport=polling", headers={"Origin": "https://evil.example"})
    assert (answer.status, answer.json["code"]) == (403, 4)


def trial(node, viewers, polling):
    """A WebSocket of the session, opened by hand."""
    raw = viewers(Raw(node))
    raw.send(upgrade(polling.sid))
    assert raw.answer()[0] == 101
    raw.send(masked("2probe"))
    assert raw.take(8) == b"\x81\x063probe"
    return raw


def test_what_comes_behind_the_upgrade_is_read(node, viewers):
    polling = signed_in(node)
    raw = trial(node, viewers, polling)
    raw.send(masked("5", '421["ping"]', '422["ping"]'))
    text = b""
    while b"432[" not in text:
        text += raw.take(1)
    assert text.count(b'"pong"') >= 1 and b"431[" in text


def test_a_client_that_closes_with_the_upgrade_is_answered_and_gone(node, viewers):
    polling = signed_in(node)
    raw = trial(node, viewers, polling)
    raw.send(masked("5") + bytes([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8]))
    assert raw.take(4) == b"\x88\x02\x03\xe8"
    raw.expect_end()
    assert polling.post("3")[0] == 400


def test_a_client_that_leaves_over_its_websocket_gets_one_close_frame(node, viewers):
    polling = signed_in(node)
    raw = trial(node, viewers, polling)
    raw.send(masked("5", "1"))
    assert raw.take(4) == b"\x88\x02\x03\xe8"
    raw.expect_end()


def test_a_second_websocket_says_nothing_for_the_session(node, viewers):
    polling = signed_in(node)
    first = trial(node, viewers, polling)
    second = viewers(Raw(node))
    second.send(upgrade(polling.sid) + masked("5", "1"))
    assert second.answer()[0] == 101
    assert polling.post("3") == (200, "ok")
    first.send(masked("5", '427["ping"]'))
    text = b""
    while b"437[" not in text:
        text += first.take(1)


def test_a_refused_handshake_serves_nothing_behind_it(node, viewers, task):
    raw = viewers(Raw(node))
    raw.send(b"GET /socket.io/?EIO=4&transport=websocket&sid=none HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
             b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
             b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert raw.answer()[0] == 400
    raw.expect_end()


@pytest.mark.parametrize("way", ["event", "handshake", "query"])
def test_a_batching_client_that_does_not_poll_is_bounded(node, task, way):
    polling = Polling(node, more="&batch=1" if way == "query" else "")
    if way == "event":
        polling.post("40")
        polling.post('42["auth",{"token":"%s","batch":true}]' % jwt())
    else:
        polling.post("40" + json.dumps({"token": jwt(), "batch": way == "handshake"}))
    polling.until("42")
    polling.post('42["subscribe_task",{"videoId":"%s"}]' % task)
    polling.until("42")
    for progress in range(1, 100):
        node.post(task, {"progress": progress, "message": "x" * 20_000})
    seen = []
    while not seen or seen[-1] != 99:
        _, batch = json.loads(polling.until('42["taskBatch"')[-1][2:])
        seen += [update["payload"]["progress"] for update in batch["payload"]["updates"]]
    assert seen == sorted(seen) and len(seen) < 99


def test_requests_behind_a_waiting_poll_cost_neither_memory_nor_the_stack(node, viewers):
    polling = signed_in(node)
    raw = viewers(Raw(node))
    get = f"GET /socket.io/?EIO=4&transport=polling&sid={polling.sid} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    raw.send(get * 10)
    raw.socket.setblocking(False)
    try:
        for _ in range(100):
            raw.socket.send(b"GET /ws?EIO=4 HTTP/1.1\r\nHost:localhost\r\n\r\n" * 300)
    except BlockingIOError:
        pass  # The node reads no further while the poll waits.
    raw.socket.setblocking(True)
    for _ in range(10):
        assert polling.post('42["ping"]') == (200, "ok")
        assert b"pong" in raw.answer()[2]
    for _ in range(1000):
        assert raw.answer()[0] == 400
    assert node.request("GET", "/health/live").status == 200
