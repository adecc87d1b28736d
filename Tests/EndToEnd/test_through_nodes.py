"""`fantail publish` and `fantail online` with --url: from a machine that can reach only nodes."""

import subprocess

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
    for name in [*names, names[0]]:
        viewers(Presence(node, jwt(name), max_queue=None))
    assert by_nodes("online").stdout == "3\n"
    done = by_nodes("online", "--users")
    assert done.stdout == f"{names[0]}\t2\tonline\n{names[1]}\t1\tonline\n{names[2]}\t1\tonline\n", done


def test_nobody_answers_is_said():
    for arguments in [["online"], ["online", "--users"], ["publish", "t", "{}"]]:
        done = fantail(*arguments, "--url", f"http://127.0.0.1:{free_port()}", "--token", "t")
        assert done.returncode == 1 and "Failed to connect" in done.stderr and len(done.stderr.splitlines()) == 1, done
