"""`fantail publish` and `fantail online` with --url: from a machine that can reach only nodes."""

import contextlib
import http.server
import json
import socket
import subprocess
import threading

import pytest

from clients import Presence
from harness import API_KEY, binary, clean_environment, fantail, free_port
from tokens import jwt

# Wherever Redis is, these commands do not ask it.
AWAY = {"FANTAIL_REDIS_URL": "redis://127.0.0.1:1", "FANTAIL_TOKEN": jwt("pat", scope="publish")}


@pytest.fixture
def by_nodes(node):
    def call(*arguments, **options):
        url = f"http://127.0.0.1:{node.port}"
        return fantail(*arguments, "--url", f"http://127.0.0.1:{free_port()}", "--url", url, env=AWAY | options.pop("env", {}), **options)
    return call


def history(node, task):
    answer = node.request("GET", f"/api/v1/tasks/{task}/events", key=API_KEY)
    return [entry["event"] for entry in answer.json["events"]]


def test_a_batch_is_published(node, redis, task, by_nodes):
    done = by_nodes("publish", task, '{"progress":1}', '{"type":"completed"}')
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("epoch=") and " sequence=2 receivers=" in done.stdout
    assert history(node, task) == [{"progress": 1}, {"type": "completed"}]
    done = by_nodes("publish", task, '{"progress":2}')
    assert done.returncode == 1 and "already completed" in done.stderr and len(done.stderr.splitlines()) == 1, done
    done = by_nodes("publish", task, '{"progress":2}', env={"FANTAIL_TOKEN": jwt()})
    assert done.returncode == 1 and "publish" in done.stderr, done


@contextlib.contextmanager
def losing(node):
    """The address of something that asks the node, and loses its answers."""
    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, socket.create_connection(("127.0.0.1", node.port)) as server:
                data = b""
                while not data.endswith(b"]"):
                    data += client.recv(65536)
                server.sendall(data)
                server.recv(65536)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_what_a_node_has_taken_is_not_published_again_by_the_next(node, redis, task):
    with losing(node) as url:
        nodes = ["--url", url, "--url", f"http://127.0.0.1:{node.port}"]
        done = fantail("publish", task, '{"progress":1}', *nodes, env=AWAY)
        assert done.returncode == 0 and " sequence=1 " in done.stdout, done
        assert history(node, task) == [{"progress": 1}]
        done = fantail("run", *nodes, task, "--", "echo", "50%", env=AWAY)
    assert (done.returncode, done.stderr) == (0, ""), done
    events = history(node, task)[1:]
    assert [event["type"] for event in events].count("completed") == 1, events
    assert [event["progress"] for event in events[:-1]] == [0, 50], events


def test_only_the_flag_chooses_nodes(redis, task):
    env = {"FANTAIL_URL": "http://127.0.0.1:1", "FANTAIL_REDIS_URL": redis.url}
    done = fantail("publish", task, '{"progress":1}', env=env)
    assert done.returncode == 0 and " sequence=1 " in done.stdout, done
    assert fantail("online", env=env).returncode == 0


@pytest.mark.parametrize("flags", [["--redis", "redis://127.0.0.1:1"], ["--url", "http://127.0.0.1:1"]])
def test_a_mistake_in_json_is_told_with_its_place_before_anybody_is_asked(flags):
    done = fantail("publish", "t", '{"progress":1}', '{\n "progress" 2}', *flags, "--token", "t") if "--url" in flags else \
        fantail("publish", "t", '{"progress":1}', '{\n "progress" 2}', *flags)
    assert done.returncode == 2 and "event 1: line 2, column 13: " in done.stderr and len(done.stderr.splitlines()) == 1, done


def test_lines_are_published_in_order_and_refused_ones_named(node, redis, task):
    lines = b"".join(b'{"progress":%d}\n' % n for n in range(20)) + b"nothing\n" + b'{"type":"note"}\n'
    done = subprocess.run([binary(), "publish", task, "-", "--url", f"http://127.0.0.1:{node.port}"], input=lines, capture_output=True,
                          env=clean_environment(AWAY), timeout=60)
    assert done.returncode == 1 and done.stdout.startswith(b"published=21 refused=1 epoch="), done
    assert done.stderr.splitlines()[0].startswith(b"fantail: line 21: column 2: ")
    assert history(node, task) == [{"progress": n} for n in range(20)] + [{"type": "note"}]


def test_who_is_online(node, redis, viewers, by_nodes):
    names = [f"user-{number:03}" for number in range(3)]
    for name in ["42", *names, names[0]]:
        viewers(Presence(node, jwt(name), max_queue=None))
    assert by_nodes("online").stdout == "4\n"
    done = by_nodes("online", "--users")
    assert done.stdout == f"42\t1\tonline\n{names[0]}\t2\tonline\n{names[1]}\t1\tonline\n{names[2]}\t1\tonline\n", done


def test_pages_without_an_end_are_a_failure():
    class Repeating(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({"users": [{"user_id": "b", "connections_count": 1, "status": "online"}], "next_cursor": "b"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repeating) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = fantail("online", "--users", "--url", f"http://127.0.0.1:{server.server_port}", "--token", "t")
        server.shutdown()
    assert done.returncode == 1 and "its pages do not go on" in done.stderr and done.stdout == "b\t1\tonline\n" * 2, done


def test_nobody_answers_is_said():
    for arguments in [["online"], ["online", "--users"], ["publish", "t", "{}"]]:
        done = fantail(*arguments, "--url", f"http://127.0.0.1:{free_port()}", "--token", "t")
        assert done.returncode == 1 and "Failed to connect" in done.stderr and len(done.stderr.splitlines()) == 1, done
