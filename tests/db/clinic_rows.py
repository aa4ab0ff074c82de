"""A row of each table of the clinic's day, around one summary and one member of staff."""

from collections.abc import Iterator
from datetime import time
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.base import Base
from portal.db.correction import CorrectedAnswer, Correction, CorrectionRequest, RequestedBy
from portal.db.message import Bounce, BounceKind, BounceSource, Message, MessageStatus
from portal.db.paper import Attachment, BlankForm, Keying, KeyingSettlement, PaperIssue
from portal.db.participant import Appointment, Assignment
from portal.db.query import Query, QueryNote
from portal.db.response import Response
from portal.db.signature import Signature, SignedDocument
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.db.wording import WordingPack
from portal.domain.signing import Meaning
from tests.factories import AT

HASH = "0" * 64


def response_of(session: Session, summary: Summary) -> Response:
    """Give the DLQI that was answered for the summary's visit."""
    of_visit = select(Response).join(Assignment).where(Assignment.visit_id == summary.visit_id)
    return session.scalars(of_visit.where(Assignment.instrument == "DLQI")).one()


def query(response: Response, by: Staff, **other: Any) -> Query:
    """Make a query on a whole response, without its first note."""
    given: dict[str, Any] = {"response_id": response.id, "site_id": site_of(response), "notes": []}
    return Query(**(given | {"opened_by": by.id, "opened_at": AT} | other))


def wish(response: Response, **other: Any) -> CorrectionRequest:
    """Make a patient's wish for a correction."""
    given: dict[str, Any] = {"response_id": response.id, "site_id": site_of(response)}
    return CorrectionRequest(**(given | {"asked_at": AT, "reason": "the first question"} | other))


def site_of(response: Response) -> UUID:
    """Give the site of the participant whose response it is."""
    return response.assignment.visit.participant.site_id


def bounce(session: Session, summary: Summary) -> Bounce:
    """Make a report that a mail about the summary's visit came back."""
    sent: dict[str, Any] = {"status": MessageStatus.SENT, "due_at": AT, "sent_at": AT}
    message = Message(visit_id=summary.visit_id, kind="opening", recipient="participant", edition=9, **sent)
    session.add(message)
    session.flush()
    what: dict[str, Any] = {"kind": BounceKind.PERMANENT, "code": "5.1.1", "source": BounceSource.MAILBOX}
    return Bounce(message_id=message.id, at=AT, report=HASH, **what)


def signature(summary: Summary, by: Staff, **other: Any) -> Signature:
    """Make a signature on a summary."""
    given: dict[str, Any] = {
        "summary_id": summary.id,
        "visit_id": summary.visit_id,
        "signed_by": by.id,
        "printed_name": by.name,
        "meaning": Meaning.SEEN,
        "content_hash": summary.content_hash,
        "signed_at": AT,
    }
    return Signature(**(given | other))


def correction(response: Response, by: Staff, **other: Any) -> Correction:
    """Make a correction of one answer."""
    given: dict[str, Any] = {
        "response_id": response.id,
        "number": 1,
        "requested_by": RequestedBy.STAFF,
        "reason": "she misread it",
        "entered_by": by.id,
        "at": AT,
        "form_hash": HASH,
        "answers": [CorrectedAnswer(link_id="DLQI101", old_value=1, value=2)],
    }
    return Correction(**(given | other))


def keying(session: Session, response: Response, by: Staff, **other: Any) -> Keying:
    """Make what one person keyed in from paper."""
    given: dict[str, Any] = {
        "response_id": response.id,
        "number": 1,
        "keyed_by": by.id,
        "keyed_at": AT,
        "filled_on": AT.date(),
        "wording": session.scalars(select(WordingPack.hash).limit(1)).one(),
        "form": {"DLQI101": 1},
    }
    return Keying(**(given | other))


def of(session: Session, summary: Summary, by: Staff) -> Iterator[Base]:
    """Give rows to add, each once the ones that it refers to are there."""
    response = response_of(session, summary)
    signed, corrected, keyed = signature(summary, by), correction(response, by), keying(session, response, by)
    asked = query(response, by)
    for each in (signed, corrected, keyed, asked):
        session.add(each)
        session.flush()
    document = {"sha256": HASH, "pdf": b"%PDF"}
    yield SignedDocument(signature_id=signed.id, language="fr", made_at=AT, **document)
    yield BlankForm(wording=keyed.wording, large=False, layout=1, made_at=AT, **document)
    yield Appointment(visit_id=summary.visit_id, on=AT.date(), hour=time(9, 30))
    yield PaperIssue(visit_id=summary.visit_id, language="fr", large=False, by_staff=by.id, at=AT)
    yield KeyingSettlement(keying_id=keyed.id, settled_by=by.id, at=AT, correction_id=corrected.id)
    yield QueryNote(query_id=asked.id, by_staff=by.id, at=AT, text="Is this so?")
    yield Attachment(
        response_id=response.id, mimetype="image/png", content=b"PNG", sha256=HASH, attached_by=by.id, at=AT
    )
