"""The pack of paper for a day's visits: what goes into it, that it was made, and that somebody says she printed it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from portal.db.participant import Appointment, Assignment, Participant, Visit
from portal.db.response import Response
from portal.db.signature import Signature, SignedDocument
from portal.db.summary import SummaryDocument
from portal.domain.states import SENT_STATUSES, ResponseStatus
from portal.domain.summary import Received
from portal.services import summaries
from portal.services.studies import StudyAtSite
from portal.services.summaries import SummaryLine

KEYING_PATH = "/clinic/visits/{visit_id}/keying"
"""Where the code on each page of paper leads staff; the visit's id and nothing else stands in it."""
REACHING_PATH = "/clinic/visits/{visit_id}/reach"
"""Where the code on a slip leads: the patient's number, and what came of the call."""


@dataclass(frozen=True)
class PackVisit:
    """A visit in a pack; `missing` are the questionnaires that were not sent, in the order of the sitting."""

    visit_id: UUID
    participant_id: UUID
    participant_number: str
    language: str
    code: str
    planned_on: date
    withdrawn_on: date | None
    paused_on: date | None
    instruments: tuple[str, ...]
    missing: tuple[str, ...]
    begun: bool
    summary: SummaryLine | None
    hour: time | None = None

    @property
    def has_summary(self) -> bool:
        """Whether something was received, so that there is a summary to print."""
        return self.summary is not None and self.summary.received is not Received.NOTHING

    @property
    def has_slip(self) -> bool:
        """Whether she is to be rung: nothing was received, and she takes part."""
        return not self.has_summary and self.withdrawn_on is None

    @property
    def blanks(self) -> tuple[str, ...]:
        """The questionnaires to print blank; none for whoever has withdrawn."""
        return () if self.withdrawn_on else self.missing


@dataclass(frozen=True)
class KeptDocument:
    """The document of a summary that is kept in a language, and whether it bears a signature that is in force."""

    is_signed: bool
    id: UUID
    size: int
    sha256: str


def list_day(session: Session, place: StudyAtSite, on: date) -> tuple[PackVisit, ...]:
    """Give the visits of a site on a day by hour, then those without one, by number; three queries, however many."""
    return _list(session, and_(Participant.site_id == place.site_id, Visit.planned_on == on))


def get_one(session: Session, visit_id: UUID) -> PackVisit:
    """Give one visit as a pack holds it."""
    (found,) = _list(session, Visit.id == visit_id)
    return found


def find_documents(session: Session, summary_ids: Collection[UUID], language: str) -> dict[UUID, KeptDocument]:
    """Give what is kept of these summaries in a language, the signed copy before the plain one; two queries."""
    plain = session.execute(
        select(
            SummaryDocument.summary_id, SummaryDocument.id, func.length(SummaryDocument.pdf), SummaryDocument.sha256
        ).where(SummaryDocument.summary_id.in_(summary_ids), SummaryDocument.language == language)
    )
    signed = session.execute(
        select(Signature.summary_id, SignedDocument.id, func.length(SignedDocument.pdf), SignedDocument.sha256)
        .join(Signature, SignedDocument.signature_id == Signature.id)
        .where(
            Signature.summary_id.in_(summary_ids), Signature.voided_at.is_(None), SignedDocument.language == language
        )
        .order_by(Signature.signed_at)
    )
    found = {summary_id: KeptDocument(False, *rest) for summary_id, *rest in plain}
    return found | {summary_id: KeptDocument(True, *rest) for summary_id, *rest in signed}


def read_document(session: Session, document: KeptDocument) -> bytes:
    """Give the bytes of a kept document."""
    table = SignedDocument if document.is_signed else SummaryDocument
    return session.execute(select(table.pdf).where(table.id == document.id)).scalar_one()


def _list(session: Session, chosen: ColumnElement[bool]) -> tuple[PackVisit, ...]:
    rows = session.execute(
        select(
            Visit.id,
            Visit.code,
            Visit.planned_on,
            Participant.id.label("participant_id"),
            Participant.participant_number,
            Participant.language,
            Participant.withdrawn_on,
            Participant.paused_on,
            Assignment.instrument,
            Response.status,
            Appointment.hour,
        )
        .join(Participant, Visit.participant_id == Participant.id)
        .join(Assignment, Assignment.visit_id == Visit.id)
        .outerjoin(Appointment, and_(Appointment.visit_id == Visit.id, Appointment.on == Visit.planned_on))
        .outerjoin(
            Response,
            and_(Response.assignment_id == Assignment.id, Response.status != ResponseStatus.ENTERED_IN_ERROR),
        )
        .where(chosen)
        .order_by(Participant.participant_number, Visit.id, Assignment.position)
    ).all()
    visits = [list(group) for _, group in groupby(rows, key=lambda row: row.id)]
    lines = summaries.current_for_visits(session, [group[0].id for group in visits])
    found = [_visit(group, lines.get(group[0].id)) for group in visits]
    return tuple(
        sorted(found, key=lambda visit: (visit.hour is None, visit.hour or time.min))
    )  # stable: then by number


def _visit(rows: list[Any], summary: SummaryLine | None) -> PackVisit:
    row = rows[0]
    return PackVisit(
        visit_id=row.id,
        participant_id=row.participant_id,
        participant_number=row.participant_number,
        language=row.language,
        code=row.code,
        planned_on=row.planned_on,
        withdrawn_on=row.withdrawn_on,
        paused_on=row.paused_on,
        instruments=tuple(each.instrument for each in rows),
        missing=tuple(each.instrument for each in rows if each.status not in SENT_STATUSES),
        begun=any(each.status is not None for each in rows),
        summary=summary,
        hour=row.hour,
    )
