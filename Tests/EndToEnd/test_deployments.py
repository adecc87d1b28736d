"""The files in ops/ are true of the node: its variables, its drain, its packages, its version."""

import re

import kubernetes_validate
import pytest
import yaml

from harness import ROOT, fantail
from redis_users import VARIABLES

COMPOSE = (ROOT / "docker-compose.yml").read_text()
KUBERNETES = (ROOT / "ops/kubernetes/fantail.yaml").read_text()
OVERLAYS = sorted((ROOT / "ops/kubernetes").glob("*/*.yaml"))
UNIT = (ROOT / "ops/systemd/fantail.service").read_text()
ENVIRONMENT = (ROOT / "ops/systemd/fantail.env").read_text()
DOCKERFILE = (ROOT / "ops/Dockerfile").read_text()
README = (ROOT / "ops/README.md").read_text()


def seconds(pattern, text):
    return int(re.search(pattern + r"\s*(\d+)", text).group(1))


@pytest.mark.parametrize("variables", [
    # What compose itself reads, `${FANTAIL_PORT}`, is no variable of a node; the passwords are for make-users.
    [name for name in re.findall(r"^ +((?:FANTAIL|WS)_\w+):", COMPOSE, re.M) if name not in VARIABLES.values()],
    re.findall(r"name: (FANTAIL_\w+)", KUBERNETES + "".join(file.read_text() for file in OVERLAYS)),
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


# Kubernetes: what `kubectl apply -k ops/kubernetes` applies.

def merged(base, patch):
    """A strategic merge as kustomize does it: lists of named things by their names."""
    if isinstance(base, dict) and isinstance(patch, dict):
        return base | {key: merged(base[key], value) if key in base else value for key, value in patch.items()}
    if isinstance(base, list) and isinstance(patch, list) and all("name" in item for item in base + patch):
        new = [item for item in patch if item["name"] not in {old["name"] for old in base}]
        return [merged(old, next((item for item in patch if item["name"] == old["name"]), {})) for old in base] + new
    return patch


def rendered():
    """The manifests with every component."""
    manifests = list(yaml.safe_load_all(KUBERNETES))
    deployment = next(manifest for manifest in manifests if manifest["kind"] == "Deployment")
    top = yaml.safe_load((ROOT / "ops/kubernetes/kustomization.yaml").read_text())
    for component in top["components"]:
        folder = ROOT / "ops/kubernetes" / component
        own = yaml.safe_load((folder / "kustomization.yaml").read_text())
        for name in own.get("resources", []):
            manifests += yaml.safe_load_all((folder / name).read_text())
        for patch in own["patches"]:
            if "path" in patch:
                deployment.update(merged(deployment, yaml.safe_load((folder / patch["path"]).read_text())))
            else:
                assert yaml.safe_load(patch["patch"]) == [{"op": "remove", "path": "/spec/replicas"}]
                del deployment["spec"]["replicas"]
    return manifests


def test_the_manifests_are_what_kubernetes_takes():
    for version in ("1.25", "1.35"):
        for manifest in rendered():
            kubernetes_validate.validate(manifest, version, strict=True)


def test_the_components_change_the_node_and_add_nothing_beside_it():
    spec = next(manifest for manifest in rendered() if manifest["kind"] == "Deployment")["spec"]
    [container] = spec["template"]["spec"]["containers"]
    names = [entry["name"] for entry in container["env"]]
    assert container["image"] and {"FANTAIL_REDIS_URL", "FANTAIL_REDIS_CA", "FANTAIL_SENTINEL_USER"} <= set(names)
    assert len(names) == len(set(names)) and "replicas" not in spec
    volumes = {volume["name"] for volume in spec["template"]["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes
    assert spec["template"]["spec"]["securityContext"]["runAsUser"] == spec["template"]["spec"]["securityContext"]["fsGroup"]


def test_the_autoscaler_and_the_budget_are_about_the_nodes():
    by_kind = {manifest["kind"]: manifest for manifest in rendered()}
    deployment, scaler = by_kind["Deployment"], by_kind["HorizontalPodAutoscaler"]["spec"]
    assert scaler["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert by_kind["PodDisruptionBudget"]["spec"]["selector"] == deployment["spec"]["selector"]
    assert scaler["minReplicas"] > by_kind["PodDisruptionBudget"]["spec"]["maxUnavailable"]
    text = (ROOT / "ops/kubernetes/scaling/autoscaler.yaml").read_text()
    metric = re.search(r"name: fantail_(\w+)", text).group(1)
    assert f'Metric("{metric}"' in (ROOT / "Sources/Telemetry/Page/Metric.swift").read_text()


# Compose: the profiles.

def test_each_profile_has_its_servers_and_two_nodes():
    services = yaml.safe_load(COMPOSE)["services"]
    of = lambda profile: {name: service for name, service in services.items() if service.get("profiles") == [profile]}
    nodes = lambda profile: [name for name, service in of(profile).items() if service["image"] == "fantail"]
    assert len(nodes("cluster")) == len(nodes("sentinel")) == 2
    assert sum("--cluster-enabled yes" in service["environment"].get("MORE", "") for service in of("cluster").values()) == 6
    assert sum("--sentinel" in str(service["command"]) for service in of("sentinel").values() if "command" in service) == 3
    for profile in ("cluster", "sentinel"):
        for name in nodes(profile):
            url = services[name]["environment"]["FANTAIL_REDIS_URL"]
            hosts = re.search(r"@([\w,-]+)", url).group(1).split(",")
            assert set(hosts) <= set(of(profile)) and len(hosts) == 3
    assert "profiles" not in services["redis"] and "profiles" not in services["node-a"]
