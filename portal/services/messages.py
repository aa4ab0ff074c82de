"""Messages on their way: claimed by one worker, decided on at the moment of sending, and their outcome kept.

The edge commits the claim before it sends and the outcome after: whatever happens in between, a message is never sent
twice; what a lost worker leaves behind shows as unknown.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.db.message import Message, MessageStatus
from portal.db.participant import Visit
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.domain.sending import Cancel, Leave, Reason, decide, wait_after
from portal.services import audit, summaries, summary_life
from portal.services.actor import Actor
from portal.services.contacts import Contacts
from portal.services.doors import DoorKeys
from portal.services.letter_writing import write_letter
from portal.services.letters import Accepted, Letter, Outcome, Postponed, Rejected
from portal.services.message_facts import find_reach, gather
from portal.services.message_plan import TO_PARTICIPANT

LOST_AFTER = timedelta(minutes=15)
"""A claim older than this was left by a worker that died: sending takes at most a few minutes."""


@dataclass(frozen=True)
class LastMessage:
    """The last message to a participant about a visit, what became of it, and when."""

    kind: str
    status: MessageStatus
    at: datetime


_DEEDS = {
    MessageStatus.SENT: Deed.MESSAGE_SENT,
    MessageStatus.FAILED: Deed.MESSAGE_FAILED,
    MessageStatus.CANCELLED: Deed.MESSAGE_CANCELLED,
    MessageStatus.UNKNOWN: Deed.MESSAGE_UNKNOWN,
}


def claim(session: Session, *, at: datetime, limit: int = 1) -> list[Message]:
    """Take up to `limit` messages that are due, the longest due first, so that no other worker takes them.

    The caller commits before anything is sent. Rows that another worker is just claiming are passed over.
    """
    claimed = list(
        session.scalars(
            select(Message)
            .where(Message.status == MessageStatus.PLANNED, Message.due_at <= at)
            .order_by(Message.due_at, Message.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    for message in claimed:
        message.status, message.claimed_at = MessageStatus.CLAIMED, at
        message.attempts += 1
    session.flush()
    return claimed


def prepare(
    session: Session, message: Message, contacts: Contacts, keys: DoorKeys, *, by: Actor, at: datetime
) -> Letter | None:
    """Decide on a claimed message by what is true now; give the letter to send, or None when there is none.

    A message that is not wanted is cancelled with its reason; one whose hour is not right goes back to wait for it.
    Raises ContactUnreadableError.
    """
    subject = gather(session, message)
    reach = find_reach(subject, contacts)
    decision = decide(subject.facts(session, message, reach, at), subject.place.definition, subject.zone, at)
    if isinstance(decision, Cancel):
        _conclude(session, message, MessageStatus.CANCELLED, decision.reason, by=by, at=at)
        return None
    if isinstance(decision, Leave):
        message.status, message.claimed_at, message.due_at = MessageStatus.PLANNED, None, decision.until
        message.attempts -= 1
        session.flush()
        return None
    assert reach is not None
    message.channel = reach.channel
    return write_letter(session, subject, message, reach, keys, by=by, at=at)


def conclude(session: Session, message: Message, outcome: Outcome, *, by: Actor, at: datetime) -> None:
    """Keep what became of sending; what may pass is planned again after a wait that grows."""
    match outcome:
        case Accepted(provider_id, parts):
            message.sent_at, message.provider_id, message.parts = at, provider_id, parts
            _conclude(session, message, MessageStatus.SENT, None, by=by, at=at)
            _deliver(session, message, by=by, at=at)
        case Postponed(reason):
            message.status, message.claimed_at, message.reason = MessageStatus.PLANNED, None, reason
            message.due_at = at + wait_after(message.attempts)
            session.flush()
        case Rejected(reason):
            _conclude(session, message, MessageStatus.FAILED, reason, by=by, at=at)
        case _:
            message.parts = outcome.parts
            _conclude(session, message, MessageStatus.UNKNOWN, outcome.reason, by=by, at=at)


def mark_lost(session: Session, *, at: datetime, by: Actor) -> list[Message]:
    """Mark as unknown what a worker claimed and never concluded; it is shown to staff and not sent again."""
    lost = list(
        session.scalars(
            select(Message)
            .where(Message.status == MessageStatus.CLAIMED, Message.claimed_at <= at - LOST_AFTER)
            .order_by(Message.claimed_at)
            .with_for_update(skip_locked=True)
        )
    )
    for message in lost:
        _conclude(session, message, MessageStatus.UNKNOWN, Reason.LOST, by=by, at=at)
    return lost


def list_troubled(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, list[Message]]:
    """Give, by visit, the messages that failed, reached nobody, are being tried again, or whose fate is unknown."""
    found: dict[UUID, list[Message]] = {}
    rows = session.scalars(
        select(Message)
        .where(
            Message.visit_id.in_(visit_ids),
            Message.kind != MessageKind.CONTACT_TEST,  # its own page tells, while the patient is there
            or_(
                Message.status.in_([MessageStatus.FAILED, MessageStatus.UNKNOWN]),
                (Message.status == MessageStatus.PLANNED) & (Message.attempts > 0),
                (Message.status == MessageStatus.CANCELLED) & (Message.reason == Reason.NO_ADDRESS),
            ),
        )
        .order_by(Message.due_at)
    )
    for message in rows:
        found.setdefault(message.visit_id, []).append(message)
    return found


def last_to_patient(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, LastMessage]:
    """Give, by visit, the last message that left for the participant or should have; one query."""
    rows = session.execute(
        select(Message.visit_id, Message.kind, Message.status, Message.sent_at, Message.due_at)
        .where(
            Message.visit_id.in_(visit_ids),
            Message.recipient == TO_PARTICIPANT,
            Message.status.in_([MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN]),
        )
        .order_by(Message.due_at)
    )
    return {row.visit_id: LastMessage(row.kind, row.status, row.sent_at or row.due_at) for row in rows}


def _conclude(
    session: Session, message: Message, status: MessageStatus, reason: str | None, *, by: Actor, at: datetime
) -> None:
    old, message.status, message.reason = message.status, status, reason
    session.flush()
    event = audit.Event(
        deed=_DEEDS[status],
        subject_kind="message",
        subject_id=message.id,
        participant_id=session.scalar(select(Visit.participant_id).where(Visit.id == message.visit_id)),
        field="status",
        old=old,
        new=status,
        reason=reason,
    )
    audit.record(session, event, by=by, at=at)


def _deliver(session: Session, message: Message, *, by: Actor, at: datetime) -> None:
    """A summary counts as delivered when the mail that announces it was taken over."""
    if message.kind != MessageKind.SUMMARY:
        return
    summary = summaries.find_current(session, message.visit_id)
    if summary and summary.number == message.edition:
        summary_life.delivered(session, summary, by=by, at=at)
