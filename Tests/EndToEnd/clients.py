"""WebSocket clients of the two dialects."""

import json
import re
import time

import pytest
from websockets.exceptions import ConcurrencyError, ConnectionClosed
from websockets.sync.client import connect

from harness import API_KEY

ISO_MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DEADLINE = 30  # seconds: how long a test waits for what must come


def marker(message):
    return (message.get("payload") or message.get("data"))["n"]


class Client:
    """A connection that speaks JSON, one object a frame."""

    def __init__(self, node, path, *, subprotocols=None, compression=None, **options):
        if context := getattr(node, "context", None):
            options = {"ssl": context} | options
        self.socket = connect(
            node.url(path), subprotocols=subprotocols, compression=compression, max_size=None, open_timeout=DEADLINE,
            ping_interval=None, **options).__enter__()

    def send(self, message):
        self.socket.send(message if isinstance(message, (str, bytes)) else json.dumps(message))

    def receive(self, timeout=DEADLINE, heartbeats=False, markers=False):
        """The next message; a heartbeat or a marker of `wait_for_room` may come at any time, so it counts only for those who
        wait for one."""
        while True:
            message = json.loads(self.socket.recv(timeout=timeout))
            assert isinstance(message, dict) and isinstance(message["type"], str)
            if (message["type"] != "heartbeat" or heartbeats) and (message["type"] != "marker" or markers):
                return message

    def receive_type(self, *types):
        """The next message, which must have one of these types."""
        message = self.receive(heartbeats="heartbeat" in types)
        assert message["type"] in types, f"expected {types}, got {message}"
        return message

    def wait_for_room(self, redis, channel):
        """Waits until the node has joined a user's or team's room for this connection, which happens just after the welcome."""
        for number in range(200):
            redis.client.publish(channel, json.dumps({"type": "marker", "n": number}))
            try:
                while (message := self.receive(timeout=0.1, markers=True))["type"] != "marker" or marker(message) < number:
                    assert message["type"] in ("marker", "user_status"), message
                return
            except TimeoutError:
                continue
        raise AssertionError(f"{channel} was not joined")

    def expect_silence(self):
        """No message sent before this got an answer: the next message is the answer to a ping."""
        self.send({"type": "ping"})
        self.receive_type("pong")

    def expect_close(self, code, timeout=DEADLINE):
        """No message follows, only the close frame."""
        with pytest.raises(ConnectionClosed) as closed:
            message = self.socket.recv(timeout=timeout)
            raise AssertionError(f"expected a close with {code}, got {message}")
        assert closed.value.rcvd is not None, "the connection was cut without a close frame"
        assert closed.value.rcvd.code == code, closed.value

    def close(self):
        # The library takes no close frame while many messages wait for somebody who reads them: it would wait for ten seconds.
        try:
            for _ in range(10_000):
                self.socket.recv(timeout=0)
        except (TimeoutError, ConnectionClosed, ConcurrencyError):
            pass
        self.socket.close()


class Jobs(Client):
    """A client of the dialect `jobs`, after its welcome."""

    def __init__(self, node, token="demo-token", **options):
        super().__init__(node, f"/ws?token={token}", **options)
        self.welcome = self.receive_type("connection_established")

    def join(self, job, **position):
        self.send({"type": "join_job", "jobId": job, **position})

    def events(self, count):
        return [self.receive()["data"] for _ in range(count)]


class Tasks(Client):
    """A client of the dialect `tasks`, authenticated."""

    def __init__(self, node, token="demo-token", **options):
        super().__init__(node, "/ws", **options)
        self.send({"type": "auth", "id": "auth", "payload": {"token": token}})
        self.success = self.receive_type("authSuccess")

    def subscribe(self, task, **position):
        self.send({"type": "subscribe_task", "id": "sub", "payload": {"videoId": task, **position}})
        reply = self.receive_type("subscribeSuccess")
        assert reply["payload"]["videoId"] == task and reply["payload"]["subscribed"] is True
        return reply

    def events(self, count):
        return [self.receive()["payload"] for _ in range(count)]


class Stream:
    """A viewer of server-sent events."""

    def __init__(self, node, task, query="", headers=None):
        self.connection = node.connection(timeout=10)
        self.connection.request(
            "GET", f"/api/v1/tasks/{task}/events{query}",
            headers={"Accept": "text/event-stream", "X-API-Key": API_KEY} if headers is None else
            {"Accept": "text/event-stream"} | headers)
        self.response = self.connection.getresponse()

    def next(self):
        """The next event's fields; None at the stream's end."""
        fields = {}
        while line := self.response.readline():
            line = line.decode().rstrip("\n")
            if not line and "data" in fields:
                fields["data"] = json.loads(fields["data"])
                return fields
            if line and not line.startswith(":"):
                name, value = line.split(": ", 1)
                fields[name] = fields[name] + "\n" + value if name in fields else value
        return None

    def close(self):
        self.response.close()
        self.connection.close()


def is_now(milliseconds):
    return isinstance(milliseconds, int) and abs(milliseconds - time.time() * 1000) < 60_000


def is_iso_now(text):
    return isinstance(text, str) and ISO_MILLISECONDS.fullmatch(text) is not None


class Presence(Client):
    """A client of the dialect `presence`, connected."""

    def __init__(self, node, token, **options):
        super().__init__(node, f"/api/v1/ws?token={token}", **options)
        self.connected = self.receive_type("connected")["data"]

    def expect_silence(self, *but):
        """Before the answer to a ping only messages of these types arrived."""
        self.send({"type": "ping"})
        while (message := self.receive())["type"] != "pong":
            assert message["type"] in but, message


class Topics(Client):
    """A client of the dialect `topics`, connected."""

    def __init__(self, node, token="demo-token", client=None, **options):
        name = f"&clientId={client}" if client else ""
        super().__init__(node, f"/api/v1/ws?token={token}&protocol=1.0{name}", **options)
        self.connect = self.receive_type("connect")
        self.count = 0

    def request(self, kind, data):
        self.count += 1
        self.send({"type": kind, "data": data, "messageId": f"c-{self.count}"})
        return f"c-{self.count}"

    def subscribe(self, topic, params=None, **position):
        """The acknowledgement's data."""
        request = self.request("subscribe", {"topic": topic, **({"params": params} if params else {}), **position})
        reply = self.receive_type("ack")["data"]
        assert reply["messageId"] == request and reply["topic"] == topic and reply["subscribed"] is True
        return reply

    def acknowledge(self, message):
        self.send({"type": "ack", "data": {"messageId": message["messageId"]}})

    def expect_silence(self):
        self.send({"type": "heartbeat"})
        self.receive_type("heartbeat")

    def receive(self, timeout=DEADLINE, heartbeats=True):
        return super().receive(timeout, heartbeats)
