"""Calls that a nurse made about a visit: kept in the trail alone, each with its outcome."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.participant import Visit
from portal.db.stop import StopWay
from portal.domain.audit import Deed
from portal.domain.schedule import local_day
from portal.services import audit, stops
from portal.services.actor import Actor

ONE_TAP = timedelta(minutes=1)
"""The same outcome, noted again by the same person within this time, is a second tap and no second call."""

_SUBJECT = "visit"


class CallOutcome(StrEnum):
    """What came of a call; the wish for no messages stops them (portal.services.stops)."""

    WILL_ANSWER = "will-answer"
    NO_ANSWER = "no-answer"
    WANTS_PAPER = "wants-paper"
    WANTS_NO_MESSAGES = "wants-no-messages"


@dataclass(frozen=True)
class Call:
    """One call: when it was noted, and with which outcome."""

    at: datetime
    outcome: CallOutcome
    by: UUID | None

    def day(self, zone: ZoneInfo) -> date:
        """Give the local day of the call."""
        return local_day(self.at, zone)


def note(session: Session, visit: Visit, outcome: CallOutcome, *, by: Actor, at: datetime) -> None:
    """Note a call about a visit; a second tap on the same outcome is none."""
    last = last_by_visit(session, [visit.id]).get(visit.id)
    if last and last.outcome is outcome and last.by == by.id and at - last.at < ONE_TAP:
        return
    event = audit.Event(
        deed=Deed.PATIENT_TELEPHONED,
        subject_kind=_SUBJECT,
        subject_id=visit.id,
        participant_id=visit.participant_id,
        new=outcome.value,
    )
    audit.record(session, event, by=by, at=at)
    if outcome is CallOutcome.WANTS_NO_MESSAGES:
        stops.ask(session, visit.participant, StopWay.STAFF, by=by, at=at)


def last_by_visit(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, Call]:
    """Give the last call about each of these visits, where there was one; one query."""
    # By the index on the subject: of a visit the trail tells little else.
    newest = (
        select(func.max(AuditEvent.id))
        .where(
            AuditEvent.subject_kind == _SUBJECT,
            AuditEvent.subject_id.in_(visit_ids),
            AuditEvent.deed == Deed.PATIENT_TELEPHONED,
        )
        .group_by(AuditEvent.subject_id)
    )
    rows = session.execute(
        select(AuditEvent.subject_id, AuditEvent.at, AuditEvent.new, AuditEvent.actor_id).where(
            AuditEvent.id.in_(newest)
        )
    )
    return {row.subject_id: Call(row.at, CallOutcome(row.new), row.actor_id) for row in rows}
