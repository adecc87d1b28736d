"""A third party whose videos Fantail asks about: a small HTTP server with given answers."""

import http.server
import json
import socket
import threading
import urllib.parse


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256  # the library's 5 makes the sixth of many clients wait for a second
    daemon_threads = True


class ThirdParty:
    """Answers `GET /sora/v1/videos/<id>` as `tell` or `answer` set for that id, and records the requests."""

    def __init__(self, tls=None):
        self.answers, self.requests, self._changed = {}, [], threading.Condition()
        self.server = _Server(("127.0.0.1", 0), self._handler())
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def _handler(party):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                video = urllib.parse.unquote(self.path.rsplit("/", 1)[-1])
                with party._changed:
                    party.requests.append((video, self.path, self.headers))
                    party._changed.notify_all()
                try:
                    party.answers.get(video, answer(404, b"{}"))(self)
                except OSError:
                    pass  # who asked has gone

            def log_message(self, *arguments):
                pass

        return Handler

    def tell(self, video, status, **fields):
        self.answers[video] = answer(200, json.dumps({"status": status} | fields).encode())

    def asked(self, video):
        """The requests for a video."""
        with self._changed:
            return [request for request in self.requests if request[0] == video]

    def wait_for_requests(self, video, count, seconds=10):
        with self._changed:
            enough = lambda: sum(request[0] == video for request in self.requests) >= count
            assert self._changed.wait_for(enough, seconds), f"nobody asked {count} times for {video} within {seconds} s"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def answer(status, body, **headers):
    def reply(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
    return reply


def held(gate, then):
    """Answers when the event is set."""
    def reply(handler):
        gate.wait(60)
        then(handler)
    return reply


def dripping(gate):
    """An endless answer, until the event is set."""
    def reply(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not gate.wait(0.3):
            handler.wfile.write(b" ")
            handler.wfile.flush()
    return reply


def closed_port():
    """A port without a listener, reserved while the socket is kept."""
    keeper = socket.socket()
    keeper.bind(("127.0.0.1", 0))
    return keeper
