"""A TCP proxy before a Redis that can drop what Redis sends on pub/sub connections, or cut them."""

import re
import socket
import threading

from harness import free_port

# As the name of a command, not as a word of another.
SUBSCRIBE = re.compile(rb"\*\d+\r\n\$9\r\nSUBSCRIBE\r\n")


class Passage:
    """One client's connection, and the proxy's own to Redis."""

    def __init__(self, proxy, client):
        self.proxy, self.client = proxy, client
        self.server = socket.create_connection(("127.0.0.1", proxy.redis_port))
        self.is_pubsub, self.is_confirmed = False, False
        for work in (self.to_redis, self.from_redis):
            threading.Thread(target=work, daemon=True).start()

    def to_redis(self):
        try:
            while data := self.client.recv(65536):
                self.is_pubsub = self.is_pubsub or SUBSCRIBE.search(data) is not None
                self.server.sendall(data)
        except OSError:
            pass
        self.cut()

    def from_redis(self):
        try:
            while data := self.server.recv(65536):
                if self.is_pubsub:
                    data = self.proxy.let_through(data)
                    self.is_confirmed = self.is_confirmed or b"\r\nsubscribe\r\n" in data
                self.client.sendall(data)
        except OSError:
            pass
        self.cut()

    def cut(self):
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class RedisProxy:
    """Passes on everything, until told otherwise. Nodes use `url` in place of their Redis' own."""

    def __init__(self, redis):
        self.redis_port, self.port = redis.port, free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.swallows = None
        self.passages = []
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                self.passages.append(Passage(self, self.listener.accept()[0]))
        except OSError:
            pass

    def let_through(self, data):
        """Of what Redis sends on a pub/sub connection. Redis answers a SUBSCRIBE at once and alone, so its confirmation comes in
        one piece with nothing else in it."""
        if self.swallows == "all" and b"\r\nsubscribe\r\n" not in data:
            return b""
        if self.swallows == "messages" and b"\r\nmessage\r\n" in data:
            return b""
        return data

    def subscribers(self):
        """The number of pub/sub connections with a confirmed subscription, ever."""
        return [passage for passage in list(self.passages) if passage.is_pubsub and passage.is_confirmed]

    def close(self):
        self.listener.close()
        for passage in self.passages:
            passage.cut()
