"""A request whose answer was lost may be sent again with its `Idempotency-Key`: it happens once."""

import socket
import threading

import pytest

from clients import Presence
from harness import API_KEY, wait_until
from tokens import jwt


class LosingProxy:
    """Stands between a node and Redis. Told to lose what contains a word, it lets that through to Redis, waits for the reply, and
    cuts the connection instead of passing the reply on."""

    def __init__(self, redis):
        self.redis, self.word = redis, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lost = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def lose(self, word):
        self.lost.clear()
        self.word = word.encode()

    def accept(self):
        while True:
            try:
                node, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.redis.port))
            cutting = threading.Event()
            threading.Thread(target=self.requests, args=(node, server, cutting), daemon=True).start()
            threading.Thread(target=self.replies, args=(node, server, cutting), daemon=True).start()

    def requests(self, node, server, cutting):
        try:
            while data := node.recv(65536):
                if self.word and self.word in data:
                    self.word = None
                    cutting.set()
                server.sendall(data)
        except OSError:
            pass
        server.close()

    def replies(self, node, server, cutting):
        try:
            while data := server.recv(65536):
                if cutting.is_set():
                    self.lost.set()
                    break
                node.sendall(data)
        except OSError:
            pass
        for end in (node, server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()


pytestmark = pytest.mark.not_on("cluster", why="a proxy before one server; nodes would go to the others directly")


@pytest.fixture(scope="module")
def proxy(redis):
    proxy = LosingProxy(redis)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def far(launch, proxy):
    """A node behind the proxy."""
    return launch(redis=proxy)


def request(kind, task):
    return {
        "event": (f"/api/v1/tasks/{task}/events", {"progress": 5, "mark": task}),
        "batch": (f"/api/v1/tasks/{task}/events", [{"progress": 5, "mark": task}, {"type": "completed"}]),
        "registration": ("/api/v1/tasks", {"task_id": task, "metadata": {"externalTaskId": "x", "apiKey": "k"}}),
        "topic message": (f"/api/v1/topics/{task}/messages", {"type": "data", "data": {"mark": task}}),
        "notification": (f"/api/v1/users/{task}/notifications", {"notification_type": "x", "message": task}),
    }[kind]


@pytest.mark.parametrize("kind", ["event", "batch", "registration", "topic message", "notification"])
def test_what_was_done_before_the_answer_was_lost_is_not_done_again(nodes, far, proxy, redis, viewers, task, kind):
    path, body = request(kind, task)
    watching = viewers(Presence(nodes[0], jwt(task)))
    watching.wait_for_room(redis, f"user:{task}")
    post = lambda node: node.request("POST", path, body, key=API_KEY, headers={"Idempotency-Key": "once"})
    wait_until(far.is_ready, "the node is ready")
    proxy.lose(task)
    lost = post(far)
    assert (lost.status, lost.code) == (503, "UNAVAILABLE") and proxy.lost.is_set(), lost.body
    wait_until(far.is_ready, "the node is ready again")
    again = post(far)
    assert again.status == {"registration": 201, "notification": 202}.get(kind, 200), again.body
    third = post(nodes[1])
    assert (third.status, third.json) == (again.status, again.json)
    other = nodes[1].request("POST", path, {**(body if isinstance(body, dict) else {}), "status": "B", "title": "t", "data": {"b": 1}},
                             key=API_KEY, headers={"Idempotency-Key": "once"})
    assert (other.status, other.code) == (422, "INVALID_EVENT"), other.body
    if kind == "notification":
        while (message := watching.receive())["type"] != "notification":
            pass
        assert message["data"]["id"] == again.json["id"]
        watching.expect_silence("user_status")
    else:
        channel = "topic" if kind == "topic message" else "task"
        assert redis.client.llen(f"ft:{{{channel}:{task}}}:h") == again.json["sequence"] == (2 if kind == "batch" else 1)


def test_without_a_name_a_registration_that_went_through_is_told_as_such(far, proxy, task):
    wait_until(far.is_ready, "the node is ready")
    post = lambda: far.request("POST", "/api/v1/tasks", {"task_id": task}, key=API_KEY)
    proxy.lose(task)
    assert post().status == 503
    wait_until(far.is_ready, "the node is ready again")
    assert post().code == "TASK_EXISTS"
