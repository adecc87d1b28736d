"""The load balancers of ops/ as processes, with their own configurations, in front of two nodes."""

import http.client
import os
import re
import signal
import ssl
import subprocess

from harness import API_KEY, ROOT, Node, NodeProcess, free_port, wait_until


class InnerNode(Node):
    """A node with an internal port; a replacement keeps its ports."""

    def __init__(self, folder, redis, name, port, internal):
        super().__init__(
            folder, redis, "--node-id", name, "--port", str(port), "--internal-port", str(internal), "--trust-proxy", "127.0.0.1", "--drain", "3s")
        self.name, self.port, self.internal = name, port, internal

    def is_ready(self):
        assert self.process.poll() is None, self.log
        try:
            return self.inside("/health/ready").status == 200
        except OSError:
            return False

    def inside(self, path):
        """A response of the internal port."""
        public, self.port = self.port, self.internal
        try:
            return self.request("GET", path)
        finally:
            self.port = public

    def sessions(self):
        text = self.inside("/metrics").body.decode()
        return sum(float(n) for n in re.findall(r"^fantail_sessions\{.*\} (\S+)$", text, re.M))


def adapted(kind, folder, port, nodes):
    """The configuration with this machine's addresses, otherwise unchanged."""
    if kind == "nginx":
        path = "ops/nginx/fantail.conf"
        changes = {
            "node-a:8000": f"127.0.0.1:{nodes[0].port}", "node-b:8000": f"127.0.0.1:{nodes[1].port}",
            "listen 8000;": f"listen 127.0.0.1:{port};", "listen 127.0.0.1:8001;": f"listen 127.0.0.1:{free_port()};",
            "/tmp/": f"{folder}/"}
        if os.getuid() == 0:  # else nginx's processes would be those of a user who cannot enter the test's folder
            changes["daemon off;"] = "daemon off; user root;"
    else:
        path = "ops/haproxy/haproxy.cfg"
        changes = {
            "bind :8000": f"bind 127.0.0.1:{port}", "maxconn 20000": "maxconn 2000", "check port 9000": "check",
            "node-a:8000": f"127.0.0.1:{nodes[0].port} port {nodes[0].internal}",
            "node-b:8000": f"127.0.0.1:{nodes[1].port} port {nodes[1].internal}"}
    text = (ROOT / path).read_text()
    for old, new in changes.items():
        assert old in text, f"{path} has no {old}"
        text = text.replace(old, new)
    return text


class Balancer(Node):
    """A balancer, asked like a node."""

    def __init__(self, kind, folder, nodes, port=None):
        self.kind, self.port, self.log_path = kind, port or free_port(), folder / f"{kind}.log"
        configuration = folder / f"{kind}.conf"
        configuration.write_text(self.secured(adapted(kind, folder, self.port, nodes)))
        command = {"nginx": ["nginx", "-c", configuration], "haproxy": ["haproxy", "-db", "-f", configuration]}[kind]
        with open(self.log_path, "wb") as log:
            # Debian has both where only root looks.
            paths = {"PATH": os.environ["PATH"] + ":/usr/sbin"}
            self.process = NodeProcess(
                command, stdout=log, stderr=log, env=os.environ | paths, start_new_session=True)

    def secured(self, text):
        return text

    def kill(self):
        """Stops it with its workers: nginx's outlive their master."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def is_ready(self):
        assert self.process.poll() is None, self.log
        try:
            return self.request("GET", "/api/v1/online/count", key=API_KEY).status == 200
        except OSError:
            return False

    def publish(self, task, event):
        """Publishes as workers should: again, with the same key, until it succeeds."""
        headers = {"Idempotency-Key": os.urandom(8).hex()}

        def done():
            try:
                answer = self.request("POST", f"/api/v1/tasks/{task}/events", event, key=API_KEY, headers=headers)
            except OSError:
                return None
            assert answer.status in (200, 502, 503, 504), answer.body
            return answer.json if answer.status == 200 else None

        return wait_until(done, "the event is published")


class Secured(Balancer):
    """A balancer that ends TLS, as ops/README.md describes."""

    def __init__(self, kind, folder, nodes):
        self.certificate = folder / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key", "-out", folder / "cert"],
            check=True, capture_output=True)
        self.certificate.write_text((folder / "cert").read_text() + (folder / "key").read_text())
        super().__init__(kind, folder, nodes)

    def secured(self, text):
        plain = {"nginx": f"listen 127.0.0.1:{self.port};", "haproxy": f"bind 127.0.0.1:{self.port}"}[self.kind]
        safe = {"nginx": f"{plain[:-1]} ssl; ssl_certificate {self.certificate}; ssl_certificate_key {self.certificate};",
                "haproxy": f"{plain} ssl crt {self.certificate} alpn http/1.1"}[self.kind]
        assert plain in text
        return text.replace(plain, safe)

    def believers(self):
        """A context for clients that believe the certificate."""
        return ssl.create_default_context(cafile=self.certificate)

    def is_ready(self):
        assert self.process.poll() is None, self.log
        try:
            connection = http.client.HTTPSConnection("localhost", self.port, timeout=5, context=self.believers())
            connection.request("GET", "/api/v1/online/count", headers={"X-API-Key": API_KEY})
            return connection.getresponse().status == 200
        except OSError:
            return False


class Front:
    """A balancer and its two nodes."""

    def __init__(self, kind, folder, redis):
        self.folder, self.redis = folder, redis
        self.nodes = [InnerNode(folder, redis, name, free_port(), free_port()) for name in ("node-a", "node-b")]
        self.balancer = Balancer(kind, folder, self.nodes)

    def begin(self):
        for part in (*self.nodes, self.balancer):
            part.wait_until_ready()

    def replace(self, place):
        old = self.nodes[place]
        self.nodes[place] = InnerNode(self.folder, self.redis, old.name, old.port, old.internal).wait_until_ready()

    def replace_balancer(self):
        old = self.balancer
        self.balancer = Balancer(old.kind, self.folder, self.nodes, old.port).wait_until_ready()

    def end(self):
        self.balancer.terminate()
        codes = [node.terminate() for node in self.nodes]
        assert codes == [0, 0], codes
