"""Originals are kept for ever: one that is gone, altered or planted is found by the trail, whoever was at the store."""

import hashlib
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.db.summary import Summary, SummaryDocument
from portal.services import originals, summaries
from portal.services.actor import SYSTEM
from tests import factories


@pytest.fixture
def summary(session: Session, participant: Participant) -> Summary:
    """A summary whose page is kept in both languages."""
    made = summaries.make(session, factories.get_visit(session, participant).id, by=SYSTEM, at=factories.AT)
    for language in ("fr", "en"):
        summaries.keep_document(session, made, language, f"%PDF {language}".encode(), by=SYSTEM, at=factories.AT)
    session.flush()
    return made


def test_what_is_kept_is_what_was_made_and_a_second_printing_changes_nothing(
    session: Session, summary: Summary
) -> None:
    again = summaries.keep_document(session, summary, "fr", b"%PDF another", by=SYSTEM, at=factories.AT)
    assert again.pdf == b"%PDF fr"
    assert originals.count_wrong(session) == 0


def stop_refusing(session: Session) -> None:
    """Take from the table what refuses a change, as whoever owns the database can."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ALTER TABLE summary_document DISABLE TRIGGER ALL"))
        return
    for deed in ("update", "delete"):
        session.execute(text(f"DROP TRIGGER summary_document_no_{deed}"))


@pytest.mark.parametrize(
    "deed",
    [
        "DELETE FROM summary_document WHERE language = 'fr'",
        "UPDATE summary_document SET pdf = :pdf WHERE language = 'fr'",
        "UPDATE summary_document SET pdf = :pdf, sha256 = :sha256 WHERE language = 'fr'",
        "UPDATE summary_document SET sha256 = :sha256 WHERE language = 'fr'",
    ],
)
def test_what_somebody_did_beside_the_portal_is_found(session: Session, summary: Summary, deed: str) -> None:
    values = {"pdf": b"%PDF forged", "sha256": hashlib.sha256(b"%PDF forged").hexdigest()}
    stop_refusing(session)
    session.execute(text(deed), {name: value for name, value in values.items() if f":{name}" in deed})
    session.expire_all()
    assert originals.count_wrong(session) == 1


def test_a_page_that_nobody_made_is_found(session: Session, summary: Summary) -> None:
    planted = SummaryDocument(
        id=uuid4(), summary_id=summary.id, language="de", pdf=b"%PDF", sha256=hashlib.sha256(b"%PDF").hexdigest()
    )
    planted.made_at = factories.AT
    session.add(planted)
    session.flush()
    assert originals.count_wrong(session) == 1
