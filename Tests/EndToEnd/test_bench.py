"""`fantail bench`: the figures are correct."""

import json
import signal
import subprocess

import pytest

from harness import API_KEY, SECRET, binary, clean_environment, fantail, free_port, wait_until
from tokens import jwt


def url(node):
    return f"http://127.0.0.1:{node.port}"


@pytest.mark.parametrize("dialect", ["jobs", "tasks", "topics", "events"])
def test_every_viewer_gets_every_event_once(nodes, dialect):
    done = fantail(
        "bench", "--url", url(nodes[0]), "--url", url(nodes[1]), "--jwt-secret", SECRET, "--connections", "12", "--tasks", "3",
        "--rate", "60", "--duration", "1s", "--dialect", dialect, "--json", timeout=90)
    assert (done.returncode, done.stderr) == (0, ""), done
    figures = json.loads(done.stdout)
    assert figures["published"] == 60 and figures["expected"] == figures["deliveries"] == 240
    assert (figures["missed"], figures["duplicated"], figures["disconnected"], figures["refused"]) == (0, 0, 0, 0)
    latency = figures["latency_ms"]
    assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["p99.9"] <= latency["max"]
    assert abs(figures["deliveries_per_second"] - 240 / figures["seconds"]) < 1 and figures["dialect"] == dialect


def test_more_viewers_than_one_user_may_have(launch):
    node = launch(dev=False)
    done = fantail("bench", "--url", url(node), "--jwt-secret", SECRET, "--connections", "120", "--rate", "20",
                   "--duration", "1s", timeout=90)
    assert done.returncode == 0, done
    assert "deliveries   240 of 240" in done.stdout and "missed       0" in done.stdout


def test_a_node_that_dies_is_seen(launch):
    node = launch()
    command = subprocess.Popen(
        [binary(), "bench", "--url", url(node), "--jwt-secret", SECRET, "--connections", "5", "--tasks", "1", "--rate", "20",
         "--duration", "8s", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment())
    wait_for_deliveries(node)
    node.expected_to_die = True
    node.kill()
    out, err = command.communicate(timeout=60)
    figures = json.loads(out)
    assert command.returncode == 1 and err == "" and figures["disconnected"] == 5 and figures["published"] < 160


def wait_for_deliveries(node):
    """Waits until the load runs: five viewers, and messages beyond those that test which viewers are ready."""
    def served():
        lines = node.request("GET", "/metrics").body.decode().splitlines()
        counts = [float(line.split()[-1]) for line in lines if line.startswith("fantail_") and "deliver" in line.split(" ")[0]]
        return sum(counts) > 60

    wait_until(served, "the load runs", 30)


def test_what_cannot_be_measured_is_said(node):
    cases = {
        ("--token", "wrong"): (1, "Authentication failed"),
        ("--token", jwt()): (1, "lacks the scope publish"),
        ("--url", f"http://127.0.0.1:{free_port()}", "--token", "t"): (1, "connection refused"),
        ("--url", f"https://127.0.0.1:{free_port()}", "--token", "t"): (1, "connection refused"),
        ("--url", url(node).replace("http:", "https:"), "--token", "t"): (1, "wrong version number"),
        ("--url", "http://fantail.example.com"): (2, "FANTAIL_TOKEN"),
        ("--rate", "0"): (2, "--rate"),
        ("--api-key", API_KEY): (2, "--api-key"),
        ("--dialect", "smoke"): (2, "jobs, tasks, topics, events"),
        ("now",): (2, "now"),
    }
    for arguments, (code, words) in cases.items():
        done = fantail("bench", *arguments, env={"FANTAIL_URL": url(node)}, timeout=60)
        assert done.returncode == code and words in done.stderr and len(done.stderr.splitlines()) == 1, (arguments, done)


def test_one_token_for_all(node):
    done = fantail("bench", "--url", url(node), "--token", jwt(scope="publish"), "--connections", "3", "--tasks", "1", "--rate",
                   "10", "--duration", "500ms", timeout=60)
    assert done.returncode == 0 and "published    5 of 5" in done.stdout, done
    assert API_KEY not in done.stdout


def test_a_key_in_the_environment_is_not_taken_for_a_token(node):
    """WebSockets accept no API key; the development node's secret is not in this Redis."""
    done = fantail("bench", "--jwt-secret", SECRET, "--connections", "2", "--rate", "10", "--duration", "500ms",
                   env={"FANTAIL_URL": url(node), "FANTAIL_API_KEY": "wrong"}, timeout=60)
    assert done.returncode == 0, done


def test_an_interrupt_ends_it_with_the_figures(launch):
    node = launch()
    command = subprocess.Popen(
        [binary(), "bench", "--url", url(node), "--jwt-secret", SECRET, "--connections", "5", "--tasks", "1", "--rate", "20",
         "--duration", "60s", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment())
    wait_for_deliveries(node)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=20)
    figures = json.loads(out)
    assert command.returncode == 1 and err == "" and 0 < figures["published"] < 1200
    assert figures["deliveries"] == figures["expected"] == 5 * figures["published"] and figures["missed"] == 0
