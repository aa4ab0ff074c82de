"""What the daily check looks at: each visit's messages, answers, summary and moves, and wishes for no messages."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.message import Message
from portal.db.participant import Assignment
from portal.db.response import Response
from portal.db.stop import Stop
from portal.db.summary import Summary
from portal.domain.audit import Deed
from portal.domain.expectation import SUMMARY, Known, Seen
from portal.domain.states import SENT_STATUSES
from portal.services.studies import StudyAtSite

_PATIENT = "participant"


def read(session: Session, place: StudyAtSite, visits: Sequence[Any]) -> dict[UUID, Known]:
    """Give what is known of these visits of one site; five queries, whatever their number."""
    ids = [row.id for row in visits]
    summaries, messages = _summaries(session, ids), _messages(session, ids)
    answered, moved = _answered(session, ids), _moved(session, ids)
    stops = _stops(session, place, [row.participant_id for row in visits])

    def day(at: datetime | None) -> date | None:
        return at.astimezone(place.site.zone).date() if at else None

    known = {}
    for row in visits:
        number, made_at = summaries.get(row.id, (0, None))
        known[row.id] = Known(
            enrolled_on=place.today(row.enrolled_at),
            withdrawn_on=row.withdrawn_on,
            paused_on=row.paused_on,
            answered_on=day(answered.get(row.id)),
            moved_on=day(moved.get(row.id)),
            stops=stops.get(row.participant_id, ()),
            made_on=day(made_at),
            messages=_seen(messages.get(row.id, ()), number),
        )
    return known


def _seen(messages: Sequence[Any], number: int) -> dict[str, list[Seen]]:
    """Give a visit's messages by kind; those that announced an edition before the current one are left out."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for row in messages:
        if (row.kind == SUMMARY) != (row.recipient == _PATIENT) and (row.kind != SUMMARY or row.edition == number):
            found[row.kind].append(Seen(row.status.value, row.reason))
    return found


def _messages(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    asked = select(
        Message.visit_id, Message.kind, Message.recipient, Message.edition, Message.status, Message.reason
    ).where(Message.visit_id.in_(ids))
    for row in session.execute(asked):
        found[row.visit_id].append(row)
    return found


def _summaries(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[int, datetime]]:
    asked = select(Summary.visit_id, Summary.number, Summary.made_at).where(Summary.visit_id.in_(ids))
    return {row.visit_id: (row.number, row.made_at) for row in session.execute(asked.order_by(Summary.number))}


def _answered(session: Session, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Give when the last questionnaire was sent of the visits of which none is missing."""
    is_sent = Response.status.in_(SENT_STATUSES)
    asked = (
        select(Assignment.visit_id, func.max(Response.completed_at).label("at"))
        .outerjoin(Response, (Response.assignment_id == Assignment.id) & is_sent)
        .where(Assignment.visit_id.in_(ids))
        .group_by(Assignment.visit_id)
        .having(func.count(Assignment.id.distinct()) == func.count(Response.assignment_id.distinct()))
    )
    return {row.visit_id: row.at for row in session.execute(asked)}


def _moved(session: Session, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    asked = (
        select(AuditEvent.subject_id, func.max(AuditEvent.at).label("at"))
        .where(AuditEvent.subject_kind == "visit", AuditEvent.subject_id.in_(ids), AuditEvent.deed == Deed.VISIT_MOVED)
        .group_by(AuditEvent.subject_id)
    )
    return {row.subject_id: row.at for row in session.execute(asked) if row.subject_id}


def _stops(
    session: Session, place: StudyAtSite, participant_ids: Sequence[UUID]
) -> dict[UUID, list[tuple[date, date | None]]]:
    found: dict[UUID, list[tuple[date, date | None]]] = defaultdict(list)
    for stop in session.scalars(select(Stop).where(Stop.participant_id.in_(participant_ids))):
        lifted_on = place.today(stop.lifted_at) if stop.lifted_at else None
        found[stop.participant_id].append((place.today(stop.asked_at), lifted_on))
    return found
