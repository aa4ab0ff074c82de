"""The lock files pin what is declared, by version and hash, and name no host."""

import json
import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.sources import PYPROJECT, ROOT

Pins = dict[str, str]


def lock(purpose: str) -> str:
    return (ROOT / "requirements" / f"{purpose}.lock").read_text(encoding="utf-8")


def pins(purpose: str) -> Pins:
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", lock(purpose), flags=re.MULTILINE))


def declared(purpose: str) -> list[Requirement]:
    groups = PYPROJECT["dependency-groups"]
    group = groups["build"] if purpose == "run" else [each for each in groups["test"] if isinstance(each, str)]
    return [Requirement(each) for each in [*PYPROJECT["project"]["dependencies"], *group]]


@pytest.mark.parametrize("purpose", ["run", "test"])
def test_it_holds_every_declared_package_in_a_version_that_is_allowed(purpose: str) -> None:
    locked = pins(purpose)
    for requirement in declared(purpose):
        version = locked.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in {purpose}.lock: run make lock"
        assert requirement.specifier.contains(version), f"{requirement} but {version} is locked: run make lock"


@pytest.mark.parametrize("purpose", ["run", "test"])
def test_each_pin_has_a_hash_and_no_line_names_a_host(purpose: str) -> None:
    text = lock(purpose)
    for block in re.split(r"^(?=[\w.-]+(?:\[|==))", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert not re.search(r"://|file:|--index|--find-links|--extra", text)


def test_what_runs_is_what_was_tested() -> None:
    assert pins("run").items() <= pins("test").items()


def test_the_build_needs_only_what_is_locked() -> None:
    assert PYPROJECT["build-system"]["requires"] == PYPROJECT["dependency-groups"]["build"]


def test_the_lock_of_lighthouse_pins_by_version_and_hash_and_names_no_host() -> None:
    lock = json.loads((ROOT / "benchmarks" / "lighthouse" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert [
        name for name, package in packages.items() if not (package.get("version") and package.get("integrity"))
    ] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []
