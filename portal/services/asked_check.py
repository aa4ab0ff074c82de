"""Checks what lists of queries, wishes and summaries to sign are read from against the truth."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.asked_tally import Asked, AskedTally
from portal.db.correction import CorrectionRequest
from portal.db.opened_summary import OpenedSummary
from portal.db.query import Query
from portal.db.summary import LifeEvent, SummaryEvent
from portal.db.visit_listing import Reading, VisitListing


def count_wrong(session: Session) -> int:
    """Count the tallies that are wrong, and the summaries that wait and were opened but are not told of; 0 is well."""
    told = {row[:3]: row[3] for row in session.execute(select(*_KEY, AskedTally.number)) if row[3]}
    truth = {}
    for kind, site, done_at in (
        (Asked.QUERY, Query.site_id, Query.closed_at),
        (Asked.WISH, CorrectionRequest.site_id, CorrectionRequest.settled_at),
    ):
        is_done = done_at.is_not(None)
        for site_id, done, number in session.execute(select(site, is_done, func.count()).group_by(site, is_done)):
            truth[site_id, kind, bool(done)] = number
    wrong = sum(1 for key in told.keys() | truth.keys() if told.get(key) != truth.get(key))
    return wrong + _count_untold(session)


def _count_untold(session: Session) -> int:
    waiting = set(session.scalars(select(VisitListing.summary_id).where(VisitListing.reading == Reading.WAITING)))
    told = {tuple(row) for row in session.execute(select(OpenedSummary.by_staff, OpenedSummary.summary_id))}
    events = select(SummaryEvent.by_staff, SummaryEvent.summary_id).where(SummaryEvent.kind == LifeEvent.OPENED)
    opened = {tuple(row) for row in session.execute(events)}
    return sum(1 for by_staff, summary_id in opened - told if summary_id in waiting)


_KEY = (AskedTally.site_id, AskedTally.kind, AskedTally.done)
