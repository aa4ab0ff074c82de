"""The command as a whole: whatever is wrong is one line and exit 2, never a traceback."""

import errno
import socket
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
    assert said.err == "portal: The clinical store (DATABASE_URL) cannot be used: unable to open database file\n"


COMMANDS_ON_STORES = [("run",), ("work", "--once"), ("user", "list"), ("summary", "01-001", "M1", "--out", "x.pdf")]


@pytest.mark.parametrize("command", COMMANDS_ON_STORES)
def test_a_file_that_is_no_database_is_one_line(portal: Portal, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "notes.txt").write_text("nothing of a database" * 100)
    said = portal(*command, DATABASE_URL=f"sqlite:///{tmp_path}/notes.txt")
    assert (said.code, said.out) == (2, "")
    assert said.err == "portal: The clinical store (DATABASE_URL) cannot be used: file is not a database\n"


@pytest.mark.parametrize("command", COMMANDS_ON_STORES)
def test_a_store_that_would_lose_answers_is_one_line(portal: Portal, command: tuple[str, ...]) -> None:
    said = portal(*command, DATABASE_URL="sqlite:///:memory:")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "SQLite reports journal_mode=memory" in said.err


def test_a_database_server_that_is_not_there_is_one_line(portal: Portal) -> None:
    said = portal("migrate", CONTACT_DATABASE_URL="postgresql://nobody@127.0.0.1:1/x")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "The contact store (CONTACT_DATABASE_URL) cannot be used: " in said.err


@pytest.mark.parametrize("command", [(), ("study",), ("user",)])
def test_without_a_command_the_help_is_shown(portal: Portal, command: tuple[str, ...]) -> None:
    said = portal(*command)
    assert said.code == 2
    assert said.err.startswith("Usage: portal ")


def test_run_says_at_once_that_its_port_is_taken(portal: Portal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = portal("run", "--port", str(port))
    assert (said.code, said.err) == (
        2,
        f"portal: Nothing can listen on 127.0.0.1, port {port}: Address already in use. Choose another --port.\n",
    )


def test_run_refuses_a_host_that_is_none_and_a_wrong_contact_key(portal: Portal) -> None:
    said = portal("run", "--host", "999.1.1.1")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "Nothing can listen on 999.1.1.1" in said.err
    assert portal("run", CONTACT_KEY="no key").err == (
        "portal: CONTACT_KEY is no key: `portal doctor --new-keys` makes one\n"
    )


def test_a_folder_that_cannot_be_entered_is_named(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/root/x")

    monkeypatch.setattr(Path, "mkdir", refuse)  # permissions bind nobody who runs the tests as root
    said = portal("demo", "--data", str(tmp_path / "x"), "--port", "65431")
    assert (said.code, said.err) == (2, "portal: /root/x: Permission denied\n")


def test_doctor_finds_a_mailbox_that_cannot_be_written(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    said = portal("doctor", MAILBOX=str(tmp_path / "a-file" / "mailbox"))
    assert said.code == 2
    assert f"{tmp_path}/a-file is no folder: set MAILBOX" in said.out


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
