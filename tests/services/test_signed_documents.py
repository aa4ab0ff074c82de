"""Signed copies: one for each signature and language, beside the original, and in the site's copy."""

import hashlib
import io
import zipfile
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import site_archives
from portal.db.audit_event import AuditEvent
from portal.db.participant import Participant
from portal.db.signature import Signature
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.domain.signing import Meaning
from portal.services import actor, signatures, signed_documents, studies, summaries, verifying
from tests import factories
from tests.web.staff_people import make_staff

NOW = datetime(2027, 3, 3, 9, 0, 10, tzinfo=UTC)
BASE_URL = "https://previsit.example"


@pytest.fixture
def signature(session: Session) -> Signature:
    """A signature on a page that says that nothing was received; the original is there in French."""
    place = factories.load_study(session)[0]
    participant = factories.make_participant(session, place)
    grace = make_staff(session, (place.site_id, Role.INVESTIGATOR), name="Dr Grace Hopper")
    summary = summaries.make(session, factories.get_visit(session, participant).id, by=actor.SYSTEM, at=NOW)
    summaries.keep_document(session, summary, "fr", b"%PDF original", by=actor.SYSTEM, at=NOW)
    by, code = actor.staff(grace.id), pyotp.TOTP(grace.totp_secret).at(NOW)
    summaries.opened(session, summary, by=by, at=NOW)
    return signatures.sign(session, [summary], Meaning.SEEN, code, by=by, at=NOW)[0]


def test_each_signature_waits_for_a_copy_in_each_language(session: Session, signature: Signature) -> None:
    assert signed_documents.unrendered(session, 10) == [(signature, "en"), (signature, "fr")]
    assert signed_documents.unrendered(session, 1) == [(signature, "en")]
    document = signed_documents.keep(session, signature, "fr", b"%PDF signed", by=actor.SYSTEM, at=NOW)
    assert signed_documents.unrendered(session, 10) == [(signature, "en")]
    assert document.sha256 == hashlib.sha256(b"%PDF signed").hexdigest()
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SIGNATURE_RENDERED)).one()
    assert (event.subject_id, event.field, event.new) == (signature.id, "fr", {"sha256": document.sha256})
    assert signed_documents.find_newest(session, signature.summary, "fr") is document
    assert signed_documents.find_newest(session, signature.summary, "en") is None
    original = summaries.find_document(session, signature.summary, "fr")
    assert original is not None
    assert original.pdf == b"%PDF original"


def test_the_copy_tells_what_was_signed_also_after_a_newer_edition(session: Session, signature: Signature) -> None:
    before = signed_documents.page_of(session, signature, language="en", base_url=BASE_URL)
    later = NOW + timedelta(hours=1)
    summary = signature.summary
    participant_id = summary.visit.participant_id
    factories.complete_visit(session, session.get_one(Participant, participant_id), at=later)
    session.expire_all()
    assert signature.voided_at == later
    assert signed_documents.page_of(session, signature, language="en", base_url=BASE_URL) == before
    assert before.signed is not None
    assert (before.signed.printed_name, before.signed.is_open) == ("Dr Grace Hopper", True)


def test_the_sites_copy_has_the_signature_and_the_signed_copy(session: Session, signature: Signature) -> None:
    signed_documents.keep(session, signature, "fr", b"%PDF signed", by=actor.SYSTEM, at=NOW)
    out = io.BytesIO()
    site_archives.write(out, session, studies.list_sites(session)[0], language="en", at=NOW)
    archive = zipfile.ZipFile(out)
    assert archive.read("summaries/01-001_INC_1_fr.pdf") == b"%PDF original"
    assert archive.read("summaries/01-001_INC_1_fr_signed-1.pdf") == b"%PDF signed"
    assert "Dr Grace Hopper" in archive.read("signatures.csv").decode()
    assert hashlib.sha256(b"%PDF signed").hexdigest() in archive.read("signed_documents.csv").decode()


def test_the_digits_tell_of_the_signature_and_of_its_end(session: Session, signature: Signature) -> None:
    found = verifying.find(session, signature.content_hash[:12])
    assert found is not None
    assert [each.void_since for each in found.signed] == [None]
