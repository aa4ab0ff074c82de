"""`portal user`: the administrator's way to let people in and out, one clear line when it cannot be done."""

import pyotp
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from portal.cli.main import main
from portal.config import Settings
from portal.services import staff
from tests.conftest import NOW
from tests.factories import load_study

PASSWORD = "correct horse battery"
ADA = ["add", "--email", "ada@example.org", "--name", "Ada Byron", "--role", "nurse", "--site", "01"]


@pytest.fixture(autouse=True)
def _study(settings: Settings, store: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    load_study(store)
    store.commit()


def test_a_person_added_can_sign_in_with_what_was_printed(store: Session) -> None:
    result = _run(*ADA, "--password-stdin", given=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    secret = _line(result, "TOTP secret")
    assert f"secret={secret}" in _line(result, "For an authenticator app")
    person = staff.sign_in(store, "ada@example.org", PASSWORD, pyotp.TOTP(secret).at(NOW), at=NOW)
    assert [(each.role.value, each.site.code) for each in person.roles] == [("nurse", "01")]


def test_without_a_password_one_is_made_and_printed_once(store: Session) -> None:
    result = _run(*ADA)
    secret, password = _line(result, "TOTP secret"), _line(result, "Password")
    assert staff.sign_in(store, "ada@example.org", password, pyotp.TOTP(secret).at(NOW), at=NOW).name == "Ada Byron"


def test_a_person_may_have_several_roles_at_several_sites() -> None:
    _run(*ADA[:-1], "01,02", "--role", "investigator")
    assert (
        "ada@example.org  Ada Byron  investigator at 01, investigator at 02, nurse at 01, nurse at 02"
        in _run("list").output
    )


def test_a_deactivated_person_is_listed_as_such() -> None:
    _run(*ADA)
    assert _run("deactivate", "--email", "ada@example.org").output == "Ada Byron cannot sign in any more.\n"
    assert _run("list").output == "ada@example.org  Ada Byron  nurse at 01  (deactivated)\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*ADA[:-1], "99"], "There is no site '99'; there are 01, 02."),
        ([*ADA, "--email", "ada"], "'ada' is no e-mail address."),
        ([*ADA, "--name", " "], "--name wants the person's name: it is kept with each deed."),
        (["deactivate", "--email", "x@example.org"], "Nobody has the address x@example.org."),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: list[str], said: str) -> None:
    result = _run(*arguments, "--password-stdin" if arguments[0] == "add" else "--", given=f"{PASSWORD}\n")
    assert (result.exit_code, result.stderr) == (2, f"portal: {said}\n")


def test_an_address_that_is_taken_is_refused() -> None:
    _run(*ADA)
    result = _run(*ADA)
    assert (result.exit_code, result.stderr) == (
        2,
        "portal: Somebody with the address ada@example.org is there already.\n",
    )


def test_a_short_password_is_refused() -> None:
    result = _run(*ADA, "--password-stdin", given="short\n")
    assert (result.exit_code, result.stderr) == (2, "portal: The password needs 12 characters or more.\n")


@pytest.mark.parametrize("arguments", [[], ["add"], ["list"], ["deactivate"]])
def test_help_shows_an_example(arguments: list[str]) -> None:
    assert "Example: portal user" in _run(*arguments, "--help").output


def _run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(main, ["user", *arguments], input=given)


def _line(result: Result, start: str) -> str:
    (line,) = [line for line in result.output.splitlines() if line.startswith(start)]
    return line.split(":", 1)[1].strip()
