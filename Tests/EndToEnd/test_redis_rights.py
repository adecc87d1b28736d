"""ops/redis: the configuration loads, and the rights of users.acl are enough for nodes and workers, and no more."""

import pathlib
import re
import socket
import subprocess
import time
import urllib.parse
import uuid

import pytest
import redis as redis_py

from clients import Jobs, Presence, Tasks, Topics
from harness import API_KEY, ROOT, Node, RedisServer, binary, clean_environment, fantail, wait_until
from redis_users import write_settings
from third_party import ThirdParty
from tokens import jwt

NODE, WORKER, OPERATOR = "fantail-node", "fantail-worker", "operator"
PASSWORDS = {NODE: "change-me-node", WORKER: "change-me-worker", OPERATOR: "change-me-operator"}


class GuardedRedis(RedisServer):
    """A redis-server with the configuration and the users of ops/redis; `client` is the operator's."""

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", write_settings(self.folder, PASSWORDS), "--port", str(self.port), "--save", ""],
            stdout=subprocess.DEVNULL)
        self.url = self.url_of(NODE)
        self.client = self.login(OPERATOR)
        wait_until(self.answers, "Redis answers")

    def url_of(self, user):
        return f"redis://{user}:{PASSWORDS[user]}@127.0.0.1:{self.port}"

    def login(self, user):
        return redis_py.Redis(port=self.port, username=user, password=PASSWORDS[user], socket_timeout=10)

    def denied(self, user):
        """The commands that Redis has refused the user since the last call."""
        entries = [e for e in self.client.acl_log() if e["username"] == user]
        self.client.acl_log_reset()
        return [(e["reason"], e["object"]) for e in entries]


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    server = GuardedRedis(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def party():
    server = ThirdParty()
    yield server
    server.close()


@pytest.fixture(scope="module")
def nodes(launch, party):
    flags = ["--upstream", party.url, "--position-check", "300ms", "--probe", "200ms", "--offline-grace", "200ms"]
    return [launch(*flags), launch(*flags), launch(*flags)]


# The rights and the sources


def granted(user):
    """The commands of a user's line, as in `pubsub|numsub`."""
    line = next(l for l in (ROOT / "ops/redis/users.acl").read_text().splitlines() if l.split()[1] == user)
    return set(re.findall(r"\+([a-z|]+)", line))


def commands_in(*folders):
    """The Redis commands that scripts call and nodes send."""
    found = set()
    for folder in folders:
        for path in pathlib.Path(ROOT / "Sources" / folder).rglob("*.lua"):
            found |= {"|".join(c) for c in re.findall(r"redis\.p?call\('([A-Z]+)'(?:, '([A-Z]+)')?", path.read_text())}
        for path in pathlib.Path(ROOT / "Sources" / folder).rglob("*.swift"):
            text = path.read_text()
            found |= {"|".join(c) for c in re.findall(r'RedisCommand\(\s*\[?"([A-Z]+)"(?:, "([A-Z]+)")?', text)}
            found |= {c + "|" for c in re.findall(r'append(?:Call|Channels)\("([A-Z]+)"', text)}
    return {c.rstrip("|").lower() for c in found}


# Where Redis is a cluster: who keeps which slot, and a question to a server that takes one over.
OF_CLUSTERS = {"cluster|slots", "asking"}
# And where events travel: by the master of their slot.
OF_SHARDS = {"cluster|nodes", "ssubscribe", "sunsubscribe", "spublish"}
# redis-py's cluster client asks which of a command's words are keys.
OF_CLIENTS_OF_CLUSTERS = OF_CLUSTERS | {"command"}


def test_a_node_may_call_what_its_sources_call_and_nothing_else():
    # AUTH needs no right; SELECT is for those who use another database, and their affair (ops/README.md). SENTINEL goes to Sentinels.
    rooms = {path.name for path in (ROOT / "Sources").iterdir()} - {"FantailBench"}
    used = {command for command in commands_in(*rooms) - {"select", "auth"} if not command.startswith("sentinel")}
    assert granted(NODE) == used


def test_a_worker_may_call_what_the_function_calls():
    core = subprocess.run([ROOT / "ops/redis/script", "-p", "PublishFunction"], capture_output=True, text=True).stdout
    inside = {c.lower() for c in re.findall(r"redis\.p?call\('([A-Z]+)'", core)}
    # What workers send themselves, and what their clients do to see whether a connection lives.
    assert granted(WORKER) == inside | {"fcall", "publish", "ping", "client|setname"} | OF_CLIENTS_OF_CLUSTERS


# A node and a worker at work


def sse(node, task):
    """The first event of a stream."""
    with socket.create_connection(("127.0.0.1", node.port), 10) as stream:
        stream.sendall(f"GET /api/v1/tasks/{task}/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
                       f"X-API-Key: {API_KEY}\r\n\r\n".encode())
        text = b""
        while b"data:" not in text:
            part = stream.recv(65536)
            assert part, text
            text += part
    return text


def do_tasks(nodes, viewers, task, party):
    """Publishing, history, resuming, registering, asking a third party."""
    one, two = nodes[0], nodes[1]
    watching = [viewers(Tasks(two)), viewers(Jobs(two))]
    watching[0].subscribe(task)
    watching[1].join(task)
    first = one.request("POST", f"/api/v1/tasks/{task}/events",
                        {"progress": 1, "owner": "alice", "team": "red", "currentStage": "PLAN"},
                        key=API_KEY, headers={"Idempotency-Key": "once"})
    again = one.request("POST", f"/api/v1/tasks/{task}/events",
                        {"progress": 1, "owner": "alice", "team": "red", "currentStage": "PLAN"},
                        key=API_KEY, headers={"Idempotency-Key": "once"})
    assert first.status == again.status == 200 and first.json == again.json, (first.body, again.body)
    for number in range(2, 80):
        assert one.post(task, {"progress": number}).status == 200
    while watching[0].receive()["payload"].get("sequence") != 79:
        pass
    assert one.post(task, {"type": "stage", "stage": "PLAN", "nextStage": "DRAW"}).status == 200
    assert one.post(task, {"progress": 0, "restart": True}).status == 200
    state = two.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json
    # Two events more than are counted below: the stage and the restart.
    assert state["sequence"] == 81
    wait_until(lambda: two.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["viewers"] == 2, "viewers count")
    listed = lambda **query: one.request("GET", "/api/v1/tasks?" + urllib.parse.urlencode(query), key=API_KEY).json
    wait_until(lambda: listed(owner="alice")["tasks"], "the task is listed")
    assert listed(cursor="0:a ")["tasks"] == []
    history = two.request("GET", f"/api/v1/tasks/{task}/events?since=78&epoch={state['epoch']}", key=API_KEY).json
    assert [e["sequence"] for e in history["events"]] == [79, 80, 81]
    assert viewers(Tasks(one)).subscribe(task, epoch=state["epoch"], sequence=80)["payload"]["recovered"] is True
    assert b"snapshot" in sse(one, task)

    party.tell("ext-" + task, "processing", progress=5)
    made = one.request("POST", "/api/v1/tasks", {
        "task_id": "r-" + task, "metadata": {"externalTaskId": "ext-" + task, "apiKey": "sk-1"}}, key=API_KEY)
    assert made.status == 201, made.body
    asking = viewers(Tasks(two))
    asking.send({"type": "requestTaskStatus", "id": "q", "payload": {"videoId": "r-" + task}})
    while (reply := asking.receive()).get("id") != "q":
        pass
    assert reply["payload"]["progress"] == 5, reply
    party.tell("ext-" + task, "completed", video_url="http://example/x.mp4")
    time.sleep(1.1)  # an answer is fresh for a second
    asking.send({"type": "requestTaskStatus", "id": "q", "payload": {"videoId": "r-" + task}})
    while (reply := asking.receive()).get("id") != "q":
        pass
    assert reply["payload"]["status"] == "COMPLETED", reply


def do_topics(nodes, viewers):
    """Topics; messages that must be acknowledged, by a client that comes back."""
    topic, client = f"news-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    message = {"type": "notification", "data": {"title": "t", "content": "c"}, "ack": True}
    path = f"/api/v1/topics/{topic}/messages"
    reader = viewers(Topics(nodes[1], jwt("carol"), client))
    reader.subscribe(topic)
    for _ in range(2):
        assert nodes[0].request("POST", path, message, key=API_KEY).status in (200, 202)
    first, second = reader.receive_type("notification"), reader.receive_type("notification")
    reader.acknowledge(first)
    reader.expect_silence()
    reader.close()
    back = viewers(Topics(nodes[0], jwt("carol"), client))
    while (copy := back.receive())["type"] != "notification":
        pass
    assert copy["messageId"] == second["messageId"]
    back.acknowledge(copy)
    back.expect_silence()


def do_presence(nodes, viewers, redis):
    """Users online, messages between users, and disconnects."""
    alice, bob = viewers(Presence(nodes[0], jwt("alice"))), viewers(Presence(nodes[1], jwt("bob")))
    bob.wait_for_room(redis, "user:bob")
    alice.send({"type": "presence", "status": "away", "data": {}})
    alice.send({"type": "message", "to_user_id": "bob", "message": "hello"})
    while bob.receive()["type"] != "chat":
        pass
    status = lambda: nodes[1].request("GET", "/api/v1/status/alice", key=API_KEY).json
    wait_until(lambda: status().get("status") == "away", "alice is away")
    alice.send({"type": "presence", "status": "online", "data": {}})
    wait_until(lambda: status().get("status") == "online", "alice is back")
    assert nodes[1].request("GET", "/api/v1/online?limit=1", key=API_KEY).json["online_count"] >= 2
    assert nodes[1].request("GET", "/api/v1/online/count", key=API_KEY).json["online_count"] >= 2
    assert len(nodes[1].request("GET", "/api/v1/nodes", key=API_KEY).json["nodes"]) == 3
    note = {"notification_type": "mention", "title": "t", "message": "m"}
    assert nodes[0].request("POST", "/api/v1/users/bob/notifications", note, key=API_KEY).status == 202
    while bob.receive()["type"] != "notification":
        pass
    assert nodes[0].request("DELETE", "/api/v1/users/bob/connections", key=API_KEY).status == 202
    wait_until(lambda: nodes[0].request("GET", "/api/v1/status/bob", key=API_KEY).json["online"] is False, "bob is away")


def test_nodes_do_all_they_do(nodes, viewers, redis, task, party):
    before = [node.log for node in nodes]
    redis.denied(NODE)  # what other tests have made
    redis.client.config_resetstat()
    do_tasks(nodes, viewers, task, party)
    do_topics(nodes, viewers)
    do_presence(nodes, viewers, redis)

    # Scripts are gone: EVAL brings them back.
    redis.client.script_flush()
    assert nodes[0].post(task, {"progress": 1}).status == 200

    # What is stored of a loop is not what it has: it is read, and written anew (HSCAN).
    erin = viewers(Presence(nodes[0], jwt("erin")))
    mine = next(k for k in redis.client.scan_iter("ft:{online*}:n:*") if redis.client.hexists(k, "erin"))
    redis.client.hset(mine, "nobody", 1)
    wait_until(lambda: not redis.client.hexists(mine, "nobody"), "the difference is gone", 15)

    # A killed node's people and viewers are taken out by another.
    loops_that_watch = lambda: redis.client.hlen(f"ft:{{task:{task}}}:p")
    watched_before = loops_that_watch()
    gone = viewers(Tasks(nodes[2], jwt("dave")))
    gone.subscribe(task)
    wait_until(lambda: loops_that_watch() > watched_before, "dave's loop is counted as one that watches")
    online = lambda: nodes[0].request("GET", "/api/v1/status/dave", key=API_KEY).json["online"]
    wait_until(online, "dave is online")
    wait_until(lambda: nodes[0].request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["viewers"] >= 1, "a viewer")
    nodes[2].expected_to_die = True
    nodes[2].kill()
    wait_until(lambda: not online(), "dave is taken out", 15)
    emptied = lambda: "cmdstat_srandmember" in redis.client.info("commandstats")
    wait_until(emptied, "what the killed node's viewers watched is looked for", 15)

    viewer = viewers(Tasks(nodes[0]))
    viewer.subscribe("left")
    watched = lambda: redis.client.exists("ft:{task:left}:p")
    wait_until(watched, "a viewer is counted")
    viewer.close()
    wait_until(lambda: not watched(), "nobody watches")

    checked = fantail("publish", task, '{"progress":2}', "--redis", redis.url)
    assert checked.returncode == 0, checked.stderr
    assert fantail("online", "--redis", redis.url).returncode == 0
    erin.expect_silence("user_status", "presence", "typing", "connected")
    assert redis.denied(NODE) == []
    for node, log in zip(nodes, before):
        assert "NOPERM" not in node.log.removeprefix(log)

    # All of that used every right there is: none is left over.
    called = {name.removeprefix("cmdstat_") for name in redis.client.info("commandstats")}
    at_start = {"client|setname", "fcall", "function|load", "script|load"}  # before the figures were reset
    unused = granted(NODE) - called - at_start - OF_CLUSTERS - OF_SHARDS
    assert not unused, unused


def test_workers_do_all_they_do(nodes, viewers, redis, task, tmp_path):
    worker = redis.login(WORKER)
    assert worker.ping()
    viewer = viewers(Jobs(nodes[0]))
    viewer.join(task)
    redis.wait_for_viewers(task, 1)
    publish = lambda event: worker.fcall("fantail_publish", 1, f"task:{task}", event)[1]
    assert publish('{"progress":1,"owner":"alice","team":"red"}') == 1
    assert publish('{"type":"stage","stage":"A","nextStage":"B"}') == 2
    assert publish('{"type":"completed"}') == 3
    redis.client.hset(f"ft:{{task:{task}}}:m", "tp", "asked")  # as a registered task has it
    assert publish('{"progress":0,"restart":true}') == 4
    for number in range(70):  # past the history's bound
        publish('{"progress":%d}' % number)
    assert worker.publish(f"task:{task}", '{"progress":99}') == 1
    while viewer.receive()["data"].get("progress") != 99:
        pass
    assert worker.fcall("fantail_publish", 1, "topic:news", '{"type":"notification","data":{}}')[1] >= 1

    (tmp_path / "file").write_text("x")
    for script in ("hash.sh", "hash.py"):
        ended = subprocess.run(
            [ROOT / "ops/workers" / script, task + script, tmp_path], capture_output=True, text=True, timeout=30,
            env=clean_environment({"FANTAIL_REDIS_URL": redis.url_of(WORKER)}))
        assert ended.returncode == 0 and "not published" not in ended.stderr, ended.stderr
        state = nodes[0].request("GET", f"/api/v1/tasks/{task}{script}", key=API_KEY).json["state"]
        assert state["type"] == "completed", state
    # Newer clients say who they are; Redis 7.0 does not know that command, and they do not mind.
    assert [d for d in redis.denied(WORKER) if not d[1].startswith("client|setinfo")] == []


def test_the_command_publishes_with_a_workers_login(nodes, redis, task, tmp_path):
    """This login may not load scripts: the command calls the Function."""
    url = redis.url_of(WORKER)
    done = fantail("publish", task, '{"progress":2}', '{"progress":3}', "--redis", url)
    assert done.returncode == 0 and "sequence=2" in done.stdout, done
    done = fantail("publish", task, '{"progress":4}', '{"owner":"a b"}', "--redis", url)
    assert done.returncode == 2 and "owner" in done.stderr
    lines = subprocess.run(
        [binary(), "publish", task, "-", "--redis", url], input="".join('{"progress":%d}\n' % n for n in range(4, 60)),
        text=True, capture_output=True, timeout=30, env=clean_environment())
    assert lines.returncode == 0 and lines.stdout.startswith("published=56 refused=0 "), lines
    ended = fantail("run", "--redis", url, task, "--", "sh", "-c", "echo 50%")
    assert (ended.returncode, ended.stderr) == (0, "")
    events = [e["event"] for e in nodes[0].request("GET", f"/api/v1/tasks/{task}/events", key=API_KEY).json["events"]]
    assert [e["progress"] for e in events[:58]] == [2, 3, *range(4, 60)] and events[-1]["type"] == "completed"
    refused = fantail("publish", task, '{"progress":5}', "--redis", url)
    assert refused.returncode == 1 and "FINISHED" in refused.stderr, refused
    redis.client.acl_log_reset()


def test_the_command_says_why_it_cannot_publish(nodes, redis, task):
    wrong = redis.url_of(WORKER).replace("change-me-worker", "wrong-password")
    for command in (["publish", task, "{}"], ["run", task, "--", "sleep", "2"]):
        done = fantail(command[0], "--redis", wrong, *command[1:])
        assert "WRONGPASS" in done.stderr and "away" not in done.stderr, done
        other = fantail(command[0], "--redis", redis.url_of(WORKER), "--key-prefix", "other", *command[1:])
        assert "may not load scripts" in other.stderr and "fantail_publish_other" in other.stderr, other
        assert "away" not in other.stderr
    redis.client.acl_log_reset()


# What they must not do

FOR_NOBODY = [
    "FLUSHALL", "FLUSHDB", "CONFIG GET *", "CONFIG SET maxmemory 1", "KEYS *", "RANDOMKEY", "DBSIZE", "SHUTDOWN NOSAVE",
    "DEBUG SLEEP 0", "MONITOR", "SAVE", "BGSAVE", "REPLICAOF NO ONE", "CLIENT LIST", "CLIENT KILL TYPE normal", "ACL LIST",
    "ACL SETUSER default on", "SCRIPT FLUSH", "FUNCTION FLUSH", "FUNCTION DELETE fantail", "MODULE LIST", "SELECT 1",
    "GET other", "SET other 1", "DEL other", "HSET other a 1", "EXPIRE other 1",
    # An application's own keys may begin with task:, too.
    "GET task:x", "DEL task:x", "HSET task:x a 1",
    "PUBLISH other x", "SUBSCRIBE other", "PSUBSCRIBE *", "SPUBLISH other x", "SSUBSCRIBE other", "PUBSUB CHANNELS",
]
FOR_NODES = FOR_NOBODY + [
    "EVAL return(redis.call('GET','other')) 0", "EVAL return(redis.call('FLUSHALL')) 0", "EVAL return(1) 1 other",
    "EVAL return(redis.call('DEL','task:x')) 1 task:x",
]
FOR_WORKERS = FOR_NOBODY + [
    "EVAL return(1) 0", "EVALSHA x 0", "SCRIPT LOAD x", "FUNCTION LOAD x", "FUNCTION LIST", "SUBSCRIBE task:x", "SSUBSCRIBE task:x", "PUBSUB NUMSUB task:x",
    "HGETALL ft:{task:x}:m", "GET ft:{task:x}:i:name", "DEL ft:{task:x}:p", "PUBLISH everyone x",
    "PUBLISH ft:{online}:node:x x", "HMGET ft:secret:{task:x} key", "HSET ft:inquiry:{task:x} a 1", "DEL ft:{inquiries}:due",
    "ZADD ft:{secrets}:due 0 x", "EXPIRE ft:secret:{task:x} 1",
    "HMGET ft:{online}:u a", "DEL ft:{online}:nodes", "DEL ft:{ack:1:a:b}", "FCALL fantail_publish 1 other:x {}",
    "FCALL fantail_publish 1 ft:{task:x}:p {}",
]


def is_denied(client, text):
    with pytest.raises(redis_py.ResponseError) as refused:
        client.execute_command(*text.split(" "))
    # In other words: from inside of a script, and of DEBUG, which the configuration has off before rights are looked at.
    return re.search("permission|user executing the script can't|ACL failure in script|DEBUG command not allowed", str(refused.value)) is not None


@pytest.mark.parametrize("user, commands", [(NODE, FOR_NODES), (WORKER, FOR_WORKERS)])
def test_nothing_else_is_allowed(nodes, redis, user, commands):
    client = redis.login(user)
    let_through = [command for command in commands if not is_denied(client, command)]
    assert let_through == []


def test_nobody_comes_in_without_a_password(nodes, redis):
    for login in ({}, {"username": NODE, "password": "wrong"}, {"password": PASSWORDS[NODE]}):
        with pytest.raises(redis_py.AuthenticationError):
            redis_py.Redis(port=redis.port, **login).ping()


def test_a_node_with_a_wrong_password_is_not_ready_and_says_why(redis, tmp_path):
    class Wrong:
        url = redis.url_of(NODE).replace("change-me-node", "wrong-password")

    node = Node(tmp_path, Wrong)
    try:
        wait_until(lambda: "WRONGPASS" in node.log, "the log says so")
        answer = node.request("GET", "/health/ready")
        assert answer.status == 503 and "wrong-password" not in node.log
    finally:
        assert node.terminate() == 0


@pytest.fixture
def own_redis(tmp_path):
    """For a test that changes everything."""
    server = GuardedRedis(tmp_path)
    yield server
    server.kill()


# What is taken away, what gives it back, and a word of what the log names as missing.
WITHOUT = {
    "publish": (["-publish"], ["+publish"], "PUBLISH task:fantail-check"),
    "scripts": (["-evalsha"], ["+evalsha"], "evalsha"),
    "eval": (["-eval"], ["+eval"], "EVAL "),
    "keys": (["resetkeys"], ["~ft:*"], "HGETALL ft:"),
    "tasks": (["resetchannels", "&topic:*", "&user:*", "&team:*", "&everyone", "&ft:{online}:node:*"], ["&task:*"],
              "SUBSCRIBE task:fantail-check"),
    "a command of a script": (["-hrandfield"], ["+hrandfield"], "HRANDFIELD"),
}
DENIED = "Redis denies this node rights that it needs"
GIVEN_BACK = "this node has all its rights in Redis again"


@pytest.mark.parametrize("right", WITHOUT)
def test_a_node_that_loses_a_right_is_not_ready_until_it_has_it_again(launch, own_redis, right):
    take, give, named = WITHOUT[right]
    node = launch(redis=own_redis)
    own_redis.client.execute_command("ACL", "SETUSER", NODE, *take)
    wait_until(lambda: node.unreadiness() == "redis_rights", "the node is not ready", 8)
    own_redis.client.execute_command("ACL", "SETUSER", NODE, *give)
    wait_until(node.is_ready, "the node is ready again", 15)
    lines = [line for line in node.log.splitlines() if DENIED in line or GIVEN_BACK in line]
    assert len(lines) == 2 and named in lines[0] and "NOPERM" in lines[0] and GIVEN_BACK in lines[1], lines
    assert node.terminate() == 0


@pytest.fixture
def mute(redis):
    """Takes the rights to channels of tasks, topics and people away and gives them back."""
    channels = [part for part in next(line for line in (ROOT / "ops/redis/users.acl").read_text().splitlines()
                                      if line.split()[1] == NODE).split() if part.startswith("&")]
    own = [channel for channel in channels if channel.startswith(("&ft:", "&everyone"))]
    rights = lambda given: redis.client.execute_command("ACL", "SETUSER", NODE, "resetchannels", *given)
    yield lambda: rights(own), lambda: rights(channels)
    rights(channels)
    redis.client.acl_log_reset()


def test_what_a_node_may_not_publish_is_not_stored_and_can_be_sent_again(nodes, redis, task, mute):
    node, (take_away, give_back) = nodes[0], mute
    bodies = {
        f"/api/v1/tasks/{task}/events": [{"progress": 1}, {"type": "completed"}],
        "/api/v1/tasks": {"task_id": f"r-{task}", "metadata": {"externalTaskId": "x", "apiKey": "k"}},
        f"/api/v1/topics/{task}/messages": {"type": "data", "data": {"a": 1}},
        f"/api/v1/users/{task}/notifications": {"notification_type": "x"},
    }
    post = lambda path, **headers: node.request("POST", path, bodies[path], key=API_KEY, headers=headers)
    take_away()
    for path in bodies:
        for headers in ({"Idempotency-Key": "k"}, {"Idempotency-Key": "k"}, {}):
            answer = post(path, **headers)
            assert (answer.status, answer.code) == (503, "UNAVAILABLE") and "Retry-After" in answer.headers, answer.body
    refused = fantail("publish", task, '{"progress":1}', "--redis", redis.url)
    assert refused.returncode == 1 and f"may not PUBLISH task:{task}" in refused.stderr, refused
    assert list(redis.client.scan_iter(f"*{task}*")) == []
    give_back()
    for path in bodies:
        first, again = post(path, **{"Idempotency-Key": "k"}), post(path, **{"Idempotency-Key": "k"})
        assert first.status == again.status and first.status in (200, 201, 202), first.body
        assert first.json == again.json
        assert first.json.get("sequence") in (None, len(bodies[path]) if isinstance(bodies[path], list) else 1)


def test_a_worker_without_a_right_to_the_channel_stores_nothing(nodes, redis, task):
    redis.client.execute_command("ACL", "SETUSER", "mute", "on", ">pw", "~*", "+@all")
    worker = redis_py.Redis(port=redis.port, username="mute", password="pw", socket_timeout=10)
    for _ in range(2):
        with pytest.raises(redis_py.ResponseError, match=f"may not PUBLISH task:{task}; nothing was stored"):
            worker.fcall("fantail_publish", 1, f"task:{task}", '{"type":"completed"}')
    assert list(redis.client.scan_iter(f"*{task}*")) == []
    assert nodes[0].post(task, {"progress": 1}).json["sequence"] == 1
    redis.client.execute_command("ACL", "DELUSER", "mute")
    redis.client.acl_log_reset()


@pytest.mark.parametrize("right", ["publish", "scripts", "keys", "tasks"])
def test_a_node_without_a_right_is_never_ready(own_redis, tmp_path, right):
    rights = next(l for l in (ROOT / "ops/redis/users.acl").read_text().splitlines() if NODE in l).split(" ", 2)[2]
    words = re.findall(r"\([^)]*\)|\S+", rights)
    own_redis.client.execute_command("ACL", "SETUSER", "less", "reset", *[w for w in words if w[0] not in "#>"], ">less")
    own_redis.client.execute_command("ACL", "SETUSER", "less", *WITHOUT[right][0])
    node = Node(tmp_path, type("Less", (), {"url": f"redis://less:less@127.0.0.1:{own_redis.port}"}))
    try:
        seen = set()

        def is_told():
            seen.add(node.unreadiness())
            return "redis_rights" in seen

        wait_until(is_told, "the reason is told")
        assert None not in seen
        assert WITHOUT[right][2] in node.log
        checked = fantail("check", "--dev", "--port", "0", "--redis", f"redis://less:less@127.0.0.1:{own_redis.port}")
        assert checked.returncode == 1 and len(checked.stderr.splitlines()) == 1, checked
    finally:
        assert node.terminate() == 0


# The configuration


def test_the_configuration_is_in_force(redis):
    value = lambda name: redis.client.config_get(name)[name]
    assert value("maxmemory") == str(512 << 20) and value("maxmemory-policy") == "noeviction"
    assert f"pubsub {32 << 20} {8 << 20} 60" in value("client-output-buffer-limit")
    assert value("stop-writes-on-bgsave-error") == "no" and value("appendonly") == "no"
    assert value("tcp-keepalive") == "60" and value("timeout") == "0"


def test_every_line_of_the_configuration_is_a_setting_that_redis_knows(redis):
    text = (ROOT / "ops/redis/redis.conf").read_text()
    names = {line.split()[0] for line in text.splitlines() if line and not line.startswith("#")}
    # Redis refuses to start with a word it does not know; this one says what it does not answer to.
    unknown = {name for name in names if not redis.client.config_get(name)} - {"save", "bind", "aclfile"}
    assert not unknown
