"""Users online on a Redis Cluster: they are spread over buckets, each in a hash slot of its own, and counted as exactly as on one Redis."""

import pytest
from websockets.exceptions import ConnectionClosed

from clients import Client, Presence, Tasks
from harness import API_KEY, fantail, wait_until
from online import BASES, are_there
from redis_cluster import RedisCluster
from tokens import jwt


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    cluster = RedisCluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.kill()


@pytest.fixture
def own(tmp_path):
    """A cluster that a test may leave as it likes."""
    cluster = RedisCluster(tmp_path / "cluster")
    yield cluster
    cluster.kill()


class Party:
    """Nodes, and the true connections to them."""

    def __init__(self, launch, redis, viewers, count=2, *flags):
        self.redis, self.viewers = redis, viewers
        self.nodes = [launch(*flags, redis=redis) for _ in range(count)]
        self.clients = {node: [] for node in self.nodes}

    def connect(self, node, user, kind=Tasks):
        client = self.viewers(kind(node, jwt(user)))
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
        self.nodes.remove(node)
        return [user for user, _ in self.clients.pop(node)]

    def count(self, node):
        answer = node.request("GET", "/api/v1/online/count", key=API_KEY)
        return answer.json.get("online_count")

    def is_exact(self, node):
        truth = self.truth()
        return self.count(node) == len(truth) and listed(node, 100) == truth

    def wait_until_exact(self, seconds=20):
        for node in self.nodes:
            wait_until(lambda: self.is_exact(node), f"a node says that these are online: {self.truth()}", seconds)


def listed(node, limit):
    """Every user online and its connections, a page at a time; each once, in the order of their bytes."""
    found, cursor = [], None
    while True:
        query = f"?limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        answer = node.request("GET", "/api/v1/online" + query, key=API_KEY)
        if answer.status != 200:
            return answer.body
        assert len(answer.json["users"]) <= limit
        found += [(str(user["user_id"]), user["connections_count"]) for user in answer.json["users"]]
        if not (cursor := answer.json.get("next_cursor")):
            break
    assert [user for user, _ in found] == sorted({user for user, _ in found})
    return dict(found)


def by_bucket(redis):
    """The users of each bucket."""
    return {base: set(redis.client.hkeys(base + "u")) for base in BASES}


def bucket_of(redis, user):
    user = user.encode()
    return next(base for base, users in by_bucket(redis).items() if user in users or user.decode() in users)


def gone(client):
    """Those whom a client of `presence` was told to be offline, each as often as it was told."""
    users = []
    client.send({"type": "ping"})
    while (message := client.receive())["type"] != "pong":
        if message["type"] == "user_status" and message["data"]["status"] == "offline":
            users.append(str(message["data"]["user_id"]))
    return users


def test_users_are_spread_over_all_masters_and_every_node_counts_them_exactly(launch, redis, viewers):
    two = Party(launch, redis, viewers)
    for index in range(60):
        two.connect(two.nodes[index % 2], f"user-{index % 40}")
    two.wait_until_exact()
    buckets = {base: users for base, users in by_bucket(redis).items() if users}
    assert sum(map(len, buckets.values())) == 40 and len(buckets) > 8
    slots = {redis.client.keyslot(base + "u") for base in buckets}
    assert len(slots) == len(buckets)
    for master in redis.masters():
        assert any(master.keeps(slot) for slot in slots)
    for node in two.nodes:
        assert listed(node, 7) == listed(node, 40) == listed(node, 41) == two.truth()
        found = node.request("GET", "/api/v1/status/user-3", key=API_KEY).json
        assert (found["online"], found["connections_count"]) == (True, 2)
    assert fantail("online", "--redis", redis.url).stdout == "40\n"
    lines = fantail("online", "--users", "--redis", redis.url).stdout.splitlines()
    assert lines == [f"{user}\t{count}\tonline" for user, count in sorted(two.truth().items())]


def test_nodes_are_listed_once_with_their_connections(launch, redis, viewers):
    two = Party(launch, redis, viewers)
    for index in range(9):
        two.connect(two.nodes[index % 2], f"user-{index}")
    counts = lambda: sorted(
        node["connections"] for node in two.nodes[0].request("GET", "/api/v1/nodes", key=API_KEY).json["nodes"])
    wait_until(lambda: counts() == [4, 5], "both are listed")


def test_a_users_connections_are_bounded_and_closed_on_every_node(launch, redis, viewers):
    two = Party(launch, redis, viewers, 2, "--connections-per-user", "3")
    clients = [two.connect(two.nodes[index % 2], "one") for index in range(3)]
    two.connect(two.nodes[0], "another")
    two.wait_until_exact()
    refused = two.viewers(Client(two.nodes[1], f"/api/v1/ws?token={jwt('one')}&clientId=c"))
    while (message := refused.receive())["type"] != "disconnect":
        assert message["type"] in ("connect", "error"), message
    assert message["data"]["code"] == 1013
    refused.expect_close(1013)
    closed = two.nodes[0].request("DELETE", "/api/v1/users/one/connections", key=API_KEY)
    assert (closed.status, closed.json) == (202, {"connections": 3}), closed.body
    for client in clients:
        with pytest.raises(ConnectionClosed) as end:
            while True:
                client.receive_type("heartbeat")  # one may come before
        assert end.value.rcvd.code == 1008
    wait_until(lambda: two.count(two.nodes[1]) == 1, "one is left")


def test_what_a_user_says_to_be_is_known_on_every_node(launch, redis, viewers):
    two = Party(launch, redis, viewers)
    for index, client in enumerate([two.connect(two.nodes[index % 2], f"user-{index}", Presence) for index in range(8)]):
        client.send({"type": "presence", "status": "busy" if index % 3 else "away"})
    word = lambda node, index: node.request("GET", f"/api/v1/status/user-{index}", key=API_KEY).json["status"]
    for node in two.nodes:
        for index in range(8):
            wait_until(lambda: word(node, index) == ("busy" if index % 3 else "away"), "it is known")


def test_coming_and_going_adds_up_for_everyone(launch, redis, viewers):
    """Whatever bucket a user is in: a client's count, and what it is told after that, are the number of users."""
    two = Party(launch, redis, viewers)
    watchers = []
    for index in range(40):
        watchers.append(two.viewers(Presence(two.nodes[index % 2], jwt(f"u{index}"))))
        if index % 3 == 2:
            watchers.pop(index % len(watchers)).close()
    wait_until(lambda: two.count(two.nodes[0]) == len(watchers), "those who stayed are counted")
    wait_until(lambda: not are_there(redis.client, "w"), "all goings are announced", 20)
    for watcher in watchers:
        count = watcher.connected["online_count"]
        watcher.send({"type": "ping"})
        while (message := watcher.receive())["type"] != "pong":
            if message["type"] == "connected":
                count = message["data"]["online_count"]
            else:
                count += {"online": 1, "offline": -1}[message["data"]["status"]]
        assert count == len(watchers)


def test_a_killed_node_is_taken_out_long_before_its_lease_is_over(launch, redis, viewers, task):
    """No server hears it any more. Each of its users is announced once, and nobody else."""
    three = Party(launch, redis, viewers, 3, "--presence-lease", "10m", "--presence-heartbeat", "500ms", "--offline-grace", "1s")
    watcher = three.connect(three.nodes[0], "watcher", Presence)
    for index in range(45):
        client = three.connect(three.nodes[index % 3], f"user-{index}")
        if index < 3:
            client.subscribe(task)
    redis.wait_for_viewers(task, 3)
    three.wait_until_exact()
    lost = three.kill(three.nodes[2])
    three.wait_until_exact(60)
    left = lambda: three.nodes[0].request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json["viewers"]
    assert three.nodes[0].post(task, {"progress": 1}).status == 200
    wait_until(lambda: left() == 2, "its viewers are taken out", 20)
    told = gone(watcher)
    wait_until(lambda: told.extend(gone(watcher)) or len(told) >= len(lost), "its users are announced", 30)
    assert sorted(told) == sorted(lost)
    for node in list(three.nodes):
        three.kill(node)


def test_a_bucket_moves_with_its_slot_and_fails_over_with_its_master(launch, own, viewers):
    two = Party(launch, own, viewers)
    watcher = two.connect(two.nodes[0], "watcher", Presence)
    for index in range(30):
        two.connect(two.nodes[index % 2], f"user-{index}")
    two.wait_until_exact()
    base = bucket_of(own, "user-7")
    slot = own.client.keyslot(base + "u")
    home = next(master for master in own.masters() if master.keeps(slot))
    target = next(master for master in own.masters() if master is not home)
    own.move(slot, home, target, pause=0.01)
    two.wait_until_exact()
    two.connect(two.nodes[1], "user-7")
    two.wait_until_exact()
    assert bucket_of(own, "user-7") == base and target.call("EXISTS", base + "u") == 1
    own.fail_over(target)
    two.connect(two.nodes[0], "user-7")
    two.wait_until_exact(30)
    for node in two.nodes:
        node.wait_until_ready()
    assert gone(watcher) == []


def test_only_the_users_of_a_master_that_is_away_wait(launch, own, viewers):
    """Its buckets lose all their data: the loops write it again. Nobody is announced by that."""
    for server in own.servers:
        server.call("CONFIG", "SET", "cluster-require-full-coverage", "no")
    two = Party(launch, own, viewers)
    watcher = two.connect(two.nodes[0], "watcher", Presence)
    users = [f"user-{index}" for index in range(60)]
    for index, user in enumerate(users[:30]):
        two.connect(two.nodes[index % 2], user)
    two.wait_until_exact()
    lost = own.masters()[-1]
    away = {base for base in BASES if lost.keeps(own.client.keyslot(base + "u"))}
    assert 0 < len(away) < len(BASES)
    there = [base for base in BASES if base not in away]
    own.replica_of(lost).kill()
    lost.kill()
    for node in two.nodes:
        node.wait_until_unready("redis_shard")
    before = {base: users for base, users in zip(there, map(lambda base: own.client.hlen(base + "u"), there))}
    for index, user in enumerate(users[30:]):
        two.connect(two.nodes[index % 2], user)
    wait_until(
        lambda: sum(own.client.hlen(base + "u") - before[base] for base in there) >= 10, "users of the other buckets are counted", 20)
    lost.start()
    two.wait_until_exact(60)
    for node in two.nodes:
        node.wait_until_ready()
    assert gone(watcher) == []
