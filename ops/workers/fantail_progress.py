"""Publishes the progress of a task to Fantail, with redis-py. Copy this file into the folder of your worker.

    progress = Progress("video_1")
    progress.start(message="rendering")
    progress.at(45, "frame 450 of 1000")
    progress.completed({"videoUrl": "https://..."})
"""

import json
import os
import sys

import redis
from redis.exceptions import RedisClusterException

_client = None


def client():
    """The process' one client, to FANTAIL_REDIS_URL: one Redis, or any server of a Redis Cluster."""
    global _client
    if _client is None:
        login, at, hosts = os.environ.get("FANTAIL_REDIS_URL", "redis://127.0.0.1:6379").rpartition("@")
        url, patience = login + at + hosts.split(",")[0], {"socket_timeout": 5, "socket_connect_timeout": 2}
        server = redis.Redis.from_url(url, **patience)
        is_cluster = server.info("server").get("redis_mode") == "cluster"
        _client = redis.RedisCluster.from_url(url, **patience) if is_cluster else server
    return _client


class Progress:
    """Publishes a task's events."""

    def __init__(self, task):
        # The task's own keys, both in one slot of a Cluster.
        self.keys = f"ft:{{task:{task}}}:m", f"ft:{{task:{task}}}:h"
        self.last = None

    def publish(self, **event):
        """Publishes an event, or raises redis.RedisError. A value that JSON cannot represent is published as text."""
        client().fcall("fantail_publish", 2, *self.keys, json.dumps(event, default=str))

    def tell(self, **event):
        """Publishes an event; when that fails, prints a warning and returns, so that the work goes on."""
        try:
            self.publish(**event)
        except (redis.RedisError, RedisClusterException) as error:
            print(f"{os.path.basename(sys.argv[0])}: not published: {error}", file=sys.stderr)

    def start(self, **fields):
        """Publishes the start of the task; restarts a task that has ended."""
        self.tell(type="progress", progress=0, restart=True, **fields)

    def at(self, percent, message=None):
        """Publishes the percentage when it has changed."""
        if percent != self.last:
            self.last = percent
            self.tell(type="progress", progress=percent, **({} if message is None else {"message": message}))

    def stage(self, done, following=None):
        self.tell(type="stage", stage=done, **({} if following is None else {"nextStage": following}))

    def completed(self, result=None):
        """Publishes the end of the task. Raises when that fails, because viewers would then wait for ever."""
        self.publish(type="completed", result=result)

    def failed(self, message, code="FAILED", retryable=False):
        """Publishes a failure; with `retryable` another attempt follows."""
        self.tell(type="failed", error={"code": code, "message": str(message)[:1000], "retryable": retryable})
