"""The example workers: real work, real progress, seen by a viewer."""

import hashlib
import os
import subprocess

import pytest

from clients import Jobs
from harness import ROOT, clean_environment
from tokens import jwt

WORKERS = ["hash.sh", "hash.py", "hash-http.sh"]
NAMES = [b"a.txt", b"sub/with space.bin", b'sub/quote" and \\backslash.txt', b"tab\tand\nnewline", "ünïcode 动画".encode(),
         b"not utf-8 \xff\xfe", b"$(echo no)", b"-dash", b"empty"]


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(NAMES):
        path = os.path.join(os.fsencode(tmp_path), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(b"" if name == b"empty" else os.urandom(10_000 * (number + 1)))
    return tmp_path


def run(worker, node, redis, *arguments):
    environment = clean_environment({
        "FANTAIL_REDIS_URL": redis.url, "FANTAIL_URL": f"http://127.0.0.1:{node.port}",
        "FANTAIL_TOKEN": jwt(scope="publish")})
    return subprocess.run(
        [ROOT / "ops/workers" / worker, *arguments], env=environment, capture_output=True, text=True, timeout=60)


def expected_result(folder):
    lines, size = b"", 0
    for name in sorted(NAMES):
        with open(os.path.join(os.fsencode(folder), name), "rb") as file:
            data = file.read()
        size += len(data)
        lines += hashlib.sha256(data).hexdigest().encode() + b"  " + name + b"\n"
    return {"files": len(NAMES), "bytes": size, "digest": hashlib.sha256(lines).hexdigest()}


def watch(node, viewers, redis, task):
    viewer = viewers(Jobs(node))
    viewer.join(task)
    redis.wait_for_subscribers(task, 1)
    return viewer


def until_the_end(viewer):
    messages = [viewer.receive()]
    while messages[-1]["type"] != "job_error" and messages[-1]["data"].get("status") != "COMPLETED":
        messages.append(viewer.receive())
    return messages


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_shows_its_progress_and_result(nodes, viewers, redis, task, folder, worker):
    viewer = watch(nodes[1], viewers, redis, task)
    for _ in range(2):  # the second run restarts the task
        done = run(worker, nodes[0], redis, task, str(folder))
        assert done.returncode == 0 and done.stderr == "", done.stderr
        messages = until_the_end(viewer)
        progress = [m["data"]["progress"] for m in messages if m["type"] == "job_status" and "progress" in m["data"]]
        assert progress[0] == 0 and progress == sorted(progress) and len(set(progress)) >= 5
        stages = [m["data"]["stage"] for m in messages if m["type"] == "stage_completed"]
        assert stages == ["LIST", "HASH"]
        names = [m["data"]["message"] for m in messages if "message" in m["data"]]
        assert {'sub/quote" and \\backslash.txt', "tab\tand\nnewline", "ünïcode 动画", "$(echo no)"} <= set(names)
        assert messages[-1]["data"]["result"] == expected_result(folder)


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_says_that_it_failed(node, viewers, redis, task, worker):
    viewer = watch(node, viewers, redis, task)
    done = run(worker, node, redis, task, "/no/such/folder")
    assert done.returncode == 1 and "/no/such/folder" in done.stderr
    error = until_the_end(viewer)[-1]
    assert error["type"] == "job_error" and "/no/such/folder" in error["data"]["error"]


@pytest.mark.parametrize("worker", WORKERS)
def test_an_empty_folder_is_completed(node, viewers, redis, task, tmp_path, worker):
    viewer = watch(node, viewers, redis, task)
    assert run(worker, node, redis, task, str(tmp_path)).returncode == 0
    result = until_the_end(viewer)[-1]["data"]["result"]
    assert result == {"files": 0, "bytes": 0, "digest": hashlib.sha256(b"").hexdigest()}


@pytest.mark.parametrize("worker", WORKERS)
def test_wrong_usage(node, redis, worker):
    done = run(worker, node, redis, "only-a-task")
    assert done.returncode == 2 and "usage" in done.stderr
