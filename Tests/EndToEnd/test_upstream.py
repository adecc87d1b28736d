"""Third-party status of the dialect `tasks`: registering, asking, polling (ops/dialects.md)."""

import json
import ssl
import subprocess
import threading
import time

import pytest
import redis as redis_py

from clients import Tasks, is_now
from harness import API_KEY, own_keys, wait_until
from third_party import ThirdParty, answer, closed_port, dripping, held
from tokens import jwt

KEY = "sk-a-secret-that-nobody-may-see"
DUE = "ft:{inquiries}:due"


@pytest.fixture(scope="module")
def party():
    server = ThirdParty()
    yield server
    server.close()


@pytest.fixture(scope="module")
def stranger():
    """A server that is no --upstream."""
    server = ThirdParty()
    yield server
    server.close()


@pytest.fixture(scope="module")
def refusing():
    keeper = closed_port()
    yield keeper.getsockname()[1]
    keeper.close()


@pytest.fixture(scope="module")
def flags(party, refusing):
    return ["--upstream", party.url, "--upstream", f"http://127.0.0.1:{refusing}"]


@pytest.fixture(scope="module")
def nodes(launch, flags):
    return [launch(*flags), launch(*flags)]


@pytest.fixture(autouse=True)
def the_key_stays_secret(nodes):
    yield
    for node in nodes:
        assert KEY not in node.log


def register(node, task, *, external=None, key=KEY, metadata=None, **fields):
    metadata = {"externalTaskId": external or task, "apiKey": key} | (metadata or {})
    return node.request("POST", "/api/v1/tasks", {"task_id": task, "metadata": metadata} | fields, key=API_KEY)


def registered(node, task, **how):
    reply = register(node, task, **how)
    assert reply.status == 201, reply.body
    assert KEY.encode() not in reply.body
    return reply.json


class Asking(Tasks):
    """A client that asks for statuses."""

    def ask(self, *tasks, id="ask"):
        kind = "requestTaskStatus" if len(tasks) == 1 else "requestMultipleTaskStatus"
        payload = {"videoId": tasks[0]} if len(tasks) == 1 else {"videoIds": list(tasks)}
        self.send({"type": kind, "id": id, "payload": payload})

    def replies(self, count, id="ask", timeout=10):
        """The next answers to the request; messages without an id are news of the task."""
        found = []
        while len(found) < count:
            message = self.receive(timeout=timeout)
            assert KEY not in json.dumps(message)
            if message.get("id") == id:
                found.append(message)
        return found

    def expect_pong_before_reply(self):
        """The loop is free, and the request is not answered yet."""
        self.send({"type": "ping", "id": "pong"})
        assert self.receive_type("pong")["id"] == "pong"

    def status(self, task, timeout=10):
        """Asks, and returns the payload of the one answer."""
        self.ask(task)
        reply = self.replies(1, timeout=timeout)[0]
        assert reply["type"] == "taskUpdated" and is_now(reply["timestamp"]), reply
        assert reply["payload"]["videoId"] == task
        return reply["payload"]


def summary(payload):
    return payload["status"], payload["progress"], payload["videoUrl"], payload["error"]


# Registering


def test_registering_publishes_the_first_state(nodes, redis, viewers, task):
    viewer = viewers(Tasks(nodes[1]))
    viewer.subscribe(task)
    reply = registered(nodes[0], task)
    assert reply["task_id"] == task and reply["sequence"] == 1
    assert redis.is_enough(reply["receivers"], 1)
    payload = viewer.receive_type("taskProgress")["payload"]
    assert (payload["status"], payload["progress"], payload["sequence"]) == ("QUEUED", 0, 1)
    state = nodes[1].request("GET", f"/api/v1/tasks/{task}", key=API_KEY)
    assert state.json["state"]["status"] == "QUEUED" and KEY.encode() not in state.body


def test_registering_with_a_status_and_no_third_party(node, redis, task):
    reply = node.request("POST", "/api/v1/tasks", {"task_id": task, "status": "PROCESSING"}, key=API_KEY)
    assert reply.status == 201
    state = node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["state"]
    assert (state["status"], state["progress"]) == ("PROCESSING", 0)
    assert redis.client.zscore(DUE, f"task:{task}") is None


def test_a_task_is_registered_once(nodes, redis, task):
    registered(nodes[0], task)
    again = register(nodes[1], task)
    assert again.status == 409 and again.code == "TASK_EXISTS"
    redis.fcall(task + "-old", {"progress": 1})
    assert register(nodes[0], task + "-old").status == 409


def test_registering_at_once_succeeds_once(nodes, task):
    statuses = []
    threads = [threading.Thread(target=lambda n=n: statuses.append(register(nodes[n % 2], task).status)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [409] * 7


@pytest.mark.parametrize("body", [
    {}, {"task_id": 5}, {"task_id": "a b"}, {"status": ""}, {"status": 5}, {"metadata": []}, {"owner": "a b"}, {"team": {}},
    {"metadata": {"apiKey": 5}}, {"metadata": {"apiKey": ""}}, {"metadata": {"apiKey": "a\r\nX-Evil: 1"}},
    {"metadata": {"externalTaskId": ""}}, {"metadata": {"externalTaskId": ".."}}, {"metadata": {"externalTaskId": "x" * 513}},
    {"metadata": {"apiEndpoint": 5}}, {"apiEndpoint": "ftp://127.0.0.1"}, {"metadata": {"filler": "x" * 70_000}},
])
def test_what_cannot_be_registered(node, redis, task, body):
    reply = node.request("POST", "/api/v1/tasks", ({"task_id": task} | body) if body else {}, key=API_KEY)
    assert reply.status == 422 and reply.code == "INVALID_EVENT", reply.body
    assert not redis.client.exists(f"ft:{{task:{task}}}:m")


def test_only_upstreams_may_be_named(node, party, stranger, redis, task):
    own = party.url.removeprefix("http://")
    for endpoint in [
        stranger.url, f"https://{own}", "http://127.0.0.1", f"http://127.0.0.1:{party.port}1", f"http://{own}@{stranger.url[7:]}",
        f"http://{own}\\@{stranger.url[7:]}", f"http://{own}#@{stranger.url[7:]}", f"http://{own}?@{stranger.url[7:]}",
        f"http://localhost:{party.port}", f"http://user:{KEY}@{own}", f"http://{own}.example.com", "//" + own, own, "",
    ]:
        for place in ({"metadata": {"apiEndpoint": endpoint}}, {"apiEndpoint": endpoint}):
            reply = register(node, task, **place)
            assert reply.status == 422 and KEY.encode() not in reply.body, endpoint
    assert not redis.client.exists(f"ft:{{task:{task}}}:m")
    registered(node, task, apiEndpoint=f"HTTP://{own}/")


def test_registering_needs_the_scope(node, task):
    def attempt(**how):
        return node.request("POST", "/api/v1/tasks", {"task_id": task}, **how)

    assert attempt().status == 401 and attempt(key="wrong").status == 401
    assert attempt(token=jwt("alice")).status == 403
    assert attempt(token=jwt("alice", scope="publish")).status == 201
    reply = node.request("PUT", "/api/v1/tasks", key=API_KEY)
    assert reply.status == 405 and reply.headers["Allow"] == "GET, HEAD, POST"


def test_the_owner_and_the_team_follow_from_the_first_moment(nodes, viewers, task):
    owner = viewers(Tasks(nodes[0], jwt("own-" + task)))
    member = viewers(Tasks(nodes[1], jwt("mate-" + task, teams=["team-" + task])))
    nodes[0].request("GET", "/health/live")
    wait_until(lambda: nodes[0].log.count("own-" + task) > 0, "the owner is authenticated")
    for client in (owner, member):
        client.expect_silence()
    registered(nodes[1], task, owner="own-" + task, team="team-" + task)
    for client in (owner, member):
        payload = client.receive_type("taskUpdated")["payload"]
        assert (payload["videoId"], payload["status"]) == (task, "QUEUED")


# Asking


@pytest.mark.parametrize("said, expected, kind", [
    ({"status": "processing", "progress": 40}, ("PROCESSING", 40, None, None), "taskProgress"),
    ({"status": "processing", "progress": 0}, ("PROCESSING", 7, None, None), "taskProgress"),
    ({"status": "processing"}, ("PROCESSING", 7, None, None), "taskProgress"),
    ({"status": "processing", "progress": 250}, ("PROCESSING", 100, None, None), "taskProgress"),
    ({"status": "completed", "video_url": "http://v/1.mp4", "progress": 100},
     ("COMPLETED", 100, "http://v/1.mp4", None), "taskCompleted"),
    ({"status": "completed"}, ("COMPLETED", 100, None, None), "taskCompleted"),
    ({"status": "failed", "error": "模型过载"}, ("FAILED", 7, None, "模型过载"), "taskFailed"),
    ({"status": "failed", "error": {"message": "overloaded", "code": 3}}, ("FAILED", 7, None, "overloaded"), "taskFailed"),
])
def test_what_the_third_party_says_is_stored_and_told(nodes, viewers, party, redis, task, said, expected, kind):
    registered(nodes[0], task)
    redis.fcall(task, {"status": "QUEUED", "progress": 7})
    party.tell(task, said.pop("status"), **said)
    viewer = viewers(Tasks(nodes[1]))
    viewer.subscribe(task)
    for _ in range(2):
        assert viewer.receive()["payload"]["progress"] == 7
    client = viewers(Asking(nodes[0]))
    assert summary(client.status(task)) == expected
    news = viewer.receive_type(kind)["payload"]
    assert news["videoId"] == task and news["sequence"] == 3
    if kind == "taskCompleted":
        assert news["result"].get("videoUrl") == expected[2]
    if kind == "taskFailed":
        assert news["error"]["message"] == expected[3] and news["error"]["retryable"] is False
    video, path, headers = party.asked(task)[0]
    assert path == f"/sora/v1/videos/{task}" and headers["Authorization"] == KEY
    stored = nodes[1].request("GET", f"/api/v1/tasks/{task}", key=API_KEY)
    assert stored.json["sequence"] == 3 and KEY.encode() not in stored.body


def test_failed_without_a_word_is_still_failed(node, viewers, party, task):
    registered(node, task)
    party.tell(task, "failed")
    payload = viewers(Asking(node)).status(task)
    assert payload["status"] == "FAILED" and payload["error"]


def test_nothing_new_is_not_published(node, viewers, party, redis, task):
    registered(node, task)
    redis.fcall(task, {"status": "RUNNING", "progress": 40})
    party.tell(task, "processing", progress=40.0)
    assert summary(viewers(Asking(node)).status(task)) == ("PROCESSING", 40, None, None)
    assert len(party.asked(task)) == 1
    assert redis.client.hget(f"ft:{{task:{task}}}:m", "s") == b"2"


def test_who_asks_again_gets_what_is_new(node, viewers, party, task):
    registered(node, task)
    client = viewers(Asking(node))
    for progress in (10, 20):
        party.tell(task, "processing", progress=progress)
        assert client.status(task)["progress"] == progress
    party.tell(task, "completed", video_url="u")
    assert client.status(task)["status"] == "COMPLETED"
    assert client.status(task)["status"] == "COMPLETED" and len(party.asked(task)) == 3


def test_the_external_id_is_one_segment(node, viewers, party, task):
    external = f"{task}/../x?y#z %2F é"
    registered(node, task, external=external, apiEndpoint=party.url + "/base/")
    party.tell(external, "processing", progress=3)
    assert viewers(Asking(node)).status(task)["progress"] == 3
    assert party.asked(external)[0][1] == f"/base/sora/v1/videos/{task}%2F..%2Fx%3Fy%23z%20%252F%20%C3%A9"


@pytest.mark.parametrize("state", [
    {"status": "PAUSED", "progress": 5}, {"type": "completed"}, {"type": "failed", "error": "e"},
    {"type": "failed", "error": {"message": "e", "retryable": True}},
])
def test_only_waiting_tasks_are_asked_about(node, viewers, party, redis, task, state):
    registered(node, task)
    redis.fcall(task, state)
    viewers(Asking(node)).status(task)
    redis.client.zadd(DUE, {f"task:{task}": 0})
    # Taken, it is put off by 15 s, then by 30 s or for good.
    wait_until(lambda: (redis.client.zscore(DUE, f"task:{task}") or 1e15) > time.time() * 1000 + 20_000, "it was looked at")
    assert party.asked(task) == []


def test_without_a_key_or_a_name_nobody_is_asked(node, viewers, party, redis, task):
    for number, metadata in enumerate([{"apiKey": KEY}, {"externalTaskId": "x"}, {"apiType": "sora"}]):
        name = f"{task}-{number}"
        reply = node.request("POST", "/api/v1/tasks", {"task_id": name, "metadata": metadata}, key=API_KEY)
        assert reply.status == 201
        assert viewers(Asking(node)).status(name)["status"] == "QUEUED"
        assert redis.client.zscore(DUE, f"task:{name}") is None
    assert party.asked("x") == []


@pytest.mark.parametrize("reply, reason", [
    (answer(500, b'{"status":"completed"}'), "status 500"),
    (answer(404, b'{"status":"completed"}'), "status 404"),
    (answer(200, b'{"status":"exploded","progress":50}'), "none of completed"),
    (answer(200, b'{"progress":50}'), "no status"),
    (answer(200, b"<html>"), "not a JSON object"),
    (answer(200, b""), "not a JSON object"),
    (answer(200, b'{"status":"completed","filler":"' + b"x" * (1 << 20) + b'"}'), "more than 1048576 bytes"),
    (answer(200, json.dumps({"status": "completed", "video_url": "u" * 20_000}).encode()), "too long"),
])
def test_a_bad_answer_leaves_the_stored_state(node, viewers, party, redis, task, reply, reason):
    registered(node, task)
    redis.fcall(task, {"status": "PROCESSING", "progress": 30})
    party.answers[task] = reply
    assert summary(viewers(Asking(node)).status(task)) == ("PROCESSING", 30, None, None)
    assert redis.client.hget(f"ft:{{task:{task}}}:m", "s") == b"2"
    assert any(task in line and reason in line and "warning" in line for line in node.log.splitlines())


def test_a_redirection_is_not_followed(node, viewers, party, stranger, task):
    registered(node, task)
    stranger.tell(task, "completed", video_url="u")
    for status in (301, 302, 307, 308):
        party.answers[task] = answer(status, b"{}", Location=f"{stranger.url}/sora/v1/videos/{task}")
        assert viewers(Asking(node)).status(task)["status"] == "QUEUED"
        time.sleep(1.1)  # for the next client, an answer of this moment would do
    assert len(party.asked(task)) == 4 and stranger.requests == []


def test_nobody_there(node, viewers, refusing, task):
    registered(node, task, apiEndpoint=f"http://127.0.0.1:{refusing}")
    assert viewers(Asking(node)).status(task)["status"] == "QUEUED"
    assert any(task in line and f":{refusing}" in line and "warning" in line for line in node.log.splitlines())


@pytest.mark.parametrize("kind", ["silent", "dripping"])
def test_a_slow_answer_is_given_up_after_ten_seconds(node, viewers, party, task, kind):
    registered(node, task)
    gate = threading.Event()
    party.answers[task] = held(gate, answer(200, b"{}")) if kind == "silent" else dripping(gate)
    client = viewers(Asking(node))
    began = time.monotonic()
    assert client.status(task, timeout=30)["status"] == "QUEUED"
    assert 9 < time.monotonic() - began < 25
    gate.set()
    # The loops were free all the time.
    assert "Timeout was reached" in node.log


def test_a_certificate_nobody_vouches_for(launch, viewers, tmp_path, task):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    party = ThirdParty(tls=context)
    try:
        node = launch("--upstream", party.url, "--key-prefix", "tls")
        party.tell(task, "completed")
        registered(node, task)
        assert viewers(Asking(node)).status(task)["status"] == "QUEUED"
        assert party.requests == [] and "certificate" in node.log
    finally:
        party.close()


# Many at once


def test_many_viewers_cause_one_request(nodes, viewers, party, task):
    registered(nodes[0], task)
    gate = threading.Event()
    party.answers[task] = held(gate, answer(200, b'{"status":"processing","progress":55}'))
    clients = [viewers(Asking(nodes[number % 2])) for number in range(20)]
    for number, client in enumerate(clients):
        client.ask(task, id=f"r{number}")
    party.wait_for_requests(task, 1)
    for client in clients:
        client.expect_pong_before_reply()
    gate.set()
    for number, client in enumerate(clients):
        reply = client.receive_type("taskUpdated")
        assert reply["id"] == f"r{number}" and reply["payload"]["progress"] == 55
    assert len(party.asked(task)) == 1
    for client in clients:
        client.expect_silence()


def test_a_change_is_told_once_to_who_asked_and_once_to_everybody_else(nodes, viewers, party, redis, task):
    owner = "own-" + task
    registered(nodes[0], task, owner=owner)
    party.tell(task, "processing")
    earlier, follower = viewers(Asking(nodes[1])), viewers(Asking(nodes[0]))
    assert earlier.status(task)["status"] == "PROCESSING"
    follower.subscribe(task)
    follower.receive_type("taskUpdated")
    follower.receive_type("taskProgress")
    clients = []
    for number, make in enumerate([
            lambda: Asking(nodes[0]), lambda: Asking(nodes[1]), lambda: Asking(nodes[0], jwt(owner)), lambda: follower], 1):
        clients.append(client := viewers(make()))
        redis.client.delete(f"ft:inquiry:{{task:{task}}}")
        party.tell(task, "processing", progress=10 * number)
        client.ask(task)
        if client is follower:
            assert client.receive_type("taskProgress")["payload"]["progress"] == 10 * number
        else:
            assert follower.receive_type("taskProgress")["payload"]["progress"] == 10 * number
        reply = client.receive_type("taskUpdated")
        assert reply["id"] == "ask" and reply["payload"]["progress"] == 10 * number
        for other in [earlier, *clients[:number - 1]]:
            news = other.receive_type("taskUpdated")
            assert "id" not in news and news["payload"]["sequence"] == reply["payload"]["sequence"]
        for one in [earlier, *clients[:number]]:
            one.expect_silence()
    redis.fcall(task, {"progress": 90})
    follower.receive_type("taskProgress")
    for client in [earlier, *clients]:
        news = client.receive_type("taskUpdated")
        assert "id" not in news and news["payload"]["progress"] == 90
        client.expect_silence()


def test_many_viewers_and_a_quick_answer_cause_one_request(nodes, viewers, party, task):
    registered(nodes[0], task)
    party.tell(task, "processing", progress=55)
    clients = [viewers(Asking(nodes[number % 2])) for number in range(20)]
    for client in clients:
        client.ask(task)
    for client in clients:
        assert client.replies(1)[0]["payload"]["progress"] == 55
    assert len(party.asked(task)) == 1


def test_many_tasks_are_asked_in_parallel(node, viewers, party, task):
    names, barrier = [f"{task}-{number}" for number in range(30)], threading.Barrier(30, timeout=9)
    for number, name in enumerate(names):
        def reply(handler, number=number):
            barrier.wait()
            answer(200, b'{"status":"processing","progress":%d}' % (number + 1))(handler)
        party.answers[name] = reply
        registered(node, name)
    client = viewers(Asking(node))
    client.ask(*names, task + "-none")
    found = {reply["payload"]["videoId"]: reply for reply in client.replies(31)}
    assert found[task + "-none"]["type"] == "error" and found[task + "-none"]["payload"]["code"] == "NOT_FOUND"
    assert [found[name]["payload"]["progress"] for name in names] == list(range(1, 31))


def test_a_flood_of_requests_waits_only_so_long_as_there_is_room(nodes, viewers, party, task):
    """200 requests of one connection wait; further ones get the stored state, and each gets one answer."""
    registered(nodes[0], task)
    gate = threading.Event()
    party.answers[task] = held(gate, answer(200, b'{"status":"processing","progress":66}'))
    client = viewers(Asking(nodes[0]))
    for number in range(230):
        client.ask(task, id="flood")
        if number % 40 == 39:
            time.sleep(0.9)  # within the messages a second that a connection may send
    assert [reply["payload"]["progress"] for reply in client.replies(30, id="flood")] == [0] * 30
    client.expect_pong_before_reply()
    gate.set()
    assert [reply["payload"]["progress"] for reply in client.replies(200, id="flood")] == [66] * 200
    assert len(party.asked(task)) == 1


def test_a_node_that_stops_does_not_wait_for_a_third_party(launch, flags, viewers, party, task):
    node = launch(*flags, "--key-prefix", "stopping")
    registered(node, task)
    gate = threading.Event()
    party.answers[task] = held(gate, answer(200, b"{}"))
    client = viewers(Asking(node))
    client.ask(task)
    party.wait_for_requests(task, 1)
    began = time.monotonic()
    assert node.terminate() == 0 and time.monotonic() - began < 9
    gate.set()


def commands_of_nodes(redis):
    """The nodes' connections for commands: their ids at each server."""
    return {(client["laddr"], client["id"]) for client in redis.client.client_list(_type="normal") if client["name"]}


def test_redis_lost_while_a_third_party_thinks(nodes, viewers, party, redis, task):
    registered(nodes[0], task)
    gate = threading.Event()
    party.answers[task] = held(gate, answer(200, b'{"status":"processing","progress":31}'))
    client = viewers(Asking(nodes[0]))
    client.ask(task)
    party.wait_for_requests(task, 1)
    killed = commands_of_nodes(redis)
    redis.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    wait_until(
        lambda: len(now := commands_of_nodes(redis)) == len(killed) and now.isdisjoint(killed), "the nodes are connected again")
    wait_until(nodes[0].is_ready, "the node is ready again")
    wait_until(nodes[1].is_ready, "the other one is, too")
    gate.set()
    assert client.replies(1)[0]["payload"]["progress"] == 31


def test_a_workers_event_meanwhile_wins(nodes, viewers, party, redis, task):
    registered(nodes[0], task)
    gate = threading.Event()
    party.answers[task] = held(gate, answer(200, b'{"status":"processing","progress":40}'))
    asking, waiting = viewers(Asking(nodes[0])), viewers(Asking(nodes[1]))
    asking.ask(task)
    party.wait_for_requests(task, 1)
    waiting.ask(task)
    waiting.expect_pong_before_reply()
    redis.fcall(task, {"progress": 50, "status": "PROCESSING"})
    # Who only waits for the other's answer takes the event instead.
    assert waiting.replies(1)[0]["payload"]["progress"] == 50
    assert viewers(Asking(nodes[1])).status(task)["progress"] == 50
    gate.set()
    assert asking.replies(1)[0]["payload"]["progress"] == 50
    assert redis.client.hget(f"ft:{{task:{task}}}:m", "s") == b"2"


# Polling


def test_unfinished_tasks_are_polled_until_they_end(nodes, viewers, party, redis, task):
    registered(nodes[0], task)
    seconds, micros = redis.client.time()
    due = redis.client.zscore(DUE, f"task:{task}") - (seconds * 1000 + micros / 1000)
    assert 25_000 < due <= 30_000
    viewer = viewers(Tasks(nodes[1]))
    viewer.subscribe(task)
    for _ in range(2):
        assert viewer.receive()["payload"]["status"] == "QUEUED"

    party.tell(task, "processing", progress=12)
    redis.client.zadd(DUE, {f"task:{task}": 0})
    assert viewer.receive_type("taskProgress")["payload"]["progress"] == 12
    wait_until(lambda: redis.client.zscore(DUE, f"task:{task}") > time.time() * 1000 + 20_000, "the next poll is set")

    party.tell(task, "completed", video_url="u")
    wait_until(lambda: not redis.client.exists(f"ft:inquiry:{{task:{task}}}"), "the answer is no longer fresh")
    redis.client.zadd(DUE, {f"task:{task}": 0})
    assert viewer.receive_type("taskCompleted")["payload"]["result"]["videoUrl"] == "u"
    wait_until(lambda: redis.client.zscore(DUE, f"task:{task}") is None, "the task is polled no more")
    assert len(party.asked(task)) == 2


def test_a_poll_that_fails_is_repeated(nodes, party, redis, task):
    registered(nodes[0], task)
    party.answers[task] = answer(500, b"")
    redis.client.zadd(DUE, {f"task:{task}": 0})
    party.wait_for_requests(task, 1)
    wait_until(lambda: redis.client.zscore(DUE, f"task:{task}") > time.time() * 1000 + 20_000, "the next poll is set")


def test_a_worker_that_ends_the_task_ends_the_polling(nodes, party, redis, task):
    registered(nodes[0], task)
    redis.fcall(task, {"type": "completed"})
    redis.client.zadd(DUE, {f"task:{task}": 0})
    wait_until(lambda: redis.client.zscore(DUE, f"task:{task}") is None, "the task is polled no more")
    assert party.asked(task) == []


def test_a_restarted_task_is_polled_again(nodes, party, redis, task):
    registered(nodes[0], task)
    redis.fcall(task, {"type": "completed"})
    redis.client.zadd(DUE, {f"task:{task}": 0})
    wait_until(lambda: redis.client.zscore(DUE, f"task:{task}") is None, "the task is polled no more")
    redis.fcall(task, {"progress": 0, "status": "QUEUED", "restart": True})
    wait_until(lambda: (redis.client.zscore(DUE, f"task:{task}") or 0) > time.time() * 1000 + 20_000, "it will be polled")
    redis.client.zadd(DUE, {f"task:{task}": 0})
    party.wait_for_requests(task, 1)


def test_a_forgotten_task_is_not_polled(nodes, party, redis, task):
    registered(nodes[0], task)
    redis.client.delete(f"ft:{{task:{task}}}:m")
    redis.client.zadd(DUE, {f"task:{task}": 0})
    wait_until(lambda: redis.client.zscore(DUE, f"task:{task}") is None, "the task is polled no more")
    assert not redis.client.exists(f"ft:secret:{{task:{task}}}") and party.asked(task) == []


def test_another_node_takes_over(redis, party, viewers, launch, flags, task):
    """The polling node is killed while it waits for the third party."""
    prefix = ["--key-prefix", "takeover"]
    first = launch(*flags, *prefix)
    registered(first, task)
    gate = threading.Event()
    party.answers[task] = held(gate, answer(200, b'{"status":"processing","progress":5}'))
    redis.client.zadd("takeover:{inquiries}:due", {f"task:{task}": 0})
    party.wait_for_requests(task, 1)
    second = launch(*flags, *prefix)
    viewer = viewers(Tasks(second))
    viewer.subscribe(task)
    for _ in range(2):
        viewer.receive()
    party.tell(task, "processing", progress=77)
    began = time.monotonic()
    first.expected_to_die = True
    first.kill()
    assert viewer.receive(timeout=40)["payload"]["progress"] == 77
    assert time.monotonic() - began < 35
    gate.set()


# Secrets


def test_secrets_are_out_of_the_workers_reach(node, viewers, redis, task):
    heard = redis.client.pubsub()
    heard.psubscribe("*")
    heard.get_message(timeout=5)
    registered(node, task, metadata={"apiType": "sora", "nested": {"a": [1]}})
    assert redis.client.hget(f"ft:secret:{{task:{task}}}", "key") == KEY.encode()
    assert json.loads(redis.client.hget(f"ft:secret:{{task:{task}}}", "meta")) == {"apiType": "sora", "nested": {"a": [1]}}
    # A minute more than the task, for a node that comes late.
    assert 0 < redis.client.ttl(f"ft:secret:{{task:{task}}}") <= redis.client.ttl(f"ft:{{task:{task}}}:m") + 61
    assert KEY.encode() not in b"".join(redis.client.lrange(f"ft:{{task:{task}}}:h", 0, -1))
    assert KEY.encode() not in b"".join(redis.client.hgetall(f"ft:{{task:{task}}}:m").values())
    message = heard.get_message(timeout=5)
    while message and message["channel"] != f"task:{task}".encode():
        message = heard.get_message(timeout=5)
    assert message and KEY.encode() not in message["data"]
    heard.close()

    redis.client.acl_setuser(
        "worker", enabled=True, nopass=True, reset=True, commands=["+@all", "-@dangerous"], keys=["ft:{task:*"],
        channels=["task:*", "user:*", "team:*"])
    worker = redis.new_client(username="worker", password="any")
    assert worker.hget(f"ft:{{task:{task}}}:m", "s") == b"1"
    for attempt in (lambda: worker.hgetall(f"ft:secret:{{task:{task}}}"), lambda: worker.delete(f"ft:inquiry:{{task:{task}}}"),
                    lambda: worker.zadd(DUE, {f"task:{task}": 0})):
        with pytest.raises(redis_py.exceptions.NoPermissionError):
            attempt()


def test_the_life_of_a_secret_is_the_tasks(launch, flags, viewers, party, redis, task):
    node = launch(*flags, "--key-prefix", "short", "--task-ttl", "3s")
    registered(node, task)
    assert redis.client.exists(f"short:secret:{{task:{task}}}")
    wait_until(lambda: not redis.client.exists(f"short:{{task:{task}}}:m"), "the task is forgotten")
    wait_until(lambda: not redis.client.exists(f"short:secret:{{task:{task}}}"), "its secrets are, too", 4)


def test_a_workers_events_lengthen_the_life_of_a_secret(launch, redis, task):
    """Also on nodes without third parties. Workers call the Function of the prefix."""
    node = launch("--key-prefix", "kept", "--task-ttl", "4s")
    registered(node, task)
    # The minute that a late node has is over.
    redis.client.pexpire(f"kept:secret:{{task:{task}}}", 4_000)
    for _ in range(5):
        time.sleep(1)
        redis.client.fcall("fantail_publish_kept", *own_keys(f"task:{task}", "kept"), '{"progress":1}')
    assert redis.client.hget(f"kept:secret:{{task:{task}}}", "key") == KEY.encode()


# Without


def test_a_node_without_upstreams_asks_nobody(launch, viewers, party, redis, task):
    node = launch("--key-prefix", "without")
    assert register(node, task, apiEndpoint=party.url).status == 422
    registered(node, task)
    assert viewers(Asking(node)).status(task)["status"] == "QUEUED"
    assert party.asked(task) == [] and not redis.client.exists("without:{inquiries}:due")


def test_a_task_registered_for_another_upstream_is_not_asked_about(launch, viewers, party, stranger, task):
    """The settings have changed since: the node does not ask a third party that is no --upstream now."""
    before = launch("--key-prefix", "moved", "--upstream", stranger.url)
    registered(before, task, apiEndpoint=stranger.url)
    other = task + "-default"  # the first --upstream is meant as it was then
    registered(before, other)
    before.terminate()
    after = launch("--key-prefix", "moved", "--upstream", party.url)
    for name in (task, other):
        assert viewers(Asking(after)).status(name)["status"] == "QUEUED"
        assert stranger.asked(name) == [] and party.asked(name) == []
    assert "no --upstream" in after.log


@pytest.mark.parametrize("url", ["example.com", "ftp://example.com", "http://", "http://a:0", "http://u:p@example.com"])
def test_a_bad_upstream_is_bad_usage(url):
    from harness import fantail
    result = fantail("serve", "--dev", "--upstream", url)
    assert result.returncode == 2 and "--upstream" in result.stderr and "u:p" not in result.stderr
