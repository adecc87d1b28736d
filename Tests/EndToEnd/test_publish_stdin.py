"""`fantail publish TASK -`: events from standard input, a line each."""

import json
import subprocess
import time

from harness import API_KEY, binary, clean_environment, free_port, wait_until


def publish(redis, task, text, *flags, timeout=60):
    return subprocess.run(
        [binary(), "publish", task, "-", "--redis", redis.url, *flags], input=text, capture_output=True, timeout=timeout,
        env=clean_environment())


def history(node, task):
    answer = node.request("GET", f"/api/v1/tasks/{task}/events", key=API_KEY)
    return [entry["event"] for entry in answer.json["events"]] if answer.status == 200 else []


def test_lines_are_published_in_order(node, redis, task):
    lines = [json.dumps({"progress": n / 100, "message": "ünï"}, ensure_ascii=False) for n in range(10_000)]
    done = publish(redis, task, "\n".join(lines).encode())
    assert (done.returncode, done.stderr) == (0, b""), done
    assert done.stdout.startswith(b"published=10000 refused=0 epoch=") and done.stdout.endswith(b"sequence=10000\n")
    kept = history(node, task)
    assert [event["progress"] for event in kept] == [n / 100 for n in range(10_000 - len(kept), 10_000)]


def test_a_line_is_published_when_it_comes_not_when_all_have(node, redis, task):
    command = subprocess.Popen([binary(), "publish", task, "-", "--redis", redis.url], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, env=clean_environment())
    for number in (1, 2):
        command.stdin.write(b'{"progress":%d}\n' % number)
        command.stdin.flush()
        wait_until(lambda: len(history(node, task)) == number, f"event {number} is there")
    command.stdin.close()
    assert command.wait(10) == 0


def test_refused_lines_are_named_and_the_others_published(node, redis, task):
    lines = [b'{"progress":1}', b"", b"not json", b"[1]", b'{"type":"completed"}', b'{"progress":2}', b'{"type":"note"}',
             b"x" * 70_000, b'{"a":"\xff"}', b'{"progress":3,"restart":true}']
    done = publish(redis, task, b"\n".join(lines) + b"\n")
    assert done.returncode == 1
    assert [event for event in history(node, task)] == [
        {"progress": 1}, {"type": "completed"}, {"type": "note"}, {"progress": 3, "restart": True}]
    errors = dict(line.split(": ", 2)[1:] for line in sorted(done.stderr.decode().splitlines()[:-1]))
    assert sorted(errors) == ["line 3", "line 4", "line 6", "line 8", "line 9"]
    assert errors["line 6"] == "FINISHED task already completed" and "65536 bytes" in errors["line 8"]
    assert errors["line 3"].startswith("column 2: ") and errors["line 9"].startswith("column 7: ")
    assert done.stdout.startswith(b"published=4 refused=5 ")
    assert done.stderr.decode().splitlines()[-1] == "fantail: 5 of 9 lines were refused"


def test_nothing_is_nothing(redis, task):
    done = publish(redis, task, b"\n\n")
    assert (done.returncode, done.stdout) == (0, b"published=0 refused=0\n")


def test_a_pause_of_redis_is_waited_out(node, redis, task):
    command = subprocess.Popen([binary(), "publish", task, "-", "--redis", redis.url], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
    command.stdin.write(b'{"progress":1}\n')
    command.stdin.flush()
    wait_until(lambda: len(history(node, task)) == 1, "the first event is there")
    for connection in redis.client.client_list():
        if connection["name"] == "fantail-publisher":
            redis.client.client_kill_filter(_id=connection["id"])
    time.sleep(0.05)
    out, err = command.communicate(b'{"progress":2}\n', timeout=20)
    assert (command.returncode, err) == (0, b"") and out.startswith(b"published=2 refused=0")


def test_redis_away_is_said():
    done = subprocess.run(
        [binary(), "publish", "t", "-", "--redis", f"redis://127.0.0.1:{free_port()}"], input=b"{}\n", capture_output=True,
        env=clean_environment(), timeout=20)
    assert done.returncode == 1 and b"cannot connect" in done.stderr and len(done.stderr.splitlines()) == 1, done


def test_a_wrong_task_is_said(redis):
    assert publish(redis, "a b", b"{}\n").returncode == 2
