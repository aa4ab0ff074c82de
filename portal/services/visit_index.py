"""Finds and counts visits by day, state and number, without reading the visits themselves.

Reads `visit_listing` and `visit_tally`, which the database keeps beside the truth; a visit's state follows from today's
date, so it is never stored: per site and kind of visit, each state is a stretch of days, and the store compares days.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, and_, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from portal.db.visit_listing import NEVER, Reading, Received, VisitListing, VisitTally
from portal.domain import schedule
from portal.domain.schedule import IsPublicHoliday
from portal.domain.states import VisitState
from portal.services.studies import StudyAtSite

Lines = type[VisitListing] | type[VisitTally]

_DAYS = ("site_id", "code", "closes_after", "closed_before", "open_until", "late_until")


@dataclass(frozen=True)
class DayCount:
    """How many visits of one day are in one state."""

    planned_on: date
    state: VisitState
    visits: int


@dataclass(frozen=True)
class SummaryCount:
    """How many summaries there are of visits of one day that wait to be seen, or that were seen."""

    planned_on: date
    waits: bool
    summaries: int


class Stretches:
    """The days between which each state lies today, by site and kind of visit; `places` are the sites by id."""

    def __init__(self, places: Mapping[UUID, StudyAtSite], is_public_holiday: IsPublicHoliday, at: datetime) -> None:
        rows = []
        for site_id, place in places.items():
            today = place.today(at)
            late_until = _late_until(place, today, is_public_holiday)
            for visit in place.definition.visits:
                rule = visit.window
                closed_before = today - timedelta(rule.closes_days_after)
                open_until = today + timedelta(rule.opens_days_before)
                rows.append((site_id, visit.code, rule.closes_days_after, closed_before, open_until, late_until))
        self.site_ids = list(places)
        self._days = _rows_of(rows)

    def count(self, session: Session, chosen: ColumnElement[bool]) -> list[DayCount]:
        """Count the visits that are `chosen` (a condition on VisitTally) by day and state, in order of day."""
        if not self.site_ids:
            return []
        state = self.state(VisitTally)
        counted = session.execute(
            select(VisitTally.planned_on, state.label("state"), func.sum(VisitTally.visits).label("visits"))
            .join(self._days, self.joins(VisitTally))
            .where(VisitTally.site_id.in_(self.site_ids), chosen)
            .group_by(VisitTally.planned_on, state)
            .order_by(VisitTally.planned_on)
        )
        return [DayCount(row.planned_on, VisitState(row.state), int(row.visits)) for row in counted]

    @property
    def days(self) -> CTE:
        """What `state` compares days with; a statement that asks for states joins it by `joins`."""
        return self._days

    def joins(self, lines: Lines) -> ColumnElement[bool]:
        """Give the condition that a line is of the site and kind of visit that a stretch is told of."""
        return and_(self._days.c.site_id == lines.site_id, self._days.c.code == lines.code)

    def state(self, lines: Lines) -> ColumnElement[str]:
        """Give a line's state, by the rules of portal.domain.states.visit_progress (a test compares the two)."""
        days, begun = self._days.c, lines.received == Received.BEGUN
        return case(
            (lines.received == Received.SENT, VisitState.SENT.value),
            (lines.withdrawn_after <= days.closes_after, VisitState.WITHDRAWN.value),
            (and_(lines.planned_on < days.closed_before, begun), VisitState.UNFINISHED.value),
            (lines.planned_on < days.closed_before, VisitState.NOTHING_RECEIVED.value),
            (lines.paper, VisitState.PAPER_EXPECTED.value),
            (and_(lines.planned_on > days.open_until, ~begun), VisitState.NOT_YET_OPEN.value),
            (lines.planned_on <= days.late_until, VisitState.LATE.value),
            (begun, VisitState.STARTED.value),
            else_=VisitState.OPEN.value,
        )


def is_missing(lines: Lines) -> ColumnElement[bool]:
    """Give the condition that something is still missing of a participant who takes part."""
    return and_(lines.received != Received.SENT, lines.withdrawn_after == NEVER)


def has_summary(lines: Lines) -> ColumnElement[bool]:
    """Give the condition that a visit has a summary."""
    return lines.reading != Reading.NONE


def count_summaries(session: Session, site_ids: Collection[UUID], chosen: ColumnElement[bool]) -> list[SummaryCount]:
    """Count the summaries that are `chosen` (a condition on VisitTally) by day, and whether they wait to be seen."""
    counted = session.execute(
        select(VisitTally.planned_on, VisitTally.reading, func.sum(VisitTally.visits).label("summaries"))
        .where(VisitTally.site_id.in_(site_ids), has_summary(VisitTally), chosen)
        .group_by(VisitTally.planned_on, VisitTally.reading)
        .order_by(VisitTally.planned_on)
    )
    return [SummaryCount(row.planned_on, row.reading is Reading.WAITING, int(row.summaries)) for row in counted]


def _late_until(place: StudyAtSite, today: date, is_public_holiday: IsPublicHoliday) -> date:
    """Give the last day of visits whose summary was due before today; due days never run backwards."""
    day = today
    while schedule.summary_due_on(place.definition, place.site, day, is_public_holiday) < today:
        day += schedule.ONE_DAY
    return day - schedule.ONE_DAY


def _rows_of(rows: list[tuple[UUID, str, int, date, date, date]]) -> CTE:
    """Give the rows as a table of a statement: selects, which are compiled once, where VALUES would be each time."""
    return union_all(
        *(select(*(literal(each).label(name) for name, each in zip(_DAYS, row, strict=True))) for row in rows)
    ).cte("days")
