"""Workers that take turns: on SQLite one of them sends, the other waits; and outcomes that outlast a failing store."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from portal.cli.working import Worker
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.message import Message, MessageStatus
from portal.services import leases
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.letters import Accepted, Outcome, Unknown
from portal.services.studies import StudyAtSite
from tests import factories

OPENED = datetime(2027, 2, 26, 9, 0, tzinfo=UTC)
"""10:00 in Paris, when the opening of the visit of Friday 5 March 2027 is due."""


@dataclass
class Server:
    """Counts what it is handed by Message-ID; does as told before it answers."""

    outcome: Outcome = field(default_factory=Accepted)
    taken: list[str] = field(default_factory=list)

    def send(self, mail: EmailMessage) -> Outcome:
        self.taken.append(mail["Message-ID"])
        return self.outcome


@dataclass
class Office:
    """One store, its clock, and the workers that share it."""

    settings: Settings
    clinical: Engine
    contact: Engine
    server: Server = field(default_factory=Server)
    said: list[str] = field(default_factory=list)
    at: datetime = OPENED

    def worker(self) -> Worker:
        return Worker(
            clinical=self.clinical,
            contact=self.contact,
            settings=self.settings,
            mailer=self.server,
            render=None,
            now=lambda: self.at,
            say=self.said.append,
        )

    def messages(self) -> list[Message]:
        with Session(self.clinical) as session:
            return list(session.scalars(select(Message).where(Message.due_at <= self.at)))


def enrol(office: Office, store: Session, place: StudyAtSite) -> None:
    """Enrol a patient who can be written to and whose visit is on 5 March."""
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    with Session(for_writing(office.contact)) as contact_session:
        contacts = Contacts(contact_session, office.settings.contact_key)
        contacts.keep(store, participant.id, email="she@example.org", by=SYSTEM, at=factories.AT)
        contact_session.commit()
    store.commit()


@pytest.fixture
def place(store: Session) -> StudyAtSite:
    return factories.load_study(store)[0]


@pytest.fixture
def office(settings: Settings, store: Session, place: StudyAtSite) -> Iterator[Office]:
    clinical, contact = for_writing(open_engine(settings.database_url)), open_engine(settings.contact_database_url)
    made = Office(settings, clinical, contact)
    enrol(made, store, place)
    yield made
    clinical.dispose()
    contact.dispose()


def test_on_sqlite_one_worker_sends_and_the_other_takes_over_when_it_has_died(office: Office) -> None:
    office.at = OPENED - timedelta(minutes=2)
    first, second = office.worker(), office.worker()
    first.round()
    office.at = OPENED + timedelta(seconds=1) - leases.LASTS
    first.round()
    office.at = OPENED
    second.round()
    second.round()
    assert office.server.taken == []  # it is due, but the first may be just about to send it
    assert [line[21:] for line in office.said if "waits" in line] == [
        f"{first.duty.name} sends; {second.duty.name} waits"
    ]
    office.at = OPENED + timedelta(seconds=1)
    second.round()
    assert len(office.server.taken) == 1
    assert f"{second.duty.name} sends from now on, after {first.duty.name}" in office.said[-2]
    first.round()
    assert len(office.server.taken) == 1


def test_a_worker_that_stops_lets_the_other_send_at_once(office: Office) -> None:
    first, second = office.worker(), office.worker()
    office.at = OPENED - timedelta(seconds=2)
    first.round()
    first.duty.give_back(office.clinical)
    office.at = OPENED
    second.round()
    assert len(office.server.taken) == 1


def test_an_outcome_that_could_not_be_kept_is_kept_with_the_next_round(office: Office) -> None:
    worker = office.worker()

    def refuse(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE message SET status") and office.server.taken:
            raise OSError("no space left on device")

    event.listen(office.clinical, "before_cursor_execute", refuse)
    assert worker.round() == 1
    assert [message.status for message in office.messages()] == [MessageStatus.CLAIMED]
    event.remove(office.clinical, "before_cursor_execute", refuse)
    assert worker.round() == 0
    assert [message.status for message in office.messages()] == [MessageStatus.SENT]
    assert len(office.server.taken) == 1


def test_a_connection_that_is_lost_twice_is_repeated_once_and_stays_unknown(office: Office) -> None:
    office.server.outcome = Unknown("connection-lost")
    worker = office.worker()
    for minutes in (0, 30, 61, 130, 500):
        office.at = OPENED + timedelta(minutes=minutes)
        worker.round()
    assert len(office.server.taken) == 2
    assert len(set(office.server.taken)) == 1
    assert [message.status for message in office.messages()] == [MessageStatus.UNKNOWN]


def test_a_round_sends_for_a_minute_at_most(office: Office, store: Session, place: StudyAtSite) -> None:
    enrol(office, store, place)
    worker, claimed = office.worker(), []

    class Hangs:
        def send(self, mail: EmailMessage) -> Outcome:
            claimed.append(mail)
            office.at += timedelta(seconds=61)
            return Accepted()

    worker.mailer = Hangs()
    worker.round()
    assert len(claimed) == 1
    worker.round()
    assert len(claimed) == 2
