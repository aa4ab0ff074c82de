"""The command as a whole: whatever is wrong is one line and exit 2, never a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Portal


def test_help_lists_every_command(portal: Portal) -> None:
    said = portal("--help")
    assert said.code == 0
    for command in ("demo", "doctor", "migrate", "run", "score", "study", "summary", "user", "work"):
        assert f"\n  {command} " in said.out


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("score",), ("study", "load", "/nowhere.toml"), ("run", "--port", "0")]
)
def test_a_mistake_is_one_line(portal: Portal, arguments: tuple[str, ...]) -> None:
    said = portal(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("portal: ")


def test_a_wrong_setting_is_one_line(portal: Portal) -> None:
    said = portal("migrate", SECRET_KEY="short")
    assert (said.code, said.err) == (2, "portal: SECRET_KEY is too short: give it at least 32 random characters.\n")


def test_a_store_that_cannot_be_opened_is_one_line(portal: Portal, tmp_path: Path) -> None:
    said = portal("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/no/such/folder/x.db")
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "unable to open database file" in said.err


def test_doctor_finds_nothing_wrong_with_a_fresh_store(portal: Portal) -> None:
    said = portal("doctor")
    assert said.code == 0
    assert "wrong" not in said.out


def test_doctor_says_what_is_wrong_and_what_to_do(portal: Portal, tmp_path: Path) -> None:
    said = portal("doctor", DATABASE_URL=f"sqlite:///{tmp_path}/new.db", CONTACT_KEY="no key")
    assert said.code == 2
    assert "clinical store: not up to date: run `portal migrate`" in said.out
    assert "wrong  contact key: CONTACT_KEY" in said.out


def test_doctor_makes_keys_that_work(portal: Portal) -> None:
    keys = dict(line.split("=", 1) for line in portal("doctor", "--new-keys").out.splitlines())
    assert portal("doctor", **keys).code == 0


def test_migrate_makes_both_stores_and_again_changes_nothing(portal: Portal, tmp_path: Path) -> None:
    urls = {"DATABASE_URL": f"sqlite:///{tmp_path}/a.db", "CONTACT_DATABASE_URL": f"sqlite:///{tmp_path}/b.db"}
    first, second = portal("migrate", **urls), portal("migrate", **urls)
    assert first == second
    assert first.out == "The clinical store is up to date.\nThe contact store is up to date.\n"
    assert portal("doctor", **urls).code == 0


def test_run_refuses_a_store_without_tables(portal: Portal, tmp_path: Path) -> None:
    said = portal("run", DATABASE_URL=f"sqlite:///{tmp_path}/new.db")
    assert said.code == 2
    assert "portal migrate" in said.err


def test_scoring_does_not_wait_for_the_pdf_engine() -> None:
    program = (
        "import sys, portal.cli.main, portal.cli.score; sys.exit('weasyprint' in sys.modules or 'flask' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
