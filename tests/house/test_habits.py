"""Habits that no linter knows; imports inside functions, naive times and prints Ruff refuses (PLC0415, DTZ, T20)."""

import ast
import re

from tests.house.sources import PYPROJECT, ROOT, modules, name, nodes

_SILENCED = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:)")
_WITH_REASON = re.compile(r"#\s*(?:noqa:\s*[A-Z0-9, ]+|type:\s*ignore\[[\w, -]+\])\s*(?:-|#)\s*\w+")


def test_each_silenced_check_says_which_and_why() -> None:
    bare = [
        f"{name(path)}:{number}: {line.strip()}"
        for path in modules()
        if path != ROOT / "tests/house/test_habits.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if _SILENCED.search(line) and not _WITH_REASON.search(line)
    ]
    assert bare == [], "write `# noqa: CODE - why` or `# type: ignore[code]  # why`"


def test_each_rule_left_out_of_the_configuration_has_its_reason_beside_it() -> None:
    configuration = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ruff = PYPROJECT["tool"]["ruff"]["lint"]
    left_out = [*ruff["ignore"], *(code for codes in ruff["per-file-ignores"].values() for code in codes)]
    assert left_out
    for code in left_out:
        assert re.search(rf'"{code}",?\]?\s+# \w+', configuration), f"{code} is left out without a reason"


def test_only_the_clock_reads_the_time() -> None:
    readers = {"now", "utcnow", "today", "time", "time_ns"}
    clocks = {"datetime", "date", "time"}
    found = [
        f"{name(path)}:{node.lineno}"
        for path in modules("portal")
        if name(path) != "portal/clock.py"
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in readers
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in clocks
    ]
    assert found == [], "the edges ask portal.clock; all below them are given `at`"


def test_only_the_edges_commit() -> None:
    edges = ("portal/web/", "portal/cli/")
    found = [
        f"{name(path)}:{node.lineno}"
        for path in modules("portal")
        if not name(path).startswith(edges)
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]
    assert found == [], "services flush; the request or the command commits, once"


def test_the_project_asks_for_warnings_as_errors() -> None:
    assert PYPROJECT["tool"]["pytest"]["ini_options"]["filterwarnings"][0] == "error"
