"""The console in Chromium: its contents, for each kind of user."""

import re
import signal
import subprocess

import pytest

from clients import Presence
from harness import API_KEY
from tokens import jwt

ALL = "publish admin tasks:*"


def console(visit, place, *tasks, token=None, scope=ALL):
    """The console of a node, or of a site in front of nodes, signed in."""
    address = place.url("/").replace("ws://", "http://")
    page = visit(f"{address}#tasks={','.join(tasks)}&token={token or jwt('ana', scope=scope, username='Ana')}")
    page.wait_for("Tasks")
    for task in tasks:
        page.wait(f"{row(task)}?.dataset.phase !== 'asked'")
    return page


def row(task):
    """The element that shows a task."""
    return f"[...document.querySelectorAll('.task')].find((one) => one.querySelector('h3').textContent === '{task}')"


def wait_for_row(page, task, words):
    page.wait(f"{row(task)}?.innerText.replace(/\\s+/g, ' ').includes({words!r})")


def bar(page, task):
    return page.run(f"{row(task)}.querySelector('progress').value")


# Signing in.


def test_somebody_signs_in_and_watches_a_task_with_the_keyboard_alone(redis, node, visit, task):
    page = visit(node.url("/").replace("ws://", "http://"))
    assert page.focused() == "token"
    page.type(jwt("ana", username="Ana"))
    page.press("Enter")
    page.wait_for("Ana", "header")
    page.wait_for("Live", "header")
    page.wait("document.activeElement.id === 'task-id'")
    page.type(task)
    page.press("Enter")
    wait_for_row(page, task, "Nothing has been published to this task yet")
    redis.fcall(task, {"progress": 45})
    page.wait(f"{row(task)}.querySelector('progress').value === 45")
    page.press("Tab")
    page.press("Tab")  # past Watch
    assert page.focused() == f"Stop watching {task}"
    page.press("Enter")
    page.wait("!document.querySelector('.task')")
    assert page.focused() == "task-id"


@pytest.mark.parametrize("token, words", [
    ("garbage", "it is not a whole JWT"),
    (jwt(expires_in=-3600), "it ended at"),
    (jwt(secret="x" * 40), "authentication failed"),
    (jwt("a b"), "authentication failed"),
])
def test_a_wrong_token_is_refused_in_words(node, visit, token, words):
    page = visit(node.url("/").replace("ws://", "http://"))
    page.type(token)
    page.press("Enter")
    page.wait_for("The node refuses this token", "#sign-in-said")
    said = page.reads("#sign-in-said")
    assert words in said.lower().replace("jwt", "JWT")
    assert "get a fresh one" in said  # what to do next
    assert page.run("document.getElementById('console-page').hidden && sessionStorage.length === 0")
    page.fill("#token", jwt())  # and a good one helps
    page.press("Enter")
    page.wait_for("Tasks")


def test_no_token_at_all_is_asked_for(node, visit):
    page = visit(node.url("/").replace("ws://", "http://"))
    page.press("Enter")
    page.wait_for("Paste a token first.", "#sign-in-said")


def test_a_token_in_the_address_signs_in_and_leaves_the_address(node, visit, task):
    page = console(visit, node, task)
    assert page.run("location.hash") == f"#tasks={task}"
    page.call("Page.reload")
    page.wait_for("Live", "header")  # this tab remembers it
    page.click("#sign-out")
    page.wait_for("Sign in")
    page.call("Page.reload")
    page.wait_for("Sign in")
    assert page.run("sessionStorage.length") == 0


def test_the_demo_token_may_look_and_is_told_what_it_may_not_do(redis, node, visit, task):
    page = visit(node.url(f"/#tasks={task}").replace("ws://", "http://"))
    page.click("#demo")
    wait_for_row(page, task, "Nothing has been published")
    redis.fcall(task, {"progress": 5})
    page.wait(f"{row(task)}.querySelector('progress').value === 5")
    page.wait_for("demo", "#online-users")
    page.wait_for("lacks the scope admin", "#nodes-denied")
    page.wait_for("The demo token may look at everything, and do nothing.", "#publish-denied")
    page.wait("document.getElementById('publish').hidden")


def test_the_address_that_a_development_node_prints_signs_in(node, visit):
    page = visit(re.search(rf"http://localhost:{node.port}/#token=[\w.-]+", node.log)[0])
    page.wait_for("demo", "header")
    page.wait("document.querySelectorAll('#node-rows tr').length >= 2")  # so it may see them
    assert page.run("location.hash") == ""


# Tasks.


def test_progress_moves_as_it_is_published(redis, node, visit, task):
    page = console(visit, node, task)
    redis.fcall(task, {"progress": 12.7, "currentStage": "OUTLINE", "completedStages": ["PLAN"], "message": "frame 12",
                       "estimatedTimeRemaining": 80})
    for words in ["Running", "12%", "PLAN OUTLINE", "frame 12", "about 1 min", "left"]:
        wait_for_row(page, task, words)
    assert bar(page, task) == 12.7
    redis.publish(task, {"progress": 40, "message": "<img src=x onerror=alert(1)>"})
    wait_for_row(page, task, "<img src=x onerror=alert(1)>")  # text stays text
    redis.fcall(task, {"type": "stage", "stage": "OUTLINE", "nextStage": "STORYBOARD"})
    wait_for_row(page, task, "PLAN OUTLINE STORYBOARD")
    assert page.run(f"[...{row(task)}.querySelectorAll('.done')].map((one) => one.textContent)") == ["PLAN", "OUTLINE"]
    assert page.run(f"{row(task)}.querySelector('[aria-current=step]').textContent") == "STORYBOARD"
    page.wait("document.title === '1 running – Fantail'")
    redis.fcall(task, {
        "type": "completed", "result": {"videoUrl": "https://example.com/a.mp4"}, "metrics": {"totalTime": 125}})
    for words in ["Completed", "100%", "took 2 min 5 s"]:
        wait_for_row(page, task, words)
    assert page.run(f"{row(task)}.querySelector('a').href") == "https://example.com/a.mp4"
    page.wait(f"document.getElementById('announcer').textContent === '{task} completed'")


def test_only_addresses_of_the_web_become_links(redis, node, visit, task):
    redis.fcall(task, {"type": "completed", "result": {"videoUrl": "javascript:alert(1)"}})
    page = console(visit, node, task)
    wait_for_row(page, task, "Completed")
    assert page.run(f"{row(task)}.querySelector('a').hidden && !{row(task)}.querySelector('a').href")


def test_a_failure_says_why(redis, node, visit, task):
    page = console(visit, node, task)
    redis.fcall(task, {"progress": 70})
    redis.fcall(task, {"type": "failed", "error": {"code": "OOM", "message": "out of memory", "retryable": True}})
    for words in ["Failed", "70%", "out of memory"]:
        wait_for_row(page, task, words)
    page.wait(f"document.getElementById('announcer').textContent === '{task} failed: out of memory'")


def test_many_tasks_share_one_connection_and_the_next_visit_remembers_them(redis, site, visit, task):
    tasks = [f"{task}-{number}" for number in range(5)]
    page = console(visit, site)
    page.fill("#task-id", " ".join(tasks))
    page.press("Enter")
    for number, one in enumerate(tasks):
        wait_for_row(page, one, "Nothing has been published")
        redis.fcall(one, {"progress": number})
        page.wait(f"{row(one)}.querySelector('progress').value === {number}")
    assert site.connections == 1
    page.wait_for("5 running", "#task-summary")
    page.call("Page.navigate", url=site.url("/?again"))  # no task is named here
    page.wait("document.querySelectorAll('.task[data-phase=running]').length === 5")
    redis.fcall(tasks[0], {"type": "completed"})
    page.wait_for("1 completed", "#task-summary")
    page.click("#remove-ended")
    page.wait("document.querySelectorAll('.task').length === 4")
    assert tasks[0] not in page.run("location.hash")


def test_what_is_no_id_is_said_where_it_was_typed(node, visit):
    page = console(visit, node)
    page.fill("#task-id", "good ba{d}")
    page.press("Enter")
    page.wait_for("“ba{d}” is not a task’s id", "#add-said")
    assert page.run("document.getElementById('task-id').getAttribute('aria-invalid')") == "true"
    assert page.run("document.querySelectorAll('.task').length") == 0


def test_the_history_of_a_task_opens_and_follows(redis, node, visit, task):
    redis.fcall(task, {"progress": 1})
    page = console(visit, node, task)
    page.run(f"{row(task)}.querySelector('details').open = true")
    wait_for_row(page, task, '#1 {"progress":1}')
    redis.fcall(task, {"progress": 2})
    for words in ["2 events, 1 viewer now", '#2 {"progress":2}', '#1 {"progress":1}']:
        wait_for_row(page, task, words)


def test_tasks_of_ones_own_are_offered(redis, node, visit, task):
    page = console(visit, node)
    node.post(task, {"progress": 3, "owner": "ana"})
    page.wait_for(task, "#offers")
    page.click("#offers button")
    page.wait(f"{row(task)}?.querySelector('progress').value === 3")
    page.wait("document.getElementById('offers').hidden")


# The other panels.


def test_who_is_online_follows_who_comes_and_goes(node, nodes, visit, viewers, task):
    page = console(visit, node)
    page.wait("document.getElementById('online-count').textContent === '1'")
    first, second = (Presence(nodes[1], jwt("zoe")) for _ in range(2))
    viewers(first), viewers(second)
    page.wait_for("2 connections", "#online-users")
    assert re.search(r"2\s+users", page.reads(".figure"))
    assert "now 2," in page.run("document.getElementById('online-plot').getAttribute('aria-label')")
    first.close(), second.close()
    page.wait("document.getElementById('online-count').textContent === '1'")


def test_a_few_users_are_shown_at_first_and_the_rest_when_asked(node, visit, viewers):
    for number in range(20):
        viewers(Presence(node, jwt(f"user-{number:02}"), max_queue=None))
    page = console(visit, node)
    page.wait_for("more", "#online-more")
    page.wait("document.getElementById('online-count').textContent === '21'")
    assert page.run("document.querySelectorAll('#online-users li').length") == 12
    page.wait("document.getElementById('online-more').textContent === 'and 9 more'")
    page.click("#online-more")
    page.wait("document.querySelectorAll('#online-users li').length === 21")
    page.wait_for("user-19", "#online-users")
    page.wait("document.getElementById('online-more').textContent === 'Show fewer'")
    page.click("#online-more")
    page.wait("document.querySelectorAll('#online-users li').length === 12")


def test_events_are_counted_by_the_second(redis, node, visit, task):
    page = console(visit, node, task)
    for number in range(30):
        redis.fcall(task, {"progress": number})
    page.wait_for("30 events since", "#event-caption")
    page.wait("document.querySelectorAll('#event-plot path').length > 0")
    assert re.search(r"most [1-9]", page.run("document.getElementById('event-plot').getAttribute('aria-label')"))


def test_every_node_is_listed_also_one_that_falls_silent_and_comes_back(launch, nodes, node, visit):
    other = launch("--node-id", "the-other")
    page = console(visit, node)
    page.wait("document.querySelectorAll('#node-rows tr').length >= 3")
    page.wait_for("the-other", "#nodes")
    other.process.send_signal(signal.SIGSTOP)
    try:
        page.wait_for("its users are counted out", "#nodes")
        page.wait_for("gone since", "#nodes")
    finally:
        other.process.send_signal(signal.SIGCONT)
    page.wait("!document.getElementById('nodes').innerText.includes('gone since')")
    page.wait_for("the-other", "#nodes")


def test_nodes_that_are_listed_elsewhere_are_said_to_be(launch, visit):
    page = console(visit, launch(internal=True))
    page.wait_for("on the operators’ port only (--internal-port), at /api/v1/nodes", "#nodes-denied")


def test_a_test_event_is_published_and_its_fate_is_told(redis, node, visit, task):
    page = console(visit, node, task)
    page.wait(f"document.getElementById('publish-task').value === '{task}'")
    publish = "document.getElementById('publish').requestSubmit()"
    page.run(publish)
    heard = "1 loop got it." if redis.masters_count == 1 else ""  # a cluster counts at one of its servers only
    page.wait_for(f"Published to {task} as number 1; {heard}", "#publish-said")
    page.wait(f"{row(task)}.querySelector('progress').value === 45")
    page.choose("#publish-kind", "completed")
    page.run(publish)
    page.wait_for("as number 2", "#publish-said")
    wait_for_row(page, task, "Completed")
    page.choose("#publish-kind", "progress")
    page.run(publish)
    page.wait_for("This task has ended, so nothing was published.", "#publish-said")
    page.choose("#publish-kind", "restart")
    page.run(publish)
    wait_for_row(page, task, "begun again")
    page.fill("#publish-json", "[1]")
    page.run(publish)
    page.wait_for("An event is one JSON object", "#publish-said")
    assert redis.fcall(task, {"progress": 1}) == 4  # so the refused two were none


def test_the_shell_line_does_what_the_form_does(redis, node, visit, task):
    page = console(visit, node)
    page.fill("#publish-task", task)
    page.fill("#publish-json", """{"progress":7,"message":"it's"}""")
    line = page.run("document.getElementById('publish-shell').textContent")
    keys = f"'ft:{{task:{task}}}:m' 'ft:{{task:{task}}}:h'"
    assert line == f"""redis-cli -c FCALL fantail_publish 2 {keys} '{{"progress":7,"message":"it'\\''s"}}'"""
    done = subprocess.run(
        ["sh", "-c", line.replace("redis-cli", f"redis-cli -p {redis.port}")], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and done.stdout.split()[1] == "1", done
    assert node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["message"] == "it's"


# Rights.


def test_what_a_token_may_not_see_is_said_in_its_place(redis, launch, visit, task):
    node = launch("--watch", "claims")
    mine, other = f"{task}-mine", f"{task}-other"
    for one in [mine, other]:
        redis.fcall(one, {"progress": 9})
    page = console(visit, node, mine, other, token=jwt("ben", tasks=[mine]))
    page.wait(f"{row(mine)}.querySelector('progress').value === 9")
    wait_for_row(page, other, "This token may not watch this task")
    assert "9%" not in page.run(f"{row(other)}.innerText")
    page.wait_for("Not for this token: it lacks the scope admin.", "#nodes-denied")
    page.wait_for("Not for this token: it lacks the scope publish.", "#publish-denied")
    assert page.run("document.getElementById('publish').hidden && document.getElementById('nodes').hidden")
    page.wait("document.getElementById('online-count').textContent === '1'")  # which it may see


def test_an_administrator_ends_a_session(node, visit, task):
    page = console(visit, node, task, token=jwt("ben"))
    page.run("""window.announced = [];
        new MutationObserver(() => announced.push(document.getElementById('announcer').textContent))
            .observe(document.getElementById('announcer'), { childList: true, characterData: true, subtree: true })""")
    node.request("DELETE", "/api/v1/users/ben/connections", key=API_KEY)
    page.wait_for("The node ended this session", "#sign-in-said")
    # A screen reader is told that, and nothing of a connection that would come back.
    page.run("new Promise((resolve) => setTimeout(resolve, 300))")
    assert page.text("#announcer") == "" and [words for words in page.run("announced") if words] == []
    page.fill("#token", jwt("ben"))
    page.press("Enter")
    wait_for_row(page, task, "Nothing has been published")  # the tasks stayed in view
