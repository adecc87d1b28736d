"""The hooks in Chromium: React's with React itself, Vue's composable with Vue's rendering."""

import json
import signal
import uuid

import pytest

from clients import Presence
from harness import API_KEY, wait_until
from tokens import jwt


@pytest.fixture
def react(site, pages):
    return pages(site.url("/test/react.html"))


def show(page, place, component, strict=False, **properties):
    page.run(f"show('{place}', '{component}', {json.dumps(properties)}, {json.dumps(strict)})")


def heard_of(friend, user, status):
    """Waits until a change of a user is announced."""
    while True:
        data = friend.receive_type("user_status")["data"]
        if (data["user_id"], data["status"]) == (user, status):
            return


def wait_for_text(page, selector, text):
    page.wait(f"document.querySelector('{selector}')?.textContent === {json.dumps(text)}")


def heard(page, name):
    return page.run(f"heard.filter(([name]) => name === '{name}').map(([, value]) => value)")


# jobs


def test_a_job_is_shown_from_its_start_to_its_end(react, redis, task):
    redis.fcall(task, {"type": "progress", "status": "RUNNING", "currentStage": "PLAN"})
    show(react, "job", "Job", jobId=task)
    wait_for_text(react, "#connection", "connected")
    assert heard(react, "connection") == [True] and react.text("#attempts") == "0"
    wait_for_text(react, "#status", "RUNNING")
    assert react.text("#stage") == "PLAN" and react.text("#stages") == ""
    redis.fcall(task, {"type": "stage", "stage": "PLAN", "nextStage": "OUTLINE"})
    redis.fcall(task, {"type": "progress", "currentStage": "OUTLINE"})
    wait_for_text(react, "#stage", "OUTLINE")
    assert react.text("#stages") == "PLAN"
    redis.fcall(task, {"type": "completed"})
    wait_for_text(react, "#status", "COMPLETED")
    # The callbacks get the message's inner data.
    stage, = heard(react, "stage")
    assert (stage["jobId"], stage["stage"], stage["nextStage"]) == (task, "PLAN", "OUTLINE")
    assert [data["sequence"] for data in heard(react, "status")] == [1, 3, 4]
    assert heard(react, "failure") == heard(react, "error") == react.errors == []


def test_a_job_that_fails_says_why_in_a_string(react, redis, task):
    show(react, "job", "Job", jobId=task)
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"type": "failed", "error": {"code": "X", "message": "Stage execution failed"}})
    wait_for_text(react, "#failure", "Stage execution failed")
    failure, = heard(react, "failure")
    assert failure["jobId"] == task and failure["error"] == "Stage execution failed"


def test_a_job_can_be_disconnected_and_connected(react, redis, site, task):
    redis.fcall(task, {"progress": 1, "status": "RUNNING"})
    show(react, "job", "Job", jobId=task)
    wait_for_text(react, "#status", "RUNNING")
    react.run("document.querySelector('#disconnect').click()")
    wait_for_text(react, "#connection", "disconnected")
    assert heard(react, "connection") == [True, False]
    redis.fcall(task, {"type": "completed"})
    wait_until(lambda: redis.client.pubsub_numsub(f"task:{task}")[0][1] == 0, "the node has left the channel")
    assert react.text("#status") == "RUNNING"
    react.run("document.querySelector('#connect').click()")
    wait_for_text(react, "#status", "COMPLETED")
    assert heard(react, "connection") == [True, False, True] and site.connections == 2


def test_reconnecting_is_counted_and_shown(react, redis, site, task):
    show(react, "job", "Job", jobId=task, reconnectInterval=100, maxReconnectAttempts=1000)
    wait_for_text(react, "#connection", "connected")
    nodes, site.nodes = site.nodes, []
    site.cut()
    react.wait("Number(document.querySelector('#attempts').textContent) >= 2")
    assert react.text("#connection") in ("disconnected", "connecting")
    site.nodes = nodes
    wait_for_text(react, "#connection", "connected")
    assert heard(react, "connection") == [True, False, True] and react.text("#attempts") == "0"


def test_after_so_many_attempts_it_gives_up_until_it_is_asked(react, redis, site, task):
    show(react, "job", "Job", jobId=task, reconnectInterval=20)
    wait_for_text(react, "#connection", "connected")
    nodes, site.nodes = site.nodes, []
    site.cut()
    wait_for_text(react, "#connection", "error")
    status, = heard(react, "gave up")
    assert (status["attempt"], status["code"], status["retryAt"], len(heard(react, "error"))) == (5, 1006, None, 1)
    assert react.text("#attempts") == "5"
    site.nodes = nodes
    react.run("document.querySelector('#connect').click()")
    wait_for_text(react, "#connection", "connected")
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 1, "status": "RUNNING"})
    wait_for_text(react, "#status", "RUNNING")
    assert heard(react, "connection") == [True, False, True] and react.text("#attempts") == "0"


def test_two_components_of_one_job_share_a_connection_and_both_know(react, redis, site, task):
    show(react, "one", "Job", jobId=task)
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 5, "status": "RUNNING", "currentStage": "PLAN"})
    wait_for_text(react, "#status", "RUNNING")
    redis.fcall(task, {"type": "stage", "stage": "PLAN", "nextStage": "OUTLINE"})
    react.wait("heard.some(([name]) => name === 'stage')")
    react.run("heard.length = 0")
    show(react, "two", "Job", jobId=task)
    react.wait("heard.some(([name]) => name === 'status')")
    told, = heard(react, "status")
    assert (told["status"], told["currentStage"], told["completedStages"]) == ("RUNNING", "OUTLINE", ["PLAN"])
    react.run("hide('one')")
    redis.fcall(task, {"progress": 9})
    react.wait("heard.filter(([name]) => name === 'status').length === 2")
    assert site.connections == 1
    react.run("hide('two')")
    wait_until(lambda: redis.client.pubsub_numsub(f"task:{task}")[0][1] == 0, "the node has left the channel")


def test_a_hook_in_strict_mode_is_one_connection(react, redis, site, task):
    show(react, "job", "Job", strict=True, jobId=task)
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 1, "status": "RUNNING"})
    wait_for_text(react, "#status", "RUNNING")
    assert [data["sequence"] for data in heard(react, "status")] == [1] and site.connections == 1


def test_a_token_that_is_refused_is_an_error_and_the_end(launch, react, site, task):
    site.nodes = [launch(dev=False)]  # takes no demo-token
    show(react, "job", "Job", jobId=task)
    wait_for_text(react, "#connection", "error")
    assert heard(react, "error") == ["Authentication failed"] or heard(react, "error") == ["authentication failed"]
    assert site.connections == 1


def test_what_an_administrator_ended_is_connected_again_when_asked(react, redis, node, site, task):
    user = f"user-{uuid.uuid4().hex[:8]}"
    redis.fcall(task, {"progress": 1, "status": "RUNNING"})
    show(react, "job", "Job", jobId=task, token=jwt(user))
    wait_for_text(react, "#status", "RUNNING")
    node.request("DELETE", f"/api/v1/users/{user}/connections", key=API_KEY)
    wait_for_text(react, "#connection", "error")
    react.run("document.querySelector('#connect').click()")
    wait_for_text(react, "#connection", "connected")
    redis.fcall(task, {"type": "completed"})
    wait_for_text(react, "#status", "COMPLETED")
    assert heard(react, "connection") == [True, False, True] and site.connections == 2
    react.run("document.querySelector('#connect').click()")  # it stands already
    react.run("new Promise((resolve) => setTimeout(resolve, 300))")
    assert heard(react, "connection") == [True, False, True] and site.connections == 2


# tasks


def task_shown(page, task):
    return page.run(f"""(() => {{ const one = document.getElementById('{task}');
        return one && [one.querySelector('progress').value, one.querySelector('b').textContent,
            one.querySelector('a')?.getAttribute('href') ?? null]; }})()""")


def test_tasks_are_shown_over_one_connection_while_a_node_is_killed(launch, react, redis, site, nodes):
    victim = launch()
    victim.expected_to_die = True
    site.nodes = [victim, *nodes]
    tasks = [f"video_{uuid.uuid4().hex[:8]}" for _ in range(5)]
    for task in tasks:
        show(react, task, "Task", videoId=task, token="demo-token")
    for task in tasks:
        redis.wait_for_subscribers(task, 1)
    assert [task_shown(react, task) for task in tasks] == [[0, "QUEUED", None]] * 5
    for task in tasks:
        redis.fcall(task, {"progress": 45})
    wait_until(lambda: all(task_shown(react, task) == [45, "PROCESSING", None] for task in tasks), "45 % is shown")
    victim.process.send_signal(signal.SIGKILL)
    victim.process.wait()
    for task in tasks[1:]:
        redis.fcall(task, {"type": "completed", "result": {"videoUrl": f"http://example/{task}.mp4"}})
    redis.fcall(tasks[0], {"type": "failed", "error": {"code": "GENERATION_FAILED", "message": "out of luck"}})
    for task in tasks[1:]:
        wait_until(
            lambda: task_shown(react, task) == [100, "COMPLETED", f"http://example/{task}.mp4"], "the end is shown")
    assert task_shown(react, tasks[0]) == [45, "FAILED", None]
    assert site.connections >= 2 and react.errors == []


def test_another_task_in_the_same_component_begins_at_nothing(react, redis, task):
    redis.fcall(task, {"progress": 45})
    show(react, "place", "Task", videoId=task, token="demo-token")
    wait_until(lambda: task_shown(react, task) == [45, "PROCESSING", None], "45 % is shown")
    show(react, "place", "Task", videoId=f"{task}-b", token="demo-token")
    wait_until(lambda: task_shown(react, f"{task}-b") == [0, "QUEUED", None], "nothing is shown")
    redis.wait_for_subscribers(f"{task}-b", 1)
    redis.fcall(f"{task}-b", {"progress": 7})
    wait_until(lambda: task_shown(react, f"{task}-b") == [7, "PROCESSING", None], "7 % is shown")


def test_a_task_that_nothing_is_known_of_is_queued(react, task):
    show(react, "place", "Task", videoId=task, token="demo-token")
    react.wait(f"document.getElementById('{task}') !== null")
    assert task_shown(react, task) == [0, "QUEUED", None]


@pytest.fixture
def away(site, pages, nodes):
    """A page whose own host is no node; its hooks are the first node's."""
    site.nodes = []
    return pages(site.url(f"/test/away.html?node=http://127.0.0.1:{nodes[0].port}"))


def viewers_of(node, dialect):
    return node.log.count(f"dialect={dialect}")


@pytest.mark.parametrize("named", [None, 1])
def test_the_node_that_served_the_hooks_is_asked_or_the_one_that_is_named(away, nodes, redis, site, task, named):
    options = {} if named is None else {"url": f"http://127.0.0.1:{nodes[named].port}"}
    asked = nodes[named or 0]
    before = viewers_of(asked, "tasks")
    away.run(f"show('Task', {{ videoId: '{task}', options: {json.dumps(options)} }})")
    wait_for_text(away, f"#{task}", '0 QUEUED ""')
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 7})
    wait_for_text(away, f"#{task}", '7 PROCESSING ""')
    redis.fcall(task, {"type": "completed", "result": {"videoUrl": "v"}})
    wait_for_text(away, f"#{task}", '100 COMPLETED "v"')
    assert viewers_of(asked, "tasks") == before + 1 and site.connections == 0


def test_the_hook_of_tasks_speaks_socket_io_where_it_is_asked_to(away, redis, task):
    away.run(f"show('Task', {{ videoId: '{task}', options: {{ socketIO: true, batch: true }} }})")
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 7})
    wait_for_text(away, f"#{task}", '7 PROCESSING ""')
    sockets = [url for url in away.requests if url.startswith("ws")]
    assert len(sockets) == 1 and "/socket.io/" in sockets[0]


def test_the_other_hooks_ask_that_node_too(away, nodes, site, task):
    away.run(f"show('Job', {{ jobId: '{task}' }})")
    wait_for_text(away, "#job", "connected")
    before = viewers_of(nodes[1], "presence")
    away.run(f"show('People', {{ options: {{ url: 'ws://127.0.0.1:{nodes[1].port}' }} }})")
    wait_for_text(away, "#people", "true")
    assert viewers_of(nodes[1], "presence") == before + 1 and site.connections == 0


def test_the_composable_shows_a_task_from_queued_to_its_end(site, pages, redis, task):
    page = pages(site.url("/test/vue.html"))
    page.run(f"token.value = 'demo-token'; videoId.value = '{task}'; showTask(true)")
    wait_for_text(page, "#task", "0 QUEUED ")
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 45})
    wait_for_text(page, "#task", "45 PROCESSING ")
    redis.fcall(task, {"type": "completed", "result": {"videoUrl": "http://example/v.mp4"}})
    wait_for_text(page, "#task", "100 COMPLETED http://example/v.mp4")
    # Another task begins at nothing, over the same connection.
    page.run(f"videoId.value = '{task}-b'")
    wait_for_text(page, "#task", "0 QUEUED ")
    redis.wait_for_subscribers(f"{task}-b", 1)
    redis.fcall(f"{task}-b", {"progress": 7})
    wait_for_text(page, "#task", "7 PROCESSING ")
    assert site.connections == 1
    page.run("showTask(false)")
    wait_until(lambda: redis.client.pubsub_numsub(f"task:{task}-b")[0][1] == 0, "the node has left the channel")
    assert page.errors == [] and [words for kind, words in page.console if kind == "error"] == []


# presence


@pytest.fixture
def people():
    """Two users that no test has used."""
    name = uuid.uuid4().hex[:8]
    return f"{name}-a", f"{name}-b"


def test_people_are_counted_heard_and_spoken_to(react, nodes, viewers, people):
    me, other = people
    friend = viewers(Presence(nodes[1], jwt(other)))
    show(react, "people", "People", token=jwt(me))
    wait_for_text(react, "#connected", "true")
    heard_of(friend, me, "online")
    wait_for_text(react, "#online", "2")  # the users of earlier tests have gone
    third = viewers(Presence(nodes[0], jwt(f"{me}-c")))
    wait_for_text(react, "#online", "3")

    react.run(f"people.sendMessage('{other}', 'Hello!')")
    chat = friend.receive_type("chat", "user_status")
    while chat["type"] != "chat":
        chat = friend.receive_type("chat", "user_status")
    assert (chat["data"]["from_user_id"], chat["data"]["message"]) == (me, "Hello!")
    react.run("people.setTyping(true, 'post_123')")
    assert friend.receive_type("typing")["data"] == {"user_id": me, "is_typing": True, "context": "post_123"}
    react.run("people.setPresence('away', { device: 'mobile' })")
    presence = friend.receive_type("presence")["data"]
    assert presence == {"user_id": me, "status": "away", "data": {"device": "mobile"}}

    friend.send({"type": "message", "to_user_id": me, "message": "Hi"})
    nodes[0].request("POST", f"/api/v1/users/{me}/notifications", {"notification_type": "new_like"}, key=API_KEY)
    react.wait("['chat', 'notification'].every((type) => people.messages.some((message) => message.type === type))")
    shown = react.run("[...document.querySelectorAll('li')].map((item) => item.textContent)")
    assert shown[0] == "connected" and {"chat", "notification", "user_status"} <= set(shown)

    third.close()
    wait_for_text(react, "#online", "2")
    react.run("hide('people')")
    heard_of(friend, me, "offline")


def test_what_is_said_while_the_line_is_down_is_said_later_but_typing_is_not(react, nodes, site, viewers, people):
    me, other = people
    friend = viewers(Presence(nodes[1], jwt(other)))
    show(react, "people", "People", token=jwt(me), reconnectInterval=100)
    wait_for_text(react, "#connected", "true")
    site.nodes = []
    site.cut()
    wait_for_text(react, "#connected", "false")
    assert react.run("people.setTyping(true)") is False
    assert react.run(f"people.sendMessage('{other}', 'later')") is True
    site.nodes = nodes
    wait_for_text(react, "#connected", "true")
    while (message := friend.receive())["type"] != "chat":
        assert message["type"] == "user_status", message
    assert message["data"]["message"] == "later"


def test_without_a_token_there_is_no_connection(react, site):
    show(react, "people", "People", token=None)
    wait_for_text(react, "#connected", "false")
    assert react.run("people.sendMessage('x', 'y')") is False
    assert site.connections == 0


def test_the_composable_connects_when_mounted_and_closes_when_unmounted(site, pages, nodes, viewers, people):
    me, other = people
    friend = viewers(Presence(nodes[1], jwt(other)))
    page = pages(site.url("/test/vue.html"))
    page.run(f"token.value = '{jwt(me)}'")
    assert site.connections == 0
    page.run("show(true)")
    wait_for_text(page, "#connected", "true")
    wait_for_text(page, "#online", "2")
    third = viewers(Presence(nodes[0], jwt(f"{me}-c")))
    wait_for_text(page, "#online", "3")
    page.run(f"people.sendMessage('{other}', 'Hello!')")
    while (message := friend.receive())["type"] != "chat":
        assert message["type"] == "user_status", message
    friend.send({"type": "message", "to_user_id": me, "message": "Hi"})
    page.wait("[...document.querySelectorAll('li')].some((item) => item.textContent === 'chat')")
    # Another token is another user, over another connection.
    page.run(f"token.value = '{jwt(me + '-d')}'")
    page.wait(f"people.messages.value.some(({{ type, data }}) => type === 'connected' && data.user_id === '{me}-d')")
    page.run("show(false)")
    page.wait("people.isConnected.value === false")
    third.close()
    wait_until(lambda: nodes[0].request(
        "GET", f"/api/v1/status/{me}-d", key=API_KEY).json["online"] is False, "the page's user is offline")
    assert page.errors == [] and [words for kind, words in page.console if kind == "error"] == []
