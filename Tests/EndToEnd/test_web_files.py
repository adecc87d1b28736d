"""The files that a node serves to browsers."""

import pytest

from web_files import CLIENT_PARTS, FILES, served

SCRIPT, TEXT = "text/javascript; charset=utf-8", "text/plain; charset=utf-8"
MODULES = ["fantail.js", "fantail.d.ts", "fantail-react.js", "fantail-react.d.ts", "fantail-vue.js", "fantail-vue.d.ts"]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_served_as_it_stands_in_the_repository(node, name):
    answer = node.request("GET", f"/{name}")
    assert answer.status == 200
    assert answer.body == served(name)
    assert answer.headers["Content-Type"] == (SCRIPT if name.endswith(".js") else TEXT)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_file_of_the_repository_is_served(node):
    assert set(CLIENT_PARTS) == set((FILES / "fantail").iterdir())  # which are served as one
    for file in set(FILES.rglob("*.*")) - set(CLIENT_PARTS):
        path = str(file.relative_to(FILES)).removesuffix("index.html").removesuffix(".html")
        assert node.request("GET", f"/{path}").body == file.read_bytes(), file


def test_what_the_browser_has_is_not_sent_again(nodes):
    tag = nodes[0].request("GET", "/fantail.js").headers["ETag"]
    for known in [tag, f'"other", {tag}', f"W/{tag}", "*"]:
        answer = nodes[1].request("GET", "/fantail.js", headers={"If-None-Match": known})
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag), known
    assert nodes[1].request("GET", "/fantail.js", headers={"If-None-Match": '"other"'}).status == 200
    assert nodes[1].request("GET", "/fantail.d.ts").headers["ETag"] != tag


def test_head_is_the_answer_without_its_body(node):
    answer = node.request("HEAD", "/fantail.js")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(served("fantail.js"))


def test_other_methods_are_refused_with_the_list(node):
    answer = node.request("POST", "/fantail.js", {})
    assert (answer.status, answer.code, answer.headers["Allow"]) == (405, "METHOD_NOT_ALLOWED", "GET, HEAD")


@pytest.mark.parametrize(
    "path", ["/fantail", "/fantail.js/", "//fantail.js", "/files/fantail.js", "/../fantail.js", "/%2e%2e/README.md"])
def test_nothing_else_is_there(node, path):
    answer = node.request("GET", path)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_a_page_with_a_slash_behind_leads_to_the_page(node):
    answer = node.request("GET", "/websocket-test/")
    assert (answer.status, answer.headers["Location"], answer.body) == (308, "../websocket-test", b"")
