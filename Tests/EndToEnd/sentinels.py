"""A master, its replicas and the Sentinels that watch them, as processes of their own."""

import subprocess
import threading
import time

import redis as redis_py

from harness import RedisServer, free_port, wait_until

NAME = "mymaster"


class Sentinel:
    """A redis-sentinel that can be paused, killed and started again on its port."""

    def __init__(self, folder, *settings, watches=None, host="127.0.0.1", name=NAME, quorum=2, password=None, down_after=2000, after=()):
        """`watches`: the Redis that it takes for the master, at `host`. `after`: settings of this master."""
        self.folder, self.port, self.process, self.password = folder, free_port(), None, password
        lines = [f"port {self.port}", "bind 127.0.0.1", f"dir {folder}", *settings]
        if watches:
            lines += [
                f"sentinel monitor {name} {host} {watches.port} {quorum}", f"sentinel down-after-milliseconds {name} {down_after}",
                f"sentinel failover-timeout {name} 5000", *after]
        if password:
            lines += [f"requirepass {password}", f"sentinel sentinel-pass {password}"]
        self.file = folder / f"sentinel-{self.port}.conf"
        self.file.write_text("\n".join(lines) + "\n")
        self.start()

    def start(self):
        # What Debian calls redis-sentinel is this program by another name.
        self.process = subprocess.Popen(["redis-server", str(self.file), "--sentinel"], stdout=subprocess.DEVNULL)
        self.client = redis_py.Redis(port=self.port, password=self.password, socket_timeout=5, decode_responses=True)
        wait_until(self.answers, "the Sentinel answers")

    def answers(self):
        try:
            return self.client.ping()
        except redis_py.RedisError:
            return False

    def pause(self):
        self.process.send_signal(19)

    def resume(self):
        self.process.send_signal(18)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def master(self, name=NAME):
        """The port of the master, as this one says."""
        return int(self.client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name)[1])

    def knows(self):
        """How many replicas and other Sentinels it has found."""
        state = self.client.sentinel_master(NAME)
        return state["num-slaves"], state["num-other-sentinels"]

    def cut_listeners(self):
        """Ends the connections that hear `+switch-master`, of clients that are ours."""
        for connection in self.client.client_list():
            if connection["name"].startswith("fantail-") and connection["sub"] != "0":
                self.client.execute_command("CLIENT", "KILL", "ID", connection["id"])


class WatchedRedis(RedisServer):
    """One Redis for tests that know nothing of Sentinel: nodes find it by three, which never replace it, however long it is away."""

    worker_url = None  # the master's own, once it runs

    def __init__(self, folder):
        super().__init__(folder)
        self.sentinels = []
        for number in range(3):
            own = folder / f"sentinel-{number}"
            own.mkdir()
            self.sentinels.append(Sentinel(own, watches=self, down_after=3_600_000))
        self.worker_url, self.url = self.url, Group.url_of(self.sentinels)

    def end(self):
        super().end()
        for sentinel in self.sentinels:
            sentinel.kill()


class Decisions(threading.Thread):
    """Hears `+switch-master` from every Sentinel, and when the first of them said it."""

    def __init__(self, sentinels):
        super().__init__(daemon=True)
        self.first = threading.Event()
        self.when = None
        self.listeners = []
        for sentinel in sentinels:
            listener = sentinel.client.pubsub()
            listener.subscribe("+switch-master")
            assert listener.get_message(timeout=5)["type"] == "subscribe"
            self.listeners.append(listener)
        self.start()

    def run(self):
        while not self.first.is_set():
            for listener in list(self.listeners):
                try:
                    message = listener.get_message(timeout=0.005)
                except redis_py.RedisError:
                    self.listeners.remove(listener)
                    continue
                if message and message["type"] == "message":
                    self.when = time.monotonic()
                    self.first.set()

    def wait(self, seconds=30):
        assert self.first.wait(seconds), f"no Sentinel has switched within {seconds} s"
        return self.when


class Group:
    """One master, its replicas, and three Sentinels; to a node, it is a Redis at `url`."""

    def __init__(self, folder, replicas=1, password=None, count=3, host="127.0.0.1", options=(), users=(), settings=(), after=()):
        """`options` and `users`: of each Redis. `settings`, `after`: of each Sentinel."""
        self.folder, self.password, self.down = folder, password, set()
        options = [*options, *(word for line in users for word in ("--" + line).split())]
        self.redises = [RedisServer(self.own("redis-0"), *options)]
        for number in range(1, replicas + 1):
            master = str(self.redises[0].port)
            self.redises.append(RedisServer(self.own(f"redis-{number}"), *options, "--replicaof", host, master))
        self.sentinels = [
            Sentinel(self.own(f"sentinel-{number}"), *settings, watches=self.redises[0], host=host, password=password, after=after)
            for number in range(count)]
        for sentinel in self.sentinels:
            wait_until(lambda: sentinel.knows() == (replicas, count - 1), "the Sentinels have found each other", 30)
        self.wait_for_replicas()

    def own(self, name):
        folder = self.folder / name
        folder.mkdir()
        return folder

    @property
    def url(self):
        return self.url_of(self.sentinels)

    @staticmethod
    def url_of(sentinels, name=NAME):
        return "redis-sentinel://" + ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in sentinels) + f"/{name}"

    @property
    def master(self):
        """The Redis that most Sentinels call the master."""
        ports = [sentinel.master() for sentinel in self.sentinels if sentinel.process.poll() is None]
        port = max(set(ports), key=ports.count)
        return next(redis for redis in self.redises if redis.port == port)

    @property
    def client(self):
        return self.master.client

    def fcall(self, task, event):
        return self.master.fcall(task, event)

    def wait_for_replicas(self):
        """Until each replica follows the master: else a failover would lose what the tests look at."""
        master = self.master

        def all_follow():
            for redis in self.redises:
                if redis is master or redis.process.poll() is not None:
                    continue
                state = redis.client.info("replication")
                if state["role"] != "slave" or state["master_port"] != master.port or state["master_link_status"] != "up":
                    return False
            return True
        wait_until(all_follow, "the replicas follow", 40)

    def settle(self):
        """Everything runs and agrees, as before the test."""
        for part in self.redises + self.sentinels:
            part.resume()
            if part.process.poll() is not None:
                part.start()
        wait_until(self.agree, "the Sentinels agree", 40)
        self.wait_for_replicas()

    def agree(self):
        states = [sentinel.client.sentinel_master(NAME) for sentinel in self.sentinels]
        return len({state["port"] for state in states}) == 1 and all(state["flags"] == "master" for state in states)

    def fail_over(self):
        """A planned failover; Sentinel refuses a second one soon after the first."""
        def starts():
            try:
                return self.sentinels[0].client.execute_command("SENTINEL", "FAILOVER", NAME)
            except redis_py.ResponseError as error:
                assert str(error).startswith(("INPROG", "NOGOODSLAVE")), error
        wait_until(starts, "Sentinel begins a failover", 30)

    def kill(self):
        for part in self.redises + self.sentinels:
            if part.process.poll() is None:
                part.resume()
                part.kill()
