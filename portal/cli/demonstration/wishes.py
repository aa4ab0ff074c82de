"""What is wished and what happens beside the plan in the demonstration, so that its mailbox shows each kind of message.

A nurse tests an address and a number, sends a message again, and moves a visit; a patient asks for a fresh link, or
wishes no messages; a mail comes back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.cli.demonstration.people import ONE_DAY
from portal.db.message import BounceKind, BounceSource, Channel, Message
from portal.db.participant import Participant, Visit
from portal.db.stop import StopWay
from portal.domain.messages import MessageKind
from portal.services import actor, bounces, contact_tests, doors, fresh_links, moving, resent_messages, stops
from portal.services.actor import Actor
from portal.services.bounces import Report
from portal.services.contacts import Contacts

READ_AFTER = timedelta(minutes=3)
"""How long after a test was sent the patient has found it."""


class Wish(StrEnum):
    """What is wished, or happens."""

    TEST = "test of the address"
    TEXT_TEST = "test of the number"
    SENT_AGAIN = "sent again"
    FRESH_LINK = "fresh link"
    NO_MESSAGES = "no messages"
    MOVED = "visit moved"
    COMES_BACK = "a mail comes back"


@dataclass(frozen=True)
class Wished:
    """A wish of the person at this place in PEOPLE, so many days before the planned day of one of her visits."""

    person: int
    visit: str
    days_before: int
    hour: time
    wish: Wish


ALL: Sequence[Wished] = (
    Wished(1, "INC", 10, time(9, 20), Wish.TEST),
    Wished(19, "INC", 10, time(9, 25), Wish.TEXT_TEST),
    Wished(3, "M6", 2, time(15), Wish.SENT_AGAIN),
    Wished(2, "M1", 5, time(19, 30), Wish.FRESH_LINK),
    Wished(17, "INC", 6, time(18, 40), Wish.NO_MESSAGES),
    Wished(12, "M6", 6, time(15), Wish.MOVED),
    Wished(15, "INC", 7, time(10, 4), Wish.COMES_BACK),
)

_TESTED = {Wish.TEST: Channel.MAIL, Wish.TEXT_TEST: Channel.SMS}


def play(
    session: Session, contacts: Contacts, wish: Wish, visit: Visit, nurse: Callable[[], Actor], *, at: datetime
) -> None:
    """Do what was wished; the worker's next round sends what follows from it."""
    she = session.get_one(Participant, visit.participant_id)
    match wish:
        case Wish.TEST | Wish.TEXT_TEST:
            contact_tests.send(session, she, _TESTED[wish], has_address=True, by=nurse(), at=at)
        case Wish.SENT_AGAIN:
            edition = resent_messages.offer(session, visit, contacts, at=at).edition
            resent_messages.send_again(session, visit, contacts, edition=edition, by=nurse(), at=at)
        case Wish.FRESH_LINK:
            door = doors.find_open(session, she.id)
            assert door
            fresh_links.ask(session, door.id, at=at)
        case Wish.NO_MESSAGES:
            stops.ask(session, she, StopWay.PAGE, by=actor.patient(she.id), at=at)
        case Wish.MOVED:
            day = visit.planned_on + ONE_DAY
            reason = "The day ward is closed."
            moving.move(session, visit, day, reason=reason, is_public_holiday=is_public_holiday, by=nurse(), at=at)
        case Wish.COMES_BACK:
            _come_back(session, visit, at)


def read(session: Session, wish: Wish, visit: Visit, nurse: Callable[[], Actor], *, at: datetime) -> None:
    """Note that a test has arrived; nothing follows for what is no test."""
    test = contact_tests.find_last(session, visit.participant_id, _TESTED[wish]) if wish in _TESTED else None
    if test:
        contact_tests.note(session, visit.participant_id, test.message.id, received=True, by=nurse(), at=at)


def _come_back(session: Session, visit: Visit, at: datetime) -> None:
    opening = select(Message.id).where(Message.visit_id == visit.id, Message.kind == MessageKind.OPENING)
    message_id = session.scalars(opening).one()
    report = Report(str(message_id), BounceKind.PERMANENT, "5.1.1", digest=message_id.hex * 2, at=at)
    bounces.keep(session, report, BounceSource.MAILBOX, by=actor.SYSTEM, at=at)
