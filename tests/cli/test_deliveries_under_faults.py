"""A thousand messages through a mail server and workers that fail at every step: none is doubled, none is lost.

Friday 26 February 2027, from 8:00 in Paris: 25 patients, whose visits are on Friday 5 March, each have forty messages
that a nurse had sent again, so that nothing but the faults decides on what becomes of them.
"""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db.audit_event import AuditEvent
from portal.db.engine import for_writing, open_engine
from portal.db.message import Message, MessageStatus
from portal.db.revision import Store
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.domain.sending import REPEATED_AFTER, Reason
from portal.services import audit, messages
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from tests import factories
from tests.cli.faulty_post import AT_DATA, AT_RECIPIENT, FaultyPost, serving
from tests.cli.mortal_worker import Crew, crew
from tests.databases import Stores

MORNING = datetime(2027, 2, 26, 7, 0, 30, tzinfo=UTC)
PATIENTS, EACH = 25, 40
OPEN = (MessageStatus.PLANNED, MessageStatus.CLAIMED)
KILLS = 6  # at random moments, besides those at the worst ones
TOGETHER = timedelta(minutes=4)  # what comes due within so much of each other is sent in one go
SECONDS = 500  # on a machine that does much else


@pytest.fixture
def settings(stores: Stores, tmp_path: Path) -> Settings:
    """Settings on fresh stores: the test runs on SQLite and on PostgreSQL."""
    return Settings(
        secret_key="a secret key for tests, long enough",
        database_url=stores.migrated(Store.CLINICAL),
        contact_database_url=stores.migrated(Store.CONTACT),
        contact_key="3xwCWlC2zmY9KqHhSXlm2lhfoyL7aHnEKm8pUtlo0hI=",
        base_url="http://localhost",
        mailbox=tmp_path / "mailbox",
    )


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    made = for_writing(open_engine(settings.database_url))
    yield made
    made.dispose()


@pytest.fixture
def thousand(engine: Engine, settings: Settings) -> set[UUID]:
    """The ids of a thousand messages that are due."""
    ids: set[UUID] = set()
    contact = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as session, Session(contact) as contact_session:
        place = factories.load_study(session)[0]
        contacts = Contacts(contact_session, settings.contact_key)
        for number in range(PATIENTS):
            participant = factories.make_participant(session, place, included_on=date(2027, 3, 5))
            contacts.keep(session, participant.id, email=f"she{number}@example.org", by=SYSTEM, at=factories.AT)
            visit_id = factories.get_visit(session, participant).id
            made = [
                Message(visit_id=visit_id, kind=MessageKind.RESENT, recipient="participant", edition=n, due_at=MORNING)
                for n in range(1, EACH + 1)
            ]
            session.add_all(made)
            session.flush()
            ids |= {message.id for message in made}
        contact_session.commit()
        session.commit()
    contact.dispose()
    return ids


def next_instant(engine: Engine, at: datetime) -> datetime | None:
    """Give when something is next to be done: `at` when it is now, None when all is concluded for good."""
    with Session(engine) as session:
        due_at = session.scalar(select(func.min(Message.due_at)).where(Message.status == MessageStatus.PLANNED))
        claimed = session.scalar(select(func.count()).where(Message.status == MessageStatus.CLAIMED))
        unknown_since = session.scalar(
            select(func.min(Message.claimed_at)).where(
                Message.status == MessageStatus.UNKNOWN, Message.repeated_at.is_(None), Message.reason != Reason.LOST
            )
        )
    instants = [due_at] if due_at and due_at < datetime(2027, 2, 27, tzinfo=UTC) else []
    instants += [at + timedelta(seconds=20)] if claimed else []
    instants += [unknown_since + REPEATED_AFTER] if unknown_since else []
    return max(min(instants), at) if instants else None


def see_through(crew: Crew, engine: Engine, chance: random.Random) -> None:
    """Let the crew work until all is concluded; kill some of it at random moments, and move the clock when it waits."""
    crew.clock.move_to(MORNING)
    crew.fill()
    ends, kills_at = time.monotonic() + SECONDS, time.monotonic() + 2
    while (instant := next_instant(engine, crew.clock.now())) is not None:
        assert time.monotonic() < ends, f"{crew.log.read_text()[-3000:]}"
        if time.monotonic() > kills_at and crew.killed < KILLS:
            crew.kill()
            kills_at = time.monotonic() + chance.uniform(0.2, 2)
        if crew.fill() and crew.size == 1:
            crew.clock.move_by(timedelta(seconds=61))  # until the dead one's lease has run out
        if instant > crew.clock.now():
            crew.clock.move_to(instant + TOGETHER)
        time.sleep(0.1)


def test_a_thousand_messages_end_sent_or_shown_and_none_is_doubled(
    settings: Settings, engine: Engine, thousand: set[UUID], tmp_path: Path
) -> None:
    chance = random.Random(20270226)
    size = 2 if engine.dialect.name == "postgresql" else 1
    post = FaultyPost(kill=lambda: None, chance=random.Random(5))
    with ExitStack() as stack:
        reached = replace(settings, smtp_url=f"smtp://127.0.0.1:{stack.enter_context(serving(post))}")
        workers = stack.enter_context(crew(reached, tmp_path, size, chance))
        post.kill = workers.kill
        see_through(workers, engine, chance)
        post.kill = lambda: None
        assert set(workers.end()) <= {0, -9}
    with Session(engine) as session:
        rows = {row.id: row for row in session.scalars(select(Message).where(Message.id.in_(thousand)))}
        shown = messages.list_troubled(session, {row.visit_id for row in rows.values()})
        told = set(session.scalars(select(AuditEvent.subject_id).where(AuditEvent.deed == Deed.MESSAGE_UNKNOWN)))
        assert audit.first_broken(session) is None
    statuses = {name: {i for i, row in rows.items() if row.status is name} for name in MessageStatus}
    assert set(rows) == thousand
    assert {name for name, ids in statuses.items() if ids} == {
        MessageStatus.SENT,
        MessageStatus.FAILED,
        MessageStatus.UNKNOWN,
    }
    # nothing that the server said it had taken is doubled; what it took without saying so is handed over once more
    assert max(post.acknowledged.values()) == 1
    assert max(post.taken.values()) <= 2
    assert {name for name, times in post.taken.items() if times > 1} <= told
    # nothing is lost: what was sent was taken, and everything else is shown
    assert statuses[MessageStatus.SENT] <= set(post.acknowledged)
    shown_ids = {message.id for of_visit in shown.values() for message in of_visit}
    assert statuses[MessageStatus.FAILED] | statuses[MessageStatus.UNKNOWN] <= shown_ids
    # and everything that can go wrong did
    wrong = {f"recipient: {each}" for each in AT_RECIPIENT} | {f"data: {each}" for each in AT_DATA}
    assert wrong | {"recipient: hang", "data: hang"} <= set(post.met)
    assert workers.killed >= KILLS
