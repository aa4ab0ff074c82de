"""`portal study`: faults are named by their key, a preview loads nothing, licences are kept once."""

from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.study import Study
from portal.db.wording import WordingPack
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
    assert store.scalar(select(func.count()).select_from(Study)) == 0


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
    pack = store.scalars(select(WordingPack)).one()
    assert (pack.holder, pack.demonstration) == ("CHU X", False)


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
