"""ops/plan.md: its costs are those of ops/README.md, its results follow from them."""

import math
import re

import pytest

from harness import ROOT

PLAN = (ROOT / "ops/plan.md").read_text()
COSTS = (ROOT / "ops/README.md").read_text()
NUMBER = r"\d[\d,]*(?:\.\d+)?"


def number(text):
    return float(text.replace(",", ""))


def rows(heading):
    """The cells of a section's table."""
    section = PLAN.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in section.splitlines() if line.startswith("|")]
    return lines[2:]


WANTED = {cells[0].strip("`"): number(cells[1]) for cells in rows("What is wanted")}
COST = {cells[0].strip("`"): (number(cells[1]), cells[-1].strip("| ")) for cells in rows("What it costs")}
RESULTS = [
    (heading, cells[0], cells[1].strip("`"), cells[2].strip("| "))
    for heading in ("Nodes", "Masters", "Memory", "Links", "When something fails") for cells in rows(heading)]


def shown(value):
    """With three digits that count, as the page has it."""
    value = float(f"{value:.3g}")
    return f"{value:,.{max(0, 2 - math.floor(math.log10(value)))}f}" if value % 1 else f"{value:,.0f}"


def results():
    """Every formula, in the order of the page; names keep their full value."""
    names = {"ceil": math.ceil, **WANTED, **{name: value for name, (value, _) in COST.items()}}
    for heading, what, formula, result in RESULTS:
        name, is_named, right = formula.rpartition(" = ")
        value = eval(right, {"__builtins__": {}}, names)  # the page is ours
        if is_named:
            names[name] = value
        yield heading, what, value, result


@pytest.mark.parametrize("name", COST)
def test_a_cost_of_the_plan_is_the_measured_one(name):
    value, source = COST[name]
    assert source in COSTS or source[0].upper() + source[1:] in COSTS, f"ops/README.md does not say: {source}"
    scales = {"KiB": 1024, "KB": 1000}
    said = [number(digits) * scales.get(unit, 1) for digits, unit in re.findall(rf"({NUMBER})(?: (KiB|KB))?", source)]
    assert any(abs(value - one) <= one / 50 for one in said), f"{value:g} is not in: {source}"


def test_every_result_of_the_plan_follows_from_its_costs():
    wrong = [
        f"{heading}, {what}: {shown(value)}, not {result}"
        for heading, what, value, result in results() if abs(number(result) - value) > 0.005 * value]
    assert not wrong, "\n".join(wrong)


def test_the_text_of_the_plan_has_the_numbers_of_its_tables():
    found = {what: value for _, what, value, _ in results()}
    nodes = found["nodes, when each has `load` of the 50,000 that it accepts"]
    assert f"**plan {nodes}**" in PLAN and f"{WANTED['nodes']:.0f} nodes hold" in PLAN
    assert round(found["a server to all others, by `PUBLISH`"] / 1000) == 1 and "the bus alone is 1 GB/s" in PLAN
    assert "50,000" in (ROOT / "Sources/Settings/NodeLimits.swift").read_text().replace("_", ",")
