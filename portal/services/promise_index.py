"""Counts promises by day and state without reading each: only what is not plainly due or plainly kept is judged.

`portal.domain.promises` alone says how a promise stands. Here stands only of which visits it can say but one thing:
those to come of which nothing is made are due; those whose summary was at the site before the end of its day, and of
which nothing was learnt later, are kept. A test compares both over whole histories.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, literal, or_, select, true, union_all
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.base import Instant
from portal.db.message import Message, MessageStatus
from portal.db.participant import Participant
from portal.db.planning import unindexed
from portal.db.summary import LifeEvent, SummaryEvent
from portal.db.visit_listing import NEVER, Reading, Received, VisitListing, VisitTally, Whereabouts
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.domain.promises import PromiseState
from portal.services import promise_asking
from portal.services.promise_choice import PromiseChoice
from portal.services.promise_reading import Reader

Day = tuple[UUID, date]

_DAYS_AT_ONCE = 400  # what SQLite takes of one statement
_MANY = 5000  # visits named one by one


@dataclass(frozen=True)
class Survey:
    """How many promises are plain, by day and state, and the condition on VisitListing of those to be judged."""

    plain: Counter[tuple[date, PromiseState]]
    unclear: ColumnElement[bool]


def survey(session: Session, reader: Reader, choice: PromiseChoice, today: date) -> Survey:
    """Tell the promises of a choice that are plain from those that must be judged.

    As many statements whatever the number of visits; one more for each 400 days with summaries.
    """
    plain: Counter[tuple[date, PromiseState]] = Counter()
    with_summary: list[Day] = []
    coming_from = {site_id: reader.coming_from(place) for site_id, place in reader.places.items()}
    sent: list[date] = []
    for (site_id, day), due, sent_only, summaries in _tallied(session, reader, choice, today):
        if day >= coming_from[site_id]:
            plain[day, PromiseState.DUE] += due
        if sent_only:
            sent.append(day)
        if summaries:
            plain[day, PromiseState.KEPT] += summaries
            with_summary.append((site_id, day))
    chosen = choice.lines(VisitListing, today)
    unclear = list(session.scalars(union_all(*_not_made(coming_from, sent, chosen)))) if coming_from else []
    for day, visit_id in _unclear(session, reader, sorted(with_summary, key=lambda each: each[1])):
        plain[day, PromiseState.KEPT] -= 1
        unclear.append(visit_id)
    if len(unclear) > _MANY:
        return Survey(Counter(), chosen)
    return Survey(+plain, VisitListing.visit_id.in_(unclear))


def _tallied(
    session: Session, reader: Reader, choice: PromiseChoice, today: date
) -> Iterator[tuple[Day, int, int, int]]:
    """Give of each site and day how many visits have no summary and nothing sent, no summary yet, and a summary."""
    is_made, is_sent = VisitTally.reading != Reading.NONE, VisitTally.received == Received.SENT
    # Who has withdrawn is promised nothing of what comes: nobody withdraws on a day to come.
    takes_part = VisitTally.withdrawn_after == NEVER
    kinds = (and_(~is_made, ~is_sent, takes_part), and_(~is_made, is_sent), is_made)
    rows = session.execute(
        select(
            VisitTally.site_id,
            VisitTally.planned_on,
            *(func.sum(case((kind, VisitTally.visits), else_=0)) for kind in kinds),
        )
        .where(VisitTally.site_id.in_(reader.places), choice.lines(VisitTally, today))
        .group_by(VisitTally.site_id, VisitTally.planned_on)
    )
    for site_id, day, due, sent_only, summaries in rows:
        yield (site_id, day), int(due), int(sent_only), int(summaries)


def _not_made(
    coming_from: Mapping[UUID, date], sent: Sequence[date], chosen: ColumnElement[bool]
) -> Iterator[Select[UUID]]:
    """Ask for the visits without a summary of which it is not plain that theirs is due."""
    for site_id, day in coming_from.items():
        asked = select(VisitListing.visit_id).where(
            VisitListing.site_id == site_id, VisitListing.whereabouts == Whereabouts.NONE, chosen
        )
        yield asked.where(VisitListing.planned_on < day)
        # What was sent is summed up within minutes: there are few such days.
        is_sent = and_(VisitListing.planned_on.in_(sent), VisitListing.received == Received.SENT)
        yield asked.where(VisitListing.planned_on >= day, is_sent)


def _unclear(session: Session, reader: Reader, days: Sequence[Day]) -> Iterator[tuple[date, UUID]]:
    """Give the visits of these days that have a summary, and of which it is not plain that their promise is kept."""
    remaining = iter(days)
    while some := list(islice(remaining, _DAYS_AT_ONCE)):
        ends = _ends(reader, some)
        is_of_day = and_(VisitListing.site_id == ends.c.site_id, VisitListing.planned_on == ends.c.day)
        # The number is found at once; by the visit it would take twice as long.
        is_hers = and_(
            Participant.site_id == VisitListing.site_id,
            Participant.participant_number == VisitListing.participant_number,
        )
        where = VisitListing.whereabouts
        found = session.execute(
            select(VisitListing.planned_on, VisitListing.visit_id)
            .select_from(ends)
            .join(VisitListing, is_of_day)
            .join(Participant, is_hers)
            .where(
                where.in_([Whereabouts.AWAY, Whereabouts.AT_SITE]),
                or_(where == Whereabouts.AWAY, ~_is_plainly_kept(reader, ends)),
            )
        )
        yield from ((row.planned_on, row.visit_id) for row in found)


def _ends(reader: Reader, days: Sequence[Day]) -> CTE:
    """Give when the day is over on which each day's summaries were due, as a table."""
    rows = (
        select(
            literal(site_id).label("site_id"),
            literal(day).label("day"),
            literal(reader.due_ends(reader.places[site_id], day), Instant).label("at"),
        )
        for site_id, day in days
    )
    return union_all(*rows).cte("ends")


def _is_plainly_kept(reader: Reader, ends: CTE) -> ColumnElement[bool]:
    """Give the condition that a summary was there in time, is there now, and that nothing speaks against it."""
    mail = select(Message.id).where(Message.visit_id == VisitListing.visit_id, Message.kind == MessageKind.SUMMARY)
    is_sent = unindexed(Message.status) == MessageStatus.SENT
    look = select(SummaryEvent.id).where(
        SummaryEvent.summary_id == VisitListing.summary_id, SummaryEvent.kind != LifeEvent.DELIVERED
    )
    moved = select(AuditEvent.id).where(
        AuditEvent.subject_kind == "visit",
        AuditEvent.subject_id == VisitListing.visit_id,
        AuditEvent.deed == Deed.VISIT_MOVED,
    )
    return and_(
        or_(
            mail.where(is_sent, Message.sent_at < ends.c.at).exists(),
            look.where(SummaryEvent.at < ends.c.at).exists(),
        ),
        ~mail.where(promise_asking.came_back()).exists(),
        Participant.enrolled_at < ends.c.at,
        ~moved.where(AuditEvent.at >= ends.c.at).exists(),
        VisitListing.summary_id.not_in(reader.unprintable) if reader.unprintable else true(),
    )
