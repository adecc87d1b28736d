"""TLS on the clients' port: `--tls-cert` and `--tls-key`."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
import warnings

import pytest

from certificates import Authority, openssl
from chromium import Page
from clients import Jobs, Presence, Stream, Tasks, Topics
from harness import API_KEY, SECRET, Node, fantail, free_port, wait_until
from metrics import Watch
from raw import Raw, RawWebSocket
from socketio_clients import Polling, masked, upgrade
from tokens import jwt


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="module")
def identity(authority):
    return authority.issue("node")


def flags(identity):
    return ["--tls-cert", identity.certificate, "--tls-key", identity.key]


@pytest.fixture(scope="module")
def secure(launch, authority, identity):
    """Starts a node with TLS."""
    return lambda *more, **options: launch(*flags(identity), *more, context=authority.context(), **options)


@pytest.fixture(scope="module")
def node(secure):
    return secure("--loops", "2")


@pytest.fixture
def dial(node, authority, viewers):
    """Connections by Python's TLS, with a context that a test may change."""

    def start(context=None, node=node, **options):
        raw = socket.create_connection(("127.0.0.1", node.port), timeout=30)
        return viewers((context or authority.context()).wrap_socket(raw, server_hostname="localhost", **options))

    return start


def ask(connection, path="/health/live", more=b""):
    """The answer to a request, up to the end of its short body."""
    connection.sendall(b"GET " + path.encode() + b" HTTP/1.1\r\nHost: localhost\r\n" + more + b"\r\n")
    answer = b""
    while b"\r\n\r\n" not in answer:
        assert (data := connection.recv(65536)), answer
        answer += data
    return answer


# What works.

def test_every_way_of_watching_and_publishing(redis, node, viewers, task):
    jobs, tasks, topics = viewers(Jobs(node)), viewers(Tasks(node)), viewers(Topics(node))
    jobs.join(task)
    tasks.subscribe(task)
    topics.subscribe("task", {"taskId": task})
    presence = viewers(Presence(node, jwt("somebody")))
    stream = viewers(Stream(node, task))
    redis.wait_for_viewers(task, 4)
    assert redis.fcall(task, {"progress": 1}) == 1
    assert node.post(task, {"progress": 2}).json["sequence"] == 2
    assert redis.is_enough(redis.publish(task, {"progress": 3}), 1)
    assert [event["progress"] for event in jobs.events(3)] == [1, 2, 3]
    assert [event["progress"] for event in tasks.events(3)] == [1, 2, 3]
    assert [topics.receive_type("status")["data"]["progress"] for _ in range(3)] == [1, 2, 3]
    assert [stream.next()["data"]["progress"] for _ in range(3)] == [1, 2, 3]
    assert node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["sequence"] == 2
    assert "somebody" in node.request("GET", "/api/v1/online", key=API_KEY).body.decode()
    for path in ("/", "/fantail.js", "/openapi.json", "/metrics", "/health/live"):
        assert node.request("GET", path).status == 200
    assert presence and f"https://localhost:{node.port}" in node.log and f"wss://localhost:{node.port}/ws" in node.log


class RawTLS(Raw):
    """What `Raw` does, over a connection with TLS."""

    def __init__(self, socket):
        self.socket, self.buffer = socket, b""


def test_a_connection_goes_with_its_tls_to_the_loop_of_its_session(node, dial, task):
    loops = {}
    while len(loops) < 2:
        polling = Polling(node)
        loops[polling.sid.split("-")[-2]] = polling
    one, other = loops.values()
    raw = RawTLS(dial())
    post = "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
    # Between two loops, there and back; then as a WebSocket. What came with the last request moves, too.
    for number in range(3):
        for polling in (one, other):
            packet = "40" + json.dumps({"token": jwt()}) if number == 0 else '42["ping"]'
            raw.send((post % (polling.sid, len(packet), packet)).encode())
            assert raw.answer()[::2] == (200, b"ok")
    raw.send(upgrade(one.sid) + masked("2probe"))
    assert raw.answer()[0] == 101 and raw.take(8) == b"\x81\x063probe"
    raw.send(masked("5", '42["subscribe_task",{"videoId":"%s"}]' % task))
    while b"subscribeSuccess" not in raw.buffer:
        assert raw.fill(), raw.buffer
    assert node.post(task, {"progress": 7}).status == 200
    while b'"progress":7' not in raw.buffer:
        assert raw.fill(), raw.buffer


def test_a_browser_watches_over_https(redis, node, browser, task):
    page = Page(browser, "about:blank")
    try:
        page.call("Security.setIgnoreCertificateErrors", ignore=True)  # it does not know the tests' authority
        page.call("Page.navigate", url=f"https://localhost:{node.port}/")
        page.wait("location.protocol === 'https:' && document.readyState === 'complete'")
        page.run(f"""import('/fantail.js').then(({{ connect }}) => {{
            window.seen = [];
            connect({{ token: '{jwt("somebody")}' }}).watch('{task}', (task) => seen.push(task.progress));
        }})""")
        redis.wait_for_viewers(task, 1)
        redis.fcall(task, {"progress": 42})
        page.wait("seen.includes(42)")
        assert [url for url in page.requests if url.startswith("ws")] == [f"wss://localhost:{node.port}/ws"]
    finally:
        page.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_are_spoken_and_sessions_resumed(dial, authority, version):
    context = authority.context()
    context.minimum_version = context.maximum_version = version
    first = dial(context)
    assert b"200" in ask(first)  # with TLS 1.3 the ticket comes behind the handshake
    assert not first.session_reused
    for _ in range(8):  # whichever loop they come to
        again = dial(context, session=first.session)
        assert again.session_reused and b"200" in ask(again)


def test_http_1_1_is_agreed_on_and_nothing_else(dial, authority):
    for named, chosen in ((["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), ([], None)):
        context = authority.context()
        if named:
            context.set_alpn_protocols(named)
        connection = dial(context)
        assert connection.selected_alpn_protocol() == chosen and b"HTTP/1.1 200" in ask(connection)
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError, match="no application protocol"):
        ask(dial(context))


def test_bytes_may_come_one_by_one(node, authority):
    """Those of the handshake, and a record for each byte of the request."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = authority.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", node.port), timeout=30) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def exchange(step):
            while True:
                try:
                    result = step()
                except ssl.SSLWantReadError:
                    result = None
                for byte in outgoing.read():
                    raw.sendall(bytes([byte]))
                if result is not None:
                    return result
                assert (data := raw.recv(1)), "the node has hung up"
                incoming.write(data)

        exchange(lambda: tls.do_handshake() or True)
        for byte in b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n":
            exchange(lambda: tls.write(bytes([byte])))
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += exchange(lambda: tls.read(100))
        assert answer.startswith(b"HTTP/1.1 200")


def test_large_messages_and_compression(redis, node, viewers, task):
    viewer = viewers(Jobs(node, compression="deflate"))
    viewer.join(task)
    redis.wait_for_viewers(task, 1)
    events = [{"type": "note", "n": number, "text": os.urandom(20_000).hex()} for number in range(30)]
    for event in events:
        node.post(task, event)
    assert [event["text"] for event in viewer.events(30)] == [event["text"] for event in events]
    body = json.dumps([{"type": "note", "text": "x" * 60_000}] * 16)
    assert node.post(task, body).status == 200
    assert len(node.request("GET", f"/api/v1/tasks/{task}/events", key=API_KEY).json["events"]) >= 2


class Narrow(RawWebSocket):
    """A viewer that reads only when it is told to, and for which the kernel keeps little."""

    def __init__(self, node):
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        plain.settimeout(30)
        plain.connect(("127.0.0.1", node.port))
        self.socket, self.buffer = node.context.wrap_socket(plain, server_hostname="localhost"), b""
        self.send(b"GET /ws?token=demo-token HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
        assert self.answer()[0] == 101 and self.message()["type"] == "connection_established"


def test_a_viewer_that_reads_too_slowly_gets_the_newest_and_harms_nobody(redis, secure, viewers, task):
    node = secure("--loops", "1")
    conflated, closed = Watch(node, "conflated_total"), Watch(node, "slow_closes_total")
    quick, slow = viewers(Jobs(node)), viewers(Narrow(node))
    quick.join(task)
    slow.frame(1, json.dumps({"type": "join_job", "jobId": task}))
    redis.wait_for_viewers(task, 2)
    for number in range(300):
        redis.fcall(task, {"progress": number / 10, "text": "x" * 20_000})
        assert quick.receive_type("job_status")["data"]["sequence"] == number + 1
    assert conflated.rise() > 200 and closed.rise() == 0
    seen = [slow.message()["data"]["sequence"]]
    while seen[-1] < 300:
        seen.append(slow.message()["data"]["sequence"])
    assert seen == sorted(set(seen)) and len(seen) < 100
    # What may not be left out, and is too much, ends the connection, and is not kept for it.
    before = node.resident_bytes()
    for _ in range(400):
        redis.publish(task, {"type": "log", "text": "x" * 60_000})
        quick.receive_type("log")
    closed.wait_for(1)
    assert node.resident_bytes() - before < 8 << 20


def test_the_end_of_a_client_is_understood_with_and_without_a_word(dial, authority):
    connection = dial()
    connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    socket.socket.shutdown(connection, socket.SHUT_WR)  # without TLS' own end
    assert b"HTTP/1.1 200" in connection.recv(65536)
    connection = dial()
    assert b"HTTP/1.1 200" in ask(connection, more=b"Connection: close\r\n")
    while connection.recv(65536):
        pass
    connection.unwrap()  # the node has said that it sends no more


# What is refused.

@pytest.mark.parametrize("request_", [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"DELETE /api/v1/users/a/connections HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + b"x" * 900_000,
    b"GET /ws?token=demo-token HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
], ids=["GET", "DELETE", "large POST", "WebSocket"])
def test_plain_http_is_refused_clearly(node, request_):
    refused = Watch(node, "refused_total", reason="tls")
    with socket.create_connection(("127.0.0.1", node.port), timeout=30) as raw:
        raw.sendall(request_)
        raw.shutdown(socket.SHUT_WR)
        answer = b""
        while data := raw.recv(65536):
            answer += data
    head, body = answer.split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ") and b"Connection: close" in head and b"https://" in body
    refused.wait_for(1)
    assert "reason=tls message=\"the client speaks plain HTTP" in node.log


def test_tls_1_1_is_refused(dial, node):
    refused = Watch(node, "refused_total", reason="tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="protocol version"):
        dial(context)
    refused.wait_for(1)


def test_a_client_that_does_not_believe_the_certificate_is_named_in_the_log(node):
    done = subprocess.run(["curl", "-sS", f"https://localhost:{node.port}/"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 60, done
    wait_until(lambda: "unknown ca" in node.log, "the log says so")


def test_curl_is_answered(node, authority, task):
    curl = ["curl", "-sS", "--fail-with-body", "--cacert", authority.path, "-H", f"X-API-Key: {API_KEY}"]
    url = f"https://localhost:{node.port}/api/v1/tasks/{task}/events"
    done = subprocess.run([*curl, "-H", "Content-Type: application/json", "-d", '{"progress":1}', url], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and json.loads(done.stdout)["sequence"] == 1, done
    done = subprocess.run([*curl, "--http2", url], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and json.loads(done.stdout)["events"][0]["sequence"] == 1, done


def test_handshakes_that_do_not_end_are_cut_off_like_slow_requests(node, authority):
    refused = Watch(node, "refused_total", reason="slow_handshake")
    outgoing = ssl.MemoryBIO()
    tls = authority.context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    hello = outgoing.read()
    slow = {"silent": b"", "half a greeting": hello[:100], "a greeting, and no more": hello}
    sockets = {name: socket.create_connection(("127.0.0.1", node.port), timeout=30) for name in slow}
    began = time.monotonic()
    for name, raw in sockets.items():
        raw.sendall(slow[name])
    for name, raw in sockets.items():
        while raw.recv(65536):
            pass
        assert time.monotonic() - began >= 9.5, name
        raw.close()
    refused.wait_for(3)


def test_the_oldest_of_an_addresss_unfinished_handshakes_makes_way(secure, dial):
    node = secure("--loops", "1", "--handshakes-per-address", "4")
    silent = [socket.create_connection(("127.0.0.1", node.port), timeout=30) for _ in range(4)]
    connection = dial(node=node)
    assert silent[0].recv(10) == b"", "the oldest has made way"
    assert b"200" in ask(connection)
    for raw in silent:
        raw.close()


# The certificate.

def serial(connection):
    return connection.getpeercert()["serialNumber"]


def test_a_new_certificate_is_shown_after_sighup_and_a_bad_one_never(tmp_path, launch, authority, viewers, dial, redis, task):
    paths = [tmp_path / "cert.pem", tmp_path / "key.pem"]

    def put(identity):
        for path, source in zip(paths, (identity.certificate, identity.key)):
            shutil.copy(source, path)

    first, second = authority.issue("first"), authority.issue("second")
    put(first)
    node = launch("--tls-cert", str(paths[0]), "--tls-key", str(paths[1]), "--loops", "2", context=authority.context())
    viewer = viewers(Jobs(node))
    viewer.join(task)
    redis.wait_for_viewers(task, 1)
    old = serial(dial(node=node))
    put(second)
    assert serial(dial(node=node)) == old, "nobody has said yet that it is to be read"
    hang_up(node, "read the new certificate")
    new = serial(dial(node=node))
    assert new != old and {serial(dial(node=node)) for _ in range(8)} == {new}

    def spoil(number, text=None, source=None):
        put(second)
        paths[number].write_text(text if source is None else open(source).read())

    expired = authority.issue("expired", days=-1)
    openssl("pkey", "-in", second.key, "-aes256", "-passout", "pass:x", "-out", tmp_path / "locked.key")
    bad = {
        "nothing in the certificate's file": lambda: spoil(0, ""), "no certificate": lambda: spoil(0, "x\n"),
        "another key": lambda: spoil(1, source=first.key), "a key with a passphrase": lambda: spoil(1, source=tmp_path / "locked.key"),
        "an expired one": lambda: put(expired), "no file": lambda: paths[0].unlink(),
    }
    for number, (name, act) in enumerate(bad.items()):
        act()
        hang_up(node, "the new certificate cannot be used; the node keeps the old one", number + 1)
        assert serial(dial(node=node)) == new, name
    put(first)
    hang_up(node, "read the new certificate", 2)
    assert serial(dial(node=node)) == old
    # Whoever was connected has noticed nothing.
    redis.fcall(task, {"progress": 1})
    assert viewer.receive_type("job_status")["data"]["progress"] == 1


def hang_up(node, words, times=1):
    node.process.send_signal(signal.SIGHUP)
    wait_until(lambda: node.log.count(words) >= times, f"the log says {words}")


@pytest.mark.parametrize("days", [-1, 2])
def test_the_expiry_of_a_certificate_is_measured_and_a_late_one_told_of(launch, authority, days):
    node = launch(*flags(authority.issue(f"for-{days}-days", days=days)), internal=True)
    page = node.request("GET", "/metrics", port=node.internal_port).body.decode()
    left = int(re.search(r"^fantail_certificate_expiry_seconds (\d+)$", page, re.M)[1]) - time.time()
    assert (days - 1) * 86400 < left <= days * 86400
    assert ("the certificate has expired" in node.log) == (days < 0)


def test_operators_port_has_no_tls(secure):
    node = secure(internal=True)
    assert node.request("GET", "/metrics", port=node.internal_port).status == 200
    assert node.request("GET", "/metrics").status == 404
    assert node.request("GET", "/api/v1/online/count", key=API_KEY).status == 200


@pytest.mark.parametrize("name", ["serve", "check"])
def test_settings_that_do_not_fit_exit_2(redis, identity, authority, tmp_path, name):
    other = authority.issue("other")
    openssl("pkey", "-in", other.key, "-aes256", "-passout", "pass:x", "-out", tmp_path / "locked.key")
    for given, said in (
        (["--tls-cert", identity.certificate], "--tls-key"), (["--tls-key", identity.key], "--tls-cert"),
        (["--tls-cert", "/nowhere.pem", "--tls-key", identity.key], "/nowhere.pem"),
        (["--tls-cert", identity.certificate, "--tls-key", "/nowhere.key"], "/nowhere.key"),
        (["--tls-cert", identity.certificate, "--tls-key", other.key], "contains no private key for that certificate"),
        (["--tls-cert", other.certificate, "--tls-key", str(tmp_path / "locked.key")], "locked.key"),
        (["--tls-cert", identity.key, "--tls-key", identity.key], "contains no certificate chain"), (["--tls-cert=", "--tls-key", identity.key], "--tls-cert"),
    ):
        done = fantail(name, "--redis", redis.url, "--jwt-secret", SECRET, "--port", str(free_port()), *given)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and said in done.stderr, (given, done)


def test_check_takes_what_serve_takes(redis, identity):
    env = {"FANTAIL_TLS_CERT": identity.certificate, "FANTAIL_TLS_KEY": identity.key}
    done = fantail("check", "--redis", redis.url, "--jwt-secret", SECRET, "--port", str(free_port()), env=env)
    assert done.returncode == 0 and identity.certificate in done.stdout, done


# Beginning and ending.

def test_a_node_that_stops_tells_its_viewers_and_the_next_waits_for_its_port(redis, secure, identity, authority, viewers, tmp_path):
    old = secure("--drain", "3s")
    clients = [viewers(Jobs(old)) for _ in range(20)]
    old.process.terminate()
    wait_until(lambda: "draining" in old.log, "the drain begins")
    new = Node(tmp_path, redis, *flags(identity), port=old.port, context=authority.context())
    try:
        wait_until(lambda: "waiting for the port" in new.log, "the new node says that it waits")
        for client in clients:
            client.expect_close(1012)
        assert old.process.wait(10) == 0
        new.wait_until_ready()
        viewers(Jobs(new))
    finally:
        assert new.terminate() == 0


def test_a_port_that_a_node_with_tls_has_is_said_to_be_a_nodes(redis, node):
    done = fantail("check", "--redis", redis.url, "--jwt-secret", SECRET, "--port", str(node.port), "--host", "127.0.0.1")
    assert done.returncode == 1 and f"port {node.port} is in use by another Fantail node (" in done.stderr, done


# The commands.

def test_the_commands_reach_it_with_an_authority_of_ones_own(redis, node, authority, task):
    url, token = f"https://localhost:{node.port}", jwt(scope="publish", tasks=["*"])
    access = ["--url", url, "--token", token]
    believing = [*access, "--ca", authority.path]
    done = fantail("run", *believing, task, "--", "true")
    assert done.returncode == 0 and not done.stderr, done
    done = fantail("watch", *believing, task)
    assert done.returncode == 0, done
    assert fantail("watch", *access, task, env={"FANTAIL_CA": authority.path}).returncode == 0
    done = fantail("bench", *believing, "--connections", "5", "--tasks", "2", "--rate", "20", "--duration", "500ms", timeout=60)
    assert done.returncode == 0, done
    # Without it: one line, and no event.
    done = fantail("watch", *access, task)
    assert done.returncode == 2 and "certificate" in done.stderr, done
    done = fantail("run", *access, f"{task}-2", "--", "true", timeout=60)
    assert done.returncode == 0 and "certificate" in done.stderr, done
    done = fantail("bench", *access, "--connections", "1", timeout=60)
    assert done.returncode == 1 and "unable to get local issuer certificate" in done.stderr, done
    done = fantail("watch", *access, "--ca", "/nowhere.pem", task)
    assert done.returncode == 2 and "/nowhere.pem" in done.stderr, done
