"""The files in ops/ are true of the node: its variables, its drain, its packages, its version."""

import re

import pytest

from harness import ROOT, fantail
from redis_users import VARIABLES

COMPOSE = (ROOT / "docker-compose.yml").read_text()
KUBERNETES = (ROOT / "ops/kubernetes/fantail.yaml").read_text()
UNIT = (ROOT / "ops/systemd/fantail.service").read_text()
ENVIRONMENT = (ROOT / "ops/systemd/fantail.env").read_text()
DOCKERFILE = (ROOT / "ops/Dockerfile").read_text()
README = (ROOT / "ops/README.md").read_text()


def seconds(pattern, text):
    return int(re.search(pattern + r"\s*(\d+)", text).group(1))


@pytest.mark.parametrize("variables", [
    # What compose itself reads, `${FANTAIL_PORT}`, is no variable of a node; the passwords are for make-users.
    [name for name in re.findall(r"^ +((?:FANTAIL|WS)_\w+):", COMPOSE, re.M) if name not in VARIABLES.values()],
    re.findall(r"name: (FANTAIL_\w+)", KUBERNETES),
    re.findall(r"^(\w+)=", ENVIRONMENT, re.M),
    re.findall(r"(FANTAIL_\w+)=", DOCKERFILE),
    [name for name in re.findall(r"`((?:FANTAIL|WS)_\w+)`", README)],
], ids=["compose", "kubernetes", "systemd", "image", "README"])
def test_every_variable_is_one_of_the_nodes(variables):
    """A misspelt variable would be ignored silently."""
    help = "".join(fantail(command, "--help").stdout for command in ("serve", "watch"))  # and the commands that ask nodes
    known = set(re.findall(r"\b((?:FANTAIL|WS)_[A-Z_]+)\b", help)) | {"WS_AUTH_TOKEN", "WS_AUTH_TOKEN_FILE"}
    assert variables and set(variables) <= known


def test_every_setting_of_a_node_stands_in_the_documentation():
    described = set(re.findall(r"`((?:FANTAIL|WS)_\w+)`", README.split("## What to set")[1].split("\n## ")[0]))
    settings = set(re.findall(r"\[(FANTAIL_\w+)\]$", fantail("serve", "--help").stdout, re.M))
    assert len(settings) > 35 and settings <= described, settings - described


def test_a_drain_has_time_to_end_before_the_node_is_killed():
    """The drain and 10 s."""
    assert seconds("stop_grace_period:", COMPOSE) == seconds("FANTAIL_DRAIN:", COMPOSE) + 10
    assert seconds("TimeoutStopSec=", UNIT) == seconds("FANTAIL_DRAIN=", ENVIRONMENT) + 10
    before = seconds('sleep, "', KUBERNETES)
    assert seconds("terminationGracePeriodSeconds:", KUBERNETES) == before + seconds("FANTAIL_DRAIN, value:", KUBERNETES) + 10


def test_the_internal_port_is_where_it_is_asked_for():
    for text in (COMPOSE, KUBERNETES, ENVIRONMENT, DOCKERFILE):
        assert set(re.findall(r'FANTAIL_INTERNAL_PORT(?:=|: |, value: )"?(\d+)', text)) <= {"9000"}
    assert "127.0.0.1:9000/health/ready" in DOCKERFILE
    assert "check port 9000" in (ROOT / "ops/haproxy/haproxy.cfg").read_text()
    assert "node-a:9000, node-b:9000" in (ROOT / "ops/prometheus/prometheus.yml").read_text()


def test_the_image_is_built_with_the_packages_that_the_project_names():
    lines = [line.split() for line in (ROOT / "ops/packages").read_text().splitlines() if not line.startswith("#")]
    libraries = {package for group, *packages in lines if group == "build" for package in packages if package.endswith("-dev")}
    assert len(libraries) >= 7
    assert libraries <= set(re.findall(r"[\w.+-]+-dev", DOCKERFILE))


def test_the_manifest_names_this_version():
    version = re.search(r"\d+\.\d+\.\d+", fantail("version").stdout).group()
    assert f"image: fantail:{version}" in KUBERNETES


def test_every_file_that_the_documentation_names_is_there():
    for link in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (ROOT / "ops" / link).exists(), link
    for path in re.findall(r"\./(ops/[\w./-]+):", COMPOSE):
        assert (ROOT / path).exists(), path
