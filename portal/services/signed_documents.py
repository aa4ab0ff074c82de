"""The signed copies of a summary's document: one for each signature and language, kept for ever beside the original."""

import hashlib
from dataclasses import replace
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.db.participant import Participant, Visit
from portal.db.signature import Signature, SignedDocument
from portal.db.study import Site, Study
from portal.db.summary import Summary
from portal.domain.audit import Deed
from portal.services import audit, signatures, studies, summaries
from portal.services.actor import Actor
from portal.services.summaries import SummaryPage


def unrendered(session: Session, limit: int) -> list[tuple[Signature, str]]:
    """Give up to `limit` signatures with the language in which each has no copy yet, the newest first."""
    found: list[tuple[Signature, str]] = []
    for study in session.execute(select(Study.id, Study.definition_hash)).all():
        for language in studies.definition_of(session, study.id, study.definition_hash).languages:
            made = exists().where(SignedDocument.signature_id == Signature.id, SignedDocument.language == language)
            rows = session.scalars(
                select(Signature)
                .join(Visit, Visit.id == Signature.visit_id)
                .join(Participant)
                .join(Site)
                .where(Site.study_id == study.id, ~made)
                .order_by(Signature.signed_at.desc(), Signature.id)
                .limit(limit)
            )
            found += [(signature, language) for signature in rows]
    return sorted(found, key=lambda pair: (-pair[0].signed_at.timestamp(), pair[0].id, pair[1]))[:limit]


def page_of(session: Session, signature: Signature, *, language: str, base_url: str) -> SummaryPage:
    """Give the summary as it was when it was signed, with this signature on it.

    What came later, a newer edition or a void, stands on the screen and not here: the copy tells what was signed, and
    comes out the same whenever it is rendered.
    """
    page = summaries.page_of(session, signature.summary, language=language, base_url=base_url)
    return replace(page, superseded_by=None, signed=signatures.as_shown(signature, signature.summary.number, None))


def find_newest(session: Session, summary: Summary, language: str) -> SignedDocument | None:
    """Give the copy with the last signature, its bytes at hand, or None where none is rendered yet."""
    return session.scalar(
        select(SignedDocument)
        .join(Signature)
        .where(Signature.summary_id == summary.id, SignedDocument.language == language)
        .order_by(Signature.signed_at.desc(), Signature.id.desc())
        .limit(1)
    )


def keep(
    session: Session, signature: Signature, language: str, pdf: bytes, *, by: Actor, at: datetime
) -> SignedDocument:
    """Keep a copy under its hash."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    document = SignedDocument(signature_id=signature.id, language=language, pdf=pdf, sha256=sha256, made_at=at)
    session.add(document)
    session.flush()
    event = audit.Event(
        deed=Deed.SIGNATURE_RENDERED,
        subject_kind="signature",
        subject_id=signature.id,
        participant_id=session.scalar(select(Visit.participant_id).where(Visit.id == signature.visit_id)),
        field=language,
        new={"sha256": sha256},
    )
    audit.record(session, event, by=by, at=at)
    return document
