"""What the tests of messages share: the hours of Paris, and the worker's round on the bare services."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.message import Message
from portal.db.participant import Participant
from portal.domain.study_file import from_mapping
from portal.domain.study_mapping import to_mapping
from portal.services import (
    actor,
    answering,
    message_plan,
    messages,
    studies,
)
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.doors import DoorKeys
from portal.services.letters import Accepted, Letter, Outcome
from portal.services.studies import StudyAtSite
from tests import factories

KEY = "3xwCWlC2zmY9KqHhSXlm2lhfoyL7aHnEKm8pUtlo0hI="
KEYS = DoorKeys("a secret key for tests, long enough")


def paris(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of 2027, given by the clocks of Paris in winter."""
    return datetime(2027, month, day, hour - 1, minute, tzinfo=UTC)


def change_study(session: Session, **tables: dict[str, object]) -> StudyAtSite:
    """Load the demonstration study with some keys changed, by table; gives site 01."""
    whole = to_mapping(factories.demonstration_study())
    for table, keys in tables.items():
        before = whole.get(table, {})
        assert isinstance(before, dict)
        whole[table] = before | keys
    studies.load(session, from_mapping(whole), by=SYSTEM, at=factories.AT)
    return studies.list_sites(session)[0]


def plan(session: Session, at: datetime) -> list[UUID]:
    return message_plan.plan(session, is_public_holiday, by=SYSTEM, at=at)


def work(session: Session, contacts: Contacts, at: datetime, outcome: Outcome | None = None) -> list[Letter]:
    """Plan, and send everything that is due, as the worker does; give the letters."""
    plan(session, at)
    letters = []
    while claimed := messages.claim(session, at=at):
        letter = messages.prepare(session, claimed[0], contacts, KEYS, by=SYSTEM, at=at)
        if letter:
            letters.append(letter)
            messages.conclude(session, claimed[0], outcome or Accepted(), by=SYSTEM, at=at)
    return letters


def begin(session: Session, participant: Participant, at: datetime) -> None:
    """Answer the first question and put the phone away."""
    assignment = factories.get_assignment(session, participant, "DLQI")
    given = factories.given("DLQI", {"DLQI101": 1}, at=at)
    answering.save(session, participant.id, assignment.id, given, by=actor.patient(participant.id), at=at)


def rows(session: Session) -> list[tuple[str, str, str | None]]:
    found = session.scalars(select(Message).order_by(Message.due_at, Message.kind))
    return [(message.kind, message.status.value, message.reason) for message in found]
