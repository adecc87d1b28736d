"""fantail.js in Chromium: its promises when nodes die, connections break, tabs sleep and tokens expire."""

import json
import os
import signal
import threading
import time
import uuid

import pytest

from clients import Presence
from harness import API_KEY, NOT_ONE_STEP, own_keys, wait_until
from tokens import jwt

FOLLOWING = ["jobs", "tasks", "topics"]
# Room in the history for what is published while a browser is away.
NODE_FLAGS = ["--history", "2000"]
LEEWAY = -30  # seconds after its end for which a node still takes a token


@pytest.fixture
def page(site, pages):
    return pages(site.url("/test/plain.html"))


def follow(page, redis, tasks, **options):
    """Follows tasks, and waits until each of them is live: it has received a mark that leaves no trace."""
    page.run(f"follow({json.dumps({'token': 'demo-token', **options})}, {json.dumps(tasks)})")
    page.wait("client.status.state === 'connected'")
    missing = set(tasks)
    deadline = time.monotonic() + 20
    while missing:
        for task in missing:
            redis.publish(task, {"type": "marker"})
        missing -= set(page.run("[...marked]"))
        assert time.monotonic() < deadline, f"these are not followed: {missing}"


def some_tasks(count):
    return [f"{uuid.uuid4().hex[:8]}-{number}" for number in range(count)]


class Worker(threading.Thread):
    """Publishes progress of tasks, each in turn, until told to stop."""

    def __init__(self, redis, tasks, pause=0.004):
        super().__init__(daemon=True)
        self.redis, self.tasks, self.pause = redis, tasks, pause
        self.count, self.stopped = 0, threading.Event()
        self.start()

    def run(self):
        while not self.stopped.is_set():
            for task in self.tasks:
                self.redis.fcall(task, {"progress": self.count % 100})
            self.count += 1
            time.sleep(self.pause)

    def publish_more(self, count):
        target = self.count + count
        wait_until(lambda: self.count >= target, f"{count} more events", 60)

    def finish(self):
        self.stopped.set()
        self.join()
        return self.count


def expect_all(page, tasks, count):
    """Every handler got every event of its task once, in order."""
    try:
        page.wait(f"Object.values(seen).every((one) => one.length >= {count})")
    except AssertionError as error:
        raise AssertionError(f"{error}\nseen: {page.run('seen')}\nstatus: {page.run('changes')}") from None
    page.run("new Promise((done) => setTimeout(done, 300))")  # for what might come twice
    assert page.run("seen") == {task: list(range(1, count + 1)) for task in tasks}


# Nothing missed, nothing twice.


@pytest.mark.parametrize("dialect", FOLLOWING)
def test_a_node_is_killed_while_events_flow(launch, redis, nodes, site, pages, dialect):
    victim = launch()
    victim.expected_to_die = True
    site.nodes = [victim, *nodes]
    page, tasks = pages(site.url("/test/plain.html")), some_tasks(5)
    follow(page, redis, tasks, dialect=dialect)
    worker = Worker(redis, tasks)
    worker.publish_more(50)
    victim.process.send_signal(signal.SIGKILL)
    victim.process.wait()
    page.wait("changes.some(({ state }) => state === 'disconnected') && client.status.state === 'connected'")
    worker.publish_more(50)
    expect_all(page, tasks, worker.finish())
    assert site.connections >= 2
    assert page.run("Object.values(states).map(({ progress }) => progress)") == [(worker.count - 1) % 100] * 5


@pytest.mark.parametrize("dialect", FOLLOWING)
def test_the_line_breaks_again_and_again(redis, site, page, dialect):
    tasks = some_tasks(3)
    follow(page, redis, tasks, dialect=dialect, pauses={"first": 50, "most": 100})
    worker = Worker(redis, tasks)
    for number in range(2, 8):
        worker.publish_more(20)
        site.cut()
        wait_until(lambda: site.connections >= number, "the browser comes back")
    expect_all(page, tasks, worker.finish())


@pytest.mark.parametrize("dialect", FOLLOWING)
@pytest.mark.not_on("cluster", why=NOT_ONE_STEP)
def test_events_that_are_gone_are_counted(redis, page, dialect):
    tasks = some_tasks(1)
    follow(page, redis, tasks, dialect=dialect)
    page.run("window.gone = []; client.onMissed((count, { id }, { type }) => gone.push([count, id, type])); 0")
    redis.fcall(tasks[0], {"progress": 1})
    with redis.client.pipeline() as batch:
        batch.client_kill_filter(_type="pubsub")
        for number in range(5):
            batch.fcall("fantail_publish", *own_keys(f"task:{tasks[0]}"), json.dumps({"type": "log", "n": number}))
        batch.delete(f"ft:{{task:{tasks[0]}}}:h")
        batch.fcall("fantail_publish", *own_keys(f"task:{tasks[0]}"), json.dumps({"type": "log", "n": 5}))
        batch.execute()
    redis.fcall(tasks[0], {"progress": 2})
    page.wait(f"states['{tasks[0]}']?.progress === 2")
    assert page.run("gone") == [[5, tasks[0], "data" if dialect == "topics" else "log"]]


@pytest.mark.parametrize("dialect", FOLLOWING)
def test_a_task_that_begins_while_the_line_is_broken_is_heard_from_its_first_event(redis, site, page, dialect):
    nodes, tasks = site.nodes, some_tasks(2)
    follow(page, redis, tasks, dialect=dialect, pauses={"first": 50, "most": 100})
    site.nodes = []
    site.cut()
    page.wait("client.status.state !== 'connected'")
    for task in tasks:
        for _ in range(3):
            redis.fcall(task, {"progress": 1})
    site.nodes = nodes
    expect_all(page, tasks, 3)


def test_what_happened_before_is_told_as_a_state_once(redis, site, page, task):
    redis.fcall(task, {"progress": 10})
    redis.fcall(task, {"progress": 20, "currentStage": "PLAN", "message": "on it", "estimatedTimeRemaining": 9})
    follow(page, redis, [task], dialect="tasks", pauses={"first": 50, "most": 100})
    page.wait(f"states['{task}']?.progress === 20")
    site.cut()
    wait_until(lambda: site.connections == 2, "the browser comes back")
    page.wait("client.status.state === 'connected'")
    redis.fcall(task, {"progress": 30})
    page.wait(f"states['{task}'].progress === 30")
    assert page.run(f"seen['{task}']") == ["state 2", 3]
    state = page.run(f"states['{task}']")
    assert (state["status"], state["stage"], state["message"], state["remaining"], state["ended"]) == (
        "PROCESSING", "PLAN", "on it", 9, False)


def test_a_new_epoch_is_told_as_a_state_and_the_count_begins_anew(redis, site, page, task):
    for progress in range(5):
        redis.fcall(task, {"progress": progress})
    follow(page, redis, [task], dialect="tasks", pauses={"first": 50, "most": 100})
    page.wait(f"seen['{task}'].length")
    nodes, site.nodes = site.nodes, []
    site.cut()
    redis.client.delete(*redis.client.keys(f"*{task}*"))
    redis.fcall(task, {"progress": 70})
    site.nodes = nodes
    page.wait(f"states['{task}'].progress === 70")
    redis.fcall(task, {"progress": 71})
    page.wait(f"states['{task}'].progress === 71")
    # The new epoch from its beginning, marked, then the state, which says also what was known before it.
    assert page.run(f"seen['{task}']") == ["state 5", "state 1", "state 1", 2]


@pytest.mark.parametrize("dialect", FOLLOWING)
def test_a_hundred_tasks_share_one_connection(redis, site, page, dialect):
    tasks = some_tasks(100)
    follow(page, redis, tasks, dialect=dialect)
    for progress in (10, 20):
        for task in tasks:
            redis.fcall(task, {"progress": progress})
    expect_all(page, tasks, 2)
    assert site.connections == 1


def test_two_watchers_of_a_task_are_one_subscription_and_the_second_is_told_what_is_known(redis, page, task):
    follow(page, redis, [task], dialect="jobs")
    redis.fcall(task, {"progress": 40, "status": "RUNNING"})
    page.wait(f"states['{task}']?.progress === 40")
    page.run(f"window.late = []; window.stop = client.watch('{task}', (state, type) => late.push([type, state.progress]))")
    page.wait("late.length")
    redis.fcall(task, {"progress": 50})
    page.wait("late.length === 2")
    assert page.run("late") == [["state", 40], ["job_status", 50]]
    page.run("stop(); stop()")
    redis.fcall(task, {"progress": 60})
    page.wait(f"states['{task}'].progress === 60")
    assert page.run("late.length") == 2


def test_what_nobody_watches_any_more_is_left(redis, page, task):
    page.run("window.client = fantail.connect({ dialect: 'tasks', token: 'demo-token' })")
    page.run(f"window.left = []; client.on('unsubscribeSuccess', (body) => left.push(body.videoId));"
             f"window.stop = client.watch('{task}', () => {{}})")
    redis.wait_for_subscribers(task, 1)
    page.run("stop()")
    page.wait("left.length")
    assert page.run("left") == [task]


# Closes.


@pytest.mark.parametrize("dialect", ["jobs", "tasks", "presence", "topics"])
def test_a_refused_token_is_not_tried_again(site, page, dialect):
    page.run(f"window.client = fantail.connect({{ dialect: '{dialect}', token: 'wrong' }})")
    page.wait("client.status.state === 'error'")
    status = page.run("client.status")
    assert (status["code"], status["retryAt"], status["refused"]) == (1008, None, True)
    assert "authentication failed" in status["reason"].lower()
    page.run("new Promise((done) => setTimeout(done, 1500))")
    assert site.connections == 1


def test_a_callback_may_have_a_better_token_and_is_asked_once(site, page):
    page.run(f"""window.asked = [];
        window.client = fantail.connect({{ dialect: 'presence', pauses: {{ first: 50, most: 50 }},
            token: (why) => {{ asked.push(why); return why.refused ? '{jwt("nora")}' : 'stale'; }} }})""")
    page.wait("client.status.state === 'connected'")
    assert page.run("asked") == [{"refused": False}, {"refused": True}]
    page.run("""window.asked = [];
        window.client = fantail.connect({ dialect: 'presence', pauses: { first: 50, most: 50 },
            token: async (why) => { asked.push(why); return 'stale'; } })""")
    page.wait("client.status.state === 'error'")
    assert page.run("asked") == [{"refused": False}, {"refused": True}]
    assert site.connections == 3


def test_a_session_of_tasks_is_renewed_before_its_token_ends(site, page):
    tokens = [jwt("vera", expires_in=LEEWAY + 5), jwt("vera", expires_in=3600)]
    page.run(f"""window.asked = []; window.sessions = []; window.tokens = {json.dumps(tokens)};
        window.client = fantail.connect({{ dialect: 'tasks', token: (why) => {{ asked.push(why); return tokens.shift(); }} }});
        client.on('authSuccess', ({{ expiresAt }}) => sessions.push(expiresAt))""")
    page.wait("sessions.length === 2")
    first, second = page.run("sessions")
    assert second - first > 3_000_000
    assert page.run("asked") == [{"refused": False}, {"refused": False, "expiresAt": first}]
    page.run("new Promise((done) => setTimeout(done, 5000))")  # past the first token's end
    assert page.run("client.status.state") == "connected" and site.connections == 1


def test_a_token_that_ends_is_replaced_by_the_callbacks_next(site, page):
    tokens = [jwt("otto", expires_in=LEEWAY + 4), jwt("otto", expires_in=3600)]
    page.run(f"""window.tokens = {json.dumps(tokens)};
        window.client = fantail.connect({{ dialect: 'presence', pauses: {{ first: 50, most: 50 }}, token: () => tokens.shift() }})""")
    page.wait("client.status.state === 'connected'")
    wait_until(lambda: site.connections == 2, "the browser comes back with the new token")
    page.wait("client.status.state === 'connected'")


def test_a_token_callback_that_fails_is_asked_again(page):
    page.run("""window.calls = 0;
        window.client = fantail.connect({ dialect: 'jobs', pauses: { first: 50, most: 50 },
            token: async () => { calls += 1; if (calls < 3) throw new Error('no network'); return 'demo-token'; } });
        window.reasons = []; client.onStatus(({ reason }) => reasons.push(reason))""")
    page.wait("client.status.state === 'connected'")
    assert page.run("calls") == 3 and "no token: no network" in page.run("reasons")


def test_a_node_that_stops_is_left_for_another_within_seconds(launch, redis, site, pages, nodes):
    leaving = launch()
    site.nodes = [leaving]
    page = pages(site.url("/test/plain.html"))
    follow(page, redis, [], dialect="topics")
    site.nodes = nodes
    leaving.terminate()
    page.wait("changes.some(({ code }) => code === 1012)")
    page.wait("client.status.state === 'connected'")
    closed = page.run("changes.find(({ code }) => code === 1012)")
    assert closed["retryAt"] - closed["at"] < 4000


def test_pauses_grow_and_differ(page):
    pauses = page.run("[1, 2, 3, 4, 30].map((n) => [0, 0.5, 1].map((r) => fantail.pauseBefore(n, 1006, () => r)))")
    assert pauses == [
        [250, 375, 500], [500, 750, 1000], [1000, 1500, 2000], [2000, 3000, 4000], [15000, 22500, 30000]]
    assert page.run("[0, 1].map((r) => fantail.pauseBefore(1, 1012, () => r))") == [0, 4000]
    assert page.run("[0, 1].map((r) => fantail.pauseBefore(1, 1013, () => r))") == [5000, 20000]


def test_somebody_who_asks_for_the_end_is_not_brought_back(redis, site, page):
    follow(page, redis, [], dialect="tasks")
    page.run("client.close()")
    assert page.run("client.status.state") == "disconnected" and page.run("client.status.retryAt") is None
    page.run("client.connect()")
    page.wait("client.status.state === 'connected'")
    assert site.connections == 2


# Silence.


def test_a_node_that_hangs_is_noticed_by_its_silence(launch, redis, nodes, site, pages):
    hanging = launch()
    site.nodes = [hanging]
    page, tasks = pages(site.url("/test/plain.html")), some_tasks(2)
    follow(page, redis, tasks, dialect="tasks", heartbeat=200, patience=600, pauses={"first": 50, "most": 100})
    worker = Worker(redis, tasks)
    worker.publish_more(10)
    hanging.process.send_signal(signal.SIGSTOP)
    try:
        site.nodes = nodes
        page.wait("changes.some(({ reason }) => reason === 'the server fell silent')")
        page.wait("client.status.state === 'connected'")
        worker.publish_more(10)
        expect_all(page, tasks, worker.finish())
    finally:
        hanging.process.send_signal(signal.SIGCONT)


def test_a_node_that_hangs_while_it_is_connected_to_is_given_up(launch, nodes, site, page):
    hanging = launch()
    hanging.process.send_signal(signal.SIGSTOP)
    try:
        site.nodes = [hanging]
        page.run("""window.client = fantail.connect(
            { dialect: 'jobs', token: 'demo-token', openPatience: 500, pauses: { first: 50, most: 100 } });
            window.reasons = []; client.onStatus(({ reason }) => reasons.push(reason))""")
        page.wait("reasons.includes('no answer')")
        site.nodes = nodes
        page.wait("client.status.state === 'connected'")
    finally:
        hanging.process.send_signal(signal.SIGCONT)


def test_a_tab_that_slept_keeps_its_connection(browser, launch, redis, site, pages, task):
    node = launch()
    site.nodes = [node]
    page = pages(site.url("/test/plain.html"))
    page.run("localStorage['ws-debug'] = 'true'")
    follow(page, redis, [task], dialect="tasks", heartbeat=300, patience=6000)

    def pings():
        page.run("0")  # takes in what the console has said
        return sum(words.endswith("-> Object") for _, words in page.console)

    # It falls asleep between a heartbeat and the answer, and wakes long after it had wanted that, before its network does.
    node.process.send_signal(signal.SIGSTOP)
    before = pings()
    wait_until(lambda: pings() > before, "a heartbeat is on its way")
    renderers = browser.renderers()
    for pid in renderers:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(8.5)
    for pid in renderers:
        os.kill(pid, signal.SIGCONT)
    before = pings()
    wait_until(lambda: pings() > before + 1, "the heart beats again")
    node.process.send_signal(signal.SIGCONT)
    redis.fcall(task, {"progress": 1})
    page.wait(f"seen['{task}'].length")
    before = pings()
    wait_until(lambda: pings() > before + 2, "the heart beats on")
    assert page.run("changes.map(({ state }) => state)") == ["connecting", "connected"]
    assert renderers and site.connections == 1


# Sending.


def test_what_is_sent_offline_is_sent_later_in_order_and_slowly_enough(nodes, site, page, viewers):
    anna = viewers(Presence(nodes[0], jwt("anna")))
    site.nodes = []
    page.run(f"window.client = fantail.connect({{ dialect: 'presence', token: '{jwt('ben')}', pauses: {{ first: 50, most: 100 }} }})")
    sent = page.run("""Array.from({ length: 501 }, (_, n) =>
        client.send({ type: 'message', to_user_id: 'anna', message: String(n) })).filter((taken) => taken).length""")
    assert sent == 500  # and no more: the queue is bounded
    page.run("client.close()")
    page.run(f"window.client = fantail.connect({{ dialect: 'presence', token: '{jwt('ben')}', pauses: {{ first: 50, most: 100 }} }})")
    page.run("window.states = []; client.onStatus(({ state }) => states.push(state)); client.on('error', () => states.push('!'))")
    page.run("for (let n = 0; n < 130; n += 1) client.send({ type: 'message', to_user_id: 'anna', message: String(n) })")
    site.nodes = nodes
    got = []
    while len(got) < 130:
        message = anna.receive()
        if message["type"] == "chat":
            got.append(message["data"]["message"])
    assert got == [str(number) for number in range(130)]
    assert page.run("states.filter((state) => state === 'connected' || state === '!')") == ["connected"]


def test_a_status_that_is_asked_for_is_told_though_nothing_is_new_and_followed_by_the_next_connection(
        redis, site, page, task):
    redis.fcall(task, {"progress": 10})
    follow(page, redis, [task], dialect="tasks", pauses={"first": 50, "most": 100})
    page.run("window.updates = []; client.on('taskUpdated', (body, { id }) => updates.push([body.progress, id !== undefined]))")
    for count in (1, 2):
        page.run(f"client.send({{ type: 'requestTaskStatus', payload: {{ videoId: '{task}' }} }})")
        page.wait(f"updates.filter(([, asked]) => asked).length === {count}")
    other = some_tasks(1)[0]
    redis.fcall(other, {"progress": 1})
    page.run(f"client.send({{ type: 'requestTaskStatus', payload: {{ videoId: '{other}' }} }})")
    page.wait("updates.some(([progress]) => progress === 1)")
    site.cut()
    wait_until(lambda: site.connections == 2, "the browser comes back")
    page.wait("updates.filter(([progress]) => progress === 1).length === 2")
    redis.fcall(other, {"progress": 2})
    page.wait("updates.some(([progress, asked]) => progress === 2 && !asked)")


@pytest.mark.parametrize("dialect", FOLLOWING)
def test_messages_in_batches_are_taken_apart(redis, page, task, dialect):
    follow(page, redis, [task], dialect=dialect, batch=True)
    with redis.client.pipeline(transaction=True) as pipe:
        for progress in range(20):
            pipe.fcall("fantail_publish", *own_keys(f"task:{task}"), json.dumps({"progress": progress}))
        pipe.execute()
    expect_all(page, [task], 20)


def test_over_socket_io_it_is_the_same_client(redis, site, page):
    tasks = some_tasks(3)
    follow(page, redis, tasks, dialect="tasks", socketIO=True, pauses={"first": 50, "most": 100})
    worker = Worker(redis, tasks)
    worker.publish_more(20)
    site.cut()
    page.wait("changes.some(({ state }) => state === 'disconnected') && client.status.state === 'connected'")
    worker.publish_more(20)
    expect_all(page, tasks, worker.finish())
    page.run("window.refused = fantail.connect({ socketIO: true, token: 'wrong', onGiveUp: ({ code }) => { window.gaveUp = code; } })")
    page.wait("window.gaveUp === 1008")


def test_what_is_to_be_acknowledged_is_and_its_copy_is_dropped(nodes, redis, page):
    topic, user = f"orders-{uuid.uuid4().hex[:8]}", f"u-{uuid.uuid4().hex[:8]}"
    page.run(f"""window.orders = [];
        window.client = fantail.connect({{ dialect: 'topics', token: '{jwt(user)}', clientId: 'c-1' }});
        client.subscribe('{topic}', {{ b: 2, a: 'x' }}, (data) => orders.push(data.n));
        client.on('ack', () => {{ window.subscribed = true; }})""")
    page.wait("window.subscribed")
    for number in (1, 2):
        body = {"type": "data", "data": {"n": number}, "params": {"a": "x", "b": 2}, "ack": True}
        assert nodes[1].request("POST", f"/api/v1/topics/{topic}/messages", body, key=API_KEY).status == 200
    page.wait("orders.length === 2")
    key = f"ft:{{ack:{len(user)}:{user}:c-1}}"
    wait_until(lambda: not redis.client.exists(key), "nothing waits to be acknowledged")
    # Somebody who did not acknowledge, and comes back: the copy is acknowledged too, and told to nobody twice.
    assert page.run("orders") == [1, 2]


# The small classes for pages of jobs and of topics, and looking on.


def test_the_class_of_topics(nodes, page):
    topic = f"orders-{uuid.uuid4().hex[:8]}"
    page.run(f"""window.got = [];
        window.ws = new fantail.WsClient({{ token: 'demo-token', clientId: 'client_1', protocol: '1.0' }});
        for (const type of Object.values(fantail.MessageType)) ws.on(type, (data) => got.push([type, data]));
        ws.send(fantail.MessageType.SUBSCRIBE, {{ topic: '{topic}' }})""")
    page.wait("got.some(([type]) => type === 'ack')")
    nodes[1].request("POST", f"/api/v1/topics/{topic}/messages", {"type": "notification", "data": {"title": "T"}}, key=API_KEY)
    page.wait("got.some(([type]) => type === 'notification')")
    got = page.run("got")
    assert [kind for kind, _ in got] == ["connect", "ack", "notification"]
    assert got[0][1]["clientId"] == "client_1" and got[2][1]["title"] == "T"


def test_the_class_of_topics_is_told_of_a_bad_token_in_both_ways(page):
    page.run("""window.codes = [];
        window.ws = new fantail.WsClient({ token: 'wrong', clientId: 'c', protocol: '1.0' });
        ws.on('error', ({ code }) => codes.push(code))""")
    page.wait("ws.status.state === 'error'")
    assert page.run("codes") == [40100, page.run("fantail.WsErrorCode.AUTH_FAILED")]


def test_the_class_of_jobs(redis, site, page, task):
    page.run(f"""window.got = []; window.retries = 0;
        window.ws = new fantail.WebSocketClient('{task}', 'demo-token', {{ pauses: {{ first: 50, most: 100 }} }});
        ws.handleMessage = (message) => got.push(message.type);
        ws.handleReconnect = () => {{ retries += 1; }};
        ws.connect()""")
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"progress": 1})
    page.wait("got.includes('job_status')")
    site.cut()
    page.wait("retries === 1 && ws.connectionStatus === 'connected' && ws.reconnectAttempts === 0")
    redis.fcall(task, {"type": "stage", "stage": "PLAN", "nextStage": "OUTLINE"})
    page.wait("got.includes('stage_completed')")
    page.run("ws.disconnect()")
    assert page.run("ws.connectionStatus") == "disconnected"
    assert page.run("got") == ["connection_established", "job_status", "connection_established", "stage_completed"]


def test_debugging_is_turned_on_in_the_browser_and_shows_no_token(redis, page, task):
    follow(page, redis, [task], dialect="tasks")
    page.run("client.close()")
    assert page.console == []
    page.run("localStorage['ws-debug'] = 'true'")
    follow(page, redis, [task], dialect="tasks")
    page.wait("true")
    said = [words for kind, words in page.console if kind == "debug"]
    assert any(" -> " in words for words in said) and any(" <- " in words for words in said), said
    assert not any("demo-token" in words for words in said)


def test_a_handler_that_throws_takes_nobody_with_it(redis, page, task):
    follow(page, redis, [task], dialect="tasks")
    page.run("client.on('taskProgress', () => { throw new Error('mine'); })")
    page.run("client.on('taskProgress', () => { window.later = true; })")
    redis.fcall(task, {"progress": 1})
    page.wait("window.later")
    assert any("a handler threw" in words for kind, words in page.console if kind == "error") and page.errors == []


# The parts by themselves.


def test_a_place_admits_each_event_once_and_begins_anew_with_an_epoch(page):
    said = page.run("""(() => {
        const place = new fantail.Place();
        const positions = [place.position];
        place.begin({ epoch: 'e', sequence: 4 });
        positions.push(place.position);
        const admitted = [
            place.admit('taskUpdated', { epoch: 'e', sequence: 4, snapshot: true }),
            place.admit('taskProgress', { epoch: 'e', sequence: 4, snapshot: true }),
            place.admit('taskProgress', { sequence: 5 }), place.admit('taskUpdated', { sequence: 5 }),
            place.admit('taskProgress', { sequence: 5 }), place.admit('taskUpdated', { sequence: 5 }),
            place.admit('taskProgress', { sequence: 3 }), place.admit('taskProgress', {}), place.admit('taskProgress'),
            place.admit('taskProgress', { epoch: 'f', sequence: 1, snapshot: true }),
            place.admit('taskProgress', { sequence: 1 }), place.admit('taskProgress', { sequence: 9 }),
        ];
        positions.push(place.position);
        return { admitted, positions };
    })()""")
    assert said["admitted"] == [True, True, True, True, False, False, False, True, True, True, False, True]
    assert said["positions"] == [{}, {}, {"epoch": "f", "sequence": 9}]


def test_a_place_is_claimed_only_when_something_has_followed_the_answer(page):
    positions = page.run("""(() => {
        const places = [1, 2, 3, 4].map(() => new fantail.Place());
        places[0].begin({ epoch: 'e', sequence: 4 }); places[0].settle();
        places[1].begin({ epoch: 'e', sequence: 4 }); places[1].unsettle(); places[1].settle();
        places[2].begin({}); places[2].settle();
        places[2].begin({ epoch: 'e', sequence: 7, recovered: true }); places[2].admit('taskProgress', { sequence: 1 });
        places[3].begin({ epoch: 'e', sequence: 4 }); places[3].settle();
        places[3].begin({ epoch: 'f', sequence: 2, recovered: false }); places[3].settle();
        return places.map(({ position }) => position);
    })()""")
    assert positions == [
        {"epoch": "e", "sequence": 4}, {}, {"epoch": "e", "sequence": 1}, {"epoch": "f", "sequence": 2}]


def test_a_task_reads_the_same_in_every_dialect(page):
    states = page.run("""(() => {
        const begun = fantail.unknownTask('t');
        const read = (...messages) => messages.reduce((state, [type, body]) => fantail.readTask(state, type, body), begun);
        return [
            read(['job_status', { status: 'RUNNING', progress: 45, currentStage: 'B', completedStages: ['A'] }]),
            read(['taskProgress', { status: 'PROCESSING', progress: 45, currentStep: 'B', completedStages: ['A'] }]),
            read(['status', { status: 'processing', progress: 45, currentStage: 'A' }],
                ['data', { type: 'stage', stage: 'A', nextStage: 'B' }]),
            read(['stage_completed', { stage: 'A', nextStage: 'B' }], ['taskProgress', { status: 'PROCESSING', progress: 45 }]),
            read(['taskCompleted', { status: 'completed', result: { videoUrl: 'u' } }]),
            read(['taskUpdated', { status: 'COMPLETED', progress: 100, videoUrl: 'u', result: { videoUrl: 'u' } }]),
            read(['job_error', { error: 'why' }], ['job_status', { status: 'RUNNING', progress: 7 }]),
            read(['taskFailed', { error: { code: 'X', message: 'why' } }]), read(['taskProgress', { progress: 900 }]),
        ].map(({ status, progress, stage, completedStages, videoUrl, error, ended }) =>
            [status, progress, stage, completedStages.join(), videoUrl, error, ended]);
    })()""")
    running = ["PROCESSING", 45, "B", "A", None, None, False]
    assert states == [
        running, running, running, running,
        ["COMPLETED", 100, None, "", "u", None, True], ["COMPLETED", 100, None, "", "u", None, True],
        ["PROCESSING", 7, None, "", None, None, False], ["FAILED", 0, None, "", None, "why", True],
        [None, 100, None, "", None, None, False]]
