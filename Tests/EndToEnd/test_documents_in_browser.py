"""The clients and messages of the interface documents in a real browser, unchanged, against a real node."""

import json
import signal
import uuid

import pytest

from clients import Presence
from harness import API_KEY, ROOT, wait_until
from tokens import jwt

EXAMPLES = json.loads((ROOT / "Tests/Examples/messages.json").read_text())


def examples(dialect, section):
    """The documents' messages as text, one a line."""
    return [json.dumps(message, separators=(",", ":")) for message in EXAMPLES[dialect][section]]


def from_client(dialect):
    return examples(dialect, "client_to_server")


def from_server(dialect):
    return examples(dialect, "server_to_client")


def kind(value):
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def has_shape(message, example):
    """Whether every field of the example is present and of the same kind; a null may be anything."""
    if example is None:
        return True
    if kind(message) != kind(example):
        return False
    return not isinstance(example, dict) or all(
        name in message and has_shape(message[name], value) for name, value in example.items())


@pytest.fixture(scope="module")
def nodes(launch):
    return [launch("--ws-heartbeat-interval", "500")]


@pytest.fixture
def page(site, pages):
    return pages(site.url("/test/documents.html"))


def open_socket(page, name, path):
    page.run(f"open_socket('{name}', {json.dumps(path)})")


def say(page, name, *messages):
    for message in messages:
        page.run(f"say('{name}', {json.dumps(message)})")


def expect(page, wanted, *sockets):
    """Every documented message arrives on one of the sockets, in its shape."""
    def missing():
        got = page.run("got")
        came = [message for name in sockets for message in got[name]]
        return [one for one in wanted if not any(has_shape(message, json.loads(one)) for message in came)]

    try:
        wait_until(lambda: not missing(), "every message of the document has come")
    except AssertionError:
        raise AssertionError(f"never came: {missing()}\nthese did: {page.run('got')}") from None


# Every message, word for word.


def test_every_message_of_jobs(page, redis):
    open_socket(page, "stranger", "/ws?token=wrong")
    open_socket(page, "jobs", "/ws?token=demo-token")
    join, leave, ping = from_client("jobs")
    say(page, "jobs", join, ping)
    redis.wait_for_viewers("job-123", 1)
    for one in ("job_status", "stage_completed", "job_error"):  # workers that speak the clients' shape
        redis.fcall("job-123", next(text for text in from_server("jobs") if f'"{one}"' in text))
    expect(page, from_server("jobs"), "stranger", "jobs")
    page.wait("ended.stranger === 1008")
    say(page, "jobs", leave)
    wait_until(lambda: redis.client.pubsub_numsub("task:job-123")[0][1] == 0, "the room is left")


def test_every_message_of_tasks(page, redis):
    wanted = from_server("tasks")
    auth, subscribe, unsubscribe, status, statuses, ping = from_client("tasks")
    open_socket(page, "stranger", "/ws")
    say(page, "stranger", auth.replace("JWT", "wrong"))
    open_socket(page, "tasks", "/ws")
    say(page, "tasks", auth.replace("JWT", jwt("admin")), subscribe, ping.replace("}", ',"id":"p-1"}'))
    redis.wait_for_viewers("video_xxx", 1)
    published = [next(text for text in wanted if f'"{one}"' in text) for one in ("taskProgress", "taskFailed", "taskCompleted")]
    for event in published:
        redis.fcall("video_xxx", event)
    expect(page, published, "tasks")
    say(page, "tasks", status, statuses, unsubscribe, subscribe.replace('"videoId":"video_xxx"', ""))
    expect(page, wanted, "stranger", "tasks")
    page.wait("ended.stranger === 1008")


def test_every_message_of_presence(page, nodes):
    wanted, said = from_server("presence"), from_client("presence")
    open_socket(page, "me", f"/api/v1/ws?token={jwt('123', username='username')}")
    page.wait("got.me.some(({ type }) => type === 'connected')")
    open_socket(page, "john", f"/api/v1/ws?token={jwt('456', username='John')}")
    page.wait("got.john.some(({ type }) => type === 'connected')")
    say(page, "john", *[text.replace('"to_user_id":456', '"to_user_id":123') for text in said])
    say(page, "me", *said, '{"type":"typing"}')
    notification = json.loads(next(text for text in wanted if '"notification"' in text))
    body = {"notification_type": "new_follower", "data": notification["data"]}
    assert nodes[0].request("POST", "/api/v1/users/123/notifications", body, key=API_KEY).status == 202
    expect(page, wanted, "me")
    # Presence and typing never come back to who says them; the chat went to its one receiver.
    assert page.run("got.me.filter(({ type }) => type === 'chat').map(({ data }) => data.from_user_id)") == [456]
    assert page.run("got.me.every(({ type, data }) => type !== 'typing' || data.user_id === 456)")


def test_every_message_of_topics(page, launch, site):
    leaving = launch()
    site.nodes = [leaving]
    wanted = from_server("topics")
    subscribe, ack, heartbeat, unsubscribe = from_client("topics")
    open_socket(page, "stranger", "/api/v1/ws?token=wrong&clientId=c&protocol=1.0")
    open_socket(page, "topics", "/api/v1/ws?token=demo-token&clientId=client_123&protocol=1.0")
    say(page, "topics", subscribe)
    page.wait("got.topics.some(({ type }) => type === 'ack')")
    for kind_, example in [("notification", "notification"), ("status", "status"), ("data", "data")]:
        data = json.loads(next(text for text in wanted if text.startswith(f'{{"type":"{example}"')))["data"]
        body = {"type": kind_, "data": data, "params": {"orderId": "ORDER_123"}}
        assert leaving.request("POST", "/api/v1/topics/order_updates/messages", body, key=API_KEY).status == 200
    say(page, "topics", ack, heartbeat)
    page.wait("['data', 'heartbeat'].every((wanted) => got.topics.some(({ type }) => type === wanted))")
    say(page, "topics", unsubscribe)
    page.wait("got.topics.some(({ type, data }) => type === 'ack' && data.messageId === 'c-2')")
    leaving.terminate()
    expect(page, wanted, "stranger", "topics")
    page.wait("ended.stranger === 1008 && ended.topics === 1012")


# The clients.


def test_the_class_of_jobs_comes_back_to_the_latest_status(page, launch, redis, site, nodes, task):
    victim = launch()
    victim.expected_to_die = True
    site.nodes = [victim, *nodes]
    redis.fcall(task, {"status": "RUNNING", "currentStage": "PLAN"})
    page.run(f"window.client = new WebSocketClient('{task}'); client.connect()")
    page.wait("client.seen.length === 1")
    redis.fcall(task, {"type": "stage", "stage": "PLAN", "nextStage": "OUTLINE"})
    page.wait("client.seen.length === 2")
    victim.process.send_signal(signal.SIGKILL)
    victim.process.wait()
    redis.fcall(task, {"status": "RUNNING", "currentStage": "OUTLINE", "progress": 50})
    page.wait("client.seen.length === 3")
    assert page.run("client.reconnectAttempts") == 0
    redis.fcall(task, {"type": "failed", "error": "Stage execution failed"})
    page.wait("client.seen.length === 4")
    assert page.run("client.seen") == [
        ["RUNNING", "PLAN", 0], ["stage", "PLAN", "OUTLINE"], ["RUNNING", "OUTLINE", 1],
        ["error", "STAGE EXECUTION FAILED", "OUTLINE"]]
    page.run("client.disconnect()")


def test_the_class_of_jobs_with_a_bad_token_is_borne(page, site):
    page.run("window.client = new WebSocketClient('j', 'wrong'); client.reconnectInterval = 50; client.connect()")
    wait_until(lambda: site.connections >= 8, "it comes back for ever")  # it resets its counter on open
    page.run("client.disconnect()")


def test_the_hook_of_tasks_shows_progress_and_the_end(page, redis, task):
    redis.fcall(task, {"progress": 10})
    page.run(f"show('Task', {{ videoId: '{task}', token: '{jwt('admin')}' }})")
    page.wait(f"document.getElementById('{task}').textContent === '10 PROCESSING '")
    redis.fcall(task, {"progress": 45, "status": "PROCESSING", "message": "rendering"})
    page.wait(f"document.getElementById('{task}').textContent === '45 PROCESSING '")
    redis.fcall(task, {"type": "completed", "result": {"videoUrl": "http://example/xxx.mp4"}})
    page.wait(f"document.getElementById('{task}').textContent === '100 completed http://example/xxx.mp4'")


def test_the_hook_of_tasks_reads_into_a_failure_without_looking(page, redis, task):
    page.run(f"show('Task', {{ videoId: '{task}', token: '{jwt('admin')}' }})")
    redis.wait_for_subscribers(task, 1)
    redis.fcall(task, {"type": "failed", "error": "out of luck"})
    page.wait(f"document.getElementById('{task}').textContent === '0 failed: out of luck '")
    assert page.errors == []


def test_the_list_of_tasks_is_refreshed_and_says_what_is_complete(page, redis):
    one, two = (f"video_{uuid.uuid4().hex[:8]}" for _ in range(2))
    redis.fcall(one, {"progress": 10})
    redis.fcall(two, {"progress": 20})
    page.run(f"show('TaskList', {{ videoIds: ['{one}', '{two}'], token: '{jwt('admin')}' }})")
    page.wait(f"document.getElementById('{one}')?.textContent === 'PROCESSING 10 null'")
    page.wait(f"document.getElementById('{two}').textContent === 'PROCESSING 20 null'")
    redis.fcall(two, {"type": "completed", "result": {"videoUrl": "http://example/2.mp4"}})
    page.run("document.querySelector('button').click()")
    page.wait(f"document.getElementById('{two}').textContent === 'COMPLETED 100 http://example/2.mp4'")
    assert page.text("#notice") == f"{two} is complete"


def test_the_hook_of_presence_counts_speaks_and_comes_back(page, site, nodes, viewers):
    names = [uuid.uuid4().hex[:8] for _ in range(3)]
    page.run(f"window.one = new People('{jwt(names[0])}', {{ heartbeat: 200, pause: 100 }})")
    page.wait("one.messages.length")
    page.run(f"window.two = new People('{jwt(names[1])}')")
    # The users of earlier tests go within seconds; then both count the same two.
    page.wait("one.onlineCount === 2 && two.onlineCount === 2 && one.pongs > 2")
    friend = viewers(Presence(nodes[0], jwt(names[2])))
    page.wait("one.onlineCount === 3")
    site.nodes = []
    site.cut()
    page.wait("one.ws.readyState === WebSocket.CLOSED")
    page.run(f"one.send({{ type: 'message', to_user_id: '{names[2]}', message: 'later' }})")
    site.nodes = nodes
    while (message := friend.receive_type("chat", "user_status"))["type"] != "chat":
        pass
    assert message["data"]["message"] == "later" and message["data"]["from_user_id"] == names[0]
    page.run("[one, two].forEach(({ ws }) => ws.close(1000))")


def test_the_class_of_topics_beats_and_tells_copies(page, nodes):
    topic = f"orders-{uuid.uuid4().hex[:8]}"
    page.run(f"""window.orders = []; window.client = new WsClient(
        {{ token: '{jwt('olga')}', clientId: 'client_1', protocol: '1.0' }}, {{ heartbeat: 200, patience: 15000 }});
        client.on('connect', () => client.send('subscribe', {{ topic: '{topic}' }}));
        client.on('ack', ({{ subscribed }}) => {{ window.isSubscribed = subscribed; }});
        client.on('data', (data, id) => orders.push([data.n, id]))""")
    page.wait("window.isSubscribed")
    body = {"type": "data", "data": {"n": 1}, "ack": True}
    assert nodes[0].request("POST", f"/api/v1/topics/{topic}/messages", body, key=API_KEY).status == 200
    page.wait("client.copies === 1")  # after 5 s, since it was not acknowledged
    page.run("client.send('ack', { messageId: orders[0][1] })")
    page.wait("client.beats > 20")
    assert page.run("orders.length") == 1 and page.run("client.losses") == 0
