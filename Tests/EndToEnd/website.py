"""The site of the pages: the tests' own files, and everything else from a node, as behind a load balancer."""

import pathlib
import socket
import sysconfig
import threading

PAGES = pathlib.Path(__file__).parent / "pages"
# What the pages load that is not ours: Debian's packages node-react, node-react-dom and libjs-vue; socket.io-client from the
# wheel that carries it.
LIBRARIES = {
    "react.js": "/usr/share/nodejs/react/umd/react.development.js",
    "react-dom.js": "/usr/share/nodejs/react-dom/umd/react-dom.development.js",
    "vue.js": "/usr/share/javascript/vue/vue.js",
    "socket.io.js": sysconfig.get_path("purelib") + "/nicegui/static/socket.io.min.js",
}
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


class Website:
    """Serves `/test/…` itself and passes everything else to the first node that accepts it."""

    def __init__(self, nodes):
        self.nodes = list(nodes)  # in the order of preference; may be changed at any time
        self.connections = 0  # WebSockets passed on so far
        self.open = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self):
        self.listener.close()
        self.cut()

    def cut(self):
        """Breaks every connection, as a network failure does."""
        for one in list(self.open):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client):
        self.open.add(client)
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (bytes := client.recv(65536)):
                    return
                head += bytes
            path = head.split(b" ", 2)[1].decode().split("?")[0]
            if path.startswith("/test/"):
                client.sendall(self._file(path.removeprefix("/test/")))
            else:
                self._pass_on(client, head)
        except OSError:
            pass
        finally:
            self.open.discard(client)
            client.close()

    @staticmethod
    def _file(name):
        path = pathlib.Path(LIBRARIES.get(name) or PAGES / name)
        if not path.is_file():
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        body = path.read_bytes()
        return (f"HTTP/1.1 200 OK\r\nContent-Type: {TYPES[path.suffix]}\r\nContent-Length: {len(body)}\r\n"
                "Connection: close\r\n\r\n").encode() + body

    def _pass_on(self, client, head):
        # One request a connection: the next one may be for us.
        is_socket = b"upgrade: websocket" in head.lower()
        if not is_socket:
            head = head.replace(b"Connection: keep-alive", b"Connection: close")
        for node in list(self.nodes):
            try:
                server = socket.create_connection(("127.0.0.1", node.port))
                break
            except OSError:
                continue
        else:
            return client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.open.add(server)
        self.connections += is_socket
        server.sendall(head)
        threading.Thread(target=self._pump, args=[client, server], daemon=True).start()
        self._pump(server, client)
        self.open.discard(server)
        server.close()

    @staticmethod
    def _pump(source, sink):
        try:
            while bytes := source.recv(65536):
                sink.sendall(bytes)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
