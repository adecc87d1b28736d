"""A fan-out server as one would write it oneself: `websockets` in front, `redis` behind. No state, no numbers, no users.

handwritten.py REDIS-PORT CHANNEL - prints `port N`, and sends what is published on CHANNEL to every WebSocket.
"""
import asyncio
import sys

from redis.asyncio import Redis
from websockets.asyncio.server import broadcast, serve

viewers = set()


async def follow(redis, channel):
    async with redis.pubsub() as pubsub:
        await pubsub.subscribe(channel)
        async for message in pubsub.listen():
            if message["type"] == "message":
                broadcast(viewers, message["data"].decode())


async def view(socket):
    viewers.add(socket)
    try:
        await socket.wait_closed()
    finally:
        viewers.discard(socket)


async def main(port, channel):
    # Without compression, as all servers here; without pings, which the viewers do not answer.
    async with serve(view, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await follow(Redis(port=port), channel)


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
