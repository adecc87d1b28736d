"""Channels are closed once nobody watches them, however many viewers come and go meanwhile."""

import asyncio
import json
import threading
import uuid

from websockets.asyncio.client import connect

from clients import Jobs
from harness import wait_until

JOBS = 20
VISITORS = 2


class Crowd:
    """Clients that join new jobs, leave at once, and come again for others."""

    def __init__(self, node):
        self.node, self.joined, self.done = node, [], threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    async def run(self):
        await asyncio.gather(*(self.come_and_go() for _ in range(VISITORS)))

    async def come_and_go(self):
        while not self.done.is_set():
            jobs = [f"visited-{uuid.uuid4().hex[:12]}" for _ in range(JOBS)]
            async with connect(self.node.url("/ws?token=demo-token"), ping_interval=None, compression=None) as socket:
                for job in jobs:
                    await socket.send(json.dumps({"type": "join_job", "jobId": job}))
            self.joined += jobs


def test_what_is_left_is_given_up_while_others_come_and_go(node, redis, viewers, task):
    heard = lambda job: redis.client.pubsub_numsub(f"task:{job}")[0][1]
    kept, left = viewers(Jobs(node)), viewers(Jobs(node))
    kept.join(task)
    left.join(f"{task}-left")
    wait_until(lambda: heard(task) and heard(f"{task}-left"), "both are followed")
    with Crowd(node) as crowd:
        wait_until(lambda: len(crowd.joined) >= 4 * JOBS, "some have come and gone")
        left.close()
        early = crowd.joined[:JOBS]
        wait_until(lambda: not heard(f"{task}-left"), "the channel that was left is given up meanwhile", 20)
        wait_until(lambda: not any(heard(job) for job in early), "so are those of the first visitors", 20)
        assert crowd.thread.is_alive()
    channels = lambda: {name.decode() for name in redis.client.pubsub_channels("task:?*")}
    wait_until(lambda: channels() == {f"task:{task}"}, "only what is watched is followed", 20)
