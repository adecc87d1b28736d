"""A viewer whose network goes away says nothing more, and its machine refuses nothing: the node ends it, and the kernel with it."""

import subprocess
import sys

import pytest
import redis as redis_py

from harness import API_KEY, FIXED_TOKEN, binary, clean_environment, end_at_last, free_port, log_file, wait_until
from own_network import TwoMachines

# Sends what it is given, says what it is answered first, and reads on for ever.
VIEWER = """
import socket, sys
node = socket.create_connection((sys.argv[1], int(sys.argv[2])))
node.sendall(sys.argv[3].encode().decode("unicode_escape").encode("latin-1"))
print(node.recv(65536).decode("latin-1").split("\\r\\n")[0], flush=True)
while node.recv(65536): pass
"""


@pytest.fixture
def machines():
    machines = TwoMachines()
    yield machines
    machines.close()


@pytest.fixture
def redis(machines, tmp_path):
    """Over a unix socket, which every network can reach."""
    path = tmp_path / "redis"
    server = end_at_last(subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", tmp_path], stdout=subprocess.DEVNULL))
    client = redis_py.Redis(unix_socket_path=str(path))

    def answers():
        try:
            return client.ping()
        except redis_py.RedisError:
            return False

    wait_until(answers, "Redis answers")
    yield client
    server.kill()
    server.wait()


@pytest.fixture
def node(machines, redis, tmp_path):
    """Its port. A heartbeat of 1 s, so that it waits 5 s for a peer, the least that there is."""
    port = free_port()
    path = log_file(tmp_path, port)
    with open(path, "wb") as log:
        process = end_at_last(subprocess.Popen(
            [*machines.near.inside, binary(), "serve", "--redis", f"unix://{tmp_path}/redis", "--host", machines.near_address,
             "--port", str(port), "--loops", "1", "--api-key", API_KEY, "--ws-auth-token", FIXED_TOKEN,
             "--ws-heartbeat-interval", "1000", "--drain", "0s"], stdout=log, stderr=log, env=clean_environment()))
    health = f"http://{machines.near_address}:{port}/health/ready"
    wait_until(lambda: machines.near.run("curl", "-sf", health).returncode == 0, f"the node is ready: {path.read_text()}", 20)
    yield port
    process.terminate()
    assert process.wait(15) == 0, path.read_text()


def frame(text):
    """A masked one whose mask changes nothing, escaped."""
    return f"\\x81\\x{0x80 | len(text):x}\\0\\0\\0\\0{text}"


def request(kind, task):
    if kind == "stream":
        return (f"GET /api/v1/tasks/{task}/events HTTP/1.1\\r\\nHost: node\\r\\nX-API-Key: {API_KEY}\\r\\n"
                "Accept: text/event-stream\\r\\n\\r\\n")
    return (f"GET /ws?token={FIXED_TOKEN} HTTP/1.1\\r\\nHost: node\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
            "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n"
            + frame(f'{{"type":"join_job","jobId":"{task}"}}'))


@pytest.mark.parametrize("kind, is_told", [("stream", True), ("stream", False), ("websocket", True)])
def test_a_viewer_whose_network_is_gone_is_ended(machines, redis, node, task, kind, is_told):
    """Something is on its way to it (TCP_USER_TIMEOUT), or nothing is (keep-alive)."""
    viewer = end_at_last(subprocess.Popen(
        [*machines.far.inside, sys.executable, "-c", VIEWER, machines.near_address, str(node), request(kind, task)],
        stdout=subprocess.PIPE, text=True))
    try:
        assert viewer.stdout.readline().split()[1] == ("200" if kind == "stream" else "101")
        counted = lambda: redis.hvals(f"ft:{{task:{task}}}:p")
        wait_until(lambda: counted() == [b"1"], "the viewer is counted")
        machines.pull_out()
        if is_told:
            redis.fcall("fantail_publish", 1, f"task:{task}", '{"progress":1}')
        wait_until(lambda: not counted(), "the viewer is counted no more", 20)
        sockets = lambda: machines.near.run("ss", "-Htn", "state", "all", "dst", machines.far_address).stdout
        wait_until(lambda: sockets() == "", "the kernel holds nothing for it", 20)
    finally:
        viewer.kill()
        viewer.wait()
