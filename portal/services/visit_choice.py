"""What of all visits a nurse wants to see: which days, which site, which state, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, or_, true

from portal.db.planning import unindexed
from portal.db.visit_listing import VisitListing
from portal.domain.states import VisitState
from portal.services import visit_index
from portal.services.runs import Run
from portal.services.visit_index import DayCount, Lines, Stretches

DAYS_BACK = 14
DAYS_AHEAD = 30
_A_WEEK = 7
_MANY = 1000  # lines

URGENCY = (
    VisitState.LATE,
    VisitState.NOTHING_RECEIVED,
    VisitState.UNFINISHED,
    VisitState.PAPER_EXPECTED,
    VisitState.OPEN,
    VisitState.STARTED,
    VisitState.SENT,
    VisitState.NOT_YET_OPEN,
    VisitState.WITHDRAWN,
)
"""What presses comes first."""


class Period(StrEnum):
    """Which visits are listed when no days are named; days are counted from the sites' today.

    COMING  the next 30 days, and before them those of the last 14 days with something missing
    WEEK    today and the next 6 days
    PAST    the last 14 days, whatever was received
    """

    COMING = "coming"
    WEEK = "week"
    PAST = "past"


class Sort(StrEnum):
    """What the list is sorted by; then by day and participant number."""

    DAY = "day"
    NUMBER = "number"
    STATE = "state"


@dataclass(frozen=True)
class Choice:
    """What is listed; `first` and `last` name days, both included, in the period's stead; None = whatever it is."""

    period: Period = Period.COMING
    site_id: UUID | None = None
    first: date | None = None
    last: date | None = None
    state: VisitState | None = None
    sort: Sort = Sort.DAY

    @property
    def names_days(self) -> bool:
        """Whether days were named, so that the period plays no part."""
        return self.first is not None or self.last is not None

    def days(self, lines: Lines, today: date) -> ColumnElement[bool]:
        """Give the condition that a line is of the days and the site that are listed."""
        of_site = lines.site_id == self.site_id if self.site_id else true()
        return and_(of_site, self._named(lines) if self.names_days else self._of_period(lines, today))

    def _named(self, lines: Lines) -> ColumnElement[bool]:
        return lines.planned_on.between(self.first or date.min, self.last or date.max)

    def _of_period(self, lines: Lines, today: date) -> ColumnElement[bool]:
        back, ahead = today - timedelta(DAYS_BACK), today + timedelta(DAYS_AHEAD)
        match self.period:
            case Period.WEEK:
                return lines.planned_on.between(today, today + timedelta(_A_WEEK - 1))
            case Period.PAST:
                return lines.planned_on.between(back, today - timedelta(1))
        # A range around both keeps the index on the day in use.
        coming = or_(lines.planned_on >= today, visit_index.is_missing(lines))
        return and_(lines.planned_on.between(back, ahead), coming)

    def order(self, stretches: Stretches) -> tuple[ColumnElement[Any], ...]:
        """Give what VisitListing's lines are sorted by."""
        line = VisitListing.__table__.c
        by_day = (line.planned_on, line.participant_number, line.visit_id)
        match self.sort:
            case Sort.NUMBER:
                return line.participant_number, line.planned_on, line.visit_id
            case Sort.STATE:
                ranks = {state.value: rank for rank, state in enumerate(URGENCY)}
                return case(ranks, value=stretches.state(VisitListing)), *by_day
        return by_day

    def lines(self, asked: Select[Any], stretches: Stretches, today: date, *, total: int = 0) -> Select[Any]:
        """Narrow a statement that asks VisitListing to what is listed, of `total` lines when one page is wanted."""
        if self.state or self.sort is Sort.STATE:
            asked = asked.join(stretches.days, stretches.joins(VisitListing))
        if self.state:
            asked = asked.where(stretches.state(VisitListing) == self.state.value)
        site_id = VisitListing.site_id
        # Of many, a page by number is found soonest by walking the numbers; what no index knows keeps SQLite to that.
        walked = self.sort is Sort.NUMBER and total > _MANY
        sites = unindexed(site_id) if walked else site_id
        return asked.where(sites.in_(stretches.site_ids), self.days(VisitListing, today))

    def runs(self, by_day: Sequence[DayCount]) -> list[Run[DayCount]]:
        """Give the list's runs, sorted by day or state: the visits of one day and state that follow each other."""
        counted = [each for each in by_day if self.state in (None, each.state)]
        if self.sort is Sort.STATE:
            counted.sort(key=lambda each: (URGENCY.index(each.state), each.planned_on))
            return [Run(each, each.visits) for each in counted]
        days = groupby(counted, key=lambda each: each.planned_on)
        alike = ((day, list(group)) for day, group in days)
        return [Run(group[0], sum(each.visits for each in group)) for _day, group in alike]

    def within(self, stretches: Stretches, runs: Sequence[DayCount]) -> ColumnElement[bool]:
        """Give the condition that a line of VisitListing is in one of these runs, which follow each other."""
        if self.sort is not Sort.STATE:
            return VisitListing.planned_on.between(runs[0].planned_on, runs[-1].planned_on)
        states = groupby(runs, key=lambda each: each.state)
        alike = ((state, [each.planned_on for each in group]) for state, group in states)
        state_of = stretches.state(VisitListing)
        return or_(
            *(
                and_(state_of == state.value, VisitListing.planned_on.between(days[0], days[-1]))
                for state, days in alike
            )
        )
