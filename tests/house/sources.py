"""The project's own files, as the house tests read them."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"
TEMPLATES = ROOT / "templates"
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def modules(*folders: str) -> list[Path]:
    """Every Python file under the folders, whole project when none is named, sorted."""
    tops = [ROOT / each for each in folders or ("portal", "tests", "scripts", "benchmarks")]
    return sorted(path for top in tops for path in top.rglob("*.py"))


def templates() -> list[Path]:
    """Every template, whatever it makes; the mails pinned beside theirs are none."""
    return sorted(path for path in TEMPLATES.rglob("*.*") if path.is_file() and path.parent.name != "pinned")


def name(path: Path) -> str:
    """A file's path as a person writes it."""
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    """Every node of a Python file's syntax tree."""
    yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
