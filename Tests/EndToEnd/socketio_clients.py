"""Clients of Socket.IO: one that polls by hand, and python-socketio's."""

import json
import queue

import socketio

from clients import DEADLINE
from tokens import jwt

WAYS = {"polling": ["polling"], "websocket": ["websocket"], "both": None}


class Polling:
    """A session over polls, by hand."""

    def __init__(self, node, path="/socket.io/"):
        self.node, self.path, self.rest = node, path, []
        status, text = self.get("")
        assert status == 200 and text[0] == "0", (status, text)
        self.open = json.loads(text[1:])
        self.sid = self.open["sid"]

    def request(self, method, more, body=None):
        return self.node.request(method, f"{self.path}?EIO=4&transport=polling{more}", body, headers={
            "Content-Type": "text/plain;charset=UTF-8"}, timeout=DEADLINE)

    def get(self, more=None):
        answer = self.request("GET", f"&sid={self.sid}" if more is None else more)
        return answer.status, answer.body.decode()

    def post(self, *packets):
        answer = self.request("POST", f"&sid={self.sid}", "\x1e".join(packets).encode())
        return answer.status, answer.body.decode()

    def packets(self):
        status, text = self.get()
        assert status == 200, text
        return text.split("\x1e")

    def until(self, start):
        """The packets up to the first that begins so."""
        seen = []
        while not (seen and seen[-1].startswith(start)):
            while not self.rest:
                self.rest = [packet for packet in self.packets() if packet != "6"]
            seen.append(self.rest.pop(0))
        return seen


class SocketIO:
    """python-socketio's client; its events in a queue."""

    def __init__(self, node, ways="both", token=None, path="socket.io"):
        self.said = queue.Queue()
        self.client = socketio.Client(reconnection=True, reconnection_delay=0.1, reconnection_delay_max=0.3)
        self.client.on("*", lambda event, message: self.said.put((event, message)))
        self.client.connect(
            node.url("/").replace("ws", "http", 1), transports=WAYS[ways], socketio_path=path, wait_timeout=DEADLINE,
            auth={"token": token or jwt()})

    def until(self, event):
        while True:
            name, message = self.said.get(timeout=DEADLINE)
            assert message["type"] == name
            if name == event:
                return message

    def progress(self, count):
        """The progress of so many events, sorted: python-socketio hands each message to a thread of its own."""
        return sorted(self.until("taskProgress")["payload"]["progress"] for _ in range(count))

    def follow(self, task):
        self.client.emit("subscribe_task", {"videoId": task})
        assert self.until("subscribeSuccess")["payload"]["videoId"] == task

    def close(self):
        self.client.disconnect()
