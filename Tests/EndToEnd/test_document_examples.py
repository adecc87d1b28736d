"""The REST responses in the interface document of presence, by names and JSON types."""

import json
from pathlib import Path

from clients import Presence
from harness import API_KEY, wait_until
from tokens import jwt

EXAMPLES = json.loads((Path(__file__).parent.parent / "Examples" / "messages.json").read_text())["presence"]["rest"]


def matches(value, example):
    """Whether every field of the example is present and of the same JSON type."""
    if isinstance(example, dict):
        return isinstance(value, dict) and all(key in value and matches(value[key], example[key]) for key in example)
    if isinstance(example, list):
        return isinstance(value, list) and all(matches(item, example[0]) for item in value) and bool(value)
    return type(value) is type(example)


def test_every_example_is_what_the_node_answers(launch, viewers):
    node = launch()
    viewers(Presence(node, jwt("456")))
    wait_until(lambda: node.request("GET", "/api/v1/online/count", key=API_KEY).json["online_count"] == 1, "456 counts")
    paths = ["/api/v1/online", "/api/v1/online/count", "/api/v1/status/456"]
    answers = [node.request("GET", path, key=API_KEY).json for path in paths]
    for example, answer in zip(EXAMPLES, answers, strict=True):
        assert matches(answer, example), (answer, example)
