"""Redis by TLS: its own, stunnel's before a plain one, and servers that do it badly."""

import select
import socket
import ssl
import subprocess
import threading
import warnings

import redis as redis_py

from harness import RedisServer, free_port, wait_until


class TLSRedis(RedisServer):
    """A redis-server with a TLS port beside the plain one. `url` names the first; the test itself speaks plainly."""

    def __init__(self, folder, identity, authority, *options, clients="no"):
        self.identity, self.authority, self.clients = identity, authority, clients
        self.tls_port = free_port()
        super().__init__(folder, *options)
        self.plain_url, self.url = self.url, f"rediss://localhost:{self.tls_port}"

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", str(self.folder), "--tls-port", str(self.tls_port), "--tls-cert-file", self.identity.certificate,
             "--tls-key-file", self.identity.key, "--tls-ca-cert-file", self.authority.path,
             "--tls-auth-clients", self.clients, *self.options], stdout=subprocess.DEVNULL)
        self.client = redis_py.Redis(port=self.port, socket_timeout=10)
        wait_until(self.answers, "Redis answers")

    def by_tls(self):
        """A worker's client."""
        return redis_py.Redis(port=self.tls_port, host="localhost", ssl=True, ssl_ca_certs=self.authority.path)


class Stunnel:
    """stunnel before a plain Redis."""

    def __init__(self, folder, redis, identity):
        self.port = free_port()
        self.url = f"rediss://localhost:{self.port}"
        self.settings, self.log_path = folder / "stunnel.conf", folder / "stunnel.log"
        self.settings.write_text(
            f"foreground = yes\npid =\nsyslog = no\n[redis]\naccept = 127.0.0.1:{self.port}\n"
            f"connect = 127.0.0.1:{redis.port}\ncert = {identity.certificate}\nkey = {identity.key}\n")
        self.start()

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(["stunnel4", str(self.settings)], stdout=log, stderr=log)
        wait_until(self.accepts, f"stunnel accepts: {self.log_path}")

    def accepts(self):
        assert self.process.poll() is None, self.log_path.read_text()
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            return True
        except OSError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()


class TLSServer:
    """Takes TLS connections on a port of its own; `serve` does something with each, in a thread."""

    def __init__(self, context):
        self.context, self.port = context, free_port()
        self.url = f"rediss://localhost:{self.port}"
        self.names = []
        context.sni_callback = lambda _, name, __: self.names.append(name)
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.meet, args=(client,), daemon=True).start()

    def meet(self, client):
        with client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self.serve(self.context.wrap_socket(client, server_side=True))
            except OSError:
                pass

    def serve(self, client):
        """Hangs up."""

    def kill(self):
        self.listener.close()


class Slicer(TLSServer):
    """Ends TLS before a plain Redis, and passes on what Redis says a byte a record."""

    def __init__(self, context, redis):
        self.redis_port = redis.port
        super().__init__(context)

    def serve(self, client):
        with socket.create_connection(("127.0.0.1", self.redis_port)) as server:
            while True:
                ready = [client] if client.pending() else select.select([client, server], [], [])[0]
                if client in ready:
                    if not (data := client.recv(65536)):
                        return
                    server.sendall(data)
                if server in ready:
                    if not (data := server.recv(4096)):
                        return
                    for byte in data:
                        client.sendall(bytes([byte]))


class Quitter(TLSServer):
    """Ends in the middle of the handshake."""

    def meet(self, client):
        with client:
            client.recv(5)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass


def server_context(identity):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    return context


def old_context(identity):
    """TLS 1.1 and no later, which Debian's OpenSSL takes only where nobody asks for security."""
    context = server_context(identity)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context
