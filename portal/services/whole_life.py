"""All that became of one edition of a summary, in the order in which it happened: its events, its mails, its end."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.db.message import Bounce, BounceKind, Message, MessageStatus
from portal.db.summary import Summary
from portal.domain.messages import MessageKind
from portal.domain.sending import Reason
from portal.services import summary_life
from portal.services.summary_life import LifeLine, Mishap


def read(session: Session, summary: Summary) -> list[LifeLine]:
    """Give the lines of an edition's life as they are read, the oldest first; four queries."""
    events = summary_life.life(session, [summary.id])[summary.id]
    lines = chain(events, _mails(session, summary), _bounces(session, summary), _end(session, summary))
    return summary_life.told(sorted(lines, key=lambda line: line.at))


def _mails(session: Session, summary: Summary) -> Iterator[LifeLine]:
    kinds = {MessageStatus.UNKNOWN: Mishap.UNKNOWN, MessageStatus.FAILED: Mishap.FAILED}
    for message in session.scalars(_announcing(summary).where(Message.status.in_(kinds))):
        kind = Mishap.NOBODY if message.reason == Reason.NO_RECIPIENT else kinds[message.status]
        yield LifeLine(kind, message.claimed_at or message.due_at, "")


def _bounces(session: Session, summary: Summary) -> Iterator[LifeLine]:
    kinds = {BounceKind.PERMANENT: Mishap.BOUNCED, BounceKind.DELAYED: Mishap.HELD_UP}
    of_this = _announcing(summary).with_only_columns(Message.id)
    for row in session.execute(select(Bounce.kind, Bounce.at).where(Bounce.message_id.in_(of_this))):
        yield LifeLine(kinds[row.kind], row.at, "")


def _end(session: Session, summary: Summary) -> Sequence[LifeLine]:
    next_one = select(Summary.made_at).where(Summary.visit_id == summary.visit_id, Summary.number == summary.number + 1)
    made_at: datetime | None = session.scalar(next_one)
    return [LifeLine(Mishap.SUPERSEDED, made_at, "", number=summary.number + 1)] if made_at else []


def _announcing(summary: Summary) -> Select[Message]:
    return select(Message).where(
        Message.visit_id == summary.visit_id,
        Message.kind == MessageKind.SUMMARY,
        Message.edition == summary.number,
    )
