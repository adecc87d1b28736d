"""Four ways to publish, two nodes, two dialects; and a finished task stays finished."""

import json

import pytest

from clients import Jobs, Tasks
from harness import API_KEY, fantail, wait_until
from tokens import jwt


def watchers(nodes, viewers, redis, task):
    """A viewer of each dialect on each node, all of them subscribed."""
    tasks = [viewers(Tasks(node)) for node in nodes]
    for client in tasks:
        client.subscribe(task)
    # A second subscription on the same channel is only known to be in place by what comes through it.
    jobs = [viewers(Jobs(node)) for node in nodes]
    redis.fcall(task, {"progress": 0})
    for client in jobs:
        client.join(task)
        while client.receive_type("job_status")["data"]["sequence"] != 1:
            pass
    for client in tasks:
        assert client.receive_type("taskProgress")["payload"]["sequence"] == 1
    for client in jobs + tasks:
        client.expect_silence()
    return jobs, tasks


@pytest.mark.parametrize("way", ["PUBLISH", "FCALL", "POST with a JWT", "POST with X-API-Key", "fantail publish"])
def test_every_way_reaches_every_viewer(nodes, viewers, redis, task, way):
    jobs, tasks = watchers(nodes, viewers, redis, task)
    event = {"progress": 45, "message": "ünïcode \"quoted\" 动画", "by": way}
    if way == "PUBLISH":
        assert redis.is_enough(redis.publish(task, event), 2)
    elif way == "FCALL":
        assert redis.fcall(task, event) == 2
    elif way == "fantail publish":
        done = fantail("publish", task, json.dumps(event), "--redis", redis.url)
        assert done.returncode == 0 and "sequence=2" in done.stdout, done
    else:
        who = {"token": jwt(scope="publish")} if "JWT" in way else {"key": API_KEY}
        answer = nodes[0].post(task, event, **who)
        assert answer.status == 200, answer.body
        assert answer.json["task_id"] == task and answer.json["sequence"] == 2
        assert redis.is_enough(answer.json["receivers"], 2) and isinstance(answer.json["epoch"], str)
    for client in jobs:
        data = client.receive_type("job_status")["data"]
        assert (data["jobId"], data["progress"], data["message"], data["by"]) == (task, 45, event["message"], way)
        assert data.get("sequence") == (None if way == "PUBLISH" else 2)
    for client in tasks:
        payload = client.receive_type("taskProgress")["payload"]
        assert (payload["videoId"], payload["progress"], payload["message"], payload["by"]) == (task, 45, event["message"], way)


def test_a_batch_arrives_in_order(nodes, viewers, redis, task):
    jobs, tasks = watchers(nodes, viewers, redis, task)
    answer = nodes[1].post(task, [{"progress": n} for n in range(1, 101)])
    assert answer.status == 200 and answer.json["sequence"] == 101
    for client in jobs + tasks:
        assert [event["progress"] for event in client.events(100)] == list(range(1, 101))


def test_a_batch_with_one_bad_event_is_refused_whole(node, task):
    answer = node.post(task, [{"progress": 1}, 5])
    assert answer.status == 422 and answer.code == "INVALID_EVENT" and answer.json["error"]["index"] == 1
    assert node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).status == 404


def test_the_command_publishes_a_batch(redis, node, task):
    done = fantail("publish", task, '{"progress":1}', '{"progress":2}', "--redis", redis.url)
    assert done.returncode == 0, done.stderr
    assert node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["sequence"] == 2


@pytest.mark.parametrize("arguments", [[], ["t"], ["t", "not json"], ["t", "[1]"], ["a b", "{}"], ["t", "-", "{}"], ["t", "{}", "-"]])
def test_the_command_refuses_what_is_wrong(redis, arguments):
    done = fantail("publish", *arguments, "--redis", redis.url)
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1, done


def test_the_command_says_when_redis_is_away():
    done = fantail("publish", "t", "{}", "--redis", "redis://127.0.0.1:1")
    assert done.returncode == 1 and done.stderr.strip(), done


@pytest.mark.parametrize("end", [{"type": "completed"}, {"status": "COMPLETED"}, {"type": "failed", "error": "x"},
                                 {"type": "taskCompleted", "payload": {}}])
def test_finished_is_finished(nodes, viewers, redis, task, end):
    jobs, tasks = watchers(nodes, viewers, redis, task)
    redis.fcall(task, end)
    for client in jobs:
        client.receive_type("job_status", "job_error")
    for client in tasks:
        client.receive_type("taskCompleted", "taskFailed")

    with pytest.raises(Exception, match="FINISHED"):
        redis.fcall(task, {"progress": 99})
    for late in ({"progress": 99}, {"type": "stage", "stage": "A"}, end):
        answer = nodes[0].post(task, late)
        assert answer.status == 409 and answer.code == "TASK_FINISHED"
    done = fantail("publish", task, '{"progress":99}', "--redis", redis.url)
    assert done.returncode == 1, done
    redis.publish(task, {"progress": 99})
    for client in jobs + tasks:
        client.expect_silence()

    assert nodes[1].post(task, {"type": "note", "text": "still passes"}).status == 200
    for client in jobs + tasks:
        client.receive_type("note")


def test_a_restart_makes_it_live_again(nodes, viewers, redis, task):
    jobs, tasks = watchers(nodes, viewers, redis, task)
    redis.fcall(task, {"type": "completed"})
    redis.fcall(task, {"progress": 1, "restart": True})
    assert nodes[0].post(task, {"progress": 2}).json["sequence"] == 4
    for client in jobs + tasks:
        assert [event["sequence"] for event in client.events(3)] == [2, 3, 4]


@pytest.mark.parametrize("event", [{"type": "failed", "error": {"message": "m", "retryable": True}},
                                   {"type": "job_error", "data": {"error": "e"}}])
def test_a_failure_that_may_be_retried_does_not_end(node, redis, task, event):
    redis.fcall(task, event)
    assert redis.fcall(task, {"progress": 1}) == 2


def test_the_function_has_the_limits_of_the_last_node_that_started(launch, redis, task):
    for history, ttl in [(3, 60), (5, 120), (64, 7 * 86_400)]:
        launch("--history", str(history), "--task-ttl", f"{ttl}s")
        name = f"{task}-{history}"

        def has_limits():
            for number in range(70):
                redis.fcall(name, {"n": number})
            return redis.client.llen(f"ft:{{task:{name}}}:h") == history

        wait_until(has_limits, "the Function is replaced")
        # At most a sixteenth more, so that most events need not set the time again.
        assert ttl - 10 < redis.client.ttl(f"ft:{{task:{name}}}:m") <= ttl + ttl // 16


def test_the_state_over_rest(node, redis, task):
    redis.fcall(task, {"progress": 7})
    redis.fcall(task, {"type": "note"})
    answer = node.request("GET", f"/api/v1/tasks/{task}", token=jwt())
    assert answer.status == 200 and answer.json["state"] == {"progress": 7} and answer.json["sequence"] == 2
