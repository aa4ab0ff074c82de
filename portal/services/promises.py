"""Promises: each visit's summary at the site by its day; listed, counted, and told to whoever should see to them."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.promises import PRESSING, Cause, PromiseState
from portal.domain.schedule import ONE_DAY, IsPublicHoliday
from portal.services import promise_index, studies
from portal.services.promise_choice import PromiseChoice
from portal.services.promise_index import Survey
from portal.services.promise_reading import PromiseRow, Reader
from portal.services.pulse import Pulse
from portal.services.runs import Run, cut
from portal.services.studies import StudyAtSite

__all__ = ["PromiseList", "PromiseRow", "Telling", "list_promises", "pressing", "promise_lines", "to_tell"]

PATH = "/staff/promises"
"""Where the promises of one's sites are listed."""

PAGE = 10  # rows
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
    runs = _runs(found, choice)
    lie = cut(runs, page=page, size=size)
    visits = promise_index.find(session, reader, found, choice, set(lie.keys), offset=lie.offset, size=size)
    rows = tuple(reader.read([visit_id for some in visits for visit_id in some]))
    total, places = sum(run.length for run in runs), tuple(reader.places.values())
    return PromiseList(choice, today, rows, _by_state(found), total, page, size, places, reader.pulse)


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
    for visits in promise_index.find(session, reader, found, choice, {run.key for run in _runs(found, choice)}):
        yield from reader.read(visits)


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


def _runs(found: Survey, choice: PromiseChoice) -> list[Run[date]]:
    """Give how many of each day are listed, by day."""
    days = Counter[date]()
    for ((_site_id, day), state), promised in found.counts.items():
        if choice.counts(state):
            days[day] += promised
    return [Run(day, days[day]) for day in sorted(days)]


def _by_state(found: Survey) -> dict[PromiseState, int]:
    counts = Counter[PromiseState]()
    for (_day, state), promised in found.counts.items():
        counts[state] += promised
    return {state: counts[state] for state in PromiseState if counts[state]}


def _is_news(row: PromiseRow, today: date) -> bool:
    return row.planned_on >= today or row.promise.term.due_on >= today - ONE_DAY
