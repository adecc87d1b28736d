"""Users online: the counts stay exact through crashes, pauses and outages."""

import signal
import time

import pytest

from clients import Client, Jobs, Presence, Tasks, Topics
from harness import API_KEY, FIXED_TOKEN, fantail, wait_until
from online import are_there, keys, stored
from tokens import jwt

HOME = "ft:{online}:"


class Cluster:
    """Nodes that come and go, and the true connections to them."""

    def __init__(self, launch, redis, viewers, count, *flags):
        self.launch, self.redis, self.viewers = launch, redis, viewers
        self.nodes = [launch(*flags) for _ in range(count)]
        self.clients = {node: [] for node in self.nodes}

    def connect(self, node, user):
        client = self.viewers(Tasks(node, jwt(user)))
        self.clients[node].append((user, client))
        return client

    def truth(self):
        users = {}
        for clients in self.clients.values():
            for user, _ in clients:
                users[user] = users.get(user, 0) + 1
        return users

    def kill(self, node):
        node.expected_to_die = True
        node.kill()
        self.clients.pop(node)
        self.nodes.remove(node)

    def stored(self):
        return stored(self.redis.client)

    def wait_until_exact(self, seconds=10):
        started = time.monotonic()
        wait_until(lambda: self.stored() == self.truth(), f"{self.stored()} is {self.truth()}", seconds)
        taken = time.monotonic() - started
        total = sum(self.truth().values())
        wait_until(lambda: int(self.redis.client.hget(HOME + "nc", "*") or 0) == total, "all connections are counted")
        return taken


@pytest.fixture
def cluster(launch, redis, viewers):
    made = []

    def make(count=3, *flags):
        made.append(Cluster(launch, redis, viewers, count, *flags))
        return made[-1]

    yield make
    for cluster in made:
        for node in cluster.nodes:
            node.terminate()
    wait_until(lambda: not are_there(redis.client, "nodes", "dead"), "all nodes are gone", 20)
    left = {key.decode() for key in redis.client.keys("ft:*")} - set(keys("meta", "off"))
    assert not {key for key in left if "online" in key or key.endswith(":p")}, left


def online(node, **query):
    path = "/api/v1/online" + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")
    answer = node.request("GET", path, key=API_KEY)
    assert answer.status == 200, answer.body
    return answer.json


def test_counts_are_the_same_from_every_node_and_each_user_is_listed_once(cluster):
    three = cluster()
    for index in range(30):
        three.connect(three.nodes[index % 3], f"user-{index % 20}")
    three.connect(three.nodes[0], "123")
    three.wait_until_exact()
    for node in three.nodes:
        assert node.request("GET", "/api/v1/online/count", token=jwt("a")).json == {"online_count": 21}
        seen, cursor = [], None
        while True:
            page = online(node, limit=7, **({"cursor": cursor} if cursor else {}))
            assert page["online_count"] == 21
            seen += page["users"]
            if not (cursor := page.get("next_cursor")):
                break
        assert {u["user_id"]: u["connections_count"] for u in seen} == {
            (123 if user == "123" else user): count for user, count in three.truth().items()}
        assert "next_cursor" not in online(node, limit=21) and online(node, limit=20)["next_cursor"]
        assert len(seen) == 21 and all(u["online"] is True and u["status"] == "online" for u in seen)
    answer = fantail("online", "--redis", three.redis.url)
    assert answer.returncode == 0 and answer.stdout == "21\n"
    listed = fantail("online", "--users", "--redis", three.redis.url).stdout.splitlines()
    assert len(listed) == 21 and "123\t1\tonline" in listed


def test_status_of_one_user(cluster):
    one = cluster(1)
    node = one.nodes[0]
    assert node.request("GET", "/api/v1/status/nobody", key=API_KEY).json == {
        "user_id": "nobody", "online": False, "last_seen": None, "connections_count": 0, "status": "offline"}
    client = one.viewers(Presence(node, jwt("456")))
    found = node.request("GET", "/api/v1/status/456", token=jwt("a")).json
    assert (found["user_id"], found["online"], found["connections_count"], found["status"]) == (456, True, 1, "online")
    client.send({"type": "presence", "status": "busy"})
    client.expect_silence("user_status")
    wait_until(lambda: node.request("GET", "/api/v1/status/456", key=API_KEY).json["status"] == "busy", "busy is kept")
    client.close()
    wait_until(lambda: not node.request("GET", "/api/v1/status/456", key=API_KEY).json["online"], "456 is offline")
    found = node.request("GET", "/api/v1/status/456", key=API_KEY).json
    assert found["status"] == "offline" and found["last_seen"].endswith("Z") and found["connections_count"] == 0


def test_rest_is_for_those_with_a_token(cluster):
    node = cluster(1).nodes[0]
    for path in ["/api/v1/online", "/api/v1/online/count", "/api/v1/status/1"]:
        answer = node.request("GET", path)
        assert answer.status == 401 and answer.code == "UNAUTHORIZED"
        assert node.request("POST", path, {}, key=API_KEY).status == 405
    assert node.request("GET", "/api/v1/nodes", token=jwt("a")).status == 403
    for bad in ["0", "1001", "x", "-1"]:
        assert node.request("GET", f"/api/v1/online?limit={bad}", key=API_KEY).status == 400
    assert node.request("GET", "/api/v1/online?cursor=a%20b", key=API_KEY).status == 400
    assert node.request("GET", "/api/v1/status/a%20b", key=API_KEY).status == 422


def test_nodes_are_listed_with_their_connections(cluster):
    two = cluster(2)
    two.connect(two.nodes[0], "a")
    two.viewers(Jobs(two.nodes[0], FIXED_TOKEN))  # nobody's, but a connection

    def listed():
        nodes = two.nodes[1].request("GET", "/api/v1/nodes", token=jwt("a", scope="admin")).json["nodes"]
        return nodes if sorted(n["connections"] for n in nodes) == [0, 2] else None

    nodes = wait_until(listed, "both nodes are listed with what they have")
    assert all(n["loops"] == 2 and n["version"] and 0 <= n["last_heartbeat_seconds"] < 6 for n in nodes)
    assert online(two.nodes[0])["online_count"] == 1


def test_an_administrator_closes_a_users_connections_on_every_node(cluster):
    two = cluster(2)
    clients = [two.viewers(Tasks(node, jwt("42"))) for node in two.nodes]
    other = two.viewers(Tasks(two.nodes[0], jwt("43")))
    wait_until(lambda: two.stored() == {"42": 2, "43": 1}, "all are counted")
    path = "/api/v1/users/42/connections"
    assert two.nodes[0].request("DELETE", path, token=jwt("a")).status == 403
    answer = two.nodes[0].request("DELETE", path, token=jwt("a", scope="admin"))
    assert (answer.status, answer.json) == (202, {"connections": 2})
    for client in clients:
        client.expect_close(1008)
    other.expect_silence()
    wait_until(lambda: two.stored() == {"43": 1}, "42 is not counted any more")


def heard(client, seconds, kind):
    """The data of the client's messages in that time, all of which must have one type."""
    messages, end = [], time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            message = client.receive(timeout=left)
        except TimeoutError:
            break
        assert message["type"] == kind, message
        messages.append(message["data"])
    return messages


def statuses(client, seconds):
    """The announcements that a client gets in that time."""
    return [(data["user_id"], data["status"]) for data in heard(client, seconds, "user_status")]


def counts_told(client, seconds):
    """The counts that a client is told again in that time, and no other message."""
    return [data["online_count"] for data in heard(client, seconds, "connected")]


def test_coming_and_going_is_announced_once_and_adds_up(cluster):
    two = cluster(2)
    watcher = two.viewers(Presence(two.nodes[0], jwt("watcher")))
    assert watcher.connected["online_count"] == 1
    first = two.viewers(Presence(two.nodes[1], jwt("7")))
    assert first.connected["online_count"] == 2
    second = two.viewers(Tasks(two.nodes[0], jwt("7")))
    assert watcher.receive()["data"]["user_id"] == 7
    first.close()
    second.close()
    back = two.viewers(Presence(two.nodes[0], jwt("7")))  # a page reload
    assert back.connected["online_count"] == 2
    assert statuses(watcher, 4) == []
    back.close()
    message = watcher.receive(timeout=6)
    assert (message["type"], message["data"]["user_id"], message["data"]["status"]) == ("user_status", 7, "offline")
    assert statuses(watcher, 1) == []
    last = two.viewers(Presence(two.nodes[1], jwt("8")))
    assert last.connected["online_count"] == 2


def test_a_storm_of_comings_and_goings_adds_up_for_everyone(cluster):
    two = cluster(2)
    watchers = []
    for index in range(40):
        watchers.append(two.viewers(Presence(two.nodes[index % 2], jwt(f"u{index}"))))
        if index % 3 == 2:
            watchers.pop(index % len(watchers)).close()
    wait_until(lambda: len(two.stored()) == len(watchers), "Redis has those who stayed")
    wait_until(lambda: not are_there(two.redis.client, "w"), "all goings are announced", 10)
    for watcher in watchers:
        count = watcher.connected["online_count"]
        watcher.send({"type": "ping"})
        while (message := watcher.receive())["type"] != "pong":
            count += {"online": 1, "offline": -1}[message["data"]["status"]]
        assert count == len(watchers)


def test_what_users_say_to_be_outlives_a_loss_of_the_data_and_of_the_lease(cluster):
    two = cluster(2, "--presence-heartbeat", "300ms", "--presence-lease", "900ms", "--offline-grace", "0ms")
    node, other = two.nodes
    ann, late, bob = (two.viewers(Presence(at, jwt(user))) for at, user in [(node, "ann"), (other, "ann"), (node, "bob")])

    def shown(user):
        return other.request("GET", f"/api/v1/status/{user}", key=API_KEY).json["status"]

    def say(client, user, status):
        client.send({"type": "presence", "status": status})
        wait_until(lambda: shown(user) == status, f"{user} is {status}")

    say(bob, "bob", "offline")
    say(late, "ann", "busy")
    say(ann, "ann", "away")
    two.redis.client.flushall()
    wait_until(lambda: (shown("ann"), shown("bob")) == ("away", "offline"), "all is as it was said last")
    say(late, "ann", "busy")
    node.process.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: not two.stored().get("bob"), "the node's users are taken out")
    finally:
        node.process.send_signal(signal.SIGCONT)
    wait_until(lambda: two.stored().get("bob"), "the node is back")
    wait_until(lambda: shown("bob") == "offline", "bob is as he said")
    assert shown("ann") == "busy", "what was said last"
    for client in (late, bob):
        client.close()
    ann.close()
    wait_until(lambda: not are_there(two.redis.client, "s", "t"), "nothing is kept of those who have gone")


def test_viewers_of_a_task_are_counted_on_all_nodes(cluster, task):
    two = cluster(2)
    two.redis.fcall(task, {"progress": 1})
    jobs, tasks, topics = Jobs(two.nodes[0]), Tasks(two.nodes[1]), Topics(two.nodes[1])
    for client in (jobs, tasks, topics):
        two.viewers(client)
    jobs.join(task)
    tasks.subscribe(task)
    topics.subscribe("task", {"taskId": task})

    def count():
        return two.nodes[0].request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["viewers"]

    wait_until(lambda: count() == 3, "three watch")
    # A loop that stalled wrote its count after another had taken it out.
    two.redis.client.hset(f"ft:{{task:{task}}}:p", "taken-out", 5)
    assert count() == 3
    two.redis.client.hdel(f"ft:{{task:{task}}}:p", "taken-out")
    tasks.send({"type": "unsubscribe_task", "payload": {"videoId": task}})
    wait_until(lambda: count() == 2, "two watch")
    topics.close()
    wait_until(lambda: count() == 1, "one watches")
    jobs.close()
    wait_until(lambda: count() == 0, "nobody watches")


def test_a_killed_node_is_taken_out(cluster):
    three = cluster()
    for index in range(60):
        three.connect(three.nodes[index % 3], f"user-{index % 30}")
    three.wait_until_exact()
    watcher = three.viewers(Presence(three.nodes[0], jwt("watcher")))
    three.clients[three.nodes[0]].append(("watcher", watcher))
    alone = three.connect(three.nodes[2], "only-there")
    three.wait_until_exact()
    three.kill(three.nodes[2])
    taken = three.wait_until_exact(8)
    print(f"exact {taken:.2f} s after kill -9 of one node")
    assert alone is not None
    message = watcher.receive(timeout=8)
    while message["data"]["user_id"] != "only-there" or message["data"]["status"] != "offline":
        message = watcher.receive(timeout=8)
    three.kill(three.nodes[1])
    taken = three.wait_until_exact(8)
    print(f"exact {taken:.2f} s after kill -9 of another")


def test_two_nodes_killed_at_once(cluster):
    three = cluster()
    for index in range(60):
        three.connect(three.nodes[index % 3], f"user-{index % 30}")
    three.wait_until_exact()
    for node in three.nodes[1:]:
        three.kill(node)
    print(f"exact {three.wait_until_exact(8):.2f} s after kill -9 of two nodes")


def test_a_node_paused_longer_than_its_lease_is_taken_out_and_comes_back(cluster):
    two = cluster(2)
    for index in range(20):
        two.connect(two.nodes[index % 2], f"user-{index % 15}")
    two.wait_until_exact()
    paused = two.nodes[1]
    paused.process.send_signal(signal.SIGSTOP)
    try:
        held = two.clients.pop(paused)
        print(f"taken out after {two.wait_until_exact(10):.2f} s")
        two.clients[paused] = held
    finally:
        paused.process.send_signal(signal.SIGCONT)
    taken = two.wait_until_exact(2)
    print(f"back {taken:.2f} s after waking")


def test_flushall_heals_without_a_storm(cluster):
    two = cluster(2)
    watcher = two.viewers(Presence(two.nodes[0], jwt("watcher")))
    two.clients[two.nodes[0]].append(("watcher", watcher))
    for index in range(20):
        two.connect(two.nodes[index % 2], f"user-{index % 15}")
    two.wait_until_exact()
    statuses(watcher, 0.5)
    two.redis.client.flushall()
    print(f"healed {two.wait_until_exact(5):.2f} s after FLUSHALL")
    assert counts_told(watcher, 5)[-1] == 16


def test_announcements_are_heard_after_each_of_two_losses_of_the_data(cluster):
    two = cluster(2)
    for index in range(4):
        two.connect(two.nodes[index % 2], f"user-{index}")
    two.wait_until_exact()
    two.redis.client.flushall()
    two.wait_until_exact(5)
    # As many users as before, but the count of the one who comes last holds announcements that the second loss undoes.
    for clients in two.clients.values():
        clients.pop()[1].close()
    two.connect(two.nodes[1], "user-5")
    two.wait_until_exact()
    watcher = two.viewers(Presence(two.nodes[0], jwt("watcher")))
    two.clients[two.nodes[0]].append(("watcher", watcher))
    two.wait_until_exact()
    two.redis.client.flushall()
    two.wait_until_exact(5)
    while watcher.receive_type("connected")["data"]["online_count"] != 4:
        pass
    two.connect(two.nodes[1], "newcomer")
    while (message := watcher.receive())["type"] == "connected":
        pass
    assert (message["type"], message["data"]["user_id"]) == ("user_status", "newcomer")


def test_an_empty_restart_heals_and_nobody_is_declared_offline(cluster):
    two = cluster(2)
    watcher = two.viewers(Presence(two.nodes[0], jwt("watcher")))
    two.clients[two.nodes[0]].append(("watcher", watcher))
    for index in range(20):
        two.connect(two.nodes[index % 2], f"user-{index % 15}")
    two.wait_until_exact()
    statuses(watcher, 0.5)
    two.redis.kill()
    answer = wait_until(lambda: (a := two.nodes[0].request("GET", "/api/v1/online", key=API_KEY)).status == 503 and a, "503")
    assert answer.headers["Retry-After"] and answer.code == "UNAVAILABLE"
    time.sleep(2)  # an outage, not a blink
    two.redis.start()
    print(f"healed {two.wait_until_exact(5):.2f} s after Redis' return")
    # Their loops found everyone's channel again without hearing what happened meanwhile: the count is told anew.
    assert counts_told(watcher, 5)[-1] == 16


def test_a_paused_redis_declares_nobody_offline(cluster):
    two = cluster(2)
    watcher = two.viewers(Presence(two.nodes[0], jwt("watcher")))
    two.clients[two.nodes[0]].append(("watcher", watcher))
    two.connect(two.nodes[1], "stays")
    two.wait_until_exact()
    statuses(watcher, 0.5)
    two.redis.pause()
    try:
        time.sleep(8)  # longer than a lease
    finally:
        two.redis.resume()
    two.wait_until_exact(5)
    end = time.monotonic() + 7
    while (left := end - time.monotonic()) > 0:
        try:
            assert watcher.receive(timeout=left)["type"] == "connected"
        except TimeoutError:
            break
    two.wait_until_exact(5)


def test_counts_are_right_again_after_more_users_than_are_announced(cluster):
    one = cluster(1, "--loops", "1", "--broadcast-up-to", "2", "--offline-grace", "500ms", "--presence-heartbeat", "500ms")
    node = one.nodes[0]
    watcher = one.viewers(Presence(node, jwt("watcher")))
    one.clients[node].append(("watcher", watcher))
    one.connect(node, "b")
    assert watcher.receive_type("user_status")["data"]["status"] == "online"
    count = 2
    for _ in range(3):
        crowd = one.viewers(Presence(node, jwt("c")))  # one too many to be announced
        assert crowd.connected["online_count"] == 3
        crowd.close()
        # That it has gone is told, that it had come is not: so the count is told, too.
        has_gone = False
        while not has_gone or count != 2:
            message = watcher.receive()["data"]
            has_gone = has_gone or message.get("status") == "offline"
            count = message.get("online_count", count + {"online": 1, "offline": -1, None: 0}[message.get("status")])
        assert node.request("GET", "/api/v1/online/count", key=API_KEY).json == {"online_count": 2}


def test_one_user_may_have_so_many_connections_on_all_nodes(cluster):
    two = cluster(2, "--connections-per-user", "3")
    nodes, viewers = two.nodes, two.viewers
    kept = [viewers(Tasks(nodes[index % 2], jwt("many"))) for index in range(3)]
    for client in kept:
        client.expect_silence()
    one_more = viewers(Client(nodes[0], f"/api/v1/ws?token={jwt('many')}&clientId=c"))
    codes = []
    while len(codes) < 1 or codes[-1] != 1000:
        message = one_more.receive()
        codes.append(message["data"].get("code"))
    assert one_more.receive_type("disconnect")["data"]["code"] == 1013
    one_more.expect_close(1013)
    for client in kept:
        client.expect_silence()
