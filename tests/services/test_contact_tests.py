"""A test of an address leaves at once, whatever the hour, tells of no visit, and counts for that address alone."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.services import contact_tests, enrolment, messages, resent_messages, withdrawing
from portal.services.actor import SYSTEM
from portal.services.contact_tests import ContactTest, Refusal
from portal.services.contacts import Contacts, Known
from portal.services.letters import Postponed, Rejected, Unknown
from portal.services.participants import page_of
from tests import factories
from tests.services.mailing import paris, rows, work

NIGHT = paris(2, 26, 22)
"""A night on which the questionnaires of 5 March are open, and their opening waits for the morning."""


def ask(session: Session, participant: Participant, contacts: Contacts, at: datetime = NIGHT) -> Refusal | None:
    known = contacts.known(participant.id)
    return contact_tests.send(session, participant, has_address=known.email, by=SYSTEM, at=at)


def last(session: Session, participant: Participant) -> ContactTest:
    found = contact_tests.find_last(session, participant.id)
    assert found is not None
    return found


def say(session: Session, participant: Participant, *, received: bool) -> None:
    message_id = last(session, participant).message.id
    contact_tests.note(session, participant.id, message_id, received=received, by=SYSTEM, at=NIGHT)


def test_it_leaves_at_night_with_words_of_its_own_and_no_door(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    assert ask(session, participant, contacts) is None
    assert last(session, participant).is_under_way
    (letter,) = work(session, contacts, NIGHT)
    assert (letter.mail, letter.to, letter.path) == ("contact_test", "she@example.org", "")
    assert set(letter.values) == {"site_name", "telephone", "emergency"}
    assert last(session, participant).may_have_arrived
    assert last(session, participant).received is None


def test_it_is_no_message_of_the_day_and_answers_do_not_stop_it(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    ask(session, participant, contacts, paris(2, 26, 9))
    assert [each.mail for each in work(session, contacts, paris(2, 26, 9))] == ["contact_test"]
    assert [each.mail for each in work(session, contacts, paris(2, 26, 10))] == ["opening"]
    factories.complete_visit(session, participant, at=paris(2, 26, 11))
    ask(session, participant, contacts, paris(2, 26, 12))
    assert [each.mail for each in work(session, contacts, paris(2, 26, 12))] == ["contact_test"]


def test_one_on_its_way_or_within_a_minute_is_enough(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    assert ask(session, participant, contacts) is None
    assert ask(session, participant, contacts) is Refusal.ON_ITS_WAY
    assert len(work(session, contacts, NIGHT)) == 1
    assert ask(session, participant, contacts, NIGHT + timedelta(seconds=59)) is Refusal.TOO_SOON
    assert ask(session, participant, contacts, NIGHT + timedelta(minutes=1)) is None
    assert len(work(session, contacts, NIGHT + timedelta(minutes=1))) == 1


def test_nobody_who_has_withdrawn_is_paused_or_has_no_address_is_written_to(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    other = factories.make_participant(session, factories.load_study(session)[0])
    assert ask(session, other, contacts) is Refusal.NO_ADDRESS
    ask(session, participant, contacts)
    withdrawing.pause(session, participant, reason="away", by=SYSTEM, at=NIGHT)
    assert work(session, contacts, NIGHT) == []
    assert ("contact-test", "cancelled", "paused") in rows(session)
    assert ask(session, participant, contacts) is Refusal.PAUSED
    enrolment.withdraw(session, participant, on=date(2027, 2, 26), reason="asked", by=SYSTEM, at=NIGHT)
    assert ask(session, participant, contacts) is Refusal.WITHDRAWN


def test_what_the_patient_says_is_noted_once_and_can_be_put_right(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    ask(session, participant, contacts)
    say(session, participant, received=True)  # it has not left yet: nobody can have received it
    assert last(session, participant).received is None
    work(session, contacts, NIGHT)
    for received in (False, False, True):
        say(session, participant, received=received)
    assert last(session, participant).received is True
    noted = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.CONTACT_TESTED).order_by(AuditEvent.id))
    assert [(event.old, event.new, event.participant_id) for event in noted] == [
        (None, "no", participant.id),
        ("no", "yes", participant.id),
    ]


def test_another_address_has_not_been_tested_and_no_test_of_the_old_one_goes_to_it(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    ask(session, participant, contacts)
    work(session, contacts, NIGHT)
    say(session, participant, received=True)
    later = NIGHT + timedelta(minutes=5)
    ask(session, participant, contacts, later)
    contacts.keep(session, participant.id, email="other@example.org", by=SYSTEM, at=later)
    assert contact_tests.find_last(session, participant.id) is None
    assert work(session, contacts, later) == []
    assert ("contact-test", "cancelled", "address-changed") in rows(session)
    assert ask(session, participant, contacts, later) is None
    (letter,) = work(session, contacts, later)
    assert letter.to == "other@example.org"


def test_a_server_that_is_away_is_asked_for_half_an_hour(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    ask(session, participant, contacts)
    tries = [minutes for minutes in range(120) if work(session, contacts, NIGHT + timedelta(minutes=minutes), AWAY)]
    assert tries == [0, 1, 6, 21]
    assert ("contact-test", "cancelled", "too-late") in rows(session)


AWAY = Postponed("connection-refused")


@pytest.mark.parametrize("outcome", [Rejected("smtp-550"), Unknown("timeout")])
def test_a_refusal_shows_on_its_page_and_is_no_trouble_of_a_visit(
    session: Session, participant: Participant, contacts: Contacts, outcome: Rejected | Unknown
) -> None:
    ask(session, participant, contacts)
    work(session, contacts, NIGHT, outcome)
    assert last(session, participant).message.reason == outcome.reason
    visit = factories.get_visit(session, participant)
    assert messages.list_troubled(session, [visit.id]) == {}


def test_it_tells_of_no_visit(session: Session, participant: Participant, contacts: Contacts) -> None:
    ask(session, participant, contacts)
    visit = factories.get_visit(session, participant)
    assert resent_messages.offer(session, visit, contacts, at=NIGHT).refusal is None
    work(session, contacts, NIGHT)
    page = page_of(session, participant, is_public_holiday=lambda _calendar, _day: False, at=NIGHT)
    assert [line.last_told_at for line in page.visits if line.visit_id == visit.id] == [None]


def test_what_is_kept_is_known_without_a_look_and_forgotten_without_a_key(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    assert contacts.known(participant.id) == Known(email=True)
    contacts.forget(session, participant.id, "email", by=SYSTEM, at=NIGHT)
    contacts.forget(session, participant.id, "telephone", by=SYSTEM, at=NIGHT)  # there is none
    assert contacts.known(participant.id) == Known()
    changed = select(AuditEvent).where(AuditEvent.deed == Deed.CONTACT_CHANGED).order_by(AuditEvent.id)
    assert [(event.field, event.old, event.new) for event in session.scalars(changed)][1:] == [
        ("email", "known", "none")
    ]
