#!/usr/bin/env python3
"""ops/redis/costs.py - what Fantail costs a Redis: memory of tasks and users, commands and time of events.

Starts a redis-server and a node of its own, and prints a table. Needs Python 3.11, redis and websockets
(Tests/EndToEnd/requirements.txt) and a node that is built (FANTAIL_BIN, or .build/release/fantail).
"""

import json
import pathlib
import socket
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))

from clients import Tasks  # noqa: E402
from harness import API_KEY, Node, RedisServer, wait_until  # noqa: E402
from tokens import jwt  # noqa: E402

TASKS, USERS, EVENTS, CHANNELS = 1000, 500, 2000, 20_000


def event(bytes):
    """A progress event of so many bytes."""
    text = json.dumps({"progress": 45, "message": ""})
    return json.dumps({"progress": 45, "message": "x" * (bytes - len(text))})


def memory(redis):
    return redis.client.info("memory")["used_memory"]


def commands(redis):
    return {name.removeprefix("cmdstat_"): s["calls"] for name, s in redis.client.info("commandstats").items()}


def processor(redis):
    used = redis.client.info("cpu")
    return (used["used_cpu_user_main_thread"] + used["used_cpu_sys_main_thread"]) * 1e6


def during(redis, work):
    """What `work` cost Redis: µs of processor time, whatever else the machine does, and calls of each command, those inside
    of scripts beside the scripts."""
    before, spent = commands(redis), processor(redis)
    work()
    after, spent = commands(redis), processor(redis) - spent
    return spent, {n: after[n] - before.get(n, 0) for n in after if after[n] > before.get(n, 0)}


def tasks(redis):
    print("| a task | bytes of Redis | of it hash, history (MEMORY USAGE) |\n| --- | --- | --- |")
    for bytes, count in ((200, 1), (200, 10), (200, 64), (1000, 64), (8000, 64)):
        name = f"m-{bytes}-{count}-"
        before = memory(redis)
        for number in range(TASKS):
            with redis.client.pipeline(transaction=False) as batch:
                for _ in range(count):
                    batch.fcall("fantail_publish", 1, f"task:{name}{number}", event(bytes))
                batch.execute()
        each = (memory(redis) - before) / TASKS
        keys = [redis.client.memory_usage(f"ft:{{task:{name}0}}:{key}", samples=0) for key in "mh"]
        print(f"| {count} events of {bytes} bytes | {each:.0f} | {keys[0]}, {keys[1]} |")


def events(redis, node, viewer):
    def pipelined(publish):
        for _ in range(EVENTS // 100):
            with redis.client.pipeline(transaction=False) as batch:
                for _ in range(100):
                    publish(batch)
                batch.execute()

    by_publish = lambda to: to.publish("task:e", event(200))
    by_function = lambda to: to.fcall("fantail_publish", 1, "task:e", event(200))
    ways = {
        "`PUBLISH`": lambda: [by_publish(redis.client) for _ in range(EVENTS)],
        "`FCALL`": lambda: [by_function(redis.client) for _ in range(EVENTS)],
        "`FCALL`, 100 at a time": lambda: pipelined(by_function),
        "HTTP": lambda: [node.post("e", event(200)) for _ in range(EVENTS)],
    }
    print("\n| an event of 200 bytes, one loop listening | Redis' processor time | commands |\n| --- | --- | --- |")
    viewer.subscribe("e")
    pipelined(by_function)
    for way, publish in ways.items():
        spent, calls = during(redis, publish)
        each = ", ".join(f"{n} {round(c / EVENTS)}" for n, c in sorted(calls.items()) if c >= EVENTS * 0.9)
        print(f"| {way} | {spent / EVENTS:.0f} µs | {each} |")


def users(redis, node):
    before, clients = memory(redis), []
    spent, calls = during(redis, lambda: clients.extend(Tasks(node, jwt(f"user-{n}")) for n in range(USERS)))
    time.sleep(3)
    print(f"\na user who comes: {(memory(redis) - before) / USERS:.0f} bytes of Redis, {spent / USERS:.0f} µs of its processor time, "
          f"{calls['evalsha'] / USERS:.1f} scripts")
    for client in clients:
        client.close()


def channels(redis):
    before, subscriber = memory(redis), redis.client.pubsub()
    for first in range(0, CHANNELS, 1000):
        subscriber.subscribe(*(f"task:channel-{n:06}" for n in range(first, first + 1000)))
    wait_until(lambda: redis.client.pubsub_numsub(f"task:channel-{CHANNELS - 1:06}")[0][1], "the last is subscribed")
    print(f"\na channel that a loop follows: {(memory(redis) - before) / CHANNELS:.0f} bytes of Redis")
    subscriber.close()


def copies(redis):
    """What a message costs for each further loop that follows its channel, published alone."""
    loops, spent, subscribers = 20, [], []
    for wanted in (1, 1 + loops):
        while len(subscribers) < wanted:
            subscribers.append(socket.create_connection(("127.0.0.1", redis.port)))
            subscribers[-1].sendall(b"SUBSCRIBE task:copied\r\n")
            threading.Thread(target=drain, args=(subscribers[-1],), daemon=True).start()
        wait_until(lambda: redis.client.pubsub_numsub("task:copied")[0][1] == wanted, "all listen")
        spent.append(during(redis, lambda: [redis.client.publish("task:copied", event(200)) for _ in range(EVENTS)])[0])
    print(f"\na further loop that follows a channel: {(spent[1] - spent[0]) / EVENTS / loops:.1f} µs of Redis' processor time a message")
    for subscriber in subscribers:
        subscriber.shutdown(socket.SHUT_RDWR)


def links(redis, folder):
    """What a numbered event is on the way to a loop, and on the way to a replica."""
    folder.mkdir()
    replica = RedisServer(folder, "--replicaof", "127.0.0.1", str(redis.port))
    wait_until(lambda: replica.client.info("replication")["master_link_status"] == "up", "the replica follows")
    loop = redis.client.pubsub()
    loop.subscribe("task:copied-0123456789")
    loop.get_message(timeout=5)
    publish = lambda: redis.client.fcall("fantail_publish", 1, "task:copied-0123456789", event(200))
    offset = lambda: redis.client.info("replication")["master_repl_offset"]
    publish()
    before = offset()
    for _ in range(EVENTS):
        publish()
    copied = (offset() - before) / EVENTS
    channel, data = (loop.get_message(timeout=5)[part] for part in ("channel", "data"))
    told = len(f"*3\r\n$7\r\nmessage\r\n${len(channel)}\r\n\r\n${len(data)}\r\n\r\n") + len(channel) + len(data)
    print(f"\nan event of 200 bytes: {told} bytes to each loop, {copied:.0f} bytes to each replica")
    loop.close()
    replica.kill()


def drain(connection):
    try:
        while connection.recv(1 << 20):
            pass
    except OSError:
        pass


def idle(redis):
    seconds = 20
    spent, calls = during(redis, lambda: time.sleep(seconds))
    sent = sum(calls.get(n, 0) for n in ("evalsha", "fcall", "publish", "ping"))
    print(f"\na loop without clients: {sent / seconds:.1f} commands a second, {spent / seconds:.0f} µs of processor time a second "
          "(Redis' own chores among them)\n")


def main():
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(pathlib.Path(folder))
        node = Node(pathlib.Path(folder), redis, "--loops", "1").wait_until_ready()
        try:
            wait_until(lambda: redis.client.function_list("fantail"), "the Function is loaded")
            idle(redis)
            channels(redis)
            copies(redis)
            links(redis, pathlib.Path(folder) / "replica")
            tasks(redis)
            viewer = Tasks(node)
            events(redis, node, viewer)
            viewer.close()
            users(redis, node)
        finally:
            node.terminate()
            redis.kill()


main()
