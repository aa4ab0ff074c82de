"""What of all promises somebody wants to see: which days, which site, which of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, true

from portal.domain.promises import PRESSING, Promise, PromiseState
from portal.services.visit_index import Lines

DAYS_BACK = 14
DAYS_AHEAD = 30


class Shown(StrEnum):
    """Which promises are listed: those that need somebody, all of them, or those of one state."""

    PRESSING = "pressing"
    ALL = "all"
    BROKEN = "broken"
    IN_DANGER = "in-danger"
    DUE = "due"
    LATE = "late"
    KEPT = "kept"


@dataclass(frozen=True)
class PromiseChoice:
    """What is listed; `first` and `last` are days of visits, both included, None = two weeks back, thirty days on."""

    shown: Shown = Shown.PRESSING
    site_id: UUID | None = None
    first: date | None = None
    last: date | None = None

    @property
    def names_days(self) -> bool:
        """Whether days were named."""
        return self.first is not None or self.last is not None

    def span(self, today: date) -> tuple[date, date]:
        """Give the first and the last day of the visits that are listed."""
        if self.names_days:
            return self.first or date.min, self.last or date.max
        return today - timedelta(DAYS_BACK), today + timedelta(DAYS_AHEAD)

    def lines(self, lines: Lines, today: date) -> ColumnElement[bool]:
        """Give the condition that a line is of these days and this site."""
        of_site = lines.site_id == self.site_id if self.site_id else true()
        return and_(of_site, lines.planned_on.between(*self.span(today)))

    def counts(self, state: PromiseState) -> bool:
        """Whether promises of this state are among those that are listed."""
        if self.shown is Shown.PRESSING:
            return state in PRESSING
        return self.shown is Shown.ALL or PromiseState(self.shown.value) is state

    def shows(self, promise: Promise) -> bool:
        """Whether a promise is one of those that are listed."""
        return self.counts(promise.state)
