"""Frames that break RFC 6455, floods, and compression."""

import json
import random
import time
import zlib

import pytest
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from clients import Jobs
from raw import RawWebSocket

PING = '{"type":"ping"}'
LIMIT = 64 * 1024
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"


def deflated(data):
    squeezer = zlib.compressobj(wbits=-15)
    return (squeezer.compress(data) + squeezer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflated(data):
    return zlib.decompressobj(wbits=-15).decompress(data + b"\x00\x00\xff\xff")


@pytest.fixture
def socket(node, viewers):
    return viewers(RawWebSocket(node))


BROKEN = {
    "unmasked": ([(1, PING, {"masked": False})], 1002),
    "first reserved bit": ([(1, PING, {"reserved": 4})], 1002),
    "second reserved bit": ([(1, PING, {"reserved": 2})], 1002),
    "third reserved bit": ([(1, PING, {"reserved": 1})], 1002),
    "opcode 3": ([(3, PING, {})], 1002),
    "opcode 11": ([(11, b"", {})], 1002),
    "fragmented ping": ([(9, b"", {"fin": False})], 1002),
    "long ping": ([(9, b"x" * 126, {})], 1002),
    "continuation of nothing": ([(0, PING, {})], 1002),
    "message within a message": ([(1, "{", {"fin": False}), (1, PING, {})], 1002),
    "close with one byte": ([(8, b"\x03", {})], 1002),
    "close with a forbidden code": ([(8, b"\x03\xed", {})], 1002),
    "close with bad UTF-8": ([(8, b"\x03\xe8\xff", {})], 1007),
    "invalid UTF-8": ([(1, b'{"type":"\xff"}', {})], 1007),
    "UTF-8 cut at the end": ([(1, b'{"type":"\xe2\x82', {})], 1007),
    "surrogate in UTF-8": ([(1, b"\xed\xa0\x80", {})], 1007),
    "invalid UTF-8 over two frames": ([(1, b"\xe2", {"fin": False}), (0, b"\x28\xa1", {})], 1007),
    "2^63 bytes": ([(1, b"", {"length": 1 << 63})], (1002, 1009)),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_frame_closes(node, viewers, kind):
    frames, code = BROKEN[kind]
    socket, neighbour = viewers(RawWebSocket(node)), viewers(Jobs(node))
    for opcode, payload, options in frames:
        socket.frame(opcode, payload, **options)
    if isinstance(code, tuple):
        first, payload = socket.next_frame()
        while first == 0x81:
            first, payload = socket.next_frame()
        assert int.from_bytes(payload[:2], "big") in code
    else:
        socket.expect_close(code)
    neighbour.expect_silence()


@pytest.mark.parametrize("how", ["one frame", "fragments", "only the head"])
def test_a_message_above_64_kib_is_told_and_closed(socket, how):
    if how == "one frame":
        socket.frame(1, PING.ljust(LIMIT + 1))
    elif how == "only the head":
        socket.frame(1, b"{", length=1 << 30)
    else:
        for number in range(66):
            socket.frame(0 if number else 1, " " * 1024, fin=False)
    assert socket.message()["code"] == "MESSAGE_TOO_LARGE"
    socket.expect_close(1009)


def test_a_message_of_64_kib_is_taken(socket):
    socket.frame(1, PING.ljust(LIMIT))
    assert socket.message()["type"] == "pong"


def test_fragments_with_a_ping_between(socket):
    socket.frame(1, '{"type":', fin=False)
    socket.frame(9, "between")
    socket.frame(0, b"", fin=False)
    socket.frame(0, '"ping"}')
    assert socket.next_frame() == (0x8A, b"between")
    assert socket.message()["type"] == "pong"


def test_one_byte_at_a_time(socket):
    whole = []
    send, socket.send = socket.send, whole.append
    socket.frame(1, PING)
    for byte in whole[0]:
        send(bytes([byte]))
    assert socket.message()["type"] == "pong"


def test_a_close_is_answered_with_its_code(socket):
    socket.frame(8, b"\x03\xe8bye")
    first, payload = socket.next_frame()
    assert first == 0x88 and payload[:2] == b"\x03\xe8"
    socket.expect_end()


def test_an_empty_close_is_answered_with_1000(socket):
    """Otherwise the client's program would get 1005, as after a failure, and reconnect."""
    socket.frame(8)
    assert socket.next_frame() == (0x88, b"\x03\xe8")
    socket.expect_end()


def test_after_our_close_frames_are_passed_over_until_the_clients(node, viewers):
    """None of them is inflated, so invalid data is no error; the client's close frame ends the connection cleanly at once."""
    socket = viewers(RawWebSocket(node, "/ws?token=demo-token", DEFLATE))
    for _ in range(150):
        socket.frame(9, b"")
    while (first := socket.next_frame()[0]) != 0x88:
        assert first in (0x8A, 0x81)
    for _ in range(20):
        socket.frame(1, deflated(b" " * (16 << 20)), reserved=4)
        socket.frame(1, b"\xff\xff\xff\xff", reserved=4)
    closed = time.monotonic()
    socket.frame(8, b"\x03\xf0")
    socket.expect_end()
    assert time.monotonic() - closed < 1.5, "not by the node's clock"


@pytest.mark.parametrize("opcode, payload", [(1, PING), (9, b"flood")])
def test_a_flood_is_told_and_closed(node, viewers, opcode, payload):
    socket, neighbour = viewers(RawWebSocket(node)), viewers(Jobs(node))
    frames = []
    send, socket.send = socket.send, frames.append
    for _ in range(200):
        socket.frame(opcode, payload)
    socket.send = send
    socket.send(b"".join(frames))
    answers = 0
    while True:
        first, body = socket.next_frame()
        if first == 0x81 and json.loads(body)["type"] == "error":
            break
        assert first == 0x8A or json.loads(body)["type"] == "pong"
        answers += 1
    assert json.loads(body)["code"] == "RATE_LIMITED" and 95 <= answers <= 110
    socket.expect_close(1008)
    neighbour.expect_silence()


def test_a_large_event_is_deflated_for_those_who_can(node, viewers, redis, task):
    compressed, plain = viewers(RawWebSocket(node, "/ws?token=demo-token", DEFLATE)), viewers(RawWebSocket(node))
    offered = compressed.fields["sec-websocket-extensions"]
    assert "server_no_context_takeover" in offered and "client_no_context_takeover" in offered
    assert "sec-websocket-extensions" not in plain.fields

    redis.fcall(task, {"progress": 1})
    for socket in (compressed, plain):
        socket.frame(1, json.dumps({"type": "join_job", "jobId": task}))
        assert socket.message()["data"]["sequence"] == 1
    event = {"progress": 2, "message": "Ünïcode " * 375}
    for sequence in (2, 3):
        redis.fcall(task, event)
        first, payload = compressed.next_frame()
        assert first == 0xC1 and len(payload) < 1000
        data = json.loads(inflated(payload))["data"]
        assert data["message"] == event["message"] and data["sequence"] == sequence
        assert plain.message()["data"] == data
    redis.fcall(task, {"progress": 3})
    assert compressed.message()["data"]["progress"] == 3


def test_compressed_messages_are_read(node, viewers):
    socket = viewers(RawWebSocket(node, "/ws?token=demo-token", DEFLATE))
    padded = (PING[:-1] + ',"filler":"' + "äx" * 1500 + '"}').encode()
    for _ in range(2):
        socket.frame(1, deflated(padded), reserved=4)
        assert socket.message()["type"] == "pong"
    whole = deflated(padded)
    socket.frame(1, whole[:10], fin=False, reserved=4)
    socket.frame(9, b"")
    socket.frame(0, whole[10:])
    assert socket.next_frame()[0] == 0x8A
    assert socket.message()["type"] == "pong"
    socket.frame(1, PING)
    assert socket.message()["type"] == "pong"


def test_a_client_library_with_compression(node, viewers, redis, task):
    client = viewers(Jobs(node, compression="deflate"))
    assert client.socket.protocol.extensions
    redis.fcall(task, {"progress": 1})
    client.join(task, filler="x" * 3000)
    assert client.receive_type("job_status")["data"]["sequence"] == 1
    redis.fcall(task, {"message": "y" * 3000})
    assert client.receive_type("job_status")["data"]["message"] == "y" * 3000


@pytest.mark.parametrize("bits", range(9, 16))
def test_a_window_that_the_client_asks_for_is_kept_to(node, viewers, redis, task, bits):
    """A library that inflates with that window only, and the same event for one with the usual window."""
    offer = [ClientPerMessageDeflateFactory(server_max_window_bits=bits)]
    narrow, usual = viewers(Jobs(node, extensions=offer)), viewers(Jobs(node, compression="deflate"))
    agreed, = narrow.socket.protocol.extensions
    assert agreed.remote_max_window_bits == bits and agreed.remote_no_context_takeover
    redis.fcall(task, {"progress": 1})
    # Repeats itself over more than 512 bytes, and within them.
    text = "".join(random.Random(bits).choices("abcdefghijklmnop", k=700)) * 3 + "Ünïcode " * 375
    for client in (narrow, usual):
        client.join(task)
        assert client.receive_type("job_status")["data"]["sequence"] == 1
    redis.fcall(task, {"progress": 2, "message": text})
    for client in (narrow, usual):
        assert client.receive_type("job_status")["data"]["message"] == text
    client.send({"type": "ping", "filler": text})
    client.receive_type("pong")


def test_a_window_of_8_bits_is_passed_over(node, viewers):
    socket = viewers(RawWebSocket(node, "/ws?token=demo-token", DEFLATE + "; server_max_window_bits=8"))
    assert "sec-websocket-extensions" not in socket.fields
    socket = viewers(RawWebSocket(
        node, "/ws?token=demo-token", DEFLATE + "; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9"))
    assert socket.fields["sec-websocket-extensions"].endswith("server_max_window_bits=9")


BOMBS = {
    "a bomb": (deflated(b" " * (64 << 20)), 1009),
    "no deflate": (b"\xff\xff\xff\xff", (1002, 1007)),
    "invalid UTF-8": (deflated(b'{"type":"\xff"}'), 1007),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bad_compressed_messages_close(node, viewers, kind):
    payload, codes = BOMBS[kind]
    socket = viewers(RawWebSocket(node, "/ws?token=demo-token", DEFLATE))
    socket.frame(1, payload, reserved=4)
    first, body = socket.next_frame()
    if kind == "a bomb" and first == 0x81:
        assert json.loads(body)["code"] == "MESSAGE_TOO_LARGE"
        first, body = socket.next_frame()
    assert first == 0x88 and int.from_bytes(body[:2], "big") in (codes if isinstance(codes, tuple) else (codes,))
