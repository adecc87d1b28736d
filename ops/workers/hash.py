#!/usr/bin/env python3
"""usage: hash.py TASK FOLDER - hashes a folder's files; progress by redis-py to FANTAIL_REDIS_URL"""

import hashlib
import json
import os
import sys

import redis


class Progress:
    """Publishes a task's events."""

    def __init__(self, task):
        self.key = f"task:{task}"
        self.redis = redis.Redis.from_url(os.environ.get("FANTAIL_REDIS_URL", "redis://127.0.0.1:6379"))
        self.last = None

    def publish(self, **event):
        self.redis.fcall("fantail_publish", 1, self.key, json.dumps(event))

    def tell(self, **event):
        """Progress that is lost does not stop the work."""
        try:
            self.publish(**event)
        except redis.RedisError as error:
            print(f"hash.py: not published: {error}", file=sys.stderr)

    def at(self, percent, name):
        if percent != self.last:
            self.last = percent
            self.tell(type="progress", progress=percent, message=name.decode(errors="ignore"))


def files_below(folder):
    """Path and size of every regular file, ordered as bytes."""
    def broken(error):
        raise error

    found = []
    for parent, _, names in os.walk(folder, onerror=broken):
        for name in names:
            path = os.path.join(parent, name)
            if os.path.isfile(path) and not os.path.islink(path):
                found.append((os.path.relpath(path, folder), os.path.getsize(path)))
    return sorted(found)


def hash_files(folder, files, progress):
    """The digest of all digests, as of `sha256sum`'s lines."""
    total, done, lines = sum(size for _, size in files), 0, hashlib.sha256()
    for name, _ in files:
        digest = hashlib.sha256()
        with open(os.path.join(folder, name), "rb") as file:
            progress.at(done * 100 // total if total else 0, name)
            while block := file.read(1 << 20):
                digest.update(block)
                done += len(block)
                progress.at(min(99, done * 100 // total) if total else 0, name)
        lines.update(digest.hexdigest().encode() + b"  " + name + b"\n")
    return lines.hexdigest()


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    progress, folder = Progress(sys.argv[1]), os.fsencode(sys.argv[2])
    # A new run of the same task begins anew, even where the last one has ended.
    progress.tell(type="progress", progress=0, currentStage="LIST", restart=True)
    try:
        files = files_below(folder)
        progress.tell(type="stage", stage="LIST", nextStage="HASH")
        digest = hash_files(folder, files, progress)
    except OSError as error:
        progress.tell(type="failed", error={"code": "HASH_FAILED", "message": str(error), "retryable": False})
        sys.exit(f"hash.py: {error}")
    progress.tell(type="stage", stage="HASH")
    result = {"files": len(files), "bytes": sum(size for _, size in files), "digest": digest}
    progress.publish(type="completed", result=result)


if __name__ == "__main__":
    main()
