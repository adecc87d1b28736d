"""One state for all late viewers: over REST, an event stream and every dialect, from a loop with memory and from Redis."""

import re

from clients import Jobs, Stream, Tasks, Topics
from harness import API_KEY, wait_until

KEYS = {
    "task_id", "status", "progress", "current_stage", "completed_stages", "message", "started_at", "updated_at", "ended_at",
    "estimated_time_remaining", "error", "result", "metrics", "owner", "state", "epoch", "sequence", "viewers"}
FIRST = {
    "progress": 10, "status": "RENDERING", "message": "m", "currentStep": "A", "totalSteps": 4, "estimatedTimeRemaining": 60,
    "owner": "alice"}
EVENTS = [FIRST, {"type": "stage", "stage": "A", "nextStage": "B"}, {"type": "stage", "stage": "B", "nextStage": "C"}, {"progress": 20}]


def state(node, task):
    answer = node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY)
    assert answer.status == 200
    return answer.json


def late(node, task, viewers):
    """The state that each new viewer gets, without the fields that name the message."""
    snapshot = viewers(Stream(node, task)).next()
    assert snapshot["event"] == "snapshot"
    job, bar, topic = viewers(Jobs(node)), viewers(Tasks(node)), viewers(Topics(node))
    job.join(task)
    bar.subscribe(task)
    topic.subscribe("task", {"taskId": task})
    asking = viewers(Tasks(node))
    asking.send({"type": "requestTaskStatus", "id": "r", "payload": {"videoId": task}})
    return {
        "stream": snapshot["data"], "jobs": job.receive()["data"], "updated": bar.receive_type("taskUpdated")["payload"],
        "tasks": bar.receive()["payload"], "topics": topic.receive_type("status")["data"],
        "asked": asking.receive_type("taskUpdated")["payload"]}


def test_late_viewers_are_told_what_was_said_last_of_each_field(launch, redis, viewers, task):
    live, fresh = launch(), launch()
    first = viewers(Jobs(live))
    first.join(task)
    redis.wait_for_viewers(task, 1)
    for event in EVENTS:
        redis.fcall(task, event)
    first.events(len(EVENTS))
    told = late(live, task, viewers)
    assert told == late(fresh, task, viewers)  # from Redis, on a node that heard none of it
    rest = state(live, task)
    assert set(rest) == KEYS and rest == state(fresh, task) | {"viewers": rest["viewers"]}
    assert told["stream"] == rest | {"viewers": None}
    assert (rest["status"], rest["progress"], rest["message"], rest["current_stage"]) == ("RENDERING", 20, "m", "C")
    assert rest["completed_stages"] == ["A", "B"] and rest["estimated_time_remaining"] == 60 and rest["owner"] == "alice"
    assert rest["state"] == {"progress": 20} and rest["sequence"] == 4
    assert rest["ended_at"] is None and rest["error"] is None and rest["result"] is None and rest["metrics"] is None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", rest["started_at"]) and rest["started_at"] <= rest["updated_at"]
    for name, step in {"jobs": "currentStage", "tasks": "currentStep", "updated": "currentStep", "topics": "currentStage",
                       "asked": "currentStep"}.items():
        body = told[name]
        assert (body["status"].upper(), body["progress"], body["message"], body[step]) == ("RENDERING", 20, "m", "C"), name
        assert body["completedStages"] == ["A", "B"] and body["totalSteps"] == 4 and body["estimatedTimeRemaining"] == 60


def test_what_is_known_after_a_restart_of_the_node_and_of_redis_is_the_same(launch, redis, viewers, task):
    node = launch()
    for event in EVENTS:
        redis.fcall(task, event)
    before = late(node, task, viewers)
    rest = state(node, task)
    node.terminate()
    again = launch()
    assert late(again, task, viewers) == before
    assert state(again, task) | {"viewers": 0} == rest | {"viewers": 0}
    # Another Redis: the numbers begin anew, what is known of the task does not.
    redis.client.hset(f"ft:{{task:{task}}}:m", "rid", "0" * 40)
    new = state(again, task)
    moved = {"epoch": new["epoch"], "sequence": 0, "viewers": new["viewers"]}
    assert new == rest | moved and new["epoch"] != rest["epoch"]
    redis.fcall(task, {"message": "n"})
    wait_until(lambda: state(again, task)["sequence"] == 1, "the event of the new epoch")
    now = state(again, task)
    assert now["message"] == "n" and now["started_at"] == rest["started_at"] and now["completed_stages"] == ["A", "B"]


def test_an_end_has_its_time_its_result_and_its_error(nodes, redis, viewers, task):
    redis.fcall(task, FIRST)
    redis.fcall(task, {"type": "completed", "result": {"videoUrl": "u"}, "metrics": {"totalTime": 5}})
    redis.fcall(task, {"type": "log", "text": "bye"})
    done = state(nodes[0], task)
    assert (done["status"], done["progress"], done["result"], done["metrics"]) == (
        "COMPLETED", 100, {"videoUrl": "u"}, {"totalTime": 5})
    assert done["estimated_time_remaining"] is None and done["message"] == "m" and done["error"] is None
    assert done["started_at"] <= done["ended_at"] <= done["updated_at"]
    redis.fcall(task, {"restart": True, "progress": 1})
    again = state(nodes[0], task)
    assert again["ended_at"] is None and again["message"] is None and again["started_at"] >= done["ended_at"]
    redis.fcall(task, {"type": "failed", "error": "disk"})
    failed = state(nodes[0], task)
    assert failed["status"] == "FAILED" and failed["progress"] == 1 and failed["ended_at"] is not None
    assert failed["error"] == {"code": "GENERATION_FAILED", "message": "disk", "retryable": False}
    snapshot = viewers(Stream(nodes[1], task)).next()
    assert snapshot["data"] == failed | {"viewers": None}


def test_of_a_task_that_an_earlier_version_kept_the_rest_is_unknown(nodes, redis, viewers, task):
    redis.fcall(task, {"progress": 7, "message": "said", "currentStage": "A"})
    redis.client.hdel(f"ft:{{task:{task}}}:m", "mg", "ts", "et", "sa", "um")
    old = state(nodes[0], task)
    assert (old["progress"], old["current_stage"], old["message"], old["started_at"]) == (7, "A", None, None)
    assert old["updated_at"] is not None and old["state"]["message"] == "said"
    assert late(nodes[0], task, viewers)["jobs"]["message"] == "said"


def test_a_plain_publish_alters_what_its_loop_knows_and_nothing_else(launch, redis, viewers, task):
    nodes = [launch("--loops", "1"), launch()]  # the loop that has heard it is the one that tells it
    viewer = viewers(Tasks(nodes[0]))
    viewer.subscribe(task)
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, FIRST)
    viewer.receive_type("taskProgress")
    redis.publish(task, {"progress": 99, "message": "plain"})
    viewer.receive_type("taskProgress")
    same = viewers(Tasks(nodes[0]))
    same.subscribe(task)
    same.receive_type("taskUpdated")
    payload = same.receive_type("taskProgress")["payload"]
    assert (payload["progress"], payload["message"], payload["totalSteps"]) == (99, "plain", 4)
    other = viewers(Tasks(nodes[1]))
    other.subscribe(task)
    other.receive_type("taskUpdated")
    payload = other.receive_type("taskProgress")["payload"]
    assert (payload["progress"], payload["message"]) == (10, "m")
    assert state(nodes[0], task)["progress"] == 10


def test_progress_of_a_queued_task_makes_it_run(nodes, redis, viewers, task):
    assert nodes[0].request("POST", "/api/v1/tasks", {"task_id": task}, key=API_KEY).status == 201
    assert state(nodes[1], task)["status"] == "QUEUED"
    bar = viewers(Tasks(nodes[0]))
    bar.subscribe(task)
    assert bar.receive_type("taskUpdated")["payload"]["status"] == "QUEUED"
    bar.receive_type("taskProgress")
    redis.fcall(task, {"progress": 5})
    assert bar.receive_type("taskProgress")["payload"]["status"] == "PROCESSING"
    assert state(nodes[1], task)["status"] == "RUNNING"
    topic = viewers(Topics(nodes[1]))
    topic.subscribe("task", {"taskId": task})
    assert topic.receive_type("status")["data"]["status"] == "processing"


def test_live_and_late_viewers_are_told_of_as_many_stages(nodes, redis, viewers, task):
    names = [f"s{number}" for number in range(300)]
    first = viewers(Jobs(nodes[0]))
    first.join(task)
    redis.wait_for_viewers(task, 1)
    redis.fcall(task, {"completedStages": names})
    assert first.receive()["data"]["completedStages"] == names[:256]
    redis.fcall(task, {"progress": 1})
    assert first.receive()["data"]["completedStages"] == names[:256]
    for node in nodes:
        viewer = viewers(Jobs(node))
        viewer.join(task)
        assert viewer.receive()["data"]["completedStages"] == names[:256]
        assert state(node, task)["completed_stages"] == names[:256]
