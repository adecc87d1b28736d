"""The servers that are compared, each as a process, with what publishes to it and how its viewers come in."""
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

from redis import Redis

HERE = pathlib.Path(__file__).parent
RELEASE = HERE.parent.parent / ".build" / "release"
BENCH = str(RELEASE / "FantailBench")
CHANNEL = "task:bench"
# Seconds until the deliveries of one phase count as lost.
PATIENCE = 120


def pinned(command, processors):
    return ["taskset", "-c", processors, *command] if processors else command


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"bench: nothing listens on port {port}")


class Server:
    """A server for `viewers` sockets. `name`, `lacks`: what the table says of it."""

    lacks = ""
    # Where viewers connect, what they say then, and what they wait for.
    path, say, hears = "/", "", "\r\n\r\n"

    def __init__(self, folder, viewers, frame_bytes, on_server, beside):
        self.folder, self.count, self.frame_bytes = folder, viewers, frame_bytes
        self.on_server, self.beside = on_server, beside
        self.children = []

    def spawn(self, command, processors, **more):
        child = subprocess.Popen(pinned(command, processors), cwd=self.folder, **more)
        self.children.append(child)
        return child

    def redis(self):
        """A Redis of its own, beside the server, and a connection that publishes."""
        port = free_port()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.spawn(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""], self.beside, **quiet)
        wait_for(port)
        self.publisher = Redis(port=port)
        return port

    def publish(self, events):
        pipeline = self.publisher.pipeline(transaction=False)
        for event in events:
            pipeline.publish(CHANNEL, event)
        pipeline.execute()

    def processes(self):
        """The processes whose time counts."""
        return [self.server.pid]

    def processor_seconds(self):
        ticks = 0
        for process in self.processes():
            fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        nanoseconds = sum(
            int(task.read_text().split()[0])
            for process in self.processes()
            for task in pathlib.Path(f"/proc/{process}/task").glob("*/schedstat")
        )
        return nanoseconds / 1e9 or ticks / os.sysconf("SC_CLK_TCK")

    def bring_viewers(self):
        words = ["viewers", "--port", str(self.port), "--count", str(self.count), "--path", self.path]
        if self.say is not None:
            words += ["--hears", self.hears, "--say", self.say]
        self.viewers = self.spawn(
            [BENCH, *words], self.beside, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.line()
        time.sleep(0.5)

    def line(self):
        line = self.viewers.stdout.readline().split()
        if not line:
            raise SystemExit(f"bench: the viewers of {self.name} have ended")
        return line

    def expect(self, events):
        self.viewers.stdin.write(f"expect {events}\n")
        self.viewers.stdin.flush()
        self.line()

    def delivered(self):
        """What the viewers say when they have every delivery."""
        # A server that loses one would let them wait for ever.
        patience = threading.Timer(PATIENCE, self.viewers.kill)
        patience.start()
        line = self.viewers.stdout.readline().split()
        patience.cancel()
        if not line:
            raise SystemExit(f"bench: {self.name} has not delivered every event to every viewer within {PATIENCE} s")
        return line

    def stop(self):
        for child in reversed(self.children):
            child.terminate()
        for child in self.children:
            try:
                child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


class BareLoop(Server):
    name, lacks = "bare loop in C", "anything but one `send` for each viewer and event"
    path, say = None, None

    def start(self):
        redis = self.redis()
        self.server = self.spawn(
            [BENCH, "bare", "--redis-port", str(redis), "--channel", CHANNEL, "--count", str(self.count),
             "--bytes", str(self.frame_bytes)],
            self.on_server, stdout=subprocess.PIPE, text=True)
        self.port = int(self.server.stdout.readline().split()[1])

    def bring_viewers(self):
        self.viewers = self.spawn(
            [BENCH, "viewers", "--port", str(self.port), "--count", str(self.count)], self.beside,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.line()
        self.server.stdout.readline()


class Fantail(Server):
    name, lacks = "Fantail", "-"
    path, say = "/ws?token=demo-token", None

    def start(self):
        redis, self.port = self.redis(), free_port()
        self.server = self.spawn(
            [str(RELEASE / "fantail"), "serve", "--dev", "--loops", "1", "--port", str(self.port), "--redis",
             f"redis://127.0.0.1:{redis}", "--ws-heartbeat-interval", "600000", "--drain", "0s"],
            self.on_server, stderr=subprocess.DEVNULL)
        wait_for(self.port)


class Nchan(Server):
    name = "nginx with Nchan"
    lacks = "no state of a task, no numbers and so no report of a gap, no presence; keeps messages in its memory"
    path = "/sub/bench"

    def start(self):
        self.port = free_port()
        (self.folder / "nginx.conf").write_text(f"""
            load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
            daemon off; worker_processes 1; worker_rlimit_nofile 65536;
            pid {self.folder}/nginx.pid; error_log {self.folder}/nginx.log;
            events {{ worker_connections 60000; }}
            http {{
                access_log off; keepalive_requests 1000000000; nchan_shared_memory_size 128M;
                client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy;
                fastcgi_temp_path {self.folder}/fastcgi; uwsgi_temp_path {self.folder}/uwsgi;
                scgi_temp_path {self.folder}/scgi;
                server {{
                    listen 127.0.0.1:{self.port} backlog=4096;
                    location /sub/ {{ nchan_subscriber websocket; nchan_channel_id bench; nchan_message_buffer_length 0;
                                      nchan_subscriber_first_message newest; }}
                    location /pub {{ nchan_publisher; nchan_channel_id bench; nchan_message_buffer_length 0; }}
                }}
            }}""")
        self.server = self.spawn(
            ["nginx", "-e", str(self.folder / "nginx.log"), "-c", str(self.folder / "nginx.conf")], self.on_server)
        wait_for(self.port)
        self.publisher = socket.create_connection(("127.0.0.1", self.port))
        self.answers = self.publisher.makefile("rb")

    def processes(self):
        children = subprocess.run(["pgrep", "-P", str(self.server.pid)], capture_output=True, text=True).stdout
        return [self.server.pid, *map(int, children.split())]

    def publish(self, events):
        """Its way is HTTP, whose cost is part of its figures."""
        head = "POST /pub HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
        self.publisher.sendall(b"".join((head % len(event)).encode() + event for event in events))
        for _ in events:
            length = 0
            while (line := self.answers.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            self.answers.read(length)


class Nats(Server):
    name = "nats-server"
    lacks = "no state, no numbers without JetStream; browsers speak its own protocol"
    path, say, hears = "/", 'CONNECT {"verbose":false}\r\nSUB task.bench 1\r\nPING\r\n', "PONG"

    def start(self):
        self.port, port = free_port(), free_port()
        (self.folder / "nats.conf").write_text(
            # The viewers answer no pings.
            f'listen: "127.0.0.1:{port}"\nping_interval: "1h"\nwebsocket {{ listen: "127.0.0.1:{self.port}", no_tls: true }}\n')
        self.server = self.spawn(
            ["nats-server", "-c", str(self.folder / "nats.conf")], self.on_server,
            stderr=subprocess.DEVNULL, env={**os.environ, "GOMAXPROCS": "1"})
        wait_for(self.port)
        self.publisher = socket.create_connection(("127.0.0.1", port))
        self.publisher.sendall(b'CONNECT {"verbose":false}\r\n')

    def publish(self, events):
        self.publisher.sendall(b"".join(b"PUB task.bench %d\r\n%b\r\n" % (len(event), event) for event in events))


class Handwritten(Server):
    name = "Python, `websockets` and `redis`"
    lacks = "no state, no numbers, no bound for slow viewers: what one would write oneself"
    script, more = "handwritten.py", []

    def start(self):
        redis = self.redis()
        self.server = self.spawn(
            [sys.executable, str(HERE / self.script), str(redis), CHANNEL, *self.more], self.on_server,
            stdout=subprocess.PIPE, text=True)
        self.port = int(self.server.stdout.readline().split()[1])
        wait_for(self.port)


class UWebSockets(Handwritten):
    name = "uWebSockets in Python (socketify)"
    lacks = "no state, no numbers; a library, not a server"
    script = "uwebsockets.py"

    def start(self):
        self.more = [str(free_port())]
        super().start()


ALL = [BareLoop, Fantail, Nchan, Nats, UWebSockets, Handwritten]
