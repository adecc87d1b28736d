"""The parts of fantail.js, each alone, with node's test runner."""

import subprocess

from harness import ROOT


def test_each_part_does_what_it_says():
    tests = sorted((ROOT / "Tests/BrowserClient").glob("*.test.mjs"))
    done = subprocess.run(["node", "--test", *tests], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
