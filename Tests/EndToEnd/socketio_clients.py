"""Clients of Socket.IO: some by hand, over polls and WebSockets, and python-socketio's."""

import asyncio
import json
import queue
import re

import socketio
import websockets.asyncio.client

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


def masked(*texts):
    """Text frames of a client, one after the other."""
    return b"".join(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text.encode() for text in texts)


def upgrade(sid):
    """The request for a WebSocket of a session."""
    return (f"GET /socket.io/?EIO=4&transport=websocket&sid={sid} HTTP/1.1\r\nHost: localhost\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode()


class Crowd:
    """So many clients by hand that they share a thread. Each follows a task, and keeps the numbers of its events as they come:
    python-socketio hands each message to a thread of its own."""

    def __init__(self, task, last):
        self.task, self.last = task, last
        self.following, self.seen = 0, []
        # The node bounds the clients of one address that have not come in yet.
        self.door = asyncio.Semaphore(40)

    def answer(self, packet, seen, token):
        """What the client says to a packet."""
        if packet[0] == "0":
            return "40" + json.dumps({"token": token})
        if packet == "2":
            return "3"
        name, message = json.loads(packet[2:]) if packet.startswith("42") else ("", {})
        if name == "authSuccess":
            return '42["subscribe_task",{"videoId":"%s"}]' % self.task
        if name == "subscribeSuccess":
            self.following += 1
            self.door.release()
        if name == "log":
            seen.append(message["payload"]["n"])
        return None

    async def poll(self, node, token):
        await self.door.acquire()
        seen = self.begin()
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)

        async def request(method, query, body=""):
            writer.write(f"{method} /socket.io/?EIO=4&transport=polling{query} HTTP/1.1\r\nHost: localhost\r\n"
                         f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            return (await reader.readexactly(int(re.search(rb"(?i)content-length: (\d+)", head)[1]))).decode()

        packets, sid = (await request("GET", "")).split("\x1e"), ""
        while True:
            for packet in packets:
                sid = f"&sid={json.loads(packet[1:])['sid']}" if packet[0] == "0" else sid
                if reply := self.answer(packet, seen, token):
                    assert await request("POST", sid, reply) == "ok"
            if self.is_over(seen):
                return writer.close()
            packets = (await request("GET", sid)).split("\x1e")

    async def talk(self, node, token):
        await self.door.acquire()
        seen = self.begin()
        async with websockets.asyncio.client.connect(
                node.url("/socket.io/?EIO=4&transport=websocket"), open_timeout=DEADLINE, close_timeout=1) as socket:
            while not self.is_over(seen):
                if reply := self.answer(await socket.recv(), seen, token):
                    await socket.send(reply)

    def begin(self):
        self.seen.append([])
        return self.seen[-1]

    def is_over(self, seen):
        return bool(seen) and seen[-1] == self.last


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
