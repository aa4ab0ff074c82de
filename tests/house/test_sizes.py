"""Small things stay small: what nine in ten files and functions measure, and what none may pass.

The numbers are those of the codebases we learnt from: at the ninetieth percentile a file of 250 lines, a function
of 35, a view of 40, a template of 120.
"""

import ast
from pathlib import Path

import pytest

from tests.house.sources import lines as lines_of
from tests.house.sources import modules, name, nodes, templates

Sizes = dict[str, int]


def _files() -> Sizes:
    return {name(path): lines_of(path) for path in modules("portal") if "versions" not in path.parts}


def _functions() -> Sizes:
    return {
        f"{name(path)}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in modules("portal")
        if "versions" not in path.parts  # a migration is a list of tables, and nobody calls it twice
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef)
    }


def _templates() -> Sizes:
    return {name(path): lines_of(path) for path in templates()}


@pytest.mark.parametrize(
    ("sizes", "usual", "most"), [(_files(), 250, 300), (_functions(), 35, 50), (_templates(), 120, 120)]
)
def test_nine_in_ten_are_small_and_none_is_large(sizes: Sizes, usual: int, most: int) -> None:
    assert [f"{what}: {size}" for what, size in sizes.items() if size > most] == []
    over = {what: size for what, size in sizes.items() if size > usual}
    assert len(over) <= len(sizes) / 10, f"more than one in ten pass {usual} lines: {over}"


def test_python_outside_the_portal_is_small_too() -> None:
    long = [name(path) for path in modules("tests", "scripts", "benchmarks") if lines_of(path) > 300]
    assert long == []


def test_a_module_is_one_noun() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "lib"}
    named: list[Path] = [path for path in modules() if vague & {path.stem, path.parent.name}]
    assert [name(path) for path in named] == []
