"""A master of a Redis Cluster is away: whoever looks at a node is told which one."""

import json
import re

import pytest

from harness import ROOT, wait_until
from metrics import metrics
from redis_cluster import RedisCluster

SHARDS = "fantail_redis_shards_away"


@pytest.fixture
def own(tmp_path):
    cluster = RedisCluster(tmp_path / "cluster", replicas=0)
    yield cluster
    cluster.kill()


def named(node):
    """The shards that the metrics name."""
    page = metrics(node)
    found = {dict(labels)["shard"]: value for (name, labels), value in page.samples.items() if name == SHARDS}
    assert found.pop("") == 0 and set(found.values()) <= {1}
    return set(found)


def test_health_metrics_and_log_name_the_master(own, launch):
    node = launch("--loops", "2", redis=own)
    assert named(node) == set() and "shards" not in node.health().json
    master = own.masters()[1]
    told = len(node.log)
    master.kill()
    node.wait_until_unready("redis_shard")
    assert node.health().json["shards"] == [master.address] and named(node) == {master.address}
    lines = lambda: [line for line in node.log[told:].splitlines() if f"address={master.address}" in line]
    wait_until(lambda: [line for line in lines() if re.search(r"Z (warning|error) ", line)], "the log names it")
    # Every loop has connections of its own, for commands and for the events.
    for kind in ("cluster server", "cluster server for sharded channels"):
        for loop in (0, 1):
            wait_until(
                lambda: any(f" {kind} cannot be asked " in line and f" loop={loop} " in line for line in lines()), f"the log has {kind}, loop {loop}")
    master.start()
    node.wait_until_ready(40)
    assert named(node) == set()


def test_the_dashboard_has_a_line_for_each():
    panels = json.loads((ROOT / "ops/grafana/fantail.json").read_text())["panels"]
    [target] = [target for panel in panels for target in panel.get("targets", []) if SHARDS in target.get("expr", "")]
    assert "{{shard}}" in target["legendFormat"] and "shard" in re.search(r"by \((.*?)\)", target["expr"]).group(1)
