"""The README's first examples work as written, and its links lead somewhere."""

import re
import shlex
import subprocess

import pytest
from harness import ROOT, binary, clean_environment, wait_until
from tokens import jwt

README = (ROOT / "README.md").read_text()
BINARY = ".build/release/fantail"


def example(language, word):
    """The first code block of a language that contains `word`."""
    return next(block for block in re.findall(rf"```{language}\n(.*?)```", README, re.S) if word in block)


def publish(redis, task="video_1"):
    command = example("sh", "FCALL").replace("redis-cli", f"redis-cli -p {redis.port}").replace("video_1", task)
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, done


def test_the_first_three_commands_show_a_task_in_a_terminal(node, redis, task):
    assert re.findall(r"```sh\n(.*?)```", README, re.S)[0] == "ops/start\n"
    command = shlex.split(example("sh", "watch video_1").replace(BINARY, str(binary())).replace("video_1", task))
    # Nodes of the tests have a secret of their own, which Redis does not know.
    watch = subprocess.Popen(
        [*command, "--url", f"http://127.0.0.1:{node.port}"], stdout=subprocess.PIPE, text=True,
        env=clean_environment({"FANTAIL_TOKEN": jwt()}))
    try:
        redis.wait_for_viewers(task, 1)
        publish(redis, task)
        assert task in (line := watch.stdout.readline()) and "45" in line and "rendering" in line, line
    finally:
        watch.kill()
        watch.wait()


def test_the_snippet_for_the_console_of_the_nodes_own_page_shows_the_event(node, redis, visit):
    publish(redis)
    page = visit(node.url("/").replace("ws://", "http://"))
    page.run(example("js", "join_job"))
    wait_until(lambda: page.run("0") == 0 and page.console[1:], "the console shows the state")
    publish(redis)
    shown = wait_until(lambda: page.run("0") == 0 and page.console[2:], "the console shows the event")[0]
    expected = re.escape(example("json", "job_status").strip()).replace("…", "[^\"]+")
    assert shown[0] == "log" and re.fullmatch(expected, shown[1]), shown


def headings(page):
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", (ROOT / page).read_text(), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_lead_to_headings_and_files():
    links = re.findall(r"\]\(([^)]+)\)", README) + re.findall(r'(?:src|srcset)="([^"]+)"', README)
    assert len(links) > 15
    for link in links:
        if not link.startswith("https://"):
            path, _, heading = link.partition("#")
            assert (ROOT / (path or "README.md")).exists(), link
            assert not heading or heading in headings(path or "README.md"), link


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "ops/README.md", "ops/dialects.md"])
def test_a_page_names_files_that_there_are(page):
    named = set(re.findall(r"`((?:Sources|Tests|ops)/[\w./+-]+)`", (ROOT / page).read_text()))
    # What a new dialect's test is called, whichever it is.
    missing = {path for path in named - {"Tests/EndToEnd/test_name.py"} if not (ROOT / path).exists()}
    assert missing == set()
