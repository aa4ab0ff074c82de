"""The files of a site's own copy: each edition of each summary as JSON, as PDF, and as signed."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.paper import Attachment
from portal.db.participant import Assignment, Visit
from portal.db.response import Response
from portal.db.signature import Signature, SignedDocument
from portal.db.summary import Summary, SummaryDocument
from portal.services.copied_rows import AT_ONCE, BY_VISIT, WHOSE, canonical, of_site
from portal.services.scans import ENDINGS


@dataclass(frozen=True)
class Document:
    """A summary as a file: whose, which visit and edition, its kind ("json", "fr.pdf", "fr_signed-1.pdf"), bytes."""

    participant_number: str
    visit: str
    number: int
    kind: str
    content: bytes


def documents(session: Session, site_id: UUID) -> Iterator[Document]:
    """Give each edition of each summary as canonical JSON (its SHA-256 is the page's hash), and its PDFs."""
    # Only ids are sorted: the contents of a big site would fill the store's memory.
    listed = of_site(site_id).join(Visit).join(Summary).order_by(*BY_VISIT, Summary.number)
    found = session.execute(
        listed.with_only_columns(*WHOSE, Summary.number, Summary.id).execution_options(yield_per=AT_ONCE)
    )
    for row in found:
        content = session.scalars(select(Summary.content).where(Summary.id == row.id)).one()
        yield Document(row.participant_number, row.visit, row.number, "json", canonical(content).encode())
        for kind, pdf in _files(session, row.id):
            yield Document(row.participant_number, row.visit, row.number, kind, pdf)


def scans(session: Session, site_id: UUID) -> Iterator[tuple[str, bytes]]:
    """Give each scan of paper under its name, one at a time."""
    listed = of_site(site_id).join(Visit).join(Assignment).join(Response).join(Attachment)
    found = session.execute(listed.with_only_columns(Attachment.id, Attachment.mimetype).order_by(Attachment.id)).all()
    for row in found:
        content = session.scalars(select(Attachment.content).where(Attachment.id == row.id)).one()
        yield f"{row.id}.{ENDINGS[row.mimetype]}", content


def _files(session: Session, summary_id: UUID) -> Iterator[tuple[str, bytes]]:
    """Give the PDFs of an edition, one at a time; signed copies are numbered by their signatures, the first is 1."""
    kept = select(SummaryDocument.language, SummaryDocument.id).where(SummaryDocument.summary_id == summary_id)
    for language, document_id in session.execute(kept.order_by(SummaryDocument.language)).all():
        yield f"{language}.pdf", session.scalars(select(SummaryDocument.pdf).filter_by(id=document_id)).one()
    given = select(Signature.id).where(Signature.summary_id == summary_id)
    for order, signature_id in enumerate(session.scalars(given.order_by(Signature.signed_at, Signature.id)).all(), 1):
        copies = select(SignedDocument.language, SignedDocument.id).filter_by(signature_id=signature_id)
        for language, document_id in session.execute(copies.order_by(SignedDocument.language)).all():
            pdf = session.scalars(select(SignedDocument.pdf).filter_by(id=document_id)).one()
            yield f"{language}_signed-{order}.pdf", pdf
