"""What answering took at a reader's sites: minutes for a questionnaire, days and messages until all was sent."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, extract, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.db.message import Message, MessageStatus
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response, Source
from portal.domain import schedule
from portal.domain.messages import REMINDING, MessageKind
from portal.domain.quantiles import Spread, spread
from portal.services.message_plan import TO_PARTICIPANT
from portal.services.study_progress import AT_ONCE, IS_SENT, Scope, visits

MOST_MESSAGES = 4
"""Messages are counted one by one below this number, and together from it on."""

_TOLD = (MessageKind.OPENING, *REMINDING, MessageKind.RESENT)


@dataclass(frozen=True)
class AnswerTimes:
    """What answering took.

    minutes:  by (visit code, instrument): whole minutes from the first answer to sending, on a phone.
    at_once:  by the same, how many questionnaires reached the portal whole, so that they tell no minutes.
    days:     by visit code: days from the opening to the day on which the last questionnaire was sent.
    messages: by visit code: at how many visits 0, 1, … messages had left before everything was sent.
    """

    minutes: Mapping[tuple[str, str], Spread]
    at_once: Mapping[tuple[str, str], int]
    days: Mapping[str, Spread]
    messages: Mapping[str, Counter[int]]


def measure(session: Session, scope: Scope) -> AnswerTimes:
    """Tell what answering took at the reader's own sites; two queries, whatever the number of participants."""
    minutes: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    at_once: Counter[tuple[str, str]] = Counter()
    for row in session.execute(_minutes(scope)):
        if row.at_once:
            at_once[row.code, row.instrument] += row.number
        else:
            minutes[row.code, row.instrument][row.minutes] += row.number
    days: dict[str, Counter[int]] = defaultdict(Counter)
    messages: dict[str, Counter[int]] = defaultdict(Counter)
    for row in session.execute(_sent_visits(scope).execution_options(yield_per=AT_ONCE)):
        place = scope.by_code[row.site]
        opens_on = schedule.window(place.definition.get_visit(row.code), row.planned_on).opens_on
        sent_on = schedule.local_day(row.last_at, place.site.zone)
        days[row.code][max(0, (sent_on - opens_on).days)] += 1
        messages[row.code][min(row.messages, MOST_MESSAGES)] += 1
    return AnswerTimes(_spreads(minutes), at_once, _spreads(days), messages)


def _spreads(counted: Mapping[Any, Counter[int]]) -> dict[Any, Spread]:
    return {key: told for key, counts in counted.items() if (told := spread(counts))}


def _seconds(instant: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    return cast(extract("epoch", instant), BigInteger)


def _minutes(scope: Scope) -> Any:
    """Count the questionnaires sent from a phone that took the same number of minutes.

    What took no time at all arrived whole: nothing of it was received before it was sent.
    """
    seconds = _seconds(Response.completed_at) - _seconds(Response.started_at)
    alike = (
        Visit.code,
        Assignment.instrument,
        (seconds // 60).label("minutes"),
        (Response.completed_at == Response.started_at).label("at_once"),
    )
    return (
        select(*alike, func.count().label("number"))
        .select_from(Response)
        .join(Assignment)
        .join(Visit)
        .join(Participant)
        .where(Participant.site_id.in_(scope.site_ids), IS_SENT, Response.source == Source.PHONE)
        .group_by(*alike)
    )


def _sent_visits(scope: Scope) -> Any:
    """Ask for the visits of which everything was sent, with the number of messages that had left by then."""
    sent = (
        visits(Visit.id.label("visit_id"))
        .where(Participant.site_id.in_(scope.site_ids))
        .having(func.count(Assignment.id) == func.sum(case((IS_SENT, 1), else_=0)))
        .subquery()
    )
    had_left = and_(Message.status == MessageStatus.SENT, Message.sent_at <= sent.c.last_at)
    # The status is asked inside: as a condition it would lead SQLite to the index by status, which holds all messages.
    messages = (
        select(func.count(case((had_left, Message.id))))
        .where(Message.visit_id == sent.c.visit_id, Message.kind.in_(_TOLD), Message.recipient == TO_PARTICIPANT)
        .scalar_subquery()
    )
    return select(sent.c.site, sent.c.code, sent.c.planned_on, sent.c.last_at, messages.label("messages"))
