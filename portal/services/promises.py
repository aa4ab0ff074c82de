"""Promises: each visit's summary at the site by its day; listed, counted, and told to whoever should see to them."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from sqlalchemy import and_
from sqlalchemy.orm import Session

from portal.db.visit_listing import VisitListing
from portal.domain.promises import PRESSING, Cause, PromiseState
from portal.domain.schedule import ONE_DAY, IsPublicHoliday
from portal.services import promise_index, studies
from portal.services.promise_choice import PromiseChoice
from portal.services.promise_reading import PromiseRow, Reader
from portal.services.pulse import Pulse
from portal.services.runs import Run, cut
from portal.services.studies import StudyAtSite

__all__ = ["PromiseList", "PromiseRow", "Telling", "list_promises", "pressing", "promise_lines", "to_tell"]

PATH = "/staff/promises"
"""Where the promises of one's sites are listed."""

PAGE = 20  # rows
WHOLE = 500  # rows of a list that is to be printed


@dataclass(frozen=True)
class PromiseList:
    """One page of the list; `counts` are of all promises of these days, whichever are chosen."""

    choice: PromiseChoice
    today: date
    rows: tuple[PromiseRow, ...]
    counts: dict[PromiseState, int]
    total: int
    page: int
    size: int
    sites: tuple[StudyAtSite, ...]
    pulse: Pulse

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def pressing(self) -> int:
        """How many promises of these days need somebody."""
        return sum(count for state, count in self.counts.items() if state in PRESSING)


@dataclass(frozen=True)
class Telling:
    """What the people of a site should be told today: how many promises are broken and in danger, each by its cause.

    `path` is where they are listed.
    """

    broken: dict[Cause, int]
    in_danger: dict[Cause, int]
    path: str = PATH

    @property
    def is_anything(self) -> bool:
        """Whether there is something to say."""
        return bool(self.broken or self.in_danger)


def list_promises(
    session: Session,
    site_ids: Collection[UUID],
    *,
    choice: PromiseChoice,
    page: int,
    size: int | None = None,
    is_public_holiday: IsPublicHoliday,
    at: datetime,
) -> PromiseList:
    """Give page `page` (from 1) of the promises of these sites, by day; as many queries, whatever their number.

    A page has `size` rows, or PAGE. Days are counted from the local day of the first of the sites.
    """
    reader, today = _reader(session, site_ids, is_public_holiday, at)
    size = size or PAGE
    found = promise_index.survey(session, reader, choice, today)
    by_day, first, met = found.plain.copy(), (page - 1) * size, 0
    rows = []
    for row in reader.read(found.unclear):
        by_day[row.planned_on, row.promise.state] += 1
        if choice.shows(row.promise):
            if first <= met < first + size:
                rows.append(row)
            met += 1
    runs = _runs(by_day, choice)
    total = sum(run.length for run in runs)
    if total > met:  # those that are plain are among them
        lie = cut(runs, page=page, size=size)
        rows = list(islice(_chosen_of(reader, choice, lie.keys, today), lie.offset, lie.offset + size))
    places = tuple(reader.places.values())
    return PromiseList(choice, today, tuple(rows), _by_state(by_day), total, page, size, places, reader.pulse)


def promise_lines(
    session: Session,
    site_ids: Collection[UUID],
    *,
    choice: PromiseChoice,
    is_public_holiday: IsPublicHoliday,
    at: datetime,
) -> Iterator[PromiseRow]:
    """Give every promise that was chosen, in the list's order."""
    reader, today = _reader(session, site_ids, is_public_holiday, at)
    found = promise_index.survey(session, reader, choice, today)
    shows_plain = any(choice.counts(state) for _day, state in found.plain)
    chosen = choice.lines(VisitListing, today) if shows_plain else found.unclear
    return (row for row in reader.read(chosen) if choice.shows(row.promise))


def pressing(
    session: Session,
    site_ids: Collection[UUID],
    *,
    among: Collection[UUID] | None = None,
    is_public_holiday: IsPublicHoliday,
    at: datetime,
) -> list[PromiseRow]:
    """Give the promises that still need somebody: until the day of the visit is over, and on the day after the breach.

    Reads only visits whose summary is not at the site; `among` these alone, where some are named.
    """
    reader, _today = _reader(session, site_ids, is_public_holiday, at)
    return [row for row in reader.read_open(among) if row.promise.presses and _is_news(row, row.place.today(at))]


def to_tell(session: Session, site_id: UUID, *, is_public_holiday: IsPublicHoliday, at: datetime) -> Telling:
    """Give what the people of a site should be told today."""
    broken, in_danger = Counter[Cause](), Counter[Cause]()
    for row in pressing(session, [site_id], is_public_holiday=is_public_holiday, at=at):
        counted = broken if row.promise.state is PromiseState.BROKEN else in_danger
        counted[row.promise.cause or Cause.NOT_LEFT] += 1
    return Telling(dict(broken), dict(in_danger))


def _reader(
    session: Session, site_ids: Collection[UUID], is_public_holiday: IsPublicHoliday, at: datetime
) -> tuple[Reader, date]:
    places = {place.site_id: place for place in studies.some_sites(session, site_ids)}
    today = min((place.today(at) for place in places.values()), default=at.date())
    return Reader(session, places, is_public_holiday, at), today


def _runs(by_day: Counter[tuple[date, PromiseState]], choice: PromiseChoice) -> list[Run[date]]:
    """Give how many of each day are listed, by day."""
    days = Counter[date]()
    for (day, state), promised in by_day.items():
        if choice.counts(state):
            days[day] += promised
    return [Run(day, days[day]) for day in sorted(days)]


def _chosen_of(reader: Reader, choice: PromiseChoice, days: Sequence[date], today: date) -> Iterator[PromiseRow]:
    """Give those that are listed of the days of a page, which follow each other."""
    if not days:
        return iter(())
    chosen = and_(choice.lines(VisitListing, today), VisitListing.planned_on.between(days[0], days[-1]))
    return (row for row in reader.read(chosen) if choice.shows(row.promise))


def _by_state(by_day: Counter[tuple[date, PromiseState]]) -> dict[PromiseState, int]:
    counts = Counter[PromiseState]()
    for (_day, state), promised in by_day.items():
        counts[state] += promised
    return {state: counts[state] for state in PromiseState if counts[state]}


def _is_news(row: PromiseRow, today: date) -> bool:
    return row.planned_on >= today or row.promise.term.due_on >= today - ONE_DAY
