"""A terminal for the command line's tests: settings in the environment, and what a person would read."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from portal.cli.main import main
from portal.config import Settings


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Portal = Callable[..., Said]


@pytest.fixture
def portal(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Portal:
    """Run `portal` as a person would, on fresh stores; `environment` changes single settings."""

    def run(*arguments: str, stdin: str = "", **environment: str) -> Said:
        for name, value in (dict.fromkeys(settings.to_environment(), "") | settings.to_environment()).items():
            monkeypatch.setitem(os.environ, name, environment.get(name, value))
        result = CliRunner().invoke(main, list(arguments), input=stdin, prog_name="portal")
        return Said(result.exit_code, result.stdout, result.stderr)

    return run
