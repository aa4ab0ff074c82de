"""What arrives of a visit after its summary was made, and never becomes whole: the page is made again for it, too.

The last questionnaire of a visit makes a new edition by itself, at once. Where it never comes, the worker makes one:
for a questionnaire that was sent on its own, once it is unlikely that the other follows; and after the window has
closed, for one that was begun and not sent.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select, true
from sqlalchemy.orm import Session

from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.db.summary import Summary
from portal.db.visit_listing import Received, VisitListing
from portal.domain.states import SENT_STATUSES, ParticipantStatus, ResponseStatus
from portal.services import studies
from portal.services.studies import StudyAtSite

SETTLED = timedelta(hours=1)
"""Whoever sends one questionnaire and goes on with the other has mostly sent it by then: one page, and not two."""

_LOOKED_BACK = timedelta(days=3)  # after a window closed: a worker may have stood still over a weekend


def is_outdated(session: Session, visit_id: UUID, *, at: datetime) -> bool:
    """Whether a visit's summary does not say what has arrived since, and nothing else makes it anew."""
    site_id = session.scalars(select(Participant.site_id).join(Visit).where(Visit.id == visit_id)).one()
    return bool(outdated(session, studies.for_site(session, site_id), visit_id=visit_id, at=at))


def outdated(session: Session, place: StudyAtSite, *, visit_id: UUID | None = None, at: datetime) -> list[UUID]:
    """Give the visits of a site, or the one that is named if it is, for which this holds; the soonest first."""
    today = place.today(at)
    rules = [visit.window for visit in place.definition.visits]
    first = today - timedelta(max(rule.closes_days_after for rule in rules)) - _LOOKED_BACK
    last = today + timedelta(max(rule.opens_days_before for rule in rules))
    is_sent = Response.status.in_(SENT_STATUSES)
    sent_since = and_(is_sent, Response.completed_at > Summary.made_at, Response.completed_at <= at - SETTLED)
    begun_since = and_(Response.status == ResponseStatus.IN_PROGRESS, Response.started_at > Summary.made_at)
    found = session.execute(
        select(VisitListing.visit_id, VisitListing.code, VisitListing.planned_on, is_sent.label("sent"))
        .join(Summary, Summary.id == VisitListing.summary_id)
        .join(Visit, Visit.id == VisitListing.visit_id)
        .join(Participant, Participant.id == Visit.participant_id)
        .join(Assignment, Assignment.visit_id == VisitListing.visit_id)
        .join(Response, Response.assignment_id == Assignment.id)
        .where(
            VisitListing.site_id == place.site_id,
            VisitListing.visit_id == visit_id if visit_id else true(),
            VisitListing.planned_on.between(first, last),
            VisitListing.received == Received.BEGUN,
            Participant.status == ParticipantStatus.ACTIVE,
            or_(sent_since, begun_since),
        )
        .order_by(VisitListing.planned_on, VisitListing.visit_id)
    )
    rows = [row for row in found if row.sent or _closes_on(place, row.code, row.planned_on) < today]
    return list(dict.fromkeys(row.visit_id for row in rows))


def _closes_on(place: StudyAtSite, code: str, planned_on: date) -> date:
    return planned_on + timedelta(place.definition.get_visit(code).window.closes_days_after)
