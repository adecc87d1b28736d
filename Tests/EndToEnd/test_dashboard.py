"""ops/grafana and ops/prometheus use only metrics and labels that a node has."""

import json
import re
import subprocess

import pytest

from clients import Tasks
from harness import ROOT, wait_until

DASHBOARD = ROOT / "ops/grafana/fantail.json"
ALERTS = ROOT / "ops/prometheus/alerts.yml"
ALERTS_TEST = ROOT / "ops/prometheus/alerts-test.yml"
# Prometheus adds these to whatever it scrapes; `le` is a histogram's.
ADDED = {"job", "instance", "le"}


def strings(value, name):
    """Every text under a name, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name and isinstance(inner, str):
                yield inner
            yield from strings(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, name)


def expressions():
    dashboard = json.loads(DASHBOARD.read_text())
    found = list(strings(dashboard, "expr")) + list(strings(dashboard["templating"], "query"))
    found += re.findall(r"^\s+expr: (.+)$", ALERTS.read_text(), re.M)
    found += re.findall(r"series: '(.+?)'", ALERTS_TEST.read_text())
    return [e for e in found if "fantail" in e and not e.startswith("up{")]


@pytest.fixture(scope="module")
def page(nodes, redis):
    """The metrics of a node that has done a little of everything: counters with labels appear with their first count."""
    node = nodes[0]
    viewer = Tasks(node)
    viewer.subscribe("seen")
    redis.fcall("seen", {"progress": 1})
    viewer.receive_type("taskProgress")
    viewer.close()
    assert node.request("GET", "/api/v1/online/count").status == 401

    def counted():
        text = node.request("GET", "/metrics").body.decode()
        return text if re.search(r"^fantail_closes_total\{", text, re.M) else None

    return wait_until(counted, "the close is counted")


@pytest.fixture(scope="module")
def labels(page):
    """The labels of every metric."""
    found = {}
    for line in page.splitlines():
        if line and not line.startswith("#"):
            name, text = re.match(r"([a-z_0-9]+)(?:\{(.*)\})? ", line).groups()
            found.setdefault(name, set()).update(re.findall(r'([a-z_]+)="', text or ""))
    return found


def test_every_metric_that_is_asked_for_exists(labels):
    asked = {name for e in expressions() for name in re.findall(r"\bfantail_[a-z0-9_]+", e)}
    assert len(asked) > 30
    assert asked - set(labels) == set()


def test_every_label_that_is_asked_for_exists(labels):
    for expression in expressions():
        names = re.findall(r"\bfantail_[a-z0-9_]+", expression)
        known = ADDED.union(*(labels[name] for name in names))
        for selector in re.findall(r"(fantail_[a-z0-9_]+)\{([^}]*)\}", expression):
            used = set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", selector[1]))
            assert used <= labels[selector[0]] | ADDED, expression
        for by in re.findall(r"\bby \(([^)]*)\)", expression):
            assert {label.strip() for label in by.split(",")} <= known, expression


def test_a_panels_legend_names_only_labels_that_its_expression_leaves(labels):
    for target in targets():
        shown = set(re.findall(r"\{\{([a-z_]+)\}\}", target["legendFormat"]))
        by = re.search(r"\bby \(([^)]*)\)", target["expr"])
        left = {label.strip() for label in by.group(1).split(",")} if by else ADDED
        assert shown <= left, target


def targets():
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            if "legendFormat" in target:
                yield target


def test_every_metric_of_a_node_is_shown(page):
    """A metric that no panel shows is not needed."""
    shown = "\n".join(expressions())
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.M))
    assert len(kinds) > 30
    hidden = {n for n in kinds if not re.search(rf"\b{n}({'_bucket' if kinds[n] == 'histogram' else ''})\b", shown)}
    assert hidden == set()


def test_no_two_panels_overlap_and_every_panel_has_its_own_number():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y) for p in panels for g in [p["gridPos"]]
        for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])]
    assert len(cells) == len(set(cells)) and max(x for x, _ in cells) < 24


@pytest.mark.parametrize("arguments", [["test", "rules", ALERTS_TEST.name], ["check", "rules", ALERTS.name], ["check", "config", "prometheus.yml"]])
def test_prometheus_takes_the_alerts_and_each_fires_when_it_should(arguments):
    done = subprocess.run(["promtool", *arguments], cwd=ALERTS.parent, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried_firing_and_not_firing():
    tried = ALERTS_TEST.read_text().split("alertname: ")[1:]
    fires = {case.split()[0].strip(",") for case in tried if "exp_alerts:" in case}
    silent = {case.split()[0].strip(",") for case in tried if "exp_alerts:" not in case}
    alerts = set(re.findall(r"- alert: (\w+)", ALERTS.read_text()))
    assert alerts == fires == silent
