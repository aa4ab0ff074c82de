"""The current message about a visit, sent to its patient again because a nurse asks for it: now, and once for each tap.

Whether it may go is decided as for every message, at the click and again when it is sent.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.message import Message, MessageStatus
from portal.db.participant import Visit
from portal.domain import schedule
from portal.domain.messages import NOT_OF_A_VISIT, MessageKind
from portal.domain.sending import Cancel, Leave, decide
from portal.services import letter_writing, message_facts, message_plan
from portal.services.actor import Actor
from portal.services.contacts import Contacts


class Refusal(StrEnum):
    """Why nothing can be sent again now; the last one covers what sending itself would stop."""

    ON_ITS_WAY = "on-its-way"
    NOT_OPEN = "not-open"
    WITHDRAWN = "withdrawn"
    PAUSED = "paused"
    STOPPED = "stopped"
    ANSWERED = "answered"
    TOO_LATE = "too-late"
    NO_ADDRESS = "no-address"
    BOUNCED_BEFORE = "bounced-before"
    NOT_NOW = "not-now"


@dataclass(frozen=True)
class Offer:
    """What a tap would send: the words of which mail, when it leaves, or why it may not.

    `edition` counts what was sent again about this visit; two taps on one offer take the same place.
    """

    edition: int
    mail: str
    leaves_at: datetime
    refusal: Refusal | None


def offer(session: Session, visit: Visit, contacts: Contacts, *, at: datetime) -> Offer:
    """Say what could be sent again about a visit now.  Raises ContactUnreadableError."""
    last, waiting = session.execute(
        select(
            func.max(Message.edition).filter(Message.kind == MessageKind.RESENT),
            func.count().filter(
                Message.kind.not_in(NOT_OF_A_VISIT),
                (Message.status == MessageStatus.CLAIMED)
                | ((Message.status == MessageStatus.PLANNED) & ((Message.due_at <= at) | (Message.attempts > 0)))
                | ((Message.status == MessageStatus.PLANNED) & (Message.kind == MessageKind.RESENT)),
            ),
        ).where(Message.visit_id == visit.id, Message.recipient == message_plan.TO_PARTICIPANT)
    ).one()
    edition = (last or 0) + 1
    # It is looked at as sending will look at it, and never added to the session.
    message = Message(
        visit_id=visit.id, kind=MessageKind.RESENT, recipient=message_plan.TO_PARTICIPANT, edition=edition
    )
    subject = message_facts.gather(session, message)
    facts = subject.facts(session, message, message_facts.find_reach(subject, message, contacts), at)
    decision = decide(facts, subject.place.definition, subject.zone, at)
    leaves_at = decision.until if isinstance(decision, Leave) else at
    if isinstance(decision, Cancel):
        known = decision.reason.value in set(Refusal)
        refusal: Refusal | None = Refusal(decision.reason.value) if known else Refusal.NOT_NOW
    elif schedule.local_day(at, subject.zone) < facts.window.opens_on:
        refusal = Refusal.NOT_OPEN
    else:
        refusal = Refusal.ON_ITS_WAY if waiting else None
    return Offer(edition, letter_writing.mail_of(subject), leaves_at, refusal)


def send_again(session: Session, visit: Visit, contacts: Contacts, *, edition: int, by: Actor, at: datetime) -> Offer:
    """Plan what was offered as `edition`, for the worker to send; refused or taken already, nothing is planned."""
    offered = offer(session, visit, contacts, at=at)
    if offered.refusal is None and offered.edition == edition:
        message_plan.add_for_participant(session, visit, MessageKind.RESENT, edition=edition, by=by, at=at)
    return offered
