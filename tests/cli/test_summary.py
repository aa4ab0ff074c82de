"""`portal summary`: the current page as a file, or one line that says why not."""

import hashlib
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.domain.audit import Deed
from portal.services import actor, summaries
from tests import factories
from tests.cli.conftest import Portal


@pytest.fixture(autouse=True)
def answered(store: Session) -> None:
    """One participant, 01-001, who has answered for her inclusion."""
    factories.complete_visit(store, factories.make_participant(store, factories.load_study(store)[0]))
    store.commit()


def test_it_writes_the_page_in_the_language_asked_for(portal: Portal, tmp_path: Path) -> None:
    out = tmp_path / "summary.pdf"
    said = portal("summary", "01-001", "INC", "--language", "en", "--out", str(out))
    assert said.code == 0, said.err
    assert "Patient 01-001 · Inclusion" in PdfReader(out).pages[0].extract_text()
    assert said.out.startswith(f"{out}: edition 1, ")


def test_the_kept_original_is_given_where_there_is_one(portal: Portal, store: Session, tmp_path: Path) -> None:
    ((summary, language), *_) = summaries.unrendered(store, 1)
    summaries.keep_document(store, summary, language, b"%PDF the original", by=actor.SYSTEM, at=factories.AT)
    store.commit()
    out = tmp_path / "summary.pdf"
    assert portal("summary", "01-001", "INC", "--language", language, "--out", str(out)).code == 0
    assert out.read_bytes() == b"%PDF the original"


def test_a_page_that_leaves_the_portal_is_in_the_trail_and_for_its_owner_only(
    portal: Portal, store: Session, tmp_path: Path
) -> None:
    out = tmp_path / "summary.pdf"
    portal("summary", "01-001", "INC", "--language", "en", "--out", str(out))
    event = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SUMMARY_EXPORTED)).one()
    assert (event.field, event.new) == ("en", {"sha256": hashlib.sha256(out.read_bytes()).hexdigest()})
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("number", "visit", "line"),
    [
        ("99-001", "INC", "There is no participant '99-001'."),
        ("01-001", "M2", "01-001 has no visit 'M2'; there are INC, M1, M3, M6, M9, M12."),
        ("01-001", "M1", "No summary of 01-001's visit M1 has been made yet."),
    ],
)
def test_what_cannot_be_written_is_said_in_one_line(
    portal: Portal, tmp_path: Path, number: str, visit: str, line: str
) -> None:
    said = portal("summary", number, visit, "--out", str(tmp_path / "summary.pdf"))
    assert (said.code, said.err.strip()) == (2, f"portal: {line}")


def test_a_folder_that_is_not_there_is_named(portal: Portal, tmp_path: Path) -> None:
    said = portal("summary", "01-001", "INC", "--out", str(tmp_path / "nowhere" / "summary.pdf"))
    assert said.code == 2
    assert "nowhere" in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_help_has_an_example(portal: Portal) -> None:
    assert "portal summary 01-007 M6 --language fr --out summary.pdf" in portal("summary", "--help").out
