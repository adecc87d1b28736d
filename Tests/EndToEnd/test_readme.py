"""The README's first examples work as written."""

import re
import shlex
import subprocess

import pytest
from harness import ROOT, wait_until

README = (ROOT / "README.md").read_text()


def first(language):
    return re.search(rf"```{language}\n(.*?)```", README, re.S)[1]


def test_the_first_snippet_works_in_the_console_of_the_nodes_own_page(node, redis, visit):
    page = visit(node.url("/").replace("ws://", "http://"))
    page.run(first("js"))
    redis.wait_for_subscribers("video_1", 1)
    command = next(block for block in re.findall(r"```sh\n(.*?)```", README, re.S) if "FCALL" in block)
    done = subprocess.run(
        shlex.split(command.replace("redis-cli", f"redis-cli -p {redis.port}")), capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, done
    shown = wait_until(lambda: page.run("0") == 0 and page.console[1:], "the console shows a second line")[0]
    expected = re.escape(first("json").strip()).replace("…", "[^\"]+")
    assert shown[0] == "log" and re.fullmatch(expected, shown[1]), shown


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "ops/README.md", "ops/dialects.md"])
def test_a_page_names_files_that_there_are(page):
    named = set(re.findall(r"`((?:Sources|Tests|ops)/[\w./+-]+)`", (ROOT / page).read_text()))
    # What a new dialect's test is called, whichever it is.
    missing = {path for path in named - {"Tests/EndToEnd/test_name.py"} if not (ROOT / path).exists()}
    assert missing == set()
