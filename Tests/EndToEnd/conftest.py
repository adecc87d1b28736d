"""Fixtures: one Redis a module, nodes on free ports, their logs shown with a failure, no skips."""

import random
import uuid

import pytest

from chromium import Chromium
from harness import Node
from surroundings import settle
from topologies import TOPOLOGIES, is_of
from visit import Visit
from website import Website

_running = []
# The nodes that the test has started itself; none while there is no test.
_of_test = None
settle()


def pytest_addoption(parser):
    parser.addoption("--redis", choices=TOPOLOGIES, default="single", help="how the Redis is laid out that nodes use")
    parser.addoption("--shuffle", metavar="SEED", help="run the files, and the tests of each, in the random order of this seed")


def pytest_report_header(config):
    seed = config.getoption("--shuffle")
    return f"in the random order of --shuffle {seed}" if seed else None


def pytest_configure(config):
    config.addinivalue_line("markers", "not_on(*topologies, why): what is tested is not there on these, for this reason")


def pytest_collection_modifyitems(config, items):
    leave_out_of_other_topologies(config, items)
    shuffle(config, items)


def leave_out_of_other_topologies(config, items):
    if (topology := config.getoption("--redis")) == "single":
        return
    out = [item for item in items if not is_of(item, topology)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


def shuffle(config, items):
    """Tests of a file run in one process: they share its Redis and its nodes."""
    if not (seed := config.getoption("--shuffle")):
        return
    order, files = random.Random(seed), {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    shuffled = list(files.values())
    order.shuffle(shuffled)
    for tests in shuffled:
        order.shuffle(tests)
    items[:] = [item for tests in shuffled for item in tests]


@pytest.fixture(scope="module")
def redis(tmp_path_factory, request):
    server = TOPOLOGIES[request.config.getoption("--redis")](tmp_path_factory.mktemp("redis"))
    yield server
    server.end()


def end(node):
    """Stops a node; returns what was wrong with its end."""
    _running.remove(node)
    try:
        if (code := node.terminate()) != 0 and not node.expected_to_die:
            return f"a node ended with {code}:\n{node.log[-4000:]}"
    except Exception as error:
        node.kill()
        return f"a node did not end: {error}\n{node.log[-4000:]}"


def end_all(nodes):
    problems = [problem for problem in map(end, nodes) if problem]
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="module")
def launch(request, redis, tmp_path_factory):
    """Starts nodes. A node that a test started ends with the test, all others with the module; each must end cleanly."""
    folder, nodes = tmp_path_factory.mktemp("nodes"), []
    # What every node of a module has: the Function keeps as much as the node wants that came last.
    of_module = getattr(request.module, "NODE_FLAGS", [])

    def start(*flags, redis=redis, unready=None, **options):
        """Ready, or unready for that reason."""
        common = [] if set(of_module) & set(flags) else of_module
        node = Node(folder, redis, *common, *flags, **options)
        (nodes if _of_test is None else _of_test).append(node)
        _running.append(node)
        return node.wait_until_unready(unready) if unready else node.wait_until_ready()

    yield start
    end_all(nodes)


@pytest.fixture(scope="module")
def nodes(launch):
    """Two nodes on one Redis."""
    return [launch(), launch()]


@pytest.fixture(scope="module")
def node(nodes):
    return nodes[0]


@pytest.fixture
def task():
    """A task that no test has used."""
    return f"task-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def viewers():
    """Clients that close when the test ends."""
    clients = []
    yield lambda client: clients.append(client) or client
    for client in clients:
        client.close()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One Chromium for all tests that need one."""
    chromium = Chromium(tmp_path_factory.mktemp("chromium"))
    yield chromium
    chromium.close()


@pytest.fixture
def site(nodes):
    """A site that serves the tests' own pages, and everything else from a node."""
    site = Website(nodes)
    yield site
    site.close()


@pytest.fixture
def pages(browser):
    """Opens tabs, which close when the test ends. A page sets `isReady` once its modules have run."""
    opened = []

    def open_page(url):
        opened.append(page := browser.open(url))
        page.wait("window.isReady")
        return page

    yield open_page
    for page in opened:
        page.close()


@pytest.fixture
def visit(browser):
    """Opens a node's pages as a person would; none may throw, break its policy or send requests to another host."""
    visits = []
    yield lambda url: visits.append(one := Visit(browser, url)) or one
    for one in visits:
        one.leave()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    global _of_test
    item.nodes = _of_test = []
    yield
    _of_test = None


@pytest.fixture(autouse=True)
def nobody_crashes(request):
    yield
    for node in _running:
        assert not node.crashed(), f"a node crashed with {node.process.returncode}:\n{node.log[-4000:]}"
    end_all(getattr(request.node, "nodes", []))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.skipped:
        report.outcome, report.longrepr = "failed", f"skipped, so not tested: {report.longrepr}"
    if report.failed:
        for node in _running:
            report.sections.append((f"log of the node on port {node.port}", node.log[-6000:]))
