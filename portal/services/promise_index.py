"""Counts promises by day and state, and finds those of a page, without reading each: what is not plain is judged.

`portal.domain.promises` alone says how a promise stands. Here stands only of which visits it can say but one thing, by
their day, when a summary first was at the site, and whether the current one is there. A test compares both over whole
histories and a grid of facts.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.promises import PromiseState
from portal.services import promise_asking
from portal.services.promise_choice import PromiseChoice
from portal.services.promise_reading import Reader

Day = tuple[UUID, date]
"""A day of visits at one site."""

ALL = 2**31 - 1
"""No end to what is found."""

_DAYS_AT_ONCE = 400  # what SQLite takes of one statement
_NAMED_A_DAY = 50  # visits that count as a day more


@dataclass(frozen=True)
class Survey:
    """How many promises of each day are in each state; `judged` are those of visits that were judged one by one."""

    counts: Counter[tuple[Day, PromiseState]]
    judged: Mapping[UUID, tuple[Day, PromiseState]]


def survey(session: Session, reader: Reader, choice: PromiseChoice, today: date) -> Survey:
    """Count the promises of a choice's days.

    As many statements whatever the number of visits; a few more for each 400 days with summaries.
    """
    counts: Counter[tuple[Day, PromiseState]] = Counter()
    untold: dict[Day, int] = {}
    for day, due, sent_only, without, summaries in _tallied(session, reader, choice, today):
        if _is_coming(reader, day):
            counts[day, PromiseState.DUE] += due
            untold[day] = summaries + sent_only
        else:
            untold[day] = summaries + without
    for some in _at_once(day for day, visits in untold.items() if visits):
        asked = promise_asking.counted(len(some), bool(reader.unprintable))
        for site_id, planned_on, *plain in session.execute(asked, _parameters(reader, some)):
            day = site_id, planned_on
            counts.update({(day, state): visits for state, visits in zip(promise_asking.PLAIN, plain, strict=True)})
            untold[day] -= sum(plain)
    judged: dict[UUID, tuple[Day, PromiseState]] = {}
    for some in _at_once(day for day, visits in untold.items() if visits):
        judged.update(_judge(session, reader, some))
    counts.update(judged.values())
    return Survey(+counts, judged)


def find(
    session: Session,
    reader: Reader,
    found: Survey,
    choice: PromiseChoice,
    dates: Collection[date],
    *,
    offset: int = 0,
    size: int = ALL,
) -> Iterator[Sequence[UUID]]:
    """Give the visits of these dates whose promises a choice shows, in the order of lists; some 400 days at once.

    The first `offset` of them are passed over, and no more than `size` given.
    """
    states = tuple(state for state in PromiseState if choice.counts(state))
    one_by_one: dict[Day, list[UUID]] = defaultdict(list)
    for visit_id, (day, state) in found.judged.items():
        if state in states:
            one_by_one[day].append(visit_id)
    days = {day for day, state in found.counts if state in states and day[1] in dates}
    for some in _at_once(days, {day: 1 + len(named) // _NAMED_A_DAY for day, named in one_by_one.items()}):
        if not size:
            return
        shown = [visit_id for day in some for visit_id in one_by_one[day]]
        parameters = _parameters(reader, some) | {"shown": shown, "offset": offset, "size": size}
        asked = promise_asking.shown(len(some), states, bool(reader.unprintable))
        visits = session.scalars(asked, parameters).all()
        yield visits
        offset, size = 0, size - len(visits)


def _tallied(
    session: Session, reader: Reader, choice: PromiseChoice, today: date
) -> Iterator[tuple[Day, int, int, int, int]]:
    """Give of each site and day how many visits have no summary, of these those to come and all sent, and a summary."""
    first, last = choice.span(today)
    sites = [site_id for site_id in reader.places if choice.site_id in (None, site_id)]
    rows = session.execute(promise_asking.TALLIED, {"sites": sites, "first": first, "last": last})
    for site_id, day, due, sent_only, without, summaries in rows:
        yield (site_id, day), int(due), int(sent_only), int(without), int(summaries)


def _is_coming(reader: Reader, day: Day) -> bool:
    """Whether the summaries of a day's visits are not due yet."""
    site_id, planned_on = day
    return planned_on >= reader.coming_from(reader.places[site_id])


def _at_once(days: Iterable[Day], weights: Mapping[Day, int] | None = None) -> Iterator[list[Day]]:
    """Give the days in their order, as many at once as one statement takes: what is of one date stays together.

    A day counts as often as its weight says, or once.
    """
    some: list[Day] = []
    weight, weights = 0, weights or {}
    for _date, group in groupby(sorted(days, key=itemgetter(1)), key=itemgetter(1)):
        of_date = list(group)
        more = sum(weights.get(day, 1) for day in of_date)
        if some and weight + more > _DAYS_AT_ONCE:
            yield some
            some, weight = [], 0
        some += of_date
        weight += more
    if some:
        yield some


def _judge(session: Session, reader: Reader, days: Sequence[Day]) -> Iterator[tuple[UUID, tuple[Day, PromiseState]]]:
    """Judge what is not plain of some days, one by one: of those whose summary is at the site, few facts matter."""
    asked = promise_asking.unclear(len(days), bool(reader.unprintable))
    others = []
    for visit_id, is_there, *about in session.execute(asked, _parameters(reader, days)):
        if not is_there:
            others.append(visit_id)
        elif state := reader.arrived(*about):
            yield visit_id, ((about[0], about[2]), state)
    for line in reader.read(others):
        yield line.visit_id, ((line.place.site_id, line.planned_on), line.promise.state)


def _parameters(reader: Reader, days: Sequence[Day]) -> dict[str, Any]:
    """Give what is asked with, of these days."""
    parameters: dict[str, Any] = {"at": reader.at}
    for number, (site_id, day) in enumerate(days):
        ends_at = reader.due_ends(reader.places[site_id], day)
        parameters |= {f"site_{number}": site_id, f"day_{number}": day, f"ends_{number}": ends_at}
        parameters[f"coming_{number}"] = _is_coming(reader, (site_id, day))
    return parameters | ({"unprintable": list(reader.unprintable)} if reader.unprintable else {})
