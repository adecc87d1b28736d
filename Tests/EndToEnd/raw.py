"""Bytes on a socket: HTTP and WebSocket frames that no library would send."""

import json
import os
import socket
import struct

DEADLINE = 30  # seconds: how long a test waits for what must come


class Raw:
    """A TCP connection to a node."""

    def __init__(self, node):
        self.socket = socket.create_connection(("127.0.0.1", node.port), timeout=DEADLINE)
        self.buffer = b""

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # The node may have answered and closed before it read everything.

    def fill(self):
        """More bytes; False at the end."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self.buffer += data
        return bool(data)

    def take(self, count):
        while len(self.buffer) < count:
            assert self.fill(), f"the connection ended after {self.buffer!r}"
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def answer(self):
        """The next response's status, header fields (lower case) and body."""
        while b"\r\n\r\n" not in self.buffer:
            assert self.fill(), f"the connection ended after {self.buffer!r}"
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        fields = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        body = self.take(int(fields.get("content-length", 0)))
        return int(lines[0].split()[1]), fields, body

    def expect_end(self):
        """The node closes the connection and sends nothing more."""
        while self.fill():
            pass
        assert self.buffer == b"", self.buffer

    def close(self):
        self.socket.close()


class RawWebSocket(Raw):
    """A WebSocket with control of every bit."""

    def __init__(self, node, path="/ws?token=demo-token", *fields, welcome=True):
        super().__init__(node)
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{node.port}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *fields]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        self.status, self.fields, self.body = self.answer()
        if self.status == 101 and welcome:
            assert self.message()["type"] == "connection_established"

    def frame(self, opcode, payload=b"", *, fin=True, reserved=0, masked=True, length=None):
        """Sends one frame; `length` may be false."""
        payload = payload.encode() if isinstance(payload, str) else payload
        size = len(payload) if length is None else length
        head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
        mark = 0x80 if masked else 0
        if size < 126:
            head += bytes([mark | size])
        elif size < 65536:
            head += bytes([mark | 126]) + struct.pack(">H", size)
        else:
            head += bytes([mark | 127]) + struct.pack(">Q", size)
        if masked:
            mask = os.urandom(4)
            repeated = (mask * (len(payload) // 4 + 1))[:len(payload)]
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(len(payload), "big")
            head += mask
        self.send(head + payload)

    def next_frame(self):
        """The first byte and the payload of the next frame, without the node's pings."""
        while True:
            first, second = self.take(2)
            assert second < 128, "a server's frame is not masked"
            if second == 126:
                second, = struct.unpack(">H", self.take(2))
            elif second == 127:
                second, = struct.unpack(">Q", self.take(8))
            payload = self.take(second)
            if first & 15 != 9:
                return first, payload

    def message(self):
        first, payload = self.next_frame()
        assert first == 0x81, (hex(first), payload)
        return json.loads(payload)

    def expect_close(self, code):
        """The next frame is a close with this code; the node then ends the connection, or waits for the answer."""
        first, payload = self.next_frame()
        assert first == 0x88, (hex(first), payload)
        assert struct.unpack(">H", payload[:2])[0] == code, payload
        self.frame(8, payload[:2])
        self.expect_end()
