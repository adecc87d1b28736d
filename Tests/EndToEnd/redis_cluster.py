"""A real Redis Cluster: three masters, three replicas, and what an operator does to it."""

import signal
import subprocess
import threading
import time
from contextlib import contextmanager

import redis as redis_py
from redis.cluster import ClusterNode, RedisCluster as ClusterClient

from clients import Tasks
from harness import encoded, free_port, wait_until

NODE_TIMEOUT = 1.5


class ClusterServer:
    """One of its servers."""

    def __init__(self, folder, node_timeout=NODE_TIMEOUT, options=()):
        self.folder, self.port, self.bus, self.node_timeout = folder, free_port(), free_port(), node_timeout
        self.options = options
        self.address = f"127.0.0.1:{self.port}"
        folder.mkdir(parents=True)
        self.start()
        self.id = self.call("CLUSTER", "MYID")

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder),
             "--cluster-enabled", "yes", "--cluster-port", str(self.bus), "--cluster-node-timeout", str(int(self.node_timeout * 1000)),
             "--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0",
             # A replica counts for CLUSTER SLOTS once it has heard from its master.
             "--repl-ping-replica-period", "1", *self.options],
            stdout=subprocess.DEVNULL)
        self.client = redis_py.Redis(port=self.port, socket_timeout=10, decode_responses=True)
        self.client.response_callbacks.clear()  # replies as Redis sends them
        wait_until(self.answers, "Redis answers")

    def answers(self):
        try:
            return self.client.ping()
        except redis_py.RedisError:
            return False

    def call(self, *words):
        return self.client.execute_command(*words)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def info(self, name):
        """A line of INFO replication."""
        return next((line.partition(":")[2] for line in self.call("INFO", "replication").splitlines() if line.startswith(name + ":")), None)

    @property
    def is_master(self):
        return self.info("role") == "master"

    def keeps(self, slot):
        """Whether it keeps a slot, by its own word."""
        line = next(line.split() for line in self.call("CLUSTER", "NODES").splitlines() if "myself" in line)
        ranges = [part.split("-") for part in line[8:] if not part.startswith("[")]
        return "master" in line[2] and any(int(first[0]) <= slot <= int(first[-1]) for first in ranges)


class RedisCluster:
    def __init__(self, folder, masters=3, replicas=1, node_timeout=NODE_TIMEOUT, options=lambda: ()):
        """`options`: makes those of each server."""
        self.folder, self.node_timeout, self.options = folder, node_timeout, options
        self.servers = []
        for _ in range(masters * (1 + replicas)):
            self.add()
        subprocess.run(
            ["redis-cli", "--cluster", "create", *[server.address for server in self.servers], "--cluster-replicas", str(replicas),
             "--cluster-yes"], check=True, stdout=subprocess.DEVNULL, timeout=60)
        self.url = f"redis://{self.servers[0].address}"
        for server in self.servers:
            wait_until(lambda: self.knows_all(server, masters, replicas), "the cluster is up")
        self.client = ClusterClient(
            startup_nodes=[ClusterNode("127.0.0.1", server.port) for server in self.servers], socket_timeout=10)

    def add(self):
        """A server that nobody knows yet."""
        server = ClusterServer(self.folder / f"server-{len(self.servers)}", self.node_timeout, self.options())
        self.servers.append(server)
        return server

    @staticmethod
    def knows_all(server, masters, replicas):
        ranges = server.call("CLUSTER", "SLOTS")
        return "cluster_state:ok" in server.call("CLUSTER", "INFO") and len(ranges) == masters and all(
            len(shard) == 3 + replicas for shard in ranges)

    def kill(self):
        for server in self.servers:
            if server.process.poll() is None:
                server.kill()

    # What workers do.

    def keys(self, task):
        return f"ft:{{task:{task}}}:m", f"ft:{{task:{task}}}:h"

    def fcall(self, task, *events):
        """A worker's FCALL through redis-py, which follows redirections; the sequence."""
        return self.client.fcall("fantail_publish", 2, *self.keys(task), *map(encoded, events))[1]

    def cli(self, *words):
        """redis-cli -c; what it printed."""
        return subprocess.run(
            ["redis-cli", "-c", "-p", str(self.alive()[0].port), *words], check=True, capture_output=True, text=True,
            timeout=20).stdout

    def publish(self, task, event):
        self.cli("PUBLISH", f"task:{task}", encoded(event))

    def wait_for_viewers(self, task, count):
        """Until so many viewers are let in, as RedisServer has it."""
        key = f"ft:{{task:{task}}}:p"
        wait_until(lambda: sum(map(int, self.client.hvals(key))) >= count, f"{count} viewers are let in to {task}")

    @staticmethod
    def hearing(server, task):
        """How many loops have asked a server for the task's events."""
        return server.call("PUBSUB", "SHARDNUMSUB", f"task:{task}")[1]

    # Who keeps what.

    def alive(self):
        return [server for server in self.servers if server.process.poll() is None]

    def slot(self, task):
        return self.client.keyslot(self.keys(task)[0])

    def home(self, task):
        """The master that keeps a task."""
        slot = self.slot(task)
        return next((server for server in self.alive() if server.keeps(slot)), None)

    def masters(self):
        return [server for server in self.alive() if server.is_master]

    def replica_of(self, master):
        return next(
            server for server in self.alive()
            if not server.is_master and server.info("master_port") == str(master.port))

    def task_at(self, master, start="task"):
        """The name of a task that `master` keeps."""
        return next(name for name in (f"{start}-{number}" for number in range(10_000)) if master.keeps(self.slot(name)))

    def task_in(self, slot, start):
        """The name of a task of a slot."""
        return next(name for name in (f"{start}-{number}" for number in range(1_000_000)) if self.slot(name) == slot)

    # What an operator does.

    @contextmanager
    def open(self, slot, source, target):
        """Within it the slot is open: what `source` has no more is asked for at `target`."""
        target.call("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        source.call("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
        yield

    def give(self, slot, source, target):
        """Closes the slot at its new master."""
        for server in [target, source, *(other for other in self.masters() if other not in (source, target))]:
            server.call("CLUSTER", "SETSLOT", slot, "NODE", target.id)

    @contextmanager
    def moving(self, slot, source, target, pause=0.0):
        """Moves a slot as redis-cli does, key by key; within it the keys are moved, and the slot is still open."""
        with self.open(slot, source, target):
            time.sleep(pause)
            self.migrate(slot, source, target, pause)
            yield
            self.migrate(slot, source, target)
            self.give(slot, source, target)

    @staticmethod
    def migrate(slot, source, target, pause=0.0):
        while keys := source.call("CLUSTER", "GETKEYSINSLOT", slot, 1):
            source.call("MIGRATE", "127.0.0.1", target.port, "", 0, 5_000, "KEYS", *keys)
            time.sleep(pause)

    def move(self, slot, source, target, pause=0.0):
        with self.moving(slot, source, target, pause):
            time.sleep(pause)

    def fail_over(self, master):
        """A planned one: the replica asks for its master's slots."""
        replica = self.replica_of(master)
        asked = []

        def has_taken_over():
            if replica.is_master:
                return not master.is_master
            # The other masters do not vote twice within two timeouts; a failover without votes ends after 5 s.
            if not asked or time.monotonic() > asked[-1] + 6:
                replica.call("CLUSTER", "FAILOVER")
                asked.append(time.monotonic())
            return False

        wait_until(has_taken_over, "the replica has taken over")
        return replica


def places(messages):
    return [(message["sequence"], message.get("snapshot")) for message in messages]


def without_empty_snapshots(client, count):
    """So many messages; the state at the beginning of an epoch, before its first event, is none of them."""
    messages = []
    while len(messages) < count:
        messages += [message for message in client.events(1) if message["sequence"] > 0]
    return messages


def watch(nodes, viewers, redis, tasks):
    """A viewer at each node of each task."""
    clients = {task: [viewers(Tasks(node)) for node in nodes] for task in tasks}
    for task in tasks:
        for client in clients[task]:
            client.subscribe(task)
        redis.wait_for_viewers(task, len(nodes))
    return clients


def expect_all(clients, counts):
    """Every number once, in order, and no snapshot."""
    for task, count in counts.items():
        for client in clients[task]:
            assert places(client.events(count)) == [(number, None) for number in range(1, count + 1)], task
            client.expect_silence()


def wait_for_more(publishers, tasks, more=5):
    seen = {task: publishers.counts[task] for task in tasks}
    wait_until(
        lambda: publishers.problems or all(publishers.counts[task] > seen[task] + more for task in tasks), "publishing goes on", 20)


class Publishers:
    """Publish to tasks by turns, in every way, until they are stopped; how many events each task has got."""

    def __init__(self, nodes, redis, tasks):
        self.counts, self.problems, self.stopped = dict.fromkeys(tasks, 0), [], threading.Event()
        ways = [
            lambda task, event: redis.fcall(task, event),
            *(lambda task, event, node=node: self.posted(node, task, event) for node in nodes)]
        shares = [tasks[number::len(ways)] for number in range(len(ways))]
        self.threads = [
            threading.Thread(target=self.run, args=(way, share)) for way, share in zip(ways, shares, strict=True)]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def posted(node, task, event):
        answer = node.post(task, event)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json["sequence"]

    def run(self, way, tasks):
        while not self.stopped.wait(0.005):
            for task in tasks:
                try:
                    sequence = way(task, {"type": "note", "n": self.counts[task] + 1})
                    self.counts[task] += 1
                    if sequence != self.counts[task]:
                        self.problems.append((task, sequence, self.counts[task]))
                except Exception as problem:
                    self.problems.append((task, repr(problem)))
                    return

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        assert not self.problems, self.problems[:5]
        return self.counts
