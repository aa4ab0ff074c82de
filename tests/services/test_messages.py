"""Messages: planned once, decided on when sent, never doubled, and shown when they did not arrive.

The visit is planned on Friday 5 March 2027 at a site in Paris (UTC+1), open from 26 February to 7 March; opening at
10:00 on 26 February, reminders on 28 February (two days after) and 2 March (three days before the visit); the summary
is due two working days before, on Wednesday 3 March at 07:00.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.door import AccessLink
from portal.db.engine import for_writing, open_engine
from portal.db.message import Message, MessageStatus
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.services import (
    doors,
    enrolment,
    messages,
)
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.letters import Postponed, Rejected, Unknown
from tests import factories
from tests.services.mailing import KEYS, begin, change_study, paris, plan, rows, work


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
    door = session.get_one(AccessLink, doors.read_token(KEYS, letter.path.removeprefix("/o/")))
    assert (door.participant_id, door.revoked_at) == (participant.id, None)
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


def test_a_last_call_leaves_on_the_day_before_the_summary_is_due_in_place_of_the_reminder(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    change_study(session, reminders={"last_call": 1})
    work(session, contacts, paris(2, 26, 10))
    work(session, contacts, paris(2, 28, 10))
    (letter,) = work(session, contacts, paris(3, 2, 10))
    assert (letter.mail, letter.path[:3]) == ("last_call", "/o/")
    assert [kind for kind, status, _ in rows(session) if status == "sent"] == ["opening", "reminder-1", "last-call"]


def test_who_has_answered_hears_no_last_call(session: Session, participant: Participant, contacts: Contacts) -> None:
    change_study(session, reminders={"last_call": 1})
    work(session, contacts, paris(2, 26, 10))
    factories.complete_visit(session, participant, at=paris(3, 1, 18))
    assert work(session, contacts, paris(3, 2, 10)) == []
    assert ("last-call", "cancelled", "answered") in rows(session)
