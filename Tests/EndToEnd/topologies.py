"""The ways in which the Redis of a test run is laid out, each with what the tests do to one Redis."""

import functools
import os

import redis as redis_py
from redis.cluster import ClusterNode, RedisCluster as ClusterClient

from certificates import Authority
from harness import RedisServer, encoded, own_keys, wait_until
from redis_cluster import RedisCluster
from redis_tls import TLSRedis
from sentinels import WatchedRedis

# Of a server, not of a key: every master is told, and asked.
OF_SERVERS = {"ACL", "CLIENT", "CONFIG", "FLUSHALL", "FUNCTION", "INFO", "KEYS", "SCRIPT"}


class TrustedRedis(TLSRedis):
    """Its certificate is of an authority that the whole machine believes, for as long as the run lasts."""

    def __init__(self, folder):
        authority = Authority(folder, "authority-of-the-run")
        os.environ["SSL_CERT_FILE"] = os.environ["NODE_EXTRA_CA_CERTS"] = authority.path
        super().__init__(folder, authority.issue("redis"), authority)

    def end(self):
        super().end()
        del os.environ["SSL_CERT_FILE"], os.environ["NODE_EXTRA_CA_CERTS"]


def together(one, other):
    """Two servers' replies as one Redis would give them."""
    if isinstance(one, dict):
        return {key: together(one[key], other[key]) if key in one and key in other else one.get(key, other.get(key)) for key in one | other}
    if isinstance(one, bool) or not isinstance(one, (int, float, list)):
        return one
    return one + other


class EveryMaster(ClusterClient):
    """A cluster's client for tests that know one Redis only."""

    def execute_command(self, *words, **options):
        if words[0].split()[0] not in OF_SERVERS or "target_nodes" in options:
            return super().execute_command(*words, **options)
        replies = [super(EveryMaster, self).execute_command(*words, target_nodes=node, **options) for node in self.get_primaries()]
        return functools.reduce(together, replies)

    def pubsub_numsub(self, *channels):
        """A loop subscribes at one server of the cluster."""
        counts = [dict(self.execute_command("PUBSUB NUMSUB", *channels, target_nodes=node)) for node in self.get_primaries()]
        return [(channel, sum(count[channel] for count in counts)) for channel in map(str.encode, channels)]

    def pubsub_channels(self, pattern="*"):
        return [channel for node in self.get_primaries() for channel in self.execute_command("PUBSUB CHANNELS", pattern, target_nodes=node)]


class ClusteredRedis(RedisCluster):
    """Three masters for tests that know nothing of clusters: they are stopped and started together."""

    # Nothing is declared dead while the tests stop them all.
    NODE_TIMEOUT = 15.0

    def __init__(self, folder):
        super().__init__(folder, replicas=0, node_timeout=self.NODE_TIMEOUT)
        self.url = "redis://" + ",".join(server.address for server in self.servers)
        self.client = self.new_client()

    masters_count = 3
    is_enough, worker_url = RedisServer.is_enough, RedisServer.worker_url

    def new_client(self, **login):
        nodes = [ClusterNode("127.0.0.1", server.port) for server in self.servers]
        return EveryMaster(startup_nodes=nodes, socket_timeout=10, **login)

    @property
    def port(self):
        return self.servers[0].port

    @property
    def process(self):
        return self.servers[0].process

    def start(self):
        for server in self.servers:
            server.start()
        for server in self.servers:
            wait_until(lambda: self.knows_all(server, len(self.servers), 0), "the cluster is up")
        self.client = self.new_client()

    def pause(self):
        for server in self.servers:
            server.pause()

    def resume(self):
        for server in self.servers:
            server.resume()

    def end(self):
        self.kill()

    def answers(self):
        try:
            return all(server.answers() for server in self.servers) and self.client.ping()
        except redis_py.RedisError:
            return False

    def publish(self, task, event):
        return self.client.publish(f"task:{task}", encoded(event))

    def fcall(self, task, event):
        return self.client.fcall("fantail_publish", *own_keys(f"task:{task}"), encoded(event))[1]

    def wait_for_subscribers(self, task, count):
        RedisServer.wait_for_subscribers(self, task, count)

    def wait_for_viewers(self, task, count, prefix="ft"):
        RedisServer.wait_for_viewers(self, task, count, prefix)


TOPOLOGIES = {"single": RedisServer, "sentinel": WatchedRedis, "cluster": ClusteredRedis, "tls": TrustedRedis}


def is_of(item, topology):
    """Whether a test looks at this topology: else it is the same test as on one Redis, and is run there."""
    if len(item._fixtureinfo.name2fixturedefs.get("redis", [])) != 1:
        return False  # it needs no Redis, or its module has one of its own
    return not any(topology in mark.args for mark in item.iter_markers("not_on"))
