"""Four hundred viewers on two nodes get every event once and in order."""

import asyncio
import json

from websockets.asyncio.client import connect

VIEWERS, EVENTS = 400, 200


async def view(node, dialect, task, ready):
    """The sequence numbers one viewer gets after the state."""
    path = "/ws?token=demo-token" if dialect == "jobs" else "/ws"
    async with connect(node.url(path), compression=None, ping_interval=None, open_timeout=30) as socket:
        if dialect == "jobs":
            await socket.send(json.dumps({"type": "join_job", "jobId": task}))
        else:
            await socket.send(json.dumps({"type": "auth", "payload": {"token": "demo-token"}}))
            await socket.send(json.dumps({"type": "subscribe_task", "payload": {"videoId": task}}))
        numbers = []
        while len(numbers) < EVENTS:
            message = json.loads(await socket.recv())
            if message["type"] not in ("job_status", "taskProgress"):
                continue
            body = message.get("data") or message["payload"]
            if body.get("snapshot"):
                ready.release()
            else:
                numbers.append((body["sequence"], body["progress"], body["message"]))
        return numbers


async def watch_together(nodes, redis, task):
    ready = asyncio.Semaphore(0)
    viewers = [
        asyncio.create_task(view(nodes[n % 2], ("jobs", "tasks")[n // 2 % 2], task, ready)) for n in range(VIEWERS)]
    for _ in range(VIEWERS):
        await ready.acquire()
    await asyncio.to_thread(publish, redis, task)
    return await asyncio.gather(*viewers)


def publish(redis, task):
    for number in range(1, EVENTS + 1):
        redis.fcall(task, {"progress": number % 100, "message": "x" * 100})


def test_four_hundred_viewers_get_two_hundred_events(nodes, redis, task):
    redis.fcall(task, {"progress": 0})
    expected = [(number + 1, number % 100, "x" * 100) for number in range(1, EVENTS + 1)]
    everything = asyncio.run(asyncio.wait_for(watch_together(nodes, redis, task), 60))
    assert len(everything) == VIEWERS
    for numbers in everything:
        assert numbers == expected
