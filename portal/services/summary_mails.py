"""The mails that announce a summary, sent again because a nurse asks for it: what went wrong is hers to put right.

It is the same message, with the same Message-ID, so that whoever has it already recognises the repeat.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.db.message import Message, MessageStatus
from portal.db.summary import Summary
from portal.domain.messages import MessageKind
from portal.domain.promises import Cause
from portal.domain.sending import Cancel, Leave, Reason, decide
from portal.services import deliveries, message_facts, reaches
from portal.services.actor import Actor


class Fate(StrEnum):
    """Where the mails about an edition stand, for whoever may act on them.

    ON_ITS_WAY  one waits, is tried again, or is being handed over
    AMISS       one was refused, came back or may not have arrived, and may be sent again
    TOO_LATE    the same, and it is not wanted any more
    """

    ON_ITS_WAY = "on-its-way"
    AMISS = "amiss"
    TOO_LATE = "too-late"


@dataclass(frozen=True)
class State:
    """How the mails stand, what is amiss (None while one is on its way), and when the next one leaves."""

    fate: Fate
    cause: Cause | None
    leaves_at: datetime


def find_state(session: Session, summary: Summary, *, at: datetime) -> State | None:
    """Say how the mails about an edition stand; None when nothing is amiss and nothing on its way."""
    mails = list(session.scalars(_about(summary)))
    amiss = [each for each in mails if _is_amiss(each)]
    if amiss:
        wanted = [leaves_at for each in amiss if (leaves_at := _leaves_at(session, each, at))]
        cause = next(cause for cause in _CAUSES if any(_cause_of(each) is cause for each in amiss))
        return State(Fate.AMISS if wanted else Fate.TOO_LATE, cause, min(wanted, default=at))
    waiting = [each for each in mails if each.status in (MessageStatus.PLANNED, MessageStatus.CLAIMED)]
    leave = [leaves_at for each in waiting if (leaves_at := _leaves_at(session, each, at))]
    return State(Fate.ON_ITS_WAY, None, max(min(leave), min(each.due_at for each in waiting))) if leave else None


def send_again(session: Session, summary: Summary, *, by: Actor, at: datetime) -> int:
    """Plan each mail that is amiss once more, for the worker to send; gives how many: nought on a second tap."""
    amiss = [each for each in session.scalars(_about(summary).with_for_update()) if _is_amiss(each)]
    wanted = [each for each in amiss if _leaves_at(session, each, at)]
    for message in wanted:
        deliveries.send_once_more(session, message, by=by, at=at)
    return len(wanted)


_CAUSES = (Cause.UNKNOWN, Cause.BOUNCED, Cause.REFUSED)


def _about(summary: Summary) -> Select[Message]:
    return select(Message).where(
        Message.visit_id == summary.visit_id,
        Message.kind == MessageKind.SUMMARY,
        Message.edition == summary.number,
    )


def _is_amiss(message: Message) -> bool:
    """Whether it left and nobody may have it; where there is no investigator there is nobody to send it to."""
    return message.status is MessageStatus.UNKNOWN or (
        message.status is MessageStatus.FAILED and message.reason != Reason.NO_RECIPIENT
    )


def _cause_of(message: Message) -> Cause:
    if message.status is MessageStatus.UNKNOWN:
        return Cause.UNKNOWN
    return Cause.BOUNCED if message.reason == Reason.BOUNCED else Cause.REFUSED


def _leaves_at(session: Session, message: Message, at: datetime) -> datetime | None:
    """Give when it would leave, decided as sending decides; None when it would not."""
    subject = message_facts.gather(session, message)
    reach = reaches.of_address(subject.reader.email if subject.reader else None)
    facts = subject.facts(session, message, reach, at)
    match decide(facts, subject.place.definition, subject.zone, at):
        case Cancel():
            return None
        case Leave(until):
            return until
        case _:
            return at
