"""Real processes for the tests: a redis-server, nodes, and the `fantail` command."""

import collections
import http.client
import itertools
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import threading
import time

import redis as redis_py

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRET = "end-to-end-secret-of-32-bytes-or-more"
API_KEY = "end-to-end-api-key"
FIXED_TOKEN = "end-to-end-ws-auth-token"
# Why a test is not run on a cluster.
NOT_ONE_STEP = "the nodes lose their subscriptions and miss events in one step, which one Redis can do, and several servers cannot"
CRASHES = {signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV, signal.SIGPIPE}


def binary():
    """The command under test."""
    candidates = [ROOT / ".build/release/fantail", ROOT / ".build/debug/fantail"]
    if named := os.environ.get("FANTAIL_BIN"):
        candidates = [pathlib.Path(named)]
    for path in candidates:
        if path.exists():
            return str(path.resolve())
    raise RuntimeError(f"no fantail at {candidates}; build it, or name it in FANTAIL_BIN")


# The ports that were given out last: in a network of a test's own, binding does not show that one is taken.
_given_ports = collections.deque(maxlen=500)
_log_numbers = itertools.count(1)


def free_port():
    """A port of this test process's own range, below the system's range for connections: no other process takes it."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = random.randrange(10_000 + worker * 2_500, 12_500 + worker * 2_500)
        if port in _given_ports:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given_ports.append(port)
        return port


def log_file(folder, port):
    """A node's log: a file of its own, even where an earlier node had the same port."""
    return folder / f"node-{port}-{next(_log_numbers)}.log"


def wait_until(condition, what, seconds=30):
    """Polls until `condition()` is true and returns what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        if result := condition():
            return result
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.02)


def clean_environment(extra=None):
    """The environment without any setting of Fantail."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FANTAIL_", "WS_")) and k not in ("PORT", "REDIS_URL")}
    return kept | (extra or {})


def end_at_last(process, seconds=60):
    """Kills a process that outlived its test: readers of its output then see the end."""
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    return process


def fantail(*arguments, timeout=20, env=None):
    """Runs the command to its end."""
    return subprocess.run(
        [binary(), *arguments], capture_output=True, text=True, timeout=timeout, env=clean_environment(env))


class RedisServer:
    """A redis-server that can be stopped, killed and started again on its port."""

    def __init__(self, folder, *options):
        self.folder, self.port, self.process, self.options = folder, free_port(), None, options
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", str(self.folder), *self.options], stdout=subprocess.DEVNULL)
        self.client = self.new_client()
        wait_until(self.answers, "Redis answers")

    # How many servers take writes. Where there are several, the number of receivers is of one of them only.
    masters_count = 1

    @property
    def worker_url(self):
        """What a worker's own client is given, which may know less of topologies than a node."""
        return self.url

    def is_enough(self, receivers, wanted):
        return receivers >= wanted or self.masters_count > 1

    def new_client(self, **login):
        return redis_py.Redis(port=self.port, socket_timeout=10, **login)

    def answers(self):
        try:
            return self.client.ping()
        except redis_py.RedisError:
            return False

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        """After the last test."""
        self.kill()

    def publish(self, task, event):
        """A worker's plain PUBLISH; returns the number of receivers."""
        return self.client.publish(f"task:{task}", encoded(event))

    def fcall(self, task, event):
        """A worker's FCALL; returns the sequence."""
        return self.client.fcall("fantail_publish", 1, f"task:{task}", encoded(event))[1]

    def wait_for_subscribers(self, task, count):
        channel = f"task:{task}"
        wait_until(lambda: self.client.pubsub_numsub(channel)[0][1] >= count, f"{count} loops subscribe to {channel}")

    def wait_for_viewers(self, task, count, prefix="ft"):
        """Until so many viewers are let in: after the subscription their loop still reads the channel, and what is published
        before that is told to them as the state."""
        key = f"{prefix}:{{task:{task}}}:p"
        wait_until(lambda: sum(map(int, self.client.hvals(key))) >= count, f"{count} viewers are let in to {task}")


def own_keys(channel, prefix="ft"):
    """A channel's keys as the Function takes them on every Redis, after their number."""
    return 2, f"{prefix}:{{{channel}}}:m", f"{prefix}:{{{channel}}}:h"


def encoded(event):
    return event if isinstance(event, (bytes, str)) else json.dumps(event)


class Answer:
    """An HTTP response."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error's code, after a check of its shape."""
        error = self.json["error"]
        assert isinstance(error["code"], str) and isinstance(error["message"], str) and error["message"]
        return error["code"]


class NodeProcess(subprocess.Popen):
    """Remembers that it was told to end: a second signal would end a node at once, and not cleanly."""

    told = False

    def send_signal(self, number):
        self.told = self.told or number in (signal.SIGTERM, signal.SIGINT)
        super().send_signal(number)


class Node:
    """One `fantail serve`."""

    # For clients of a node with TLS: whom they believe.
    context = None

    def __init__(self, folder, redis, *flags, env=None, dev=True, files=None, port=None, internal=False, log="text", secret=True, context=None):
        """`files`: how many the process may have open. `internal`: whether it has a port for operators. `secret`: whether it is told
        the secret of tokens. `context`: given where the flags say that it speaks TLS."""
        self.context = context
        self.port, self.internal_port = port or free_port(), free_port() if internal else None
        self.log_path = log_file(folder, self.port)
        arguments = [
            *(["prlimit", f"--nofile={files}:{files}"] if files else []), binary(), "serve", "--port", str(self.port), "--redis", redis.url, *(["--jwt-secret", SECRET] if secret else []), "--api-key", API_KEY,
            "--ws-auth-token", FIXED_TOKEN, "--drain", "300ms", "--log", log, "--log-level", "debug",
            *(["--internal-port", str(self.internal_port)] if internal else []), *(["--dev"] if dev else ["--host", "127.0.0.1"]), *flags]
        with open(self.log_path, "wb") as log:
            self.process = NodeProcess(arguments, stderr=log, stdout=log, env=clean_environment(env))
        self.expected_to_die = False

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_until_ready(self, seconds=30):
        wait_until(self.is_ready, "the node is ready", seconds)
        return self

    def wait_until_unready(self, reason, seconds=30):
        wait_until(lambda: self.unreadiness() == reason, f"the node is unready: {reason}", seconds)
        return self

    def unreadiness(self):
        """The reason why it is not ready; None where it is ready, "silent" where it does not answer."""
        assert self.process.poll() is None, f"the node ended with {self.process.returncode}:\n{self.log}"
        try:
            answer = self.health()
        except OSError:
            return "silent"
        return None if answer.status == 200 else answer.json["reason"]

    def is_ready(self):
        assert self.process.poll() is None, f"the node ended with {self.process.returncode}:\n{self.log}"
        try:
            return self.health().status == 200
        except OSError:
            return False

    def health(self, path="/health/ready"):
        return self.request("GET", path, port=self.internal_port)

    def url(self, path):
        return f"wss://localhost:{self.port}{path}" if self.context else f"ws://127.0.0.1:{self.port}{path}"

    def connection(self, port=None, timeout=15):
        """For HTTP, at the clients' port or another one, which has no TLS."""
        if self.context and port in (None, self.port):
            return http.client.HTTPSConnection("localhost", self.port, timeout=timeout, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=timeout)

    def request(self, method, path, body=None, *, token=None, key=None, headers=None, timeout=15, port=None):
        connection = self.connection(port, timeout)
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["X-API-Key"] = key
        if body is not None:
            body = encoded(body)
            body = body.encode() if isinstance(body, str) else body
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def post(self, task, event, **how):
        """Publishes over HTTP, with the API key by default."""
        how = how or {"key": API_KEY}
        return self.request("POST", f"/api/v1/tasks/{task}/events", event, **how)

    def resident_bytes(self):
        """The resident memory of the process."""
        pages = int(open(f"/proc/{self.process.pid}/statm").read().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def crashed(self):
        code = self.process.poll()
        return code is not None and -code in CRASHES

    def terminate(self, seconds=10):
        """Sends SIGTERM, unless that was sent before; returns the exit code."""
        if self.process.poll() is None and not self.process.told:
            self.process.terminate()
        return self.process.wait(seconds)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
