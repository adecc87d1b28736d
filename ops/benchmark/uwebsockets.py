"""uWebSockets in Python (socketify): its own topics fan out in C++. No state, no numbers, no users.

uwebsockets.py REDIS-PORT CHANNEL PORT - prints `port N`, and sends what is published on CHANNEL to every WebSocket.
"""
import sys

from redis.asyncio import Redis
from socketify import App, OpCode


def main(redis_port, channel, port):
    app = App()

    async def follow():
        async with Redis(port=redis_port).pubsub() as pubsub:
            await pubsub.subscribe(channel)
            async for message in pubsub.listen():
                if message["type"] == "message":
                    app.publish("events", message["data"].decode(), OpCode.TEXT)

    app.ws("/*", {"open": lambda socket: socket.subscribe("events"), "idle_timeout": 0, "max_backpressure": 16 * 1024 * 1024})
    app.loop.ensure_future(follow())
    app.listen(port, lambda config: print("port", config.port, flush=True))
    app.run()


main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
