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

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, literal, or_, select, true, union_all
from sqlalchemy.orm import Session

from portal.db.base import Instant
from portal.db.visit_listing import NEVER, Reading, Received, VisitListing, VisitTally, Whereabouts
from portal.domain.promises import PromiseState
from portal.services import promise_asking
from portal.services.promise_choice import PromiseChoice
from portal.services.promise_reading import Reader

Day = tuple[UUID, date]
"""A day of visits at one site."""

_DAYS_AT_ONCE = 400  # what SQLite takes of one statement
_PLAIN = (PromiseState.KEPT, PromiseState.LATE, PromiseState.BROKEN)


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
        for site_id, planned_on, *plain in session.execute(_counted(reader, _ends(reader, some))):
            day = site_id, planned_on
            counts.update({(day, state): visits for state, visits in zip(_PLAIN, plain, strict=True)})
            untold[day] -= sum(plain)
    judged: dict[UUID, tuple[Day, PromiseState]] = {}
    for some in _at_once(day for day, visits in untold.items() if visits):
        judged.update(_judge(session, reader, some))
    counts.update(judged.values())
    return Survey(+counts, judged)


def chosen(reader: Reader, found: Survey, choice: PromiseChoice, dates: Collection[date]) -> Iterator[Select[UUID]]:
    """Ask for the visits of these dates whose promises a choice shows, in the order of lists; some 400 days at once."""
    days = {day for day, state in found.counts if choice.counts(state) and day[1] in dates}
    one_by_one: dict[Day, list[UUID]] = defaultdict(list)
    for visit_id, (day, state) in found.judged.items():
        if choice.counts(state):
            one_by_one[day].append(visit_id)
    for some in _at_once(days):
        ends = _ends(reader, some)
        shown = [visit_id for day in some for visit_id in one_by_one[day]]
        plain = dict(zip(_PLAIN, _plain(reader, ends), strict=True)) | {PromiseState.DUE: _is_due(ends)}
        is_shown = (is_plain for state, is_plain in plain.items() if choice.counts(state))
        yield (_listed(ends).where(or_(VisitListing.visit_id.in_(shown), *is_shown)).order_by(*promise_asking.ORDER))


def _tallied(
    session: Session, reader: Reader, choice: PromiseChoice, today: date
) -> Iterator[tuple[Day, int, int, int, int]]:
    """Give of each site and day how many visits have no summary, of these those to come and all sent, and a summary."""
    is_made, is_sent = VisitTally.reading != Reading.NONE, VisitTally.received == Received.SENT
    # Who has withdrawn is promised nothing of what comes: nobody withdraws on a day to come.
    takes_part = VisitTally.withdrawn_after == NEVER
    kinds = (and_(~is_made, ~is_sent, takes_part), and_(~is_made, is_sent), ~is_made, is_made)
    rows = session.execute(
        select(
            VisitTally.site_id,
            VisitTally.planned_on,
            *(func.sum(case((kind, VisitTally.visits), else_=0)) for kind in kinds),
        )
        .where(VisitTally.site_id.in_(reader.places), choice.lines(VisitTally, today))
        .group_by(VisitTally.site_id, VisitTally.planned_on)
    )
    for site_id, day, due, sent_only, without, summaries in rows:
        yield (site_id, day), int(due), int(sent_only), int(without), int(summaries)


def _is_coming(reader: Reader, day: Day) -> bool:
    """Whether the summaries of a day's visits are not due yet."""
    site_id, planned_on = day
    return planned_on >= reader.coming_from(reader.places[site_id])


def _at_once(days: Iterable[Day]) -> Iterator[list[Day]]:
    """Give the days in their order, as many at once as one statement takes: what is of one date stays together."""
    some: list[Day] = []
    for _date, group in groupby(sorted(days, key=itemgetter(1)), key=itemgetter(1)):
        of_date = list(group)
        if some and len(some) + len(of_date) > _DAYS_AT_ONCE:
            yield some
            some = []
        some += of_date
    if some:
        yield some


def _ends(reader: Reader, days: Sequence[Day]) -> CTE:
    """Give of each day when that is over on which its summaries were due, and whether it is coming, as a table."""
    rows = (
        select(
            literal(day[0]).label("site_id"),
            literal(day[1]).label("planned_on"),
            literal(reader.due_ends(reader.places[day[0]], day[1]), Instant).label("at"),
            literal(_is_coming(reader, day)).label("is_coming"),
        )
        for day in days
    )
    return union_all(*rows).cte("ends")


def _listed(ends: CTE) -> Select[UUID]:
    """Ask for the visits of these days."""
    of_day = and_(VisitListing.site_id == ends.c.site_id, VisitListing.planned_on == ends.c.planned_on)
    return select(VisitListing.visit_id).select_from(ends).join(VisitListing, of_day)


def _counted(reader: Reader, ends: CTE) -> Select[Any]:
    """Ask of each day how many promises are plainly in each state of _PLAIN; the index alone answers."""
    of_day = select(func.count()).where(
        VisitListing.site_id == ends.c.site_id, VisitListing.planned_on == ends.c.planned_on
    )
    counts = (of_day.where(is_plain).correlate(ends).scalar_subquery() for is_plain in _plain(reader, ends))
    return select(ends.c.site_id, ends.c.planned_on, *counts)


def _plain(reader: Reader, ends: CTE) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions that a promise is plainly kept, plainly late, and plainly broken."""
    # Who learns of the day of a visit after its summary was due is promised it later, or not at all.
    was_known = VisitListing.known_at < ends.c.at
    is_over = ends.c.at <= literal(reader.at, Instant)
    is_missing = and_(
        VisitListing.whereabouts == Whereabouts.NONE,
        VisitListing.received != Received.SENT,
        VisitListing.withdrawn_after == NEVER,
    )
    return (
        and_(_is_there(reader), VisitListing.first_at < ends.c.at, was_known),
        and_(_is_there(reader), VisitListing.first_at >= ends.c.at, was_known),
        and_(is_missing, was_known, is_over),
    )


def _is_there(reader: Reader) -> ColumnElement[bool]:
    """Give the condition that the current summary is at the site, and can be printed."""
    is_printable = VisitListing.summary_id.not_in(reader.unprintable) if reader.unprintable else true()
    return and_(VisitListing.whereabouts == Whereabouts.AT_SITE, is_printable)


def _is_due(ends: CTE) -> ColumnElement[bool]:
    """Give the condition that nothing is made yet of what is to come."""
    is_missing = and_(VisitListing.whereabouts == Whereabouts.NONE, VisitListing.received != Received.SENT)
    return and_(ends.c.is_coming, is_missing, VisitListing.withdrawn_after == NEVER)


def _judge(session: Session, reader: Reader, days: Sequence[Day]) -> Iterator[tuple[UUID, tuple[Day, PromiseState]]]:
    """Judge what is not plain of some days, one by one: of those whose summary is at the site, few facts matter."""
    ends = _ends(reader, days)
    is_sent = VisitListing.received == Received.SENT
    is_told = and_(VisitListing.whereabouts == Whereabouts.NONE, ends.c.is_coming, ~is_sent)
    unclear = _listed(ends).where(~is_told, *(~is_plain for is_plain in _plain(reader, ends)))
    facts = (VisitListing.site_id, VisitListing.code, VisitListing.planned_on, VisitListing.known_at)
    others = []
    for visit_id, is_there, *about in session.execute(
        unclear.add_columns(_is_there(reader), *facts, VisitListing.first_at)
    ):
        if not is_there:
            others.append(visit_id)
        elif state := reader.arrived(*about):
            yield visit_id, ((about[0], about[2]), state)
    for line in reader.read(others):
        yield line.visit_id, ((line.place.site_id, line.planned_on), line.promise.state)
