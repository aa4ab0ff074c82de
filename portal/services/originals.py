"""Whether each PDF that was ever kept is still there as it was made: by the trail, which nobody can rewrite unseen."""

import hashlib
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.signature import SignedDocument
from portal.db.summary import SummaryDocument
from portal.domain.audit import Deed

_A_TIME = 50  # documents in memory

Digests = Iterator[tuple[tuple[UUID, str], str]]
"""Documents by their summary or signature and their language, with the SHA-256 of their bytes."""


def count_wrong(session: Session) -> int:
    """Count the documents that are gone, are not what the trail says was made, or that nobody has made.

    Reads every page that is kept, a few at a time.
    """
    kept, made = dict(_kept(session)), dict(_made(session))
    return sum(kept.get(which) != made.get(which) for which in kept.keys() | made.keys())


def _made(session: Session) -> Digests:
    """Give what the trail says."""
    told = select(AuditEvent.subject_id, AuditEvent.field, AuditEvent.new).where(
        AuditEvent.deed.in_([Deed.SUMMARY_RENDERED, Deed.SIGNATURE_RENDERED])
    )
    for subject_id, field, new in session.execute(told.execution_options(yield_per=1000)):
        yield (subject_id, field), new["sha256"]


def _kept(session: Session) -> Digests:
    """Give what the documents themselves say; nothing for one that does not agree with its own hash."""
    for table, of in ((SummaryDocument, SummaryDocument.summary_id), (SignedDocument, SignedDocument.signature_id)):
        documents = select(of, table.language, table.pdf, table.sha256).execution_options(yield_per=_A_TIME)
        for subject_id, language, pdf, sha256 in session.execute(documents):
            digest = hashlib.sha256(pdf).hexdigest()
            yield (subject_id, language), digest if digest == sha256 else ""
