"""Sentinels as operators set them up: several replicas, writes that need one, names in place of addresses."""

import pytest

from clients import Tasks
from harness import fantail, wait_until
from sentinels import Group


@pytest.fixture
def group(tmp_path, request):
    group = Group(tmp_path, **request.param)
    yield group
    group.kill()


@pytest.mark.parametrize("group", [{"replicas": 2}], indirect=True)
def test_of_two_replicas_one_takes_over_after_the_other(group, launch, viewers, task):
    node = launch(redis=group)
    viewer = viewers(Tasks(node))
    viewer.subscribe(task)
    numbers = iter(range(1, 100))
    for _ in range(2):
        progress = next(numbers)
        wait_until(lambda: node.post(task, {"progress": progress}).status == 200, "publishing goes on")
        while viewer.receive_type("taskProgress", "taskUpdated")["payload"].get("progress") != progress:
            pass
        old = group.master
        assert old.client.wait(1, 5_000) >= 1
        old.kill()
        wait_until(lambda: group.master is not old, "another is the master", 40)
    wait_until(lambda: node.post(task, {"progress": 99}).status == 200, "publishing goes on at the last")
    while viewer.receive_type("taskProgress", "taskUpdated")["payload"].get("progress") != 99:
        pass
    node.wait_until_ready()


MIN_REPLICAS = ("--min-replicas-to-write", "1", "--min-replicas-max-lag", "2")


@pytest.mark.parametrize("group", [{"replicas": 2, "options": MIN_REPLICAS}], indirect=True)
def test_writes_that_need_a_replica_wait_for_one(group, launch, viewers, task):
    node = launch(redis=group)
    viewer = viewers(Tasks(node))
    viewer.subscribe(task)
    assert node.post(task, {"progress": 1}).status == 200
    first, second = (redis for redis in group.redises if redis is not group.master)
    first.kill()
    assert node.post(task, {"progress": 2}).status == 200
    second.kill()
    wait_until(lambda: node.post(task, {"progress": 3}).status == 503, "what no replica would get is refused")
    node.wait_until_unready("redis_refuses_writes")
    second.start()
    wait_until(lambda: node.post(task, {"progress": 4}).status == 200, "a replica is enough")
    node.wait_until_ready()
    while (last := viewer.receive_type("taskProgress", "taskUpdated")["payload"]).get("progress") != 4:
        assert last.get("progress") in (None, 1, 2)
    assert last["sequence"] == 3 and not last.get("snapshot")  # what was refused has used up no number


NAMES = ("sentinel resolve-hostnames yes", "sentinel announce-hostnames yes")


@pytest.mark.parametrize(
    "group", [{"host": "localhost", "settings": NAMES, "options": ("--replica-announce-ip", "localhost")}], indirect=True)
def test_sentinels_may_name_hosts(group, launch, task):
    done = fantail("check", "--dev", "--port", "0", "--redis", group.url)
    assert done.returncode == 0 and f"says localhost:{group.master.port}" in done.stdout, done
    node = launch(redis=group)
    assert node.post(task, {"progress": 1}).status == 200
    old = group.master
    group.fail_over()
    wait_until(lambda: group.master is not old, "the other is the master")
    wait_until(lambda: node.post(task, {"progress": 2}).status == 200, "publishing goes on")
    assert group.master.client.exists(f"ft:{{task:{task}}}:m")
