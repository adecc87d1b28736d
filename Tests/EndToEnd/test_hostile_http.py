"""Requests that smuggle, overflow or break off."""

import json

import pytest

from harness import API_KEY
from raw import Raw, RawWebSocket

HEAD = f"POST /api/v1/tasks/hostile/events HTTP/1.1\r\nHost: x\r\nX-API-Key: {API_KEY}\r\nContent-Type: application/json\r\n"
SMUGGLED = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"

HOSTILE = {
    "CL and TE": (HEAD + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, 400),
    "two lengths": (HEAD + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}" + SMUGGLED, 400),
    "list of lengths": (HEAD + "Content-Length: 2, 3\r\n\r\n{}" + SMUGGLED, 400),
    "negative length": (HEAD + "Content-Length: -1\r\n\r\n" + SMUGGLED, 400),
    "length with a sign": (HEAD + "Content-Length: +2\r\n\r\n{}" + SMUGGLED, 400),
    "length over 64 bits": (HEAD + "Content-Length: 99999999999999999999\r\n\r\n", (400, 413)),
    "space before the colon": (HEAD + "Content-Length : 2\r\n\r\n{}" + SMUGGLED, 400),
    "folded field": (HEAD + "X-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED, 400),
    "unknown coding": (HEAD + "Transfer-Encoding: gzip\r\n\r\n" + SMUGGLED, (400, 501)),
    "chunked twice": (HEAD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, (400, 501)),
    "chunked, then another": (HEAD + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED, (400, 501)),
    "bad chunk size": (HEAD + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" + SMUGGLED, 400),
    "negative chunk size": (HEAD + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n" + SMUGGLED, 400),
    "chunk longer than said": (HEAD + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}}}\r\n0\r\n\r\n" + SMUGGLED, 400),
    "chunk size over 64 bits": (HEAD + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", (400, 413)),
    "huge chunk": (HEAD + "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n", (400, 413)),
    "hexadecimal length": (HEAD + "Content-Length: 0x2\r\n\r\n{}" + SMUGGLED, 400),
    "length with a tab inside": (HEAD + "Content-Length: 1\t2\r\n\r\n{}" + SMUGGLED, 400),
    "empty length": (HEAD + "Content-Length:\r\n\r\n{}" + SMUGGLED, 400),
    "no length": (HEAD + "\r\n{}" + SMUGGLED, 411),
    "chunked in HTTP/1.0": (HEAD.replace("1.1", "1.0") + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, 400),
    "chunked with a parameter": (HEAD + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n" + SMUGGLED, (400, 501)),
    "a coding like chunked": (HEAD + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED, (400, 501)),
    "chunked with a vertical tab": (HEAD + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED, 400),
    "folded coding": (HEAD + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, 400),
    "coding and a length behind a bare CR": (HEAD + "X: a\rTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", 400),
    "bare LF between fields": (HEAD + "Content-Length: 2\nX: y\r\n\r\n{}" + SMUGGLED, 400),
    "bare LF behind a chunk size": (HEAD + "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n" + SMUGGLED, 400),
    "chunk size with a space": (HEAD + "Transfer-Encoding: chunked\r\n\r\n2 \r\n{}\r\n0\r\n\r\n" + SMUGGLED, 400),
    "endless chunk extension": (HEAD + "Transfer-Encoding: chunked\r\n\r\n2;" + "x" * 5000, 400),
    "endless trailer": (HEAD + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + "A: b\r\n" * 2000, 431),
    "body above 1 MiB in chunks": (HEAD + "Transfer-Encoding: chunked\r\n\r\n" + ("10000\r\n" + " " * 65536 + "\r\n") * 17, 413),
    "body above 1 MiB": (HEAD + "Content-Length: 1048577\r\n\r\n", 413),
    "NUL in a field": (HEAD + "X-Nul: a\0b\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED, 400),
    "NUL in the path": ("GET /health\0/live HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "CR in a field": (HEAD + "X-Cr: a\rb\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED, 400),
    "no host": ("GET /health/live HTTP/1.1\r\n\r\n", 400),
    "two hosts": ("GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "two origins": ("GET /health/live HTTP/1.1\r\nHost: x\r\nOrigin: http://a.example\r\nOrigin: http://localhost\r\n\r\n", 400),
    "two keys": (f"GET /api/v1/online HTTP/1.1\r\nHost: x\r\nX-API-Key: {API_KEY}\r\nX-API-Key: x\r\n\r\n", 400),
    "no version": ("GET /health/live\r\n\r\n", 400),
    "another version": ("GET /health/live HTTP/3.0\r\nHost: x\r\n\r\n", (400, 505)),
    "HTTP/2 preface": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    "TLS": ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "field name with a space": ("GET /health/live HTTP/1.1\r\nHost: x\r\nBad Name: 1\r\n\r\n", 400),
    "huge field": ("GET /health/live HTTP/1.1\r\nHost: x\r\nX-Huge: " + "x" * 20000 + "\r\n\r\n", 431),
    "huge line": ("GET /" + "x" * 20000 + " HTTP/1.1\r\nHost: x\r\n\r\n", (414, 431)),
    "endless head": ("GET /health/live HTTP/1.1\r\nHost: x\r\n" + "X-A: b\r\n" * 3000, 431),
    "many fields": ("GET /health/live HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n" * 500 + "\r\n", 431),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_request_is_refused_once_and_the_connection_closed(node, viewers, kind):
    request, expected = HOSTILE[kind]
    raw = viewers(Raw(node))
    raw.send(request.encode("latin-1"))
    status, fields, body = raw.answer()
    assert status in (expected if isinstance(expected, tuple) else (expected,)), (status, body)
    assert fields["connection"].lower() == "close"
    error = json.loads(body)["error"]
    assert error["code"] and error["message"]
    raw.expect_end()
    assert node.request("GET", "/health/live").status == 200
    assert node.request("GET", "/api/v1/tasks/hostile", key=API_KEY).status == 404


def test_drip_fed_and_pipelined_requests_are_answered(node, viewers, task):
    raw = viewers(Raw(node))
    for byte in SMUGGLED:
        raw.send(byte.encode())
    assert raw.answer()[0] == 200
    raw.send((SMUGGLED * 3).encode())
    assert [raw.answer()[0] for _ in range(3)] == [200, 200, 200]
    chunked = HEAD.replace("hostile", task) + "Transfer-Encoding: chunked\r\n\r\n5;ext=1\r\n{\"pro\r\n"
    raw.send(chunked.encode())
    raw.send(b"9\r\ngress\":1}\r\n0\r\nTrailer: x\r\n\r\n")
    assert raw.answer()[0] == 200


def test_the_same_length_twice_is_one_length(node, viewers, task):
    raw = viewers(Raw(node))
    raw.send((HEAD.replace("hostile", task) + 'Content-Length: 14\r\nContent-Length: 14\r\n\r\n{"progress":1}').encode())
    assert raw.answer()[0] == 200


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD", "OPTIONS"])
def test_a_request_in_a_body_is_a_body(node, viewers, method):
    """One response each: to the request, and to the one after its body."""
    raw = viewers(Raw(node))
    hidden = "POST /api/v1/tasks/hostile/events HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    raw.send(f"{method} /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: {len(hidden)}\r\n\r\n{hidden}".encode())
    if method == "HEAD":
        raw.send(SMUGGLED.encode())  # its answer announces a body that does not come
        while b"live\"}" not in raw.buffer:
            assert raw.fill()
        assert raw.buffer.count(b"HTTP/1.1 200") == 2
        return
    first, (status, _, body) = raw.answer(), (raw.send(SMUGGLED.encode()), raw.answer())[1]
    assert first[0] == (200 if method == "GET" else 405) and status == 200 and b"live" in body


def test_expect_continue(node, viewers, task):
    raw = viewers(Raw(node))
    raw.send((HEAD.replace("hostile", task) + "Content-Length: 14\r\nExpect: 100-continue\r\n\r\n").encode())
    assert raw.answer()[0] == 100
    raw.send(b'{"progress":1}')
    assert raw.answer()[0] == 200


def test_a_broken_off_body_is_no_event(node, viewers, task):
    raw = viewers(Raw(node))
    raw.send((HEAD.replace("hostile", task) + 'Content-Length: 100\r\n\r\n{"progress":1}').encode())
    raw.close()
    assert node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).status == 404


def error_code(socket):
    return json.loads(socket.body)["error"]["code"]


@pytest.mark.parametrize("origin, status", [
    ("https://evil.example", 403), ("http://127.0.0.1.evil.example", 403), ("garbage", 403),
    ("http://127.0.0.1", 101), ("http://127.0.0.1:3000", 101), ("http://localhost:5173", 101), ("null", 101)])
def test_origins_of_a_development_node(node, viewers, origin, status):
    socket = viewers(RawWebSocket(node, "/ws?token=demo-token", f"Origin: {origin}"))
    assert socket.status == status
    if status == 403:
        assert error_code(socket) == "FORBIDDEN"


def test_two_origins_are_refused(node, viewers):
    """One that is allowed and one that is not: a proxy may read the other one."""
    for origins in (["Origin: http://localhost", "Origin: https://evil.example"], ["Origin: null", "Origin: null"]):
        assert viewers(RawWebSocket(node, "/ws?token=demo-token", *origins)).status == 400


def test_a_development_node_answers_to_no_name_that_others_could_point_at_it(node, viewers):
    """A page with this host name would share the node's origin, and demo-token opens the node."""
    for name, status in [("rebound.example", 403), ("localhost", 200), ("app.localhost", 200), ("127.0.0.1", 200)]:
        host = f"{name}:{node.port}"
        for path in ["/health/live", "/", "/metrics"]:
            answer = node.request("GET", path, headers={"Host": host})
            assert answer.status == status, (path, host)
            assert status == 200 or answer.code == "FORBIDDEN"
        raw = viewers(Raw(node))
        lines = ["GET /ws?token=demo-token HTTP/1.1", f"Host: {host}", f"Origin: http://{host}", "Upgrade: websocket",
                 "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
        raw.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        assert raw.answer()[0] == (101 if status == 200 else 403), host
    assert "--allow-origin does not name rebound.example" in node.log


def test_a_development_node_answers_to_a_name_that_is_allowed(launch):
    node = launch("--allow-origin", "https://tunnel.example")
    assert node.request("GET", "/health/live", headers={"Host": "tunnel.example"}).status == 200
    assert node.request("GET", "/health/live", headers={"Host": "rebound.example"}).status == 403


def test_any_other_node_answers_to_every_name(launch):
    assert launch(dev=False).request("GET", "/health/live", headers={"Host": "fantail.example"}).status == 200


def test_origins_of_any_other_node(launch, viewers):
    node = launch("--allow-origin", "https://app.example", dev=False)
    for origin, status in [("http://localhost:5173", 403), ("null", 403), ("https://evil.example", 403),
                           ("https://app.example", 101), (f"http://127.0.0.1:{node.port}", 101)]:
        assert viewers(RawWebSocket(node, "/ws", f"Origin: {origin}", welcome=False)).status == status, origin


def handshake(node, *, key="dGhlIHNhbXBsZSBub25jZQ==", version="13", path="/ws?token=demo-token"):
    raw = Raw(node)
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Version: {version}"] if version else []
    lines += [f"Sec-WebSocket-Key: {key}"] if key else []
    raw.send("\r\n".join(lines).encode() + b"\r\n\r\n")
    return raw.answer()


@pytest.mark.parametrize("version", ["8", "12", "14", None])
def test_a_wrong_version_is_told_the_right_one(node, version):
    status, fields, _ = handshake(node, version=version)
    assert status == 426 and fields["sec-websocket-version"] == "13"


@pytest.mark.parametrize("key", [None, "short", "not base64 !!!!!!!!!!!!!!", "dGhlIHNhbXBsZSBub25jZQ"])
def test_a_bad_key_is_refused(node, key):
    assert handshake(node, key=key)[0] == 400


def test_the_right_answer_to_a_handshake(node):
    status, fields, _ = handshake(node)
    assert status == 101 and fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_other_paths_take_no_websocket(node, viewers):
    assert viewers(RawWebSocket(node, "/other?token=demo-token")).status == 404
    assert node.request("GET", "/ws").status == 426
