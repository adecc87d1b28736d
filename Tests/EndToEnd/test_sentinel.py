"""Nodes whose Redis is the master that Sentinel names: it dies, hangs, is replaced on purpose, and comes back."""

import subprocess
import threading
import time

import pytest
import redis as redis_py

from certificates import Authority
from clients import Presence, Tasks
from harness import SECRET, RedisServer, binary, clean_environment, fantail, free_port, wait_until
from redis_tls import TLSRedis
from sentinels import NAME, Decisions, Group, Sentinel
from tokens import jwt

# Seconds from Sentinel's own decision until publishing goes on, and until no loop is left on the old master. A node takes less than
# 2 and 5 on a machine that is its own; a node that waits for Sentinel to close its connections takes more than 10.
PUBLISHING_AGAIN = 9
OLD_MASTER_LEFT = 9
USERS = "ft:{online}:u"


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    group = Group(tmp_path_factory.mktemp("group"))
    yield group
    group.kill()


@pytest.fixture
def group(redis):
    """Everything runs and agrees, at the beginning as at the end."""
    redis.settle()
    yield redis
    redis.settle()


def ours(redis):
    """The names of the nodes' connections to a Redis."""
    names = {connection["name"] for connection in redis.client.client_list()}
    return {name for name in names if name.startswith("fantail-node")}


class Scene:
    """Two nodes of two loops each, viewers of one task, and people online."""

    def __init__(self, group, launch, viewers, task, url=None):
        self.group, self.task = group, task
        where = type("Where", (), {"url": url or group.url})
        names = ["node0", "node1"]
        self.nodes = [launch("--loops", "2", "--node-id", name, redis=where) for name in names]
        self.loops = {f"fantail-{name}-{loop}{kind}" for name in names for loop in (0, 1) for kind in ("", "-sub")}
        wait_until(lambda: self.publishes(0), "the first events are published")
        self.viewers = [viewers(Tasks(node, jwt(f"viewer{number}"))) for number, node in enumerate(self.nodes)]
        for viewer in self.viewers:
            viewer.subscribe(task)
            viewer.receive_type("taskUpdated"), viewer.receive_type("taskProgress")
        self.people = [viewers(Presence(node, jwt(f"person{number}"))) for number, node in enumerate(self.nodes)]
        wait_until(lambda: group.client.hlen(USERS) == 4, "all are online")
        self.old = group.master
        # What no replica has yet is lost with the master, by the nature of Redis.
        wait_until(lambda: self.old.client.wait(1, 1000) == 1, "a replica has everything")

    def publishes(self, progress):
        return all(node.post(self.task, {"progress": progress}).status == 200 for node in self.nodes)

    def expect_publishing(self, decided, within=PUBLISHING_AGAIN):
        wait_until(lambda: self.publishes(50), "publishing goes on at both nodes", 30)
        taken = time.monotonic() - decided
        assert taken < within, f"{taken} s after the decision"

    def expect_all_at(self, redis, decided):
        wait_until(lambda: ours(redis) == self.loops, f"both connections of each loop are at {redis.port}", 30)
        assert time.monotonic() - decided < OLD_MASTER_LEFT

    def expect_nobody_at(self, redis):
        wait_until(lambda: not ours(redis), f"nobody is at {redis.port}", OLD_MASTER_LEFT)

    def expect_one_epoch(self):
        """Each viewer is told of one new epoch, of nothing twice, and of the end."""
        wait_until(lambda: self.publishes(99), "the last is published")
        for viewer in self.viewers:
            bodies = []
            while not bodies or bodies[-1].get("progress") != 99:
                bodies.append(viewer.receive_type("taskProgress", "taskUpdated")["payload"])
            snapshots = [number for number, body in enumerate(bodies) if body.get("snapshot")]
            assert len({bodies[number]["epoch"] for number in snapshots}) == 1, bodies
            for part in (bodies[:snapshots[0]], bodies[snapshots[-1] + 1:]):
                live = [body["sequence"] for body in part if "sequence" in body]
                assert live == sorted(set(live)), bodies

    def expect_all_online(self):
        """The count is exact, and nobody was said to be gone."""
        wait_until(lambda: self.group.client.hlen(USERS) == 4, "all are counted")
        for person in self.people:
            person.send({"type": "ping"})
            while (message := person.receive())["type"] != "pong":
                assert message["type"] != "user_status" or message["data"]["status"] != "offline", message


@pytest.fixture
def scene(group, launch, viewers, task):
    return Scene(group, launch, viewers, task)


def test_a_killed_master_is_replaced_and_not_followed_when_it_comes_back(scene, group):
    decisions = Decisions(group.sentinels)
    scene.old.kill()
    decided = decisions.wait()
    scene.expect_publishing(decided)
    scene.expect_all_at(group.master, decided)
    scene.old.start()  # as a master, which takes writes, until Sentinel makes it a replica
    while scene.old.client.info("replication")["role"] == "master":
        assert not ours(scene.old)
    scene.expect_one_epoch()
    scene.expect_all_online()
    assert not ours(scene.old)


def test_a_hung_master_is_left(scene, group):
    decisions = Decisions(group.sentinels)
    scene.old.pause()
    decided = decisions.wait()
    scene.expect_publishing(decided)
    scene.expect_all_at(group.master, decided)
    scene.old.resume()
    scene.expect_nobody_at(scene.old)
    scene.expect_one_epoch()
    scene.expect_all_online()


def test_a_planned_failover_is_followed_at_once(scene, group):
    decisions = Decisions(group.sentinels)
    group.fail_over()
    decided = decisions.wait()
    scene.expect_publishing(decided)
    scene.expect_all_at(group.master, decided)
    scene.expect_nobody_at(scene.old)
    scene.expect_one_epoch()
    scene.expect_all_online()


def test_a_switch_that_is_not_heard_is_noticed(scene, group):
    """Every connection that hears `+switch-master` is cut again and again while it is said."""
    decisions = Decisions(group.sentinels)
    group.fail_over()
    while not decisions.first.is_set():
        for sentinel in group.sentinels:
            sentinel.cut_listeners()
    scene.expect_all_at(group.master, decisions.when)
    scene.expect_nobody_at(scene.old)
    scene.expect_one_epoch()
    scene.expect_all_online()


def test_a_dead_sentinel_and_a_hung_one_do_not_hinder(launch, viewers, task, tmp_path):
    """Two of five, which stand first in the URL: the others are a majority."""
    five = Group(tmp_path, count=5)
    url = five.url
    dead, hung, *five.sentinels = five.sentinels
    try:
        dead.kill()
        hung.pause()
        scene = Scene(five, launch, viewers, task, url=url)
        decisions = Decisions(five.sentinels)
        scene.old.kill()
        decided = decisions.wait(60)
        scene.expect_publishing(decided)
        scene.expect_all_at(five.master, decided)
        scene.expect_one_epoch()
        scene.expect_all_online()
        assert [node.terminate() for node in scene.nodes] == [0, 0]
    finally:
        hung.resume()
        hung.kill()
        five.kill()


def test_a_wrong_sentinel_is_outvoted(group, launch, viewers, task, tmp_path_factory):
    """One that takes another Redis for the master of that name, and something that is no Sentinel."""
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "redis").mkdir(), (folder / "sentinel").mkdir()
    other = RedisServer(folder / "redis")
    wrong = Sentinel(folder / "sentinel", watches=other, quorum=1)
    try:
        scene = Scene(group, launch, viewers, task, url=Group.url_of([wrong, other, *group.sentinels]))
        decisions = Decisions(group.sentinels)
        scene.old.kill()
        decided = decisions.wait()
        scene.expect_publishing(decided)
        scene.expect_all_at(group.master, decided)
        scene.expect_one_epoch()
        assert not ours(other)
        done = fantail("check", "--redis", Group.url_of([wrong, other, *group.sentinels]), "--port", str(free_port()), "--jwt-secret", SECRET)
        assert done.returncode == 0, done
        assert f"the Sentinel 127.0.0.1:{wrong.port}: says 127.0.0.1:{other.port}" in done.stdout, done.stdout
        assert f"the Sentinel 127.0.0.1:{other.port}: " in done.stdout and "this is a Redis, not a Sentinel" in done.stdout
    finally:
        wrong.kill()
        other.kill()


def test_a_node_waits_for_sentinels_and_keeps_its_master_without_them(group, launch, task):
    for sentinel in group.sentinels:
        sentinel.kill()
    waiting = launch(unready="redis_commands")
    for sentinel in group.sentinels:
        sentinel.start()
    waiting.wait_until_ready(30)
    for sentinel in group.sentinels:
        sentinel.kill()
    wait_until(lambda: "Sentinel cannot be asked" in waiting.log, "the node has noticed")
    assert waiting.is_ready() and waiting.post(task, {"progress": 1}).status == 200
    for sentinel in group.sentinels:
        sentinel.start()


# MARK: What is said of it


def check(url, *flags, env=None):
    return fantail("check", "--redis", url, "--port", str(free_port()), "--jwt-secret", SECRET, *flags, env=env)


def test_check_names_the_topology(group):
    done = check(group.url)
    assert done.returncode == 0, done
    assert f"at {group.url}" in done.stdout and f"Master, by the Sentinels: 127.0.0.1:{group.master.port}" in done.stdout
    for sentinel in group.sentinels:
        assert f"Sentinel 127.0.0.1:{sentinel.port}: says 127.0.0.1:{group.master.port}" in done.stdout
    assert "Note: the" not in done.stdout, done.stdout
    assert "Redis: " + group.client.info("server")["redis_version"] in done.stdout


def test_check_says_what_is_wrong_with_a_sentinel(group):
    group.sentinels[0].kill()
    done = check(group.url)
    assert done.returncode == 0 and f"127.0.0.1:{group.sentinels[0].port}: cannot connect" in done.stdout, done


def test_sentinels_of_which_none_can_be_asked_are_named():
    ports = [free_port(), free_port()]
    done = check(f"redis-sentinel://127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}/{NAME}")
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done
    for port in ports:
        assert f"127.0.0.1:{port}: cannot connect" in done.stderr


@pytest.mark.parametrize("command", [["publish", "task-x", "{}"], ["online"], ["check", "--jwt-secret", SECRET]])
def test_a_name_that_no_sentinel_knows_exits_2(group, command):
    done = fantail(*command, "--redis", Group.url_of(group.sentinels, "stranger"))
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done
    assert "no Sentinel knows a master named 'stranger'" in done.stderr and str(group.sentinels[0].port) in done.stderr


def test_a_node_waits_for_the_name_and_then_exits_2(group):
    done = fantail(
        "serve", "--redis", Group.url_of(group.sentinels, "stranger"), "--port", str(free_port()), "--jwt-secret", SECRET, timeout=60)
    assert done.returncode == 2, done
    assert "waiting for a Sentinel that knows the master" in done.stdout + done.stderr
    assert "no Sentinel knows a master named 'stranger'" in done.stderr.splitlines()[-1]


def test_a_name_that_sentinels_learn_later_is_enough(group, launch, tmp_path):
    sentinel = Sentinel(tmp_path)
    started = []
    where = type("Where", (), {"url": Group.url_of([sentinel], "late")})
    starting = threading.Thread(target=lambda: started.append(launch(redis=where)))
    starting.start()
    wait_until(lambda: sentinel.client.client_list(), "somebody asks")
    sentinel.client.execute_command("SENTINEL", "MONITOR", "late", "127.0.0.1", str(group.master.port), "1")
    starting.join(60)
    assert started and started[0].is_ready()
    sentinel.kill()


def test_a_redis_url_that_names_a_sentinel_says_so(group):
    done = check(f"redis://127.0.0.1:{group.sentinels[0].port}")
    assert done.returncode == 1 and "redis-sentinel://" in done.stderr, done


# MARK: The command


def test_publish_and_online_go_to_the_master(group, task):
    done = fantail("publish", task, '{"progress":1}', "--redis", group.url)
    assert done.returncode == 0 and "sequence=1" in done.stdout, done
    assert group.client.exists(f"ft:{{task:{task}}}:m")
    done = fantail("online", "--redis", group.url)
    assert done.returncode == 0 and done.stdout.strip() == str(group.client.hlen(USERS)), done


def test_run_goes_on_after_a_failover(group, task, tmp_path):
    """A command that reports before and after: both are heard, the second by the new master."""
    go_on = tmp_path / "go-on"
    script = f"echo 10%; until [ -e {go_on} ]; do sleep 0.05; done; echo 90%"
    running = subprocess.Popen(
        [binary(), "run", "--redis", group.url, task, "--", "sh", "-c", script], env=clean_environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    key = f"ft:{{task:{task}}}:h"
    wait_until(lambda: group.client.llen(key), "the first report is there")
    old = group.master
    wait_until(lambda: old.client.wait(1, 1000) == 1, "a replica has everything")
    decisions = Decisions(group.sentinels)
    group.fail_over()
    decisions.wait()
    # The old master takes writes until Sentinel reaches it, and forgets them then: that is the nature of Redis.
    names = lambda: {connection["name"] for connection in old.client.client_list()}
    wait_until(lambda: not any(name.startswith("fantail") for name in names()), "the command has left the old master")
    go_on.touch()
    assert running.wait(30) == 0, running.stderr.read()
    running.stderr.close()
    wait_until(lambda: b'"completed"' in b"".join(group.client.lrange(key, 0, -1)), "the end is told")


# MARK: Passwords


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """One Redis and one Sentinel, which wants a password."""
    alone = Group(tmp_path_factory.mktemp("guarded"), replicas=0, password="of-sentinels", count=1)
    yield alone
    alone.kill()


def test_sentinels_may_have_a_password_of_their_own(guarded, launch, tmp_path):
    for flags, env in [
        (["--sentinel-password", "of-sentinels"], None), ([], {"FANTAIL_SENTINEL_PASSWORD": "of-sentinels"}),
        (["--sentinel-user", "default", "--sentinel-password", "of-sentinels"], None),
    ]:
        done = check(guarded.url, *flags, env=env)
        assert done.returncode == 0 and "of-sentinels" not in done.stdout, done
    held = tmp_path / "held"
    held.write_text("of-sentinels\n")
    assert check(guarded.url, env={"FANTAIL_SENTINEL_PASSWORD_FILE": str(held)}).returncode == 0
    launch("--sentinel-password-file", str(held), redis=guarded)


@pytest.mark.parametrize("flags, said", [([], "NOAUTH"), (["--sentinel-password", "wrong"], "WRONGPASS")])
def test_a_password_that_is_missing_or_wrong_is_named(guarded, launch, flags, said):
    done = check(guarded.url, *flags)
    assert done.returncode == 1 and said in done.stderr and str(guarded.sentinels[0].port) in done.stderr, done
    launch(*flags, redis=guarded, unready="redis_refused")


def test_tls_to_redis_and_to_sentinels(launch, task, tmp_path):
    authority = Authority(tmp_path, "authority")
    identity = authority.issue("both")
    for name in ("redis", "sentinel"):
        (tmp_path / name).mkdir()
    redis = TLSRedis(tmp_path / "redis", identity, authority, "--tls-replication", "yes")
    port = free_port()
    sentinel = Sentinel(
        tmp_path / "sentinel", f"tls-port {port}", f"tls-cert-file {identity.certificate}", f"tls-key-file {identity.key}",
        f"tls-ca-cert-file {authority.path}", "tls-auth-clients no", "tls-replication yes")
    sentinel.client.execute_command("SENTINEL", "MONITOR", NAME, "127.0.0.1", redis.tls_port, "1")
    where = type("Where", (), {"url": f"rediss-sentinel://localhost:{port}/{NAME}"})
    done = check(where.url, "--redis-ca", authority.path)
    assert done.returncode == 0 and f"says 127.0.0.1:{redis.tls_port}" in done.stdout, done
    node = launch("--redis-ca", authority.path, redis=where)
    assert node.post(task, {"progress": 1}).status == 200 and redis.client.exists(f"ft:{{task:{task}}}:m")
    done = check(where.url)
    assert done.returncode == 1 and "not trusted" in done.stderr and str(port) in done.stderr, done
    assert node.terminate() == 0
    sentinel.kill()
    redis.kill()


@pytest.mark.parametrize("flags, named", [
    (["--redis", "redis-sentinel://h/m", "--sentinel-user", "u"], "--sentinel-password"),
    (["--redis", "redis://h", "--sentinel-password", "p"], "redis-sentinel://"),
    (["--redis", "redis-sentinel://h"], "the master's name is missing"),
])
def test_settings_that_do_not_fit_exit_2(flags, named):
    done = fantail("check", "--jwt-secret", SECRET, *flags)
    assert done.returncode == 2 and named in done.stderr and len(done.stderr.splitlines()) == 1, done
