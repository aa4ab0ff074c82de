"""The week of a site in numbers: its visits, what has come for them, what came last week, what waits to be signed."""

from datetime import date, time, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.db.signature import Signature
from portal.db.visit_listing import NEVER, Received, VisitListing, VisitTally
from portal.domain.schedule import ONE_DAY, local_instant
from portal.domain.states import SENT_STATUSES
from portal.services.studies import StudyAtSite

_A_WEEK = timedelta(days=7)
LOOKED_BACK = timedelta(days=92)
"""Of visits longer ago, no digest says any more that they wait to be signed."""


def count(session: Session, place: StudyAtSite, monday: date) -> dict[str, int | date]:
    """Give the numbers of the week that begins on this Monday; without a visit, anything received or waiting, none."""
    sunday = monday + 6 * ONE_DAY
    tally = (
        select(VisitTally.received, func.sum(VisitTally.visits).label("visits"))
        .where(
            VisitTally.site_id == place.site_id,
            VisitTally.planned_on.between(monday, sunday),
            VisitTally.withdrawn_after == NEVER,
        )
        .group_by(VisitTally.received)
    )
    come = {row.received: int(row.visits) for row in session.execute(tally)}
    numbers = {
        "visits": sum(come.values()),
        "complete": come.get(Received.SENT, 0),
        "begun": come.get(Received.BEGUN, 0),
        "nothing": come.get(Received.NOTHING, 0),
        "received": _received(session, place, monday),
        "unsigned": _unsigned(session, place, sunday),
    }
    return {**numbers, "first": monday, "last": sunday} if any(numbers.values()) else {}


def _received(session: Session, place: StudyAtSite, monday: date) -> int:
    """Count the questionnaires that came in the week before, by the site's days."""
    first, after = (local_instant(day, time(0), place.site.zone) for day in (monday - _A_WEEK, monday))
    asked = (
        select(func.count())
        .select_from(Response)
        .join(Assignment)
        .join(Visit)
        .join(Participant)
        .where(
            Participant.site_id == place.site_id,
            Response.status.in_(SENT_STATUSES),
            Response.completed_at >= first,
            Response.completed_at < after,
        )
    )
    return session.scalar(asked) or 0


def _unsigned(session: Session, place: StudyAtSite, sunday: date) -> int:
    """Count the visits whose current summary nobody has signed."""
    signed = exists().where(Signature.summary_id == VisitListing.summary_id, Signature.voided_at.is_(None))
    asked = select(func.count()).where(
        VisitListing.site_id == place.site_id,
        VisitListing.planned_on.between(sunday - LOOKED_BACK, sunday),
        VisitListing.summary_id.is_not(None),
        ~signed,
    )
    return session.scalar(asked) or 0
