"""Checks what lists are read from against the truth: each visit's line reckoned anew, and the tally counted anew."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.message import Message, MessageStatus
from portal.db.paper import PaperIssue
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.db.summary import LifeEvent, Summary, SummaryEvent
from portal.db.visit_listing import NEVER, Reading, Received, VisitListing, VisitTally, Whereabouts
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.domain.states import SENT_STATUSES, ResponseStatus
from portal.services import promise_asking
from portal.services.telephone_calls import CallOutcome

_LINE = (
    VisitListing.visit_id,
    VisitListing.participant_number,
    VisitListing.site_id,
    VisitListing.planned_on,
    VisitListing.code,
    VisitListing.withdrawn_after,
    VisitListing.received,
    VisitListing.paper,
    VisitListing.reading,
    VisitListing.whereabouts,
    VisitListing.summary_id,
    VisitListing.first_at,
    VisitListing.known_at,
)
_ALIKE = (
    VisitTally.site_id,
    VisitTally.planned_on,
    VisitTally.code,
    VisitTally.withdrawn_after,
    VisitTally.received,
    VisitTally.paper,
    VisitTally.reading,
)


def count_wrong(session: Session) -> int:
    """Count the visits whose line is missing, left over or wrong, and the days whose tally is; 0 when all is well."""
    lines = {row.visit_id: tuple(row) for row in session.execute(select(*_LINE))}
    truth = {line[0]: line for line in _reckoned(session)}
    wrong = sum(1 for visit_id in lines.keys() | truth.keys() if lines.get(visit_id) != truth.get(visit_id))
    tally = {tuple(row[:-1]): row.visits for row in session.execute(select(*_ALIKE, VisitTally.visits))}
    counted = Counter(line[2:9] for line in truth.values())
    return wrong + sum(1 for key in tally.keys() | counted.keys() if tally.get(key) != counted.get(key))


def _reckoned(session: Session) -> Iterator[tuple[Any, ...]]:
    """Give each visit's line as it should be."""
    expected = _by_visit(session, select(Assignment.visit_id, func.count()).group_by(Assignment.visit_id))
    responses = select(Assignment.visit_id, func.count()).join(Response).group_by(Assignment.visit_id)
    begun = _by_visit(session, responses.where(Response.status != ResponseStatus.ENTERED_IN_ERROR))
    sent = _by_visit(session, responses.where(Response.status.in_(SENT_STATUSES)))
    paper = set(session.scalars(select(PaperIssue.visit_id))) | _who_want_paper(session)
    summaries = _by_visit(session, select(Summary.visit_id, Summary.id).order_by(Summary.number))
    seen = set(session.scalars(select(SummaryEvent.summary_id).where(SummaryEvent.kind == LifeEvent.SEEN)))
    at_site, arrived, moved = _that_are_at_their_site(session), _first_arrivals(session), _last_moves(session)
    visits = select(Visit, Participant).join(Participant)
    for visit, participant in session.execute(visits):
        is_sent = 0 < expected.get(visit.id, 0) == sent.get(visit.id, 0)
        received = Received.SENT if is_sent else Received.BEGUN if begun.get(visit.id) else Received.NOTHING
        days = NEVER
        if participant.withdrawn_on and not is_sent:
            days = max(-1, (participant.withdrawn_on - visit.planned_on).days)
        summary_id = summaries.get(visit.id)
        reading = Reading.NONE if summary_id is None else Reading.SEEN if summary_id in seen else Reading.WAITING
        whereabouts = Whereabouts.AT_SITE if summary_id in at_site else Whereabouts.AWAY
        yield (
            visit.id,
            participant.participant_number,
            participant.site_id,
            visit.planned_on,
            visit.code,
            days,
            received,
            visit.id in paper and not is_sent,
            reading,
            Whereabouts.NONE if summary_id is None else whereabouts,
            summary_id,
            arrived.get(visit.id),
            max(participant.enrolled_at, moved.get(visit.id, participant.enrolled_at)),
        )


def _by_visit(session: Session, asked: Any) -> dict[UUID, Any]:
    return dict(session.execute(asked).all())


def _that_are_at_their_site(session: Session) -> set[UUID]:
    looked_at = select(SummaryEvent.summary_id).where(SummaryEvent.kind != LifeEvent.DELIVERED)
    announced = select(Summary.id).join(
        Message, (Message.visit_id == Summary.visit_id) & (Message.edition == Summary.number)
    )
    return set(session.scalars(looked_at)) | set(session.scalars(announced.where(_brought_it())))


def _first_arrivals(session: Session) -> dict[UUID, datetime]:
    looks = select(Summary.visit_id, SummaryEvent.at).join(SummaryEvent, SummaryEvent.summary_id == Summary.id)
    arrivals = [
        *session.execute(looks.where(SummaryEvent.kind != LifeEvent.DELIVERED)),
        *session.execute(select(Message.visit_id, Message.sent_at).where(_brought_it())),
    ]
    return dict(sorted(((visit_id, at) for visit_id, at in arrivals), key=itemgetter(1), reverse=True))


def _brought_it() -> ColumnElement[bool]:
    """Whether a message is one that brought a summary, and did not come back."""
    return and_(Message.kind == MessageKind.SUMMARY, Message.status == MessageStatus.SENT, ~promise_asking.came_back())


def _last_moves(session: Session) -> dict[UUID, datetime]:
    moves = select(AuditEvent.subject_id, AuditEvent.at).where(AuditEvent.deed == Deed.VISIT_MOVED)
    return _by_visit(session, moves.order_by(AuditEvent.at))


def _who_want_paper(session: Session) -> set[UUID]:
    calls = select(AuditEvent.subject_id, AuditEvent.new).where(AuditEvent.deed == Deed.PATIENT_TELEPHONED)
    last = _by_visit(session, calls.order_by(AuditEvent.id))
    return {visit_id for visit_id, outcome in last.items() if outcome == CallOutcome.WANTS_PAPER}
