"""What is asked of the store for promises: counts by day, visits, and a line for each visit and each mail of hers."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
    union_all,
)

from portal.db.base import Instant
from portal.db.message import Bounce, BounceKind, Message
from portal.db.participant import Participant, Visit
from portal.db.summary import Summary
from portal.db.visit_listing import NEVER, Reading, Received, VisitListing, VisitTally, Whereabouts
from portal.domain.messages import MessageKind
from portal.domain.promises import PromiseState


def came_back() -> ColumnElement[bool]:
    """Whether a mail came back for good since it left last: it may have been sent again after the report."""
    since = func.coalesce(Message.claimed_at, Bounce.at)
    return exists().where(Bounce.message_id == Message.id, Bounce.kind == BounceKind.PERMANENT, Bounce.at >= since)


ORDER = (VisitListing.planned_on, VisitListing.participant_number, VisitListing.visit_id)
ASKED = (
    select(
        VisitListing.visit_id,
        VisitListing.site_id,
        VisitListing.participant_number,
        VisitListing.planned_on,
        VisitListing.code,
        VisitListing.received,
        VisitListing.summary_id,
        VisitListing.whereabouts,
        VisitListing.first_at,
        VisitListing.known_at,
        Visit.participant_id,
        Participant.withdrawn_on,
        Summary.number,
        Summary.made_at,
        Message.edition,
        Message.status,
        Message.reason,
        Message.attempts,
        Message.due_at,
        came_back().label("bounced"),
    )
    .select_from(VisitListing)
    .join(Visit, Visit.id == VisitListing.visit_id)
    .join(Participant, Participant.id == Visit.participant_id)
    .outerjoin(Summary, Summary.id == VisitListing.summary_id)
    .outerjoin(Message, (Message.visit_id == VisitListing.visit_id) & (Message.kind == MessageKind.SUMMARY))
    .where(VisitListing.visit_id.in_(bindparam("visits", expanding=True)))
    .order_by(*ORDER)
    .execution_options(yield_per=500)  # rows in memory
)

PLAIN = (PromiseState.KEPT, PromiseState.LATE, PromiseState.BROKEN)
"""The states that can be plain without more, in the order in which they are counted."""

_KEPT = 64  # statements of each kind


def _tally() -> Select[Any]:
    is_made, is_sent = VisitTally.reading != Reading.NONE, VisitTally.received == Received.SENT
    # Who has withdrawn is promised nothing of what comes: nobody withdraws on a day to come.
    takes_part = VisitTally.withdrawn_after == NEVER
    kinds = (and_(~is_made, ~is_sent, takes_part), and_(~is_made, is_sent), ~is_made, is_made)
    counts: tuple[Any, ...] = tuple(func.sum(case((kind, VisitTally.visits), else_=0)) for kind in kinds)
    return (
        select(VisitTally.site_id, VisitTally.planned_on, *counts)
        .where(
            VisitTally.site_id.in_(bindparam("sites", expanding=True)),
            VisitTally.planned_on.between(bindparam("first"), bindparam("last")),
        )
        .group_by(VisitTally.site_id, VisitTally.planned_on)
    )


TALLIED = _tally()
"""How many visits each site and day has: to come with nothing made, sent with nothing made, without a summary, with."""


# What follows is built once for each number of days: making a statement anew takes longer than its answer.


@lru_cache(_KEPT)
def _ends(number: int) -> CTE:
    """Give of each day when that is over on which its summaries were due, and whether it is coming, as a table."""
    rows = (
        select(
            bindparam(f"site_{day}", type_=Uuid()).label("site_id"),
            bindparam(f"day_{day}", type_=Date()).label("planned_on"),
            bindparam(f"ends_{day}", type_=Instant()).label("at"),
            bindparam(f"coming_{day}", type_=Boolean()).label("is_coming"),
        )
        for day in range(number)
    )
    return union_all(*rows).cte("ends")


@lru_cache(_KEPT)
def counted(number: int, some_unprintable: bool) -> Select[Any]:
    """Ask of each day how many promises are plainly in each state of PLAIN; the index alone answers."""
    ends = _ends(number)
    of_day = select(func.count()).where(
        VisitListing.site_id == ends.c.site_id, VisitListing.planned_on == ends.c.planned_on
    )
    plain = (of_day.where(each).correlate(ends).scalar_subquery() for each in _plain(ends, some_unprintable))
    return select(ends.c.site_id, ends.c.planned_on, *plain)


@lru_cache(_KEPT)
def unclear(number: int, some_unprintable: bool) -> Select[Any]:
    """Ask for the visits whose promise must be judged, whether the current summary is there, and what else matters."""
    ends = _ends(number)
    is_none, is_sent = VisitListing.whereabouts == Whereabouts.NONE, VisitListing.received == Received.SENT
    is_tallied = and_(is_none, ends.c.is_coming, ~is_sent)
    facts: tuple[Any, ...] = (VisitListing.site_id, VisitListing.code, VisitListing.planned_on, VisitListing.known_at)
    columns = (VisitListing.visit_id, _is_there(some_unprintable), *facts, VisitListing.first_at)
    asked = _listed(ends).where(~is_tallied, *(~each for each in _plain(ends, some_unprintable)))
    return asked.with_only_columns(*columns)


@lru_cache(_KEPT)
def shown(number: int, states: tuple[PromiseState, ...], some_unprintable: bool) -> Select[UUID]:
    """Ask for the visits whose promises are plainly in one of these states, and for those that are `shown`."""
    ends = _ends(number)
    conditions = dict(zip(PLAIN, _plain(ends, some_unprintable), strict=True)) | {PromiseState.DUE: _is_due(ends)}
    is_shown = (condition for state, condition in conditions.items() if state in states)
    is_named = VisitListing.visit_id.in_(bindparam("shown", expanding=True))
    listed = _listed(ends).where(or_(is_named, *is_shown)).order_by(*ORDER)
    return listed.offset(bindparam("offset", type_=Integer())).limit(bindparam("size", type_=Integer()))


def _listed(ends: CTE) -> Select[UUID]:
    """Ask for the visits of these days."""
    of_day = and_(VisitListing.site_id == ends.c.site_id, VisitListing.planned_on == ends.c.planned_on)
    return select(VisitListing.visit_id).select_from(ends).join(VisitListing, of_day)


def _plain(ends: CTE, some_unprintable: bool) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions that a promise is plainly kept, plainly late, and plainly broken."""
    # Who learns of the day of a visit after its summary was due is promised it later, or not at all.
    was_known, is_there = VisitListing.known_at < ends.c.at, _is_there(some_unprintable)
    is_missing = and_(
        VisitListing.whereabouts == Whereabouts.NONE,
        VisitListing.received != Received.SENT,
        VisitListing.withdrawn_after == NEVER,
    )
    return (
        and_(is_there, VisitListing.first_at < ends.c.at, was_known),
        and_(is_there, VisitListing.first_at >= ends.c.at, was_known),
        and_(is_missing, was_known, ends.c.at <= bindparam("at", type_=Instant())),
    )


def _is_there(some_unprintable: bool) -> ColumnElement[bool]:
    """Give the condition that the current summary is at the site, and can be printed."""
    unprintable = VisitListing.summary_id.in_(bindparam("unprintable", expanding=True))
    return and_(VisitListing.whereabouts == Whereabouts.AT_SITE, ~unprintable if some_unprintable else true())


def _is_due(ends: CTE) -> ColumnElement[bool]:
    """Give the condition that nothing is made yet of what is to come."""
    is_missing = and_(VisitListing.whereabouts == Whereabouts.NONE, VisitListing.received != Received.SENT)
    return and_(ends.c.is_coming, is_missing, VisitListing.withdrawn_after == NEVER)
