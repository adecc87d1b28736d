"""The client's address, when a proxy names it: `--trust-proxy`."""

import re
import subprocess
import uuid

import pytest

from clients import Jobs
from harness import ROOT, Node, fantail, free_port, wait_until
from raw import Raw, RawWebSocket


@pytest.fixture(scope="module")
def trusting(launch):
    return launch("--trust-proxy", "10.0.0.0/8", "--trust-proxy", "127.0.0.0/8,fd00::/8")


@pytest.fixture(scope="module")
def wary(launch):
    return launch("--trust-proxy", "10.0.0.0/8")


def refused_peer(node, path):
    """The refused clients at a path that no other test requests, by the log."""
    line = wait_until(lambda: [line for line in node.log.splitlines() if path in line], f"{path} is refused")[-1]
    return re.search(r" peer=(\S+) ", line)[1]


def ask(raw, *fields):
    """Sends a request that is refused; returns its path."""
    path = f"/api/v1/status/{uuid.uuid4().hex}"
    raw.send("\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *fields, "", ""]).encode())
    assert raw.answer()[0] == 401
    return path


NAMED = {
    "X-Real-IP": (["X-Real-IP: 203.0.113.7"], "203.0.113.7"),
    "X-Forwarded-For": (["X-Forwarded-For: 203.0.113.8"], "203.0.113.8"),
    "the last that is not trusted": (["X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.1.1, 127.0.0.1"], "203.0.113.9"),
    "over several lines": (["X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 203.0.113.10"], "203.0.113.10"),
    "IPv6": (["X-Forwarded-For: 2001:db8::1, fd00::5"], "2001:db8::1"),
}
NOBODY = [[], ["X-Real-IP: somebody"], ["X-Real-IP: "], ["X-Forwarded-For: 1.2.3.4, <script>"], ["X-Forwarded-For: ,,"],
          ["X-Forwarded-For: 10.0.0.1"]]


@pytest.mark.parametrize("how", NAMED)
def test_a_trusted_proxy_names_the_client(trusting, viewers, how):
    fields, client = NAMED[how]
    assert refused_peer(trusting, ask(viewers(Raw(trusting)), *fields)) == client


@pytest.mark.parametrize("fields", NOBODY)
def test_without_a_usable_name_it_is_the_proxy(trusting, viewers, fields):
    raw = viewers(Raw(trusting))
    assert refused_peer(trusting, ask(raw, *fields)) == "127.0.0.1:%d" % raw.socket.getsockname()[1]


def test_anybody_else_is_not_believed(wary, viewers):
    for fields, _ in NAMED.values():
        raw = viewers(Raw(wary))
        assert refused_peer(wary, ask(raw, *fields)) == "127.0.0.1:%d" % raw.socket.getsockname()[1]


def test_each_request_of_a_kept_connection_has_its_own_client(trusting, viewers):
    raw = viewers(Raw(trusting))
    paths = [ask(raw, "X-Real-IP: 203.0.113.1"), ask(raw, "X-Real-IP: 203.0.113.2"), ask(raw)]
    own = "127.0.0.1:%d" % raw.socket.getsockname()[1]
    assert [refused_peer(trusting, path) for path in paths] == ["203.0.113.1", "203.0.113.2", own]


def test_a_websocket_is_its_clients(trusting, viewers):
    viewers(RawWebSocket(trusting, "/ws?token=bad", "X-Real-IP: 203.0.113.77", welcome=False)).next_frame()
    line = wait_until(lambda: [line for line in trusting.log.splitlines() if "203.0.113.77" in line and "refused" in line], "it is logged")[0]
    assert "reason=token" in line and "WebSocket" in line and "connection=" in line


class Nginx:
    """nginx with the configuration of ops/nginx, in front of one node."""

    def __init__(self, folder, node):
        self.port = free_port()
        text = (ROOT / "ops/nginx/fantail.conf").read_text()
        text = re.sub(r"server node-[ab]:\d+", f"server 127.0.0.1:{node.port}", text)
        text = text.replace("listen 8000;", f"listen 127.0.0.1:{self.port};")
        text = text.replace("listen 127.0.0.1:8001;", f"listen 127.0.0.1:{free_port()};")
        text = re.sub(r"(pid|_temp_path|access_log) /(tmp|dev)/(\S+)", rf"\1 {folder}/\3", text)
        text = re.sub(r"worker_rlimit_nofile.*\n|worker_processes.*\n", "", text)
        (folder / "nginx.conf").write_text(text)
        self.log = folder / "stdout"
        self.process = subprocess.Popen(
            ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)

    context, connection, request, url = None, Node.connection, Node.request, Node.url

    def answers(self):
        try:
            return self.request("GET", "/health/live").status == 200
        except OSError:
            return False


@pytest.fixture
def nginx(tmp_path, trusting):
    server = Nginx(tmp_path, trusting)
    wait_until(server.answers, "nginx answers")
    yield server
    server.process.terminate()
    server.process.wait(10)


def test_behind_nginx(nginx, trusting, viewers, redis, task):
    """The shipped configuration passes on WebSockets, streams and requests, names the client, and logs no token."""
    client = viewers(Jobs(nginx))
    client.join(task)
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 3})
    assert client.receive_type("job_status")["data"]["progress"] == 3
    path = f"/api/v1/status/{uuid.uuid4().hex}"
    assert nginx.request("GET", path, token="a-bad-token").status == 401
    assert refused_peer(trusting, path) == "127.0.0.1", "without a port: nginx named it"
    # Whoever writes the field himself is not believed: nginx sets its own.
    path = f"/api/v1/status/{uuid.uuid4().hex}"
    assert nginx.request("GET", path, headers={"X-Real-IP": "6.6.6.6", "X-Forwarded-For": "6.6.6.6"}).status == 401
    assert refused_peer(trusting, path) == "127.0.0.1"
    client.close()
    log = wait_until(lambda: (text := nginx.log.read_text()).count("/ws") and text, "nginx logs the WebSocket")
    assert "demo-token" not in log and "a-bad-token" not in log


@pytest.mark.parametrize("value", ["proxy.example", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/8;"])
def test_what_is_no_block_of_addresses_is_refused(value):
    done = fantail("serve", "--dev", "--trust-proxy", value)
    assert done.returncode == 2 and "--trust-proxy" in done.stderr and len(done.stderr.splitlines()) == 1
