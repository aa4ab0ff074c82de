"""Messages: planned once, decided on when sent, never doubled, and shown when they did not arrive.

The visit is planned on Friday 5 March 2027 at a site in Paris (UTC+1), open from 26 February to 7 March; opening at
10:00 on 26 February, reminders on 28 February (two days after) and 2 March (three days before the visit); the summary
is due two working days before, on Wednesday 3 March at 07:00.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.audit_event import AuditEvent
from portal.db.engine import for_writing, open_engine
from portal.db.message import Message, MessageStatus
from portal.db.participant import Participant
from portal.db.summary import LifeEvent
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.domain.roles import Role
from portal.services import (
    actor,
    answering,
    deadlines,
    doors,
    enrolment,
    message_plan,
    messages,
    staff,
    summaries,
    summary_life,
)
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.doors import DoorKeys
from portal.services.letters import Accepted, Letter, Outcome, Postponed, Rejected, Unknown
from portal.services.studies import StudyAtSite
from tests import factories

KEY = "3xwCWlC2zmY9KqHhSXlm2lhfoyL7aHnEKm8pUtlo0hI="
KEYS = DoorKeys("a secret key for tests, long enough")


def paris(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of 2027, given by the clocks of Paris in winter."""
    return datetime(2027, month, day, hour - 1, minute, tzinfo=UTC)


@pytest.fixture
def contacts(contact_database_url: str) -> Iterator[Contacts]:
    engine = for_writing(open_engine(contact_database_url))
    with Session(engine) as session:
        yield Contacts(session, KEY)
    engine.dispose()


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    return factories.load_study(session)[0]


@pytest.fixture
def participant(session: Session, place: StudyAtSite, contacts: Contacts) -> Participant:
    made = factories.make_participant(session, place, included_on=date(2027, 3, 5))
    contacts.keep(session, made.id, email="she@example.org", by=SYSTEM, at=factories.AT)
    doors.issue(session, made, KEYS, by=SYSTEM, at=factories.AT)
    return made


@pytest.fixture
def investigator(session: Session, place: StudyAtSite) -> staff.Staff:
    return staff.add(
        session,
        email="doctor@example.org",
        name="D. Octor",
        password="a long enough password",
        roles=[(place.site_id, Role.INVESTIGATOR)],
        language="en",
        by=SYSTEM,
        at=factories.AT,
    )


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


def test_a_visit_is_planned_when_its_window_is_near_and_only_once(session: Session, participant: Participant) -> None:
    assert plan(session, paris(2, 24, 12)) == []
    assert len(plan(session, paris(2, 25, 12))) == 3
    assert plan(session, paris(2, 25, 12)) == []
    found = session.scalars(select(Message).order_by(Message.due_at)).all()
    assert [(message.kind, message.due_at) for message in found] == [
        (MessageKind.OPENING, paris(2, 26, 10)),
        (MessageKind.REMINDER_1, paris(2, 28, 10)),
        (MessageKind.REMINDER_2, paris(3, 2, 10)),
    ]
    deeds = session.scalars(select(AuditEvent.deed).where(AuditEvent.subject_kind == "message")).all()
    assert deeds == [Deed.MESSAGE_PLANNED] * 3


def test_the_opening_leaves_at_its_hour_with_the_door_and_no_name(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    assert work(session, contacts, paris(2, 26, 9, 59)) == []
    (letter,) = work(session, contacts, paris(2, 26, 10))
    assert (letter.mail, letter.language, letter.to) == ("opening", "fr", "she@example.org")
    found = doors.find_by_token(session, KEYS, letter.path.removeprefix("/o/"))
    assert found is not None
    assert found.participant_id == participant.id
    assert set(letter.values) == {"visit_on", "site_name", "telephone", "emergency"}
    assert work(session, contacts, paris(2, 26, 10, 1)) == []


def test_reminders_know_whether_she_has_begun(session: Session, participant: Participant, contacts: Contacts) -> None:
    work(session, contacts, paris(2, 26, 10))
    (first,) = work(session, contacts, paris(2, 28, 10))
    assert first.mail == "reminder_not_started"
    begin(session, participant, at=paris(3, 1, 10))
    (second,) = work(session, contacts, paris(3, 2, 10))
    assert second.mail == "reminder_started"


def test_who_withdraws_between_plan_and_sending_hears_nothing_more(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    plan(session, paris(2, 26, 9))
    enrolment.withdraw(session, participant, on=date(2027, 2, 26), reason="asked", by=SYSTEM, at=paris(2, 26, 9))
    assert work(session, contacts, paris(3, 2, 10)) == []
    assert {(status, reason) for _, status, reason in rows(session)} == {("cancelled", "withdrawn")}


def test_who_has_answered_between_plan_and_sending_is_not_reminded(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    work(session, contacts, paris(2, 26, 10))
    factories.complete_visit(session, participant, at=paris(2, 27, 18))
    assert work(session, contacts, paris(2, 28, 10)) == []
    assert ("reminder-1", "cancelled", "answered") in rows(session)


def test_without_an_address_nothing_is_sent_and_it_shows(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    contacts.keep(session, participant.id, email="", by=SYSTEM, at=paris(2, 25, 9))
    assert work(session, contacts, paris(2, 26, 10)) == []
    visit = factories.get_visit(session, participant)
    (shown,) = messages.list_troubled(session, [visit.id])[visit.id]
    assert (shown.kind, shown.reason) == ("opening", "no-address")


def test_at_night_a_message_waits_for_the_morning(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    assert work(session, contacts, paris(2, 26, 22)) == []
    message = session.scalars(select(Message).where(Message.kind == MessageKind.OPENING)).one()
    assert (message.status, message.due_at, message.attempts) == (MessageStatus.PLANNED, paris(2, 27, 8), 0)
    assert len(work(session, contacts, paris(2, 27, 8))) == 1


def test_who_is_enrolled_late_gets_one_message_and_not_all_that_she_missed(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    (letter,) = work(session, contacts, paris(3, 3, 12))
    assert letter.mail == "opening"
    assert rows(session) == [
        ("opening", "sent", None),
        ("reminder-1", "cancelled", "told-today"),
        ("reminder-2", "cancelled", "told-today"),
    ]


def test_messages_of_a_visit_that_is_over_are_kept_as_too_late(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    assert work(session, contacts, paris(3, 9, 12)) == []
    assert {(status, reason) for _, status, reason in rows(session)} == {("cancelled", "too-late")}


def test_what_may_pass_is_tried_again_after_growing_waits(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    at = paris(2, 26, 10)
    for minutes in (1, 5, 15):
        assert len(work(session, contacts, at, Postponed("smtp-451"))) == 1
        message = session.scalars(select(Message).where(Message.kind == MessageKind.OPENING)).one()
        assert message.due_at == at + timedelta(minutes=minutes)
        assert work(session, contacts, message.due_at - timedelta(seconds=1)) == []
        at = message.due_at
    assert len(work(session, contacts, at)) == 1
    assert message.status is MessageStatus.SENT
    assert message.attempts == 4


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Rejected("smtp-550"), MessageStatus.FAILED),
        (Unknown("connection-lost"), MessageStatus.UNKNOWN),
    ],
)
def test_what_will_not_pass_and_what_nobody_knows_is_shown_and_not_repeated(
    session: Session,
    participant: Participant,
    contacts: Contacts,
    outcome: Rejected | Unknown,
    status: MessageStatus,
) -> None:
    assert len(work(session, contacts, paris(2, 26, 10), outcome)) == 1
    assert work(session, contacts, paris(2, 26, 18)) == []
    visit = factories.get_visit(session, participant)
    (shown,) = messages.list_troubled(session, [visit.id])[visit.id]
    assert (shown.status, shown.reason) == (status, outcome.reason)
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == f"message.{status}")).one()
    assert event.participant_id == participant.id


def test_what_a_lost_worker_had_claimed_is_unknown_after_a_while(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    plan(session, paris(2, 26, 10))
    (message,) = messages.claim(session, at=paris(2, 26, 10))
    assert messages.mark_lost(session, by=SYSTEM, at=paris(2, 26, 10, 14)) == []
    assert messages.mark_lost(session, by=SYSTEM, at=paris(2, 26, 10, 15)) == [message]
    assert (message.status, message.reason) == (MessageStatus.UNKNOWN, "lost")
    assert work(session, contacts, paris(2, 26, 11)) == []


def test_two_workers_never_take_the_same_message(database_url: str, session: Session, participant: Participant) -> None:
    plan(session, paris(3, 2, 10))
    session.commit()
    if session.get_bind().dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time: the second worker waits for the first")
    other_engine = for_writing(open_engine(database_url))
    with Session(other_engine) as other:
        mine = messages.claim(session, at=paris(3, 2, 10), limit=2)
        others = messages.claim(other, at=paris(3, 2, 10), limit=2)  # does not wait for the first to commit
        assert len(mine) == 2
        assert len(others) == 1
        assert not {message.id for message in mine} & {message.id for message in others}
        assert plan(other, paris(3, 2, 10)) == []
    other_engine.dispose()


def test_at_its_deadline_a_visit_without_answers_has_a_summary_and_the_investigator_a_link(
    session: Session, participant: Participant, investigator: staff.Staff, contacts: Contacts
) -> None:
    visit = factories.get_visit(session, participant)
    assert deadlines.due_visits(session, is_public_holiday, at=paris(3, 3, 6, 59)) == []
    at = paris(3, 3, 7)
    assert deadlines.due_visits(session, is_public_holiday, at=at) == [visit.id]
    summary = deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=at)
    assert summary is not None
    assert deadlines.due_visits(session, is_public_holiday, at=at) == []
    assert deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=at) is None
    letters = [letter for letter in work(session, contacts, at) if letter.mail == "summary"]
    assert [(letter.to, letter.language, letter.path) for letter in letters] == [
        ("doctor@example.org", "en", f"/investigator/summaries/{summary.id}")
    ]
    assert letters[0].values["edition"] == 1
    assert [line.kind for line in summary_life.life(session, [summary.id])[summary.id]] == [LifeEvent.DELIVERED]


def test_a_withdrawn_participant_has_no_summary_at_the_deadline(session: Session, participant: Participant) -> None:
    enrolment.withdraw(session, participant, on=date(2027, 3, 1), reason="asked", by=SYSTEM, at=paris(3, 1, 9))
    assert deadlines.due_visits(session, is_public_holiday, at=paris(3, 3, 7)) == []


def test_a_complete_set_is_announced_at_once_and_a_later_edition_again(
    session: Session, participant: Participant, investigator: staff.Staff, contacts: Contacts
) -> None:
    visit = factories.get_visit(session, participant)
    deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=paris(3, 3, 7))
    work(session, contacts, paris(3, 3, 7))
    factories.complete_visit(session, participant, at=paris(3, 3, 18))
    letters = [letter for letter in work(session, contacts, paris(3, 3, 18)) if letter.mail == "summary"]
    assert [letter.values["edition"] for letter in letters] == [2]
    assert work(session, contacts, paris(3, 4, 12)) == []


def test_an_edition_that_was_not_announced_before_the_next_is_passed_over(
    session: Session, participant: Participant, investigator: staff.Staff, contacts: Contacts
) -> None:
    visit = factories.get_visit(session, participant)
    deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=paris(3, 3, 7))
    plan(session, paris(3, 3, 7))
    factories.complete_visit(session, participant, at=paris(3, 3, 7, 1))
    letters = [letter for letter in work(session, contacts, paris(3, 3, 7, 2)) if letter.mail == "summary"]
    assert [letter.values["edition"] for letter in letters] == [2]
    assert ("summary", "cancelled", "superseded") in rows(session)


def test_without_an_investigator_the_summary_reaches_nobody_and_that_shows_until_there_is_one(
    session: Session, participant: Participant, place: StudyAtSite, contacts: Contacts, request: pytest.FixtureRequest
) -> None:
    visit = factories.get_visit(session, participant)
    deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=paris(3, 3, 7))
    for minute in (0, 1):
        work(session, contacts, paris(3, 3, 7, minute))
    assert [row for row in rows(session) if row[0] == "summary"] == [("summary", "failed", "no-recipient")]
    request.getfixturevalue("investigator")
    letters = [letter for letter in work(session, contacts, paris(3, 3, 7, 2)) if letter.mail == "summary"]
    assert len(letters) == 1
    assert summaries.find_current(session, visit.id) is not None
