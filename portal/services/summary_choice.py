"""What of all summaries an investigator wants to see: those that wait, or all; which days, which site."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, or_, true

from portal.db.visit_listing import Reading, VisitListing
from portal.services import visit_index
from portal.services.runs import Run
from portal.services.visit_index import Lines, SummaryCount

DAYS_BACK = 14


class Shown(StrEnum):
    """Which summaries are listed.

    WAITING  those nobody has seen, soonest visit first; then the seen ones of coming visits and of the last 14 days
    ALL      the current one of every visit, latest visit first
    """

    WAITING = "waiting"
    ALL = "all"


@dataclass(frozen=True)
class SummaryChoice:
    """What is listed; `first` and `last` are days of visits, both included; None = whatever it is."""

    shown: Shown = Shown.WAITING
    site_id: UUID | None = None
    first: date | None = None
    last: date | None = None

    def days(self, lines: Lines, today: date) -> ColumnElement[bool]:
        """Give the condition that a line has a summary that is listed, at whichever of the reader's sites."""
        of_site = lines.site_id == self.site_id if self.site_id else true()
        named = self.first or self.last
        days = lines.planned_on.between(self.first or date.min, self.last or date.max) if named else true()
        waits = lines.reading == Reading.WAITING
        recent = lines.planned_on >= today - timedelta(DAYS_BACK)
        listed = or_(waits, recent) if self.shown is Shown.WAITING else true()
        return and_(visit_index.has_summary(lines), of_site, days, listed)

    def order(self, today: date) -> tuple[ColumnElement[Any], ...]:
        """Give what VisitListing's lines are sorted by."""
        line = VisitListing.__table__.c
        last = (line.participant_number, line.visit_id)
        if self.shown is Shown.ALL:
            return line.planned_on.desc(), *last
        seen, past = case((line.reading == Reading.SEEN, 1), else_=0), case((line.planned_on < today, 1), else_=0)
        return seen, past, line.planned_on, *last

    def lines(self, asked: Select[Any], site_ids: Collection[UUID], today: date) -> Select[Any]:
        """Narrow a statement that asks VisitListing to what is listed."""
        return asked.where(VisitListing.site_id.in_(site_ids), self.days(VisitListing, today))

    def runs(self, counted: Sequence[SummaryCount], today: date) -> list[Run[SummaryCount]]:
        """Give the list's runs: the summaries of a day that follow each other."""
        if self.shown is Shown.WAITING:
            ordered = sorted(counted, key=lambda each: (not each.waits, each.planned_on < today, each.planned_on))
            return [Run(each, each.summaries) for each in ordered]
        backwards = sorted(counted, key=lambda each: each.planned_on, reverse=True)
        alike = ((day, list(group)) for day, group in groupby(backwards, key=lambda each: each.planned_on))
        return [Run(group[0], sum(each.summaries for each in group)) for _day, group in alike]

    def within(self, runs: Sequence[SummaryCount], today: date) -> ColumnElement[bool]:
        """Give the condition that a line of VisitListing is in one of these runs, which follow each other."""
        if self.shown is Shown.ALL:
            return VisitListing.planned_on.between(runs[-1].planned_on, runs[0].planned_on)
        stretches = groupby(runs, key=lambda each: (each.waits, each.planned_on < today))
        alike = ((waits, [each.planned_on for each in group]) for (waits, _past), group in stretches)
        return or_(
            *(
                and_(
                    VisitListing.reading == (Reading.WAITING if waits else Reading.SEEN),
                    VisitListing.planned_on.between(days[0], days[-1]),
                )
                for waits, days in alike
            )
        )
