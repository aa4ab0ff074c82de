"""Messages on their way: claimed by one worker, decided on at the moment of sending, and their outcome kept.

The edge commits the claim and the decision before it sends, and the outcome after (portal.services.deliveries).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.db.message import Message, MessageStatus
from portal.db.planning import unindexed
from portal.domain.messages import MessageKind
from portal.domain.sending import Cancel, Leave, Reason, decide
from portal.services import bounces, deliveries, summaries, summary_attachments, summary_life
from portal.services.actor import Actor
from portal.services.contacts import Contacts
from portal.services.doors import DoorKeys
from portal.services.letter_writing import write_letter
from portal.services.letters import Accepted, Letter, Outcome, Unknown
from portal.services.message_facts import find_reach, gather
from portal.services.message_plan import TO_PARTICIPANT
from portal.services.summary_attachments import Awaited


@dataclass(frozen=True)
class LastMessage:
    """The last message to a participant about a visit, what became of it, and when.

    bounced: it came back;  held_up: another server was still trying to deliver it.
    """

    kind: str
    status: MessageStatus
    at: datetime
    bounced: bool = False
    held_up: bool = False


_NOBODY_REACHED = [Reason.NO_ADDRESS, Reason.BOUNCED_BEFORE]


def claim(session: Session, *, worker: str | None = None, at: datetime, limit: int = 1) -> list[Message]:
    """Take up to `limit` messages that are due, the longest due first, so that no other worker takes them.

    The caller commits before anything is sent.
    """
    return deliveries.claim(session, Message, worker=worker, at=at, limit=limit)


def prepare(
    session: Session, message: Message, contacts: Contacts, keys: DoorKeys, *, by: Actor, at: datetime
) -> Letter | None:
    """Decide on a claimed message by what is true now; give the letter to send, or None when there is none.

    A message that is not wanted is cancelled with its reason; one whose hour is not right goes back to wait for it.
    Raises ContactUnreadableError.
    """
    subject = gather(session, message)
    reach = find_reach(subject, message, contacts)
    decision = decide(subject.facts(session, message, reach, at), subject.place.definition, subject.zone, at)
    if isinstance(decision, Cancel):
        deliveries.drop(session, message, decision.reason, by=by, at=at)
        return None
    if isinstance(decision, Leave):
        deliveries.put_back(session, message, decision.until)
        return None
    attachment = summary_attachments.find(session, subject, contacts, by=by, at=at)
    if isinstance(attachment, Awaited):
        deliveries.put_back(session, message, at + summary_attachments.AGAIN)
        return None
    assert reach is not None
    message.channel, message.handed_at = reach.channel, at
    return write_letter(session, subject, message, reach, keys, attachment=attachment, by=by, at=at)


def conclude(session: Session, message: Message, outcome: Outcome, *, by: Actor, at: datetime) -> None:
    """Keep what became of sending; what may pass is planned again after a wait that grows."""
    if isinstance(outcome, Accepted):
        message.provider_id = outcome.provider_id
    if isinstance(outcome, Accepted | Unknown):
        message.parts = outcome.parts
    deliveries.keep_outcome(session, message, outcome, by=by, at=at)
    if isinstance(outcome, Accepted):
        _deliver(session, message, by=by, at=at)


def list_troubled(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, list[Message]]:
    """Give, by visit, the messages that failed, reached nobody, are being tried again, or whose fate is unknown.

    With them, the mails to staff that another server was still trying to deliver.
    """
    found: dict[UUID, list[Message]] = {}
    rows = session.scalars(
        select(Message)
        .where(
            Message.visit_id.in_(visit_ids),
            Message.kind != MessageKind.CONTACT_TEST,  # its own page tells, while the patient is there
            or_(
                Message.status.in_([MessageStatus.FAILED, MessageStatus.UNKNOWN]),
                (Message.status == MessageStatus.PLANNED) & (Message.attempts > 0),
                (Message.status == MessageStatus.CANCELLED) & Message.reason.in_(_NOBODY_REACHED),
                (Message.recipient != TO_PARTICIPANT) & bounces.is_held_up(),
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
        select(
            Message.visit_id,
            Message.kind,
            Message.status,
            Message.sent_at,
            Message.due_at,
            Message.reason,
            bounces.is_held_up().label("held_up"),
        )
        .where(
            Message.visit_id.in_(visit_ids),
            Message.recipient == TO_PARTICIPANT,
            unindexed(Message.status).in_([MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN]),
        )
        .order_by(Message.due_at)
    )
    return {
        row.visit_id: LastMessage(
            row.kind,
            row.status,
            row.sent_at or row.due_at,
            bounced=row.reason == Reason.BOUNCED,
            held_up=row.held_up,
        )
        for row in rows
    }


def _deliver(session: Session, message: Message, *, by: Actor, at: datetime) -> None:
    """A summary counts as delivered when the mail that announces it was taken over."""
    if message.kind != MessageKind.SUMMARY:
        return
    summary = summaries.find_current(session, message.visit_id)
    if summary and summary.number == message.edition:
        summary_life.delivered(session, summary, by=by, at=at)
