"""The console in trouble: it explains each problem and the next step, and recovers by itself."""

import time

from harness import Node, RedisServer, wait_until
from test_console import bar, console, row, wait_for_row
from tokens import jwt


def test_a_node_is_killed_and_the_page_heals_on_another(launch, redis, nodes, site, visit, task):
    victim = launch()
    victim.expected_to_die = True
    site.nodes = [victim]
    page = console(visit, site, task)
    redis.fcall(task, {"progress": 10})
    page.wait(f"{row(task)}.querySelector('progress').value === 10")
    victim.kill()
    page.wait_for("The connection is lost: the node does not answer", "#notice")
    page.wait_for("Disconnected", "header")
    page.wait_for("The page connects again by itself.", "#notice")
    page.wait_for("Next attempt in", "#notice")
    page.wait("document.getElementById('announcer').textContent.startsWith('The connection is lost')")
    page.wait_for("The node does not answer. This comes back by itself", "#online-denied")
    assert bar(page, task) == 10  # the last that is known stays in view
    redis.fcall(task, {"progress": 20})
    site.nodes = nodes
    page.wait(f"{row(task)}.querySelector('progress').value === 20")
    page.wait_for("Connected again after", "#notice")
    page.wait_for("Live", "header")
    page.wait("document.getElementById('online-count').textContent === '1'", 30)
    page.wait("document.getElementById('notice').hidden", 30)
    redis.fcall(task, {"progress": 30})
    page.wait(f"{row(task)}.querySelector('progress').value === 30")


def test_nobody_has_to_wait_for_the_next_attempt(launch, redis, nodes, site, visit, task):
    page = console(visit, site, task)
    site.nodes = []
    site.cut()
    page.wait("Number(document.getElementById('notice-next').textContent.match(/in (\\d+) s/)?.[1]) >= 5", 60)
    site.nodes = nodes
    page.click("#retry")
    page.wait_for("Live", "header", 3)


def test_a_dead_node_at_the_door_is_said_at_the_door(site, nodes, visit, task):
    page = visit(site.url(f"/#tasks={task}"))
    site.nodes = []
    page.type(jwt())
    page.press("Enter")
    page.wait_for("Not signed in yet. The connection is lost: the node does not answer", "#sign-in-said")
    page.wait_for("It goes on by itself.", "#sign-in-said")
    site.nodes = nodes
    wait_for_row(page, task, "Nothing has been published")


def test_redis_is_away_and_comes_back(tmp_path, visit, task):
    redis = RedisServer(tmp_path)
    node = Node(tmp_path, redis, "--probe", "300ms").wait_until_ready()
    try:
        page = console(visit, node, task)
        page.wait("document.querySelectorAll('#node-rows tr').length === 1")
        page.wait("document.getElementById('online-count').textContent === '1'")
        redis.fcall(task, {"progress": 10, "estimatedTimeRemaining": 50})
        wait_for_row(page, task, "left")
        redis.pause()
        page.wait_for("Waiting for Redis", "header", 40)
        page.wait_for("page catches up by itself", "#notice")
        # What was last known stays, and looks like it.
        assert float(page.run(f"getComputedStyle({row(task)}.querySelector('progress')).opacity")) < 1
        left = page.run(f"{row(task)}.querySelector('.below').lastChild.textContent")
        page.run("window.asleep = 20 * 1000")
        page.run("new Promise((resolve) => setTimeout(resolve, 1500))")  # two ticks
        assert left.endswith("left")
        assert page.run(f"{row(task)}.querySelector('.below').lastChild.textContent") == left
        for panel in ["#nodes", "#online-body"]:
            page.wait(f"document.querySelector('{panel}').classList.contains('old')", 40)
        page.wait_for("As it was at", "#nodes-denied")
        page.wait_for("As it was at", "#online-denied")
        assert page.run("document.querySelectorAll('#node-rows tr').length") == 1
        assert page.run("document.getElementById('nodes').checkVisibility()")
        assert page.text("#online-count") == "1"
        redis.resume()
        page.wait("document.getElementById('notice').hidden", 40)
        redis.fcall(task, {"progress": 77})
        page.wait(f"{row(task)}?.querySelector('progress').value === 77", 40)
        page.wait_for("Live", "header")
        page.leave()
    finally:
        page.leave = lambda: None
        node.terminate()
        redis.resume()
        redis.kill()


def test_redis_is_away_where_health_is_told_to_operators_only(tmp_path, visit, task):
    redis = RedisServer(tmp_path)
    node = Node(tmp_path, redis, "--probe", "300ms", internal=True).wait_until_ready()
    try:
        page = console(visit, node, task)
        page.wait_for("Live", "header")
        redis.pause()
        page.wait_for("Waiting for Redis", "header", 40)
        page.wait_for("The node says: ", "#notice")
        assert page.run("document.body.classList.contains('stale')")
        redis.resume()
        page.wait_for("Live", "header", 40)
        page.wait("document.getElementById('notice').hidden", 40)
        assert len([url for url in page.requests if url.endswith("/health/ready")]) == 1  # it is not there
        page.leave()
    finally:
        page.leave = lambda: None
        node.terminate()
        redis.resume()
        redis.kill()


def test_every_cause_has_its_own_words(node, visit):
    page = console(visit, node)
    causes = ["starting", "draining", "redis_refused", "redis_refuses_writes", "redis_rights", "redis_commands", "redis_shard", "redis_pubsub", "redis_delivery", "presence"]
    told = page.run(f"""import('/words.js').then(({{ unreadyWords }}) =>
        {causes}.map((cause) => unreadyWords(cause).text))""")
    assert len(set(told)) == len(causes) and not any("The node says" in text for text in told)
    assert [text for text in told if "cannot reach Redis" in text] == [told[causes.index("redis_commands")]]


def test_up_to_date_is_said_after_the_answers_only(site, visit, task):
    page = console(visit, site, task)
    page.run("""{ const send = WebSocket.prototype.send; window.held = [];
        WebSocket.prototype.send = function (text) {
          if (window.held && text.includes('subscribe_task')) held.push(() => send.call(this, text));
          else send.call(this, text);
        }; }""")
    site.cut()
    page.wait("window.held.length === 1")
    page.wait_for("Connected again after", "#notice")
    page.wait_for("Catching up.", "#notice")
    assert "up to date" not in page.reads("#notice")
    page.run("{ const [one] = held; window.held = null; one(); }")
    page.wait_for("Everything is up to date.", "#notice")


def test_a_closed_lid_is_noticed_and_the_page_is_up_to_date(redis, site, nodes, visit, task):
    page = console(visit, site, task)
    redis.fcall(task, {"progress": 10})
    page.wait(f"{row(task)}.querySelector('progress').value === 10")
    site.nodes = []
    site.cut()
    page.wait_for("Disconnected", "header")
    redis.fcall(task, {"progress": 90})
    page.run("window.asleep = 3 * 3600 * 1000")  # the clock has gone on without the page
    site.nodes = nodes
    page.wait(f"{row(task)}.querySelector('progress').value === 90")
    page.wait_for("This page slept from", "#notice")
    page.wait_for("It is connected, and the tasks are up to date", "#notice")


def test_a_browser_without_a_network_is_told_so(site, visit, task):
    page = console(visit, site, task)
    page.network(online=False)
    site.cut()
    page.wait_for("This computer is offline.", "#notice")
    page.network(online=True)
    page.wait_for("Live", "header")
    page.wait("!document.getElementById('notice').innerText.includes('offline')")


def test_a_running_task_without_news_says_since_when(redis, node, visit, task):
    page = console(visit, node, task)
    redis.fcall(task, {"progress": 10, "estimatedTimeRemaining": 30})
    wait_for_row(page, task, "left")
    page.run("window.asleep = 200 * 1000")
    wait_for_row(page, task, "no news for 3 min")


def test_a_token_that_ends_is_announced_and_then_asked_for_anew(node, visit, task):
    page = console(visit, node, task, token=jwt("eve", expires_in=8))
    page.wait_for("Your token ends soon.", "#notice")
    started = time.monotonic()
    # 30 s after the token's end: clocks differ.
    page.wait_for("The node ended this session", "#sign-in-said", 60)
    assert time.monotonic() - started > 20
    assert page.run("sessionStorage.getItem('fantail-token')") is None
    page.fill("#token", jwt("eve"))
    page.press("Enter")
    wait_for_row(page, task, "Nothing has been published")
    wait_until(lambda: page.run("document.getElementById('notice').hidden"), "nothing is left to say")
