"""Every command reports that standard output cannot be written; none reports a reader that is gone."""

import os
import signal
import subprocess

import pytest

from clients import Presence
from harness import SECRET, binary, clean_environment, free_port
from tokens import jwt


def run(arguments, output, **options):
    return subprocess.run(
        [binary(), *arguments], stdout=output, stderr=subprocess.PIPE, text=True, timeout=30, env=clean_environment(), **options)


def commands(redis, node, task):
    url = ["--url", f"http://127.0.0.1:{node.port}", "--token", jwt(scope="publish")]
    return {
        "help": ["--help"], "a command's help": ["serve", "--help"], "check's help": ["check", "--help"],
        "version": ["version"], "token": ["token", "--jwt-secret", SECRET], "man": ["man"], "completion": ["completion", "bash"],
        "online": ["online", "--redis", redis.url], "users": ["online", "--users", "--redis", redis.url],
        "publish": ["publish", task, '{"progress":1}', "--redis", redis.url],
        "check": ["check", "--dev", "--redis", redis.url, "--port", str(free_port())],
        "watch": ["watch", task, "--timeout", "9s", *url], "watch --json": ["watch", task, "--json", "--timeout", "9s", *url],
        "bench": ["bench", "--duration", "200ms", "--connections", "1", *url],
    }


def test_a_full_disk_is_a_failure(redis, node, viewers, task):
    redis.fcall(task, {"progress": 1})
    viewers(Presence(node, jwt("a")))
    for name, arguments in commands(redis, node, task).items():
        with open("/dev/full", "w") as full:
            done = run(arguments, full)
        assert done.returncode == 1, (name, done)
        assert done.stderr == "fantail: standard output cannot be written: No space left on device\n", (name, done)


def test_lines_that_were_published_are_still_told_of(redis, task):
    with open("/dev/full", "w") as full:
        done = run(["publish", task, "-", "--redis", redis.url], full, input='{"progress":1}\n')
    assert done.returncode == 1 and "cannot be written" in done.stderr and redis.client.exists("ft:{task:%s}:m" % task)


@pytest.mark.parametrize("name", ["man", "version"])
def test_a_reader_that_has_gone_is_no_word(redis, node, task, name):
    reading, writing = os.pipe()
    os.close(reading)
    done = run(commands(redis, node, task)[name], writing)
    os.close(writing)
    assert done.stderr == "" and done.returncode in (0, -signal.SIGPIPE), done
