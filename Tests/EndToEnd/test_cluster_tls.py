"""A Redis Cluster over TLS: its own, and stunnel's before each server. Whoever is sent to another server is sent to its port with TLS."""

import pytest

from certificates import Authority
from clients import Tasks
from harness import fantail, free_port, wait_until
from redis_cluster import RedisCluster
from redis_tls import Stunnel


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


class Secure:
    """A cluster that nodes reach by TLS only; the tests themselves speak plainly. `url` names one server."""

    def __init__(self, cluster, ports):
        self.cluster, self.ports = cluster, ports  # the port with TLS of each plain one
        self.url = f"rediss://localhost:{ports[cluster.servers[0].port]}"

    def migrate(self, slot, source, target):
        """With `tls-cluster`, servers speak TLS to each other here, too."""
        while keys := source.call("CLUSTER", "GETKEYSINSLOT", slot, 100):
            source.call("MIGRATE", "127.0.0.1", self.ports[target.port], "", 0, 5_000, "KEYS", *keys)


@pytest.fixture
def native(tmp_path, authority):
    """TLS for clients and between the servers; the plain port stays for the test, and is named to nobody who speaks TLS."""
    identity, ports = authority.issue("redis"), []

    def options():
        ports.append(free_port())
        return ("--tls-port", str(ports[-1]), "--tls-cluster", "yes", "--tls-replication", "yes", "--tls-auth-clients", "no",
                "--tls-cert-file", identity.certificate, "--tls-key-file", identity.key, "--tls-ca-cert-file", authority.path)

    cluster = RedisCluster(tmp_path / "cluster", options=options)
    yield Secure(cluster, dict(zip((server.port for server in cluster.servers), ports, strict=True)))
    cluster.kill()


def served(secure, server):
    """The names of the nodes' connections at a server, and whether all of them came by TLS."""
    port = secure.ports[server.port]
    ours = [line for line in server.client.execute_command("CLIENT", "LIST").splitlines() if "name=fantail-" in line]
    return len(ours), all(f"laddr=127.0.0.1:{port} " in line for line in ours)


def test_nodes_are_sent_to_the_ports_with_tls(native, authority, launch, viewers, task):
    flags = ["--redis-ca", authority.path]
    node = launch("--loops", "1", *flags, redis=native)
    viewer = viewers(Tasks(node))
    viewer.subscribe(task)
    native.cluster.wait_for_viewers(task, 1)
    own = native.cluster
    for number, master in enumerate(own.masters()):
        assert node.post(own.task_at(master, f"{task}-at-{number}"), {"progress": 1}).status == 200
        count, by_tls = served(native, master)
        assert count >= 1 and by_tls
    assert own.fcall(task, {"progress": 1}) == 1
    assert viewer.receive_type("taskProgress")["payload"]["progress"] == 1
    source, target = own.home(task), next(master for master in own.masters() if master is not own.home(task))
    with own.open(own.slot(task), source, target):
        native.migrate(own.slot(task), source, target)
        # ASK, and then MOVED: both name a port, and a node that went to the plain one would fail the handshake.
        assert node.post(task, {"progress": 2}).json["sequence"] == 2
        native.migrate(own.slot(task), source, target)
        own.give(own.slot(task), source, target)
    wait_until(lambda: node.post(task, {"progress": 3}).status == 200, "publishing goes on")
    while viewer.receive_type("taskProgress", "taskUpdated")["payload"].get("progress") != 3:
        pass
    done = fantail("check", "--dev", "--port", "0", "--redis", native.url, *flags)
    assert done.returncode == 0, done
    masters = [line for line in done.stdout.splitlines() if "master " in line]
    assert len(masters) == 3 and all("TLSv1.3, its certificate expires on 20" in line for line in masters)
    assert done.stdout.count("renew it") == 3  # it is for two days
    assert fantail("publish", task, '{"progress":4}', "--redis", native.url, *flags).returncode == 0
    old = own.home(task)
    heir = next(server for server in own.alive() if server.info("master_port") == str(native.ports[old.port]))
    heir.call("CLUSTER", "FAILOVER")
    wait_until(lambda: heir.is_master, "the replica has taken over")
    wait_until(lambda: node.post(task, {"progress": 5}).status == 200, "its replica goes on")
    count, by_tls = served(native, heir)
    assert count >= 1 and by_tls
    assert not any(line.startswith("redis://") for line in node.log.splitlines())


@pytest.fixture
def tunnelled(tmp_path, authority):
    """Plain servers that announce the port of a stunnel before each of them."""
    identity, tunnels = authority.issue("stunnel"), []
    cluster = RedisCluster(tmp_path / "cluster", replicas=0)
    for server in cluster.servers:
        (folder := tmp_path / f"stunnel-{server.port}").mkdir()
        tunnels.append(Stunnel(folder, server, identity))
    for server, tunnel in zip(cluster.servers, tunnels, strict=True):
        server.call("CONFIG", "SET", "cluster-announce-port", tunnel.port)

    def all_announce():
        ports = {tunnel.port for tunnel in tunnels}
        return all({shard[2][1] for shard in server.call("CLUSTER", "SLOTS")} == ports for server in cluster.servers)

    wait_until(all_announce, "every server knows the others' new ports", 40)
    secure = Secure(cluster, {server.port: tunnel.port for server, tunnel in zip(cluster.servers, tunnels, strict=True)})
    yield secure
    for tunnel in tunnels:
        tunnel.kill()
    cluster.kill()


def test_a_cluster_behind_stunnel_announces_its_ports(tunnelled, authority, launch, viewers, task):
    own = tunnelled.cluster
    node = launch("--redis-ca", authority.path, redis=tunnelled)
    viewer = viewers(Tasks(node))
    for number, master in enumerate(own.masters()):
        name = own.task_at(master, f"{task}-at-{number}")
        assert node.post(name, {"progress": 1}).json["sequence"] == 1
        viewer.subscribe(name)
        viewer.receive_type("taskUpdated"), viewer.receive_type("taskProgress")
        assert node.post(name, {"progress": 2}).json["sequence"] == 2
        assert viewer.receive_type("taskProgress")["payload"]["progress"] == 2
    done = fantail("check", "--dev", "--port", "0", "--redis", tunnelled.url, "--redis-ca", authority.path)
    assert done.returncode == 0 and all(f":{port}" in done.stdout for port in tunnelled.ports.values()), done
