"""`portal study`: faults are named by their key, a preview loads nothing, licences are kept once."""

from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.study import Study
from portal.db.wording import Licence, WordingPack
from portal.domain.states import Mode
from portal.services import wordings
from tests.cli.conftest import Portal

DEMONSTRATION = (files("portal.studies") / "demonstration.toml").read_text(encoding="utf-8")
WORDING = (files("portal.domain.instruments.dlqi") / "wordings" / "fr.toml").read_text(encoding="utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(DEMONSTRATION, encoding="utf-8")
    return path


def test_load_twice(portal: Portal, file: Path) -> None:
    assert portal("study", "load", str(file)).out == "Study PREVISIT-DEMO: added.\n"
    assert portal("study", "load", str(file)).out == "Study PREVISIT-DEMO: unchanged.\n"


def test_every_fault_is_named_and_nothing_is_loaded(portal: Portal, file: Path, store: Session) -> None:
    file.write_text(
        DEMONSTRATION.replace('hour = "10:00"', 'hour = "25:00"').replace("opens_days_before = 7", "opens = 7")
    )
    said = portal("study", "load", str(file))
    assert said.code == 2
    assert "messages.hour" in said.err
    assert "window.opens" in said.err
    assert store.scalar(select(func.count()).select_from(Study)) == 0


def test_preview_shows_the_year_and_loads_nothing(portal: Portal, file: Path, store: Session) -> None:
    said = portal("study", "preview", str(file), "--included-on", "2027-01-31", "--language", "fr")
    assert said.code == 0
    assert "M1    2027-02-28 Sun  Mois 1: DLQI, SHAQ" in said.out  # there is no 31 February
    assert "open 2027-02-21 to 2027-03-02" in said.out
    assert "2027-02-25 Thu 07:00  summary" in said.out  # two working days before a Sunday
    assert "summary.working_days_before (INC)\n  La synthèse est due un jour qui est déjà passé" in said.out
    assert store.scalar(select(func.count()).select_from(Study)) == 0


def test_preview_shows_the_invitation_and_the_last_call_where_a_study_wishes_them(portal: Portal, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert "last-call" not in portal("study", "preview", str(file), "--included-on", "2027-01-31").out
    text = text.replace("[messages]", "[messages]\ninvitation = true").replace(
        "[reminders]", "[reminders]\nlast_call = 1"
    )
    file.write_text(text, encoding="utf-8")
    said = portal("study", "preview", str(file), "--included-on", "2027-01-31")
    assert "  invitation as soon as her address is known" in said.out
    assert "2027-02-24 Wed 10:00  last-call" in said.out  # the day before the summary of M1 is due


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_preview_of_no_year_that_anyone_plans_is_one_line(portal: Portal, file: Path, day: str) -> None:
    said = portal("study", "preview", str(file), "--included-on", day)
    assert (said.code, said.out) == (2, "")
    assert said.err == f"portal: --included-on {day}: give a day from 2000 to 2099.\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'title = "\xe9"', "is not written in UTF-8. Save the file as UTF-8."),
        (b"title = ", "is not TOML: Invalid value (at end of document)"),
        (b'title = "x"', "instrument: is missing; docs/wording-packs.md shows what a wording pack holds."),
        (b'instrument = "EQ5D"', "'EQ5D' is no instrument; there are DLQI, SHAQ"),
    ],
)
def test_a_file_that_is_no_wording_is_one_line(portal: Portal, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "pack.toml"
    path.write_bytes(content)
    done = portal("study", "wording", str(path), "--holder", "X", "--scope", "Y", "--certificate", "Z")
    assert (done.code, done.err) == (2, f"portal: {path}: {said}\n")


def test_a_live_study_without_licences_is_refused(portal: Portal, file: Path) -> None:
    file.write_text(DEMONSTRATION.replace('mode = "demonstration"', 'mode = "live"'))
    said = portal("study", "load", str(file))
    assert said.code == 2
    assert "DLQI in fr" in said.err


def test_a_licensed_wording_is_kept_once(portal: Portal, tmp_path: Path, store: Session) -> None:
    path = tmp_path / "dlqi-fr.toml"
    path.write_text(WORDING.replace("demonstration = true", "demonstration = false"), encoding="utf-8")
    licence = ("--holder", "CHU X", "--scope", "SCLERO-2", "--certificate", "CU-123", "--expires-on", "2028-12-31")
    assert "kept" in portal("study", "wording", str(path), *licence).out
    assert "unchanged" in portal("study", "wording", str(path), *licence).out
    assert store.scalars(select(WordingPack.demonstration)).one() is False
    assert store.scalars(select(Licence.holder)).one() == "CHU X"
    store.rollback()  # it holds the one writer's place, which the command wants
    assert "kept" in portal("study", "wording", str(path), *licence[:-1], "2029-12-31").out
    last_days = store.scalars(select(Licence.expires_on).order_by(Licence.expires_on)).all()
    assert last_days == [date(2028, 12, 31), date(2029, 12, 31)]


def test_demonstration_wording_is_no_licensed_one(portal: Portal, tmp_path: Path) -> None:
    path = tmp_path / "dlqi-fr.toml"
    path.write_text(WORDING, encoding="utf-8")
    said = portal("study", "wording", str(path), "--holder", "X", "--scope", "Y", "--certificate", "Z")
    assert said.code == 2
    assert "demonstration" in said.err


def test_a_wording_that_lacks_words_is_refused_with_all_that_is_missing(portal: Portal, tmp_path: Path) -> None:
    path = tmp_path / "dlqi-fr.toml"
    path.write_text(WORDING.replace("[questions.DLQI103]", "[questions.DLQI999]"), encoding="utf-8")
    said = portal("study", "wording", str(path), "--holder", "X", "--scope", "Y", "--certificate", "Z")
    assert said.code == 2
    assert "questions.DLQI103" in said.err
    assert "questions.DLQI999" in said.err


def test_a_live_study_is_not_loaded_beside_a_demonstrations_settings(
    portal: Portal, file: Path, store: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wordings, "check_licences", lambda *_, **__: None)  # as if every licence were there
    file.write_text(DEMONSTRATION.replace('mode = "demonstration"', 'mode = "live"'))
    said = portal("study", "load", str(file), DEMONSTRATION="demo.json")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "is live: unset DEMONSTRATION" in said.err
    assert store.scalar(select(func.count()).select_from(Study)) == 0


@pytest.mark.parametrize("command", [("run", "--port", "1"), ("work", "--once")])
def test_nothing_starts_for_a_live_study_with_a_moved_clock(
    portal: Portal, store: Session, command: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(lambda: clock.set_shift(timedelta(0)))
    store.add(Study(code="REAL", mode=Mode.LIVE, definition={}, definition_hash="h", loaded_at=clock.now()))
    store.commit()
    said = portal(*command, CLOCK_SHIFT="3600")
    assert said.code == 2
    assert said.err.strip() == "portal: study REAL is live: unset CLOCK_SHIFT, a demonstration's own"
