"""A summary's printed form: what still has to be rendered, and the originals, kept for ever with their hash."""

import hashlib
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.db.participant import Participant, Visit
from portal.db.study import Site, Study
from portal.db.summary import Summary, SummaryDocument
from portal.domain.audit import Deed
from portal.services import audit, studies
from portal.services.actor import Actor


def unrendered(session: Session, limit: int) -> list[tuple[Summary, str]]:
    """Give up to `limit` summaries with the language in which each still has no document, the newest first.

    What is read next is printed first, also after a long standstill.
    """
    found: list[tuple[Summary, str]] = []
    for study in session.execute(select(Study.id, Study.definition_hash)).all():
        for language in studies.definition_of(session, study.id, study.definition_hash).languages:
            rows = session.scalars(
                select(Summary)
                .join(Visit)
                .join(Participant)
                .join(Site)
                .where(
                    Site.study_id == study.id,
                    ~exists().where(SummaryDocument.summary_id == Summary.id, SummaryDocument.language == language),
                )
                .order_by(Summary.made_at.desc(), Summary.id)
                .limit(limit)
            )
            found += [(summary, language) for summary in rows]
    return sorted(found, key=lambda pair: (-pair[0].made_at.timestamp(), pair[0].id, pair[1]))[:limit]


def find_document(session: Session, summary: Summary, language: str) -> SummaryDocument | None:
    """Give the document in one language with its bytes at hand, or None when it is not rendered yet."""
    return session.scalar(
        select(SummaryDocument).where(SummaryDocument.summary_id == summary.id, SummaryDocument.language == language)
    )


def keep_document(
    session: Session, summary: Summary, language: str, pdf: bytes, *, by: Actor, at: datetime
) -> SummaryDocument:
    """Keep the document as the original in this language; when there is one already, that one stays."""
    kept = find_document(session, summary, language)
    if kept is not None:
        return kept
    sha256 = hashlib.sha256(pdf).hexdigest()
    document = SummaryDocument(summary_id=summary.id, language=language, pdf=pdf, sha256=sha256, made_at=at)
    session.add(document)
    session.flush()
    event = audit.Event(
        deed=Deed.SUMMARY_RENDERED,
        subject_kind="summary",
        subject_id=summary.id,
        participant_id=session.scalar(select(Visit.participant_id).where(Visit.id == summary.visit_id)),
        field=language,
        new={"sha256": sha256},
    )
    audit.record(session, event, by=by, at=at)
    return document
