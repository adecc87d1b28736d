"""The description of REST that a node serves is true: its paths and methods, and every response."""

import json
import pathlib
import re
import subprocess
import sys

import jsonschema_rs  # what Schemathesis validates with, so it is there
import pytest

from clients import Stream
from harness import API_KEY, ROOT, fantail
from raw import Raw
from tokens import jwt

FILE = ROOT / "Sources/CWebFiles/files/openapi.json"
METHODS = ["get", "post", "put", "patch", "delete", "trace", "query"]


@pytest.fixture(scope="module")
def node(launch):
    return launch("--upstream", "https://party.example", dev=False)


@pytest.fixture(scope="module")
def document(node):
    answer = node.request("GET", "/openapi.json")
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/json"
    assert answer.body == FILE.read_bytes()
    return answer.json


def operations():
    for path, item in json.loads(FILE.read_text())["paths"].items():
        yield path, sorted(method for method in item if method in METHODS)


def test_it_is_of_this_version(document):
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["version"] == fantail("version").stdout.split()[1]


@pytest.mark.parametrize("path, methods", list(operations()))
def test_no_other_method_is_taken_there(node, path, methods):
    path = re.sub(r"\{.*?\}", "someone", path)
    for method in METHODS:
        answer = node.request(method.upper(), path, b"" if method in ("post", "put", "patch") else None)
        if method in methods:
            assert answer.status in (200, 401), (method, answer.body)
            continue
        assert answer.status == 405 and answer.code == "METHOD_NOT_ALLOWED"
        allowed = set(answer.headers["Allow"].lower().split(", "))
        assert allowed == set(methods) | ({"head"} if "get" in methods else set())


def test_the_words_of_the_sources_are_the_words_of_the_description(document):
    ready = document["paths"]["/health/ready"]["get"]["responses"]["503"]["content"]["application/json"]["schema"]
    causes = (ROOT / "Sources/REST/Unreadiness.swift").read_text()
    words = [spelled or name for name, spelled in re.findall(r'^    case (\w+)(?: = "(\w+)")?$', causes, re.M)]
    assert len(words) >= 7 and ready["properties"]["reason"]["enum"] == words

    errors = (ROOT / "Sources/HTTP/HTTPError.swift").read_text()
    codes = re.findall(r'^    case \w+ = "(\w+)"$', errors, re.M)
    described = document["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]["enum"]
    assert len(codes) > 10 and described == codes


def test_every_reference_leads_somewhere(document):
    def references(value):
        for key, inner in (value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()):
            if key == "$ref":
                yield inner
            else:
                yield from references(inner)

    found, used = set(), set(references(document))
    for reference in used:
        target = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        found.add(reference)
    components = {f"#/components/{kind}/{name}" for kind, items in document["components"].items() for name in items
                  if kind != "securitySchemes"}
    assert found == components, "nothing is described that nothing uses"


def test_how_a_task_stands_is_as_described_in_answers_and_in_streams(launch, redis, viewers, task, document):
    """A stream that heard only plain PUBLISHes has no position; what Redis keeps always has one."""
    def fits(kind, value):
        whole = {"$ref": f"#/components/schemas/{kind}", "components": document["components"]}
        return jsonschema_rs.validator_for(whole).is_valid(value)

    node = launch("--loops", "1", dev=False)
    watching = viewers(Stream(node, task))
    redis.wait_for_viewers(task, 1)
    snapshots = []
    for publish in (redis.publish, redis.fcall):
        publish(task, {"progress": 5})
        assert watching.next()["data"]["progress"] == 5
        late = viewers(Stream(node, task)).next()
        assert late["event"] == "snapshot" and late["data"]["state"] == {"progress": 5}
        snapshots.append(late["data"])
    heard, kept = snapshots
    assert heard["epoch"] is None and heard["sequence"] is None and kept["sequence"] == 1
    answer = node.request("GET", f"/api/v1/tasks/{task}", key=API_KEY).json
    assert fits("TaskSnapshot", heard) and fits("TaskSnapshot", kept) and fits("Task", answer)
    for name in ("epoch", "sequence", "viewers"):
        assert not fits("Task", answer | {name: None}), name
    assert not any(fits("TaskSnapshot", kept | change) for change in ({"epoch": None}, {"sequence": None}, {"viewers": 1}, {"more": 1}))


@pytest.mark.parametrize("request_line, status", [
    ("GET /api/v1/online?limit=%zz HTTP/1.1", 400), ("BREW /api/v1/online HTTP/1.1", 501), ("GET /nothing HTTP/1.1", 404),
    ("POST /api/v1/tasks HTTP/1.1", 411), ("TRACE /api/v1/online HTTP/1.1", 405)])
def test_errors_of_http_have_the_described_shape(node, viewers, request_line, status):
    raw = viewers(Raw(node))
    raw.send(f"{request_line}\r\nHost: x\r\n\r\n".encode())
    found, fields, body = raw.answer()
    assert found == status and fields["content-type"] == "application/json"
    assert set(json.loads(body)) == {"error"} and {"code", "message"} == set(json.loads(body)["error"])


# What a schema cannot say may be refused though it fits the schema: a third party that is none of this node's, an epoch
# without its sequence, a topic that is too long with its params, a key of idempotency with another body, `1.0` where an
# integer is meant, integers of more than 64 bits anywhere in JSON, and the ids that Schemathesis carries over from other
# answers without asking whether they fit.
CONFIGURATION = "\n".join(f"""
[[operations]]
include-name = "{operation}"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 404, 409, 422]
""" for operation in (
    "POST /api/v1/tasks", "GET /api/v1/tasks/{id}/events", "POST /api/v1/tasks/{id}/events",
    "POST /api/v1/topics/{topic}/messages", "POST /api/v1/users/{id}/notifications", "GET /api/v1/tasks/{id}",
    "GET /api/v1/status/{user_id}", "DELETE /api/v1/users/{id}/connections"))


def test_every_answer_is_as_described(node, document, tmp_path):
    """Schemathesis sends requests that the description allows and forbids, for a minute, and checks every response."""
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    program = pathlib.Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [program, "run", f"http://127.0.0.1:{node.port}/openapi.json", "--checks", "all", "--phases",
         "coverage,fuzzing,stateful", "--max-time", "60", "--max-examples", "100", "--seed", "1", "--request-timeout", "20",
         "--no-shrink", "--continue-on-failure", "-H", f"Authorization: Bearer {jwt('schema', scope='publish admin')}"],
        cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    generated = int(re.search(r"(\d+) generated", done.stdout)[1])
    print(done.stdout[-1500:])
    assert generated >= 50, done.stdout
    for phase in ("Coverage", "Fuzzing"):
        assert re.search(rf"✅\s+{phase}", done.stdout), done.stdout
