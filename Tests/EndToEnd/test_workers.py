"""The example workers: real work, real progress, seen by a viewer."""

import hashlib
import os
import shutil
import subprocess
import sys

import celery
import pytest
import redis as redis_py
import rq

from clients import Jobs
from harness import ROOT, clean_environment, wait_until
from tokens import jwt

WORKERS = ["hash.sh", "hash.py", "hash.mjs", "hash-http.sh"]
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
        "FANTAIL_REDIS_URL": redis.worker_url, "FANTAIL_URL": f"http://127.0.0.1:{node.port}",
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
    redis.wait_for_viewers(task, 1)
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


@pytest.mark.parametrize("worker, missing", [("hash.sh", "redis-cli"), ("hash-http.sh", "curl"), ("hash.py", "redis")])
def test_a_worker_says_in_one_line_what_is_missing(task, tmp_path, worker, missing):
    for program in ("bash", "dirname", "env", "sed"):
        (tmp_path / program).symlink_to(shutil.which(program))
    # A Python that has its own library only.
    command = [sys.executable, "-S"] if worker.endswith(".py") else []
    done = subprocess.run(
        [*command, ROOT / "ops/workers" / worker, task, tmp_path], env=clean_environment({"PATH": str(tmp_path), "FANTAIL_TOKEN": "x"}),
        capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and f"{worker}: " in done.stderr and f"{missing} is missing" in done.stderr, done
    assert len(done.stderr.splitlines()) == 1 and "install" in done.stderr, done


def test_node_logs_in_and_says_when_it_cannot(node, redis, task, tmp_path):
    """A password in the URL is used; a wrong one, or a Redis that is away, is reported and does not stop the work."""
    redis.client.acl_setuser("worker", enabled=True, passwords=["+p@ss word"], keys=["*"], channels=["*"], commands=["+@all"])
    def with_url(url):
        return subprocess.run(
            [ROOT / "ops/workers/hash.mjs", task, str(tmp_path)], capture_output=True, text=True, timeout=60,
            env=clean_environment({"FANTAIL_REDIS_URL": url}))
    assert with_url(f"redis://worker:p%40ss%20word@127.0.0.1:{redis.port}").returncode == 0
    done = with_url(f"redis://worker:wrong@127.0.0.1:{redis.port}")
    assert done.returncode == 1 and "WRONGPASS" in done.stderr
    done = with_url("redis://127.0.0.1:1")
    assert done.returncode == 1 and "ECONNREFUSED" in done.stderr and "not published" in done.stderr


CELERY_APP = """
import os, threading, celery_hooks
from celery import Celery
both = threading.Barrier(2, timeout=20)
app = Celery("films", broker=os.environ["BROKER"])
@app.task
def render(count):
    for number in range(count):
        celery_hooks.at(number * 100 // count, f"frame {number}")
    return {"frames": count}
@app.task
def beside_another(first):
    for number in range(3):
        both.wait()
        celery_hooks.at(first + number)
@app.task
def broken():
    raise ValueError("no disk")
@app.task(bind=True, max_retries=1)
def flaky(self):
    if self.request.retries == 0:
        raise self.retry(exc=RuntimeError("overloaded"), countdown=0)
    return "second time"
"""

RQ_JOBS = """
import os, rq_hooks
def render(count):
    for number in range(count):
        rq_hooks.at(number * 100 // count, f"frame {number}")
    return {"frames": count}
def broken():
    raise ValueError("no disk")
def killed():
    os.kill(os.getpid(), 9)
"""


def worker_environment(redis, folder, **more):
    paths = f"{ROOT / 'ops/workers'}:{folder}"
    return clean_environment({"FANTAIL_REDIS_URL": redis.worker_url, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"} | more)


ONE_QUEUE = pytest.mark.not_on("cluster", why="Celery and RQ keep their queues in one Redis")


@pytest.fixture(scope="module")
def celery_app(redis, tmp_path_factory):
    """A Celery worker with Fantail's hooks; returns a function that sends it tasks."""
    yield from celery_worker(redis.worker_url + "/1", redis, tmp_path_factory, "-c", "1")


@pytest.fixture(scope="module")
def celery_threads(redis, tmp_path_factory):
    """One that runs two tasks at once."""
    yield from celery_worker(redis.worker_url + "/3", redis, tmp_path_factory, "-P", "threads", "-c", "2")


def celery_worker(broker, redis, tmp_path_factory, *flags):
    folder = tmp_path_factory.mktemp("celery")
    (folder / "films.py").write_text(CELERY_APP)
    with open(folder / "log", "wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "films", "worker", *flags, "--loglevel", "info"], cwd=folder,
            stdout=log, stderr=log, env=worker_environment(redis, folder, BROKER=broker))
    wait_until(lambda: " ready." in (folder / "log").read_text(), "the worker is ready", 60)
    yield celery.Celery(broker=broker)
    worker.terminate()
    worker.wait(20)


def percents(messages):
    return [m["data"]["progress"] for m in messages if m["type"] == "job_status" and "progress" in m["data"]]


@ONE_QUEUE
def test_celery_tasks_tell_how_they_stand(node, viewers, redis, task, celery_app):
    viewer = watch(node, viewers, redis, task)
    celery_app.send_task("films.render", [4], task_id=task)
    messages = [viewer.receive(), *until_the_end(viewer)]
    assert percents(messages) == [0, 0, 25, 50, 75] and messages[0]["data"]["message"] == "films.render"
    assert messages[-1]["data"]["result"] == {"frames": 4}


@ONE_QUEUE
def test_celery_tasks_that_run_at_once_tell_each_its_own(node, viewers, redis, task, celery_threads):
    names = {task + "-a": 10, task + "-b": 70}
    watching = {name: watch(node, viewers, redis, name) for name in names}
    for name, first in names.items():
        celery_threads.send_task("films.beside_another", [first], task_id=name)
    for name, first in names.items():
        assert percents([watching[name].receive(), *until_the_end(watching[name])])[1:] == [first, first + 1, first + 2]


@ONE_QUEUE
def test_a_celery_task_that_fails(node, viewers, redis, task, celery_app):
    viewer = watch(node, viewers, redis, task)
    celery_app.send_task("films.broken", task_id=task)
    assert until_the_end(viewer)[-1]["data"]["error"] == "no disk"


@ONE_QUEUE
def test_a_celery_task_that_is_retried(node, viewers, redis, task, celery_app):
    viewer = watch(node, viewers, redis, task)
    celery_app.send_task("films.flaky", task_id=task)
    first = until_the_end(viewer)
    assert first[-1]["type"] == "job_error" and "overloaded" in first[-1]["data"]["error"]
    assert until_the_end(viewer)[-1]["data"]["result"] == "second time"


def run_rq(redis, folder, job, *arguments, task):
    """Enqueues a job and lets a worker with Fantail's class run until the queue is empty."""
    (folder / "rq_films.py").write_text(RQ_JOBS)
    url = redis.worker_url + "/2"
    with redis_py.Redis.from_url(url) as connection:
        rq.Queue("films", connection=connection).enqueue(f"rq_films.{job}", *arguments, job_id=task)
    return subprocess.run(
        [sys.executable, "-m", "rq.cli", "worker", "--worker-class", "rq_hooks.FantailWorker", "--url", url, "--burst", "films"],
        cwd=folder, capture_output=True, text=True, timeout=60, env=worker_environment(redis, folder))


@ONE_QUEUE
def test_rq_jobs_tell_how_they_stand(node, viewers, redis, task, tmp_path):
    viewer = watch(node, viewers, redis, task)
    done = run_rq(redis, tmp_path, "render", 4, task=task)
    assert done.returncode == 0, done.stderr
    messages = until_the_end(viewer)
    assert percents(messages) == [0, 0, 25, 50, 75] and messages[0]["data"]["message"] == "rq_films.render"
    assert messages[-1]["data"]["result"] == {"frames": 4}


@ONE_QUEUE
@pytest.mark.parametrize("job, words", [("broken", "ValueError: no disk"), ("killed", "")])
def test_an_rq_job_that_fails(node, viewers, redis, task, tmp_path, job, words):
    viewer = watch(node, viewers, redis, task)
    run_rq(redis, tmp_path, job, task=task)
    end = until_the_end(viewer)[-1]
    assert end["type"] == "job_error" and words in end["data"]["error"]
