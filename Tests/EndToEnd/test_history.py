"""A task's events over REST: as JSON, and as a stream for viewers without WebSockets."""

import json

import pytest

from clients import Jobs, Stream
from harness import API_KEY, wait_until
from tokens import jwt


def history(node, task, query="", **how):
    return node.request("GET", f"/api/v1/tasks/{task}/events{query}", **(how or {"key": API_KEY}))


def test_what_is_kept_is_told_whole_or_from_a_place(nodes, redis, task):
    for number in range(5):
        redis.fcall(task, {"type": "log", "n": number})
    whole = history(nodes[0], task).json
    assert whole["task_id"] == task and whole["sequence"] == 5 and whole["recovered"] is True
    assert [e["sequence"] for e in whole["events"]] == [1, 2, 3, 4, 5]
    assert [e["event"]["n"] for e in whole["events"]] == list(range(5))
    assert all(isinstance(e["timestamp"], int) for e in whole["events"])
    epoch = whole["epoch"]
    for query in [f"?since=3&epoch={epoch}", "?since=3"]:
        part = history(nodes[1], task, query).json
        assert part["recovered"] is True and [e["sequence"] for e in part["events"]] == [4, 5]
    assert history(nodes[0], task, f"?since=5&epoch={epoch}").json["events"] == []
    ahead = history(nodes[0], task, f"?since=9&epoch={epoch}").json
    assert ahead["recovered"] is False and ahead["sequence"] == 5
    other = history(nodes[0], task, "?since=3&epoch=another").json
    # Of no event here: what is kept is all new.
    assert ahead["events"] == other["events"] == whole["events"] and other["recovered"] is False
    assert history(nodes[0], task, "?since=9").json == ahead and other["epoch"] == epoch


def test_what_is_kept_no_more_is_said(launch, task):
    node = launch("--history", "3", "--key-prefix", "three")
    assert node.post(task, [{"type": "log", "n": n} for n in range(10)]).status == 200
    found = history(node, task).json
    assert found["recovered"] is False and [e["sequence"] for e in found["events"]] == [8, 9, 10]
    assert history(node, task, "?since=7").json["recovered"] is True
    for since in (0, 6, 11, 2**64 - 1):
        for query in (f"?since={since}", f"?since={since}&epoch={found['epoch']}"):
            assert history(node, task, query).json == found, query


def test_one_event_longer_than_the_history_may_be_is_all_there_is(launch, task):
    node = launch("--history-bytes", "1k", "--key-prefix", "little")
    assert node.post(task, {"type": "log", "text": "x" * 3_000}).status == 200
    for query in ("", "?since=0"):
        found = history(node, task, query).json
        assert found["recovered"] is True and [e["sequence"] for e in found["events"]] == [1]
    assert node.post(task, {"type": "log", "text": "y" * 3_000}).status == 200
    assert history(node, task, "?since=0").json["recovered"] is False
    assert history(node, task, "?since=1").json["recovered"] is True


def test_history_is_for_those_who_may_watch(node, redis, task):
    assert history(node, task).status == 404
    redis.fcall(task, {"progress": 1})
    assert node.request("GET", f"/api/v1/tasks/{task}/events").status == 401
    assert history(node, task, token=jwt("a")).status == 200
    assert history(node, task, "?since=x").status == 400
    assert history(node, "a%20b").status == 422
    assert node.request("DELETE", f"/api/v1/tasks/{task}/events", key=API_KEY).status == 405


@pytest.fixture
def stream(nodes):
    opened = []

    def make(*arguments, **options):
        opened.append(Stream(*arguments, **options))
        return opened[-1]

    yield make
    for viewer in opened:
        viewer.close()


def test_a_stream_begins_with_the_state_and_goes_on_live(nodes, redis, task, stream):
    redis.fcall(task, '{"progress":45,\n  "message":"渲染"}')
    viewer = stream(nodes[0], task)
    assert viewer.response.status == 200 and viewer.response.headers["Content-Type"] == "text/event-stream"
    state = viewer.next()
    assert state["event"] == "snapshot" and state["data"]["state"] == {"progress": 45, "message": "渲染"}
    assert (state["data"]["progress"], state["data"]["message"]) == (45, "渲染")
    redis.fcall(task, {"progress": 46})
    live = viewer.next()
    epoch = state["id"].split(":")[0]
    assert live == {"id": f"{epoch}:2", "data": {"progress": 46}}
    redis.publish(task, {"type": "note"})
    assert viewer.next() == {"data": {"type": "note"}}


def test_a_state_without_a_number_stands_where_the_channel_stands(launch, redis, task, stream):
    node = launch("--loops", "1")  # the loop that has heard it is the one that tells it
    redis.fcall(task, {"progress": 45})
    viewer = stream(node, task)
    place = viewer.next()["id"]
    redis.publish(task, {"progress": 47})
    assert viewer.next() == {"data": {"progress": 47}}
    state = stream(node, task).next()
    assert (state["id"], state["event"], state["data"]["state"]) == (place, "snapshot", {"progress": 47})
    assert state["data"]["progress"] == 47


def test_a_stream_resumes_where_the_last_event_was(nodes, redis, task, stream):
    for number in range(5):
        redis.fcall(task, {"type": "log", "n": number})
    epoch = history(nodes[0], task).json["epoch"]
    viewer = stream(nodes[1], task, headers={"Last-Event-ID": f"{epoch}:3", "Authorization": f"Bearer {jwt('a')}"})
    assert [viewer.next()["data"]["n"] for _ in range(2)] == [3, 4]
    redis.fcall(task, {"type": "log", "n": 5})
    assert viewer.next()["id"] == f"{epoch}:6"
    assert stream(nodes[0], task, "?since=4").next()["id"] == f"{epoch}:5"
    redis.fcall(task, {"progress": 1})
    assert stream(nodes[0], task, headers={"Last-Event-ID": "old:3", "X-API-Key": API_KEY}).next()["event"] == "snapshot"


def test_a_stream_may_have_its_token_in_the_query(node, redis, task, stream):
    redis.fcall(task, {"progress": 1})
    assert stream(node, task, f"?token={jwt('a')}", headers={}).next()["event"] == "snapshot"
    for query in ["", "?token=bad"]:
        assert stream(node, task, query, headers={}).response.status == 401
    # Nowhere else.
    assert node.request("GET", f"/api/v1/tasks/{task}?token={jwt('a')}").status == 401
    assert node.request("GET", f"/api/v1/tasks/{task}/events?token={jwt('a')}").status == 401


def test_the_query_of_a_stream_wins_over_a_header_that_a_proxy_added(node, redis, task, stream):
    redis.fcall(task, {"progress": 1})
    for header in ("Basic dTpw", "Bearer of-a-proxy"):
        viewer = stream(node, task, f"?token={jwt('a')}", headers={"Authorization": header})
        assert viewer.next()["event"] == "snapshot"
        assert stream(node, task, "?token=bad", headers={"Authorization": f"Bearer {jwt('a')}"}).response.status == 401


def test_the_demo_token_watches_everywhere_on_a_development_node_and_does_nothing(launch, node, redis, task, stream):
    redis.fcall(task, {"progress": 1, "owner": "alice"})
    assert stream(node, task, "?token=demo-token", headers={}).next()["event"] == "snapshot"
    assert stream(node, task, headers={"Authorization": "Bearer demo-token"}).next()["event"] == "snapshot"
    for path in (f"/tasks/{task}", f"/tasks/{task}/events", "/online", "/online/count", "/status/demo"):
        assert node.request("GET", f"/api/v1{path}", token="demo-token").status == 200, path
    for method, path, body in [
            ("POST", f"/tasks/{task}/events", {"progress": 2}), ("POST", "/tasks", {"task_id": "t"}),
            ("POST", "/topics/t/messages", {"type": "data", "data": {}}), ("GET", "/nodes", None),
            ("POST", "/users/u/notifications", {"notification_type": "n"}), ("DELETE", "/users/u/connections", None)]:
        answer = node.request(method, f"/api/v1{path}", body, token="demo-token")
        assert (answer.status, answer.code) == (403, "FORBIDDEN"), path
    choosy, grown_up = launch("--watch", "owner"), launch(dev=False)
    assert stream(choosy, task, "?token=demo-token", headers={}).next()["event"] == "snapshot"
    assert stream(grown_up, task, "?token=demo-token", headers={}).response.status == 401
    assert history(grown_up, task, token="demo-token").status == 401


def test_a_demo_stream_is_closed_by_an_administrator_as_any_users(node, redis, task, stream):
    redis.fcall(task, {"progress": 1})
    viewer = stream(node, task, "?token=demo-token", headers={})
    assert viewer.next()["event"] == "snapshot"
    assert node.request("DELETE", "/api/v1/users/demo/connections", key=API_KEY).status == 202
    assert viewer.next() is None


def test_a_stream_of_what_one_may_not_watch_is_refused(launch, redis, task, stream):
    node = launch("--watch", "owner")
    redis.fcall(task, {"progress": 1, "owner": "alice"})
    assert stream(node, task, f"?token={jwt('bob')}", headers={}).response.status == 403
    assert stream(node, task, f"?token={jwt('alice')}", headers={}).next()["event"] == "snapshot"


def test_a_stream_and_a_websocket_see_the_same(nodes, redis, viewers, task, stream):
    redis.fcall(task, {"progress": 0})
    viewer, jobs = stream(nodes[0], task), viewers(Jobs(nodes[0]))
    viewer.next()
    jobs.join(task)
    jobs.receive_type("job_status")
    for number in range(1, 200):
        redis.fcall(task, {"type": "log", "n": number})
    assert [viewer.next()["data"]["n"] for _ in range(199)] == list(range(1, 200))
    assert [e["n"] for e in jobs.events(199)] == list(range(1, 200))


def test_a_stream_counts_as_a_viewer_and_ends_with_its_client(node, redis, task, stream):
    redis.fcall(task, {"progress": 0})
    viewer = stream(node, task)
    viewer.next()

    def count():
        return node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["viewers"]

    wait_until(lambda: count() == 1, "one watches")
    viewer.close()
    wait_until(lambda: count() == 0, "nobody watches")


def test_a_stream_ends_with_its_token_and_when_an_administrator_says_so(node, nodes, redis, task, stream):
    redis.fcall(task, {"progress": 1})
    # Both are open for the clocks' difference, 30 s, beyond the token's end.
    short = stream(node, task, headers={"Authorization": f"Bearer {jwt('ends', expires_in=3 - 30)}"})
    closed = stream(nodes[1], task, headers={"Authorization": f"Bearer {jwt('closed')}"})
    stays = stream(nodes[1], task, headers={"Authorization": f"Bearer {jwt('stays')}"})
    assert [viewer.next()["event"] for viewer in (short, closed, stays)] == ["snapshot"] * 3
    assert node.request("DELETE", "/api/v1/users/closed/connections", key=API_KEY).status == 202
    assert closed.next() is None
    assert short.next() is None
    redis.fcall(task, {"progress": 2})
    assert stays.next()["data"] == {"progress": 2}


def test_a_stream_ends_when_the_node_stops(launch, redis, task, stream):
    node = launch()
    redis.fcall(task, {"progress": 0})
    viewer = stream(node, task)
    viewer.next()
    node.process.terminate()
    assert viewer.next() is None
    assert node.process.wait(10) == 0


