"""Fifty thousand channels, and a Redis that comes back empty."""

import asyncio
import json
import time

import pytest
from websockets.asyncio.client import connect

from harness import RedisServer, wait_until

CLIENTS = 500
CHANNELS_EACH = 100  # what one connection may subscribe to


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    """The common fixture's server is for tests that leave it running."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


def jobs_of(client):
    return [f"many-{client}-{number}" for number in range(CHANNELS_EACH)]


async def watch(node, client):
    """A viewer of a hundred jobs without events, so that it gets nothing."""
    socket = await connect(node.url("/ws?token=demo-token"), ping_interval=None, compression=None, open_timeout=60)
    assert json.loads(await socket.recv())["type"] == "connection_established"
    for job in jobs_of(client):
        await socket.send(json.dumps({"type": "join_job", "jobId": job}))
    return socket


async def events(socket, count):
    """The jobs that the next messages are about."""
    return [json.loads(await asyncio.wait_for(socket.recv(), 30))["data"]["jobId"] for _ in range(count)]


async def story(redis, node):
    sockets = [await watch(node, client) for client in range(CLIENTS)]
    total = CLIENTS * CHANNELS_EACH

    def subscribed():
        return redis.answers() and redis.client.info("stats")["pubsub_channels"] >= total

    await asyncio.to_thread(wait_until, subscribed, f"{total} channels are subscribed", 120)
    redis.kill()
    redis.start()
    start = time.monotonic()
    await asyncio.to_thread(wait_until, subscribed, f"{total} channels are subscribed again", 120)
    print(f"{total} channels again {time.monotonic() - start:.1f} s after the new Redis answered")
    await asyncio.to_thread(wait_until, node.is_ready, "the node is ready again", 30)

    ends = [(jobs[0], jobs[-1]) for jobs in map(jobs_of, range(CLIENTS))]
    for pair in ends:
        for job in pair:
            assert redis.fcall(job, {"type": "note"}) == 1
    for socket, pair in zip(sockets, ends):
        # Of two channels either may be read again first.
        assert set(await events(socket, 2)) == set(pair)
    await asyncio.gather(*(socket.close() for socket in sockets))


def test_fifty_thousand_channels_come_back_and_nobody_is_dropped(redis, launch):
    asyncio.run(story(redis, launch()))
