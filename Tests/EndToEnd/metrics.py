"""A node's /metrics, read by Prometheus' own parser."""

import re

from prometheus_client.parser import text_string_to_metric_families

from harness import ROOT, wait_until

PREFIX = "fantail_"
DECLARATIONS = ROOT / "Sources/Telemetry/Page/Metric.swift"
DECLARATION = re.compile(r'Metric\(\s*"(\w+)",\s*\.(\w+),')


def declared():
    """Name and kind of every metric, from the one file that declares them."""
    return {PREFIX + name: kind for name, kind in DECLARATION.findall(DECLARATIONS.read_text())}


class Metrics:
    """One answer of /metrics."""

    def __init__(self, text):
        self.text, self.families, self.samples = text, {}, {}
        for family in text_string_to_metric_families(text):
            self.families[family.name] = family
            for sample in family.samples:
                key = sample.name, frozenset(sample.labels.items())
                assert key not in self.samples, f"{key} is there twice"
                self.samples[key] = sample.value

    def value(self, name, **labels):
        return self.samples[PREFIX + name, frozenset(labels.items())]

    def get(self, name, **labels):
        """The same; 0 where there is no such sample yet."""
        return self.samples.get((PREFIX + name, frozenset(labels.items())), 0)


def metrics(node, port=None):
    answer = node.request("GET", "/metrics", port=port)
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Metrics(answer.body.decode())


class Watch:
    """A metric from now on: how much it has risen since."""

    def __init__(self, node, name, **labels):
        self.node, self.name, self.labels = node, name, labels
        self.before = metrics(node).get(name, **labels)

    def rise(self):
        return metrics(self.node).get(self.name, **self.labels) - self.before

    def wait_for(self, rise):
        """Waits until it has risen by exactly so much; more is an error."""
        reached = lambda: self.rise() >= rise
        wait_until(reached, f"{self.name}{self.labels} has risen by {rise}")
        assert self.rise() == rise
