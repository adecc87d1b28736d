"""Fields that an event leaves out have their last value, the same for all viewers: live, late, on another node, in a replay."""

from clients import Jobs, Tasks
from harness import API_KEY


def job(data):
    return data["status"], data["currentStage"], data["completedStages"]


def test_late_viewers_know_what_a_later_event_left_out(nodes, redis, viewers, task):
    early = viewers(Jobs(nodes[0]))
    early.join(task)
    redis.wait_for_viewers(task, 1)
    redis.fcall(task, {"progress": 90, "status": "UPLOADING", "currentStage": "UPLOAD"})
    redis.fcall(task, {"message": "almost"})
    seen = early.events(2)[1]
    late = viewers(Jobs(nodes[1]))
    late.join(task)
    state = late.receive()["data"]
    assert job(seen) == job(state) == ("UPLOADING", "UPLOAD", [])
    bars = [viewers(Tasks(node)) for node in nodes]
    for bar in bars:
        bar.subscribe(task)
        assert bar.receive_type("taskUpdated")["payload"]["progress"] == 90
        assert bar.receive_type("taskProgress")["payload"]["progress"] == 90
    redis.fcall(task, {"message": "now"})
    for bar in bars:
        assert bar.receive_type("taskProgress")["payload"]["progress"] == 90
    assert job(early.receive()["data"]) == job(late.receive()["data"]) == ("UPLOADING", "UPLOAD", [])
    asking = viewers(Tasks(nodes[1]))
    asking.send({"type": "requestTaskStatus", "id": "r", "payload": {"videoId": task}})
    assert asking.receive_type("taskUpdated")["payload"]["progress"] == 90
    redis.fcall(task, {"type": "failed", "error": "disk"})
    third = viewers(Tasks(nodes[0]))
    third.send({"type": "requestTaskStatus", "id": "r", "payload": {"videoId": task}})
    payload = third.receive_type("taskUpdated")["payload"]
    assert payload["status"] == "FAILED" and payload["progress"] == 90


def test_a_replay_says_what_was_known_then(nodes, redis, viewers, task):
    """From Redis on one node, from memory on the other: as live viewers got them."""
    there = viewers(Jobs(nodes[0]))
    there.join(task)
    redis.wait_for_viewers(task, 1)
    events = [
        {"progress": 10, "currentStage": "A"}, {"type": "stage", "stage": "A", "nextStage": "B"}, {"progress": 40},
        {"message": "…", "status": "PACKING"}, {"type": "stage", "stage": "B", "nextStage": "C"}, {"progress": 80},
    ]
    for event in events:
        redis.fcall(task, event)
    live = there.events(len(events))
    epoch = live[0]["epoch"]
    assert [job(d) for d in live if "progress" in d][1] == ("RUNNING", "B", ["A"])
    for node in nodes:  # memory, then Redis
        back = viewers(Jobs(node))
        back.join(task, epoch=epoch, sequence=1)
        replayed = back.events(len(events) - 1)
        assert [{k: v for k, v in d.items() if k != "timestamp"} for d in replayed] == [
            {k: v for k, v in d.items() if k != "timestamp"} for d in live[1:]]


def test_a_restart_of_any_type_is_no_end_any_more(nodes, redis, viewers, task):
    for event in [{"type": "stage", "stage": "A", "restart": True}, {"type": "again", "restart": True}]:
        redis.fcall(task, {"type": "completed", "restart": True, "result": {}})
        assert nodes[0].request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["state"]["type"] == "completed"
        viewer = viewers(Tasks(nodes[0]))
        viewer.subscribe(task)
        assert viewer.receive_type("taskUpdated")["payload"]["status"] == "COMPLETED"
        viewer.receive_type("taskCompleted")
        redis.fcall(task, event)
        viewer.receive()
        assert nodes[0].request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["state"] is None
        for node in nodes:
            late = viewers(Tasks(node))
            late.subscribe(task)
            late.expect_silence()
        redis.publish(task, {"progress": 3})  # plain, and no longer after an end
        assert viewer.receive_type("taskProgress")["payload"]["progress"] == 3
