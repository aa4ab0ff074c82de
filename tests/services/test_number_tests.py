"""A test of a mobile number: a text message while she is there, which counts for that number and for no address."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.message import BounceKind, BounceSource, Channel, Message
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.services import bounces, contact_tests, reaches
from portal.services.actor import SYSTEM
from portal.services.bounces import Report
from portal.services.contact_tests import ContactTest, Refusal
from portal.services.contacts import Contacts
from portal.services.letters import Accepted, Rejected
from portal.services.studies import StudyAtSite
from tests.services.mailing import change_study, paris, work

NIGHT = paris(2, 20, 22)
BOTH = {"email": "she@example.org", "telephone": "06 12 34 56 78"}


@pytest.fixture
def texting(session: Session, participant: Participant, contacts: Contacts) -> StudyAtSite:
    """The study writes by text message to whom no mail reaches; of her, both ways are known."""
    contacts.keep(session, participant.id, **BOTH, by=SYSTEM, at=NIGHT)
    return change_study(session, messages={"channel": "mail-then-sms"})


def ask(session: Session, participant: Participant, channel: Channel = Channel.SMS) -> Refusal | None:
    return contact_tests.send(session, participant, channel, has_address=True, by=SYSTEM, at=NIGHT)


def last(session: Session, participant: Participant, channel: Channel = Channel.SMS) -> ContactTest:
    found = contact_tests.find_last(session, participant.id, channel)
    assert found
    return found


def say(session: Session, participant: Participant, test: ContactTest, *, received: bool) -> None:
    contact_tests.note(session, participant.id, test.message.id, received=received, by=SYSTEM, at=NIGHT)


def test_it_leaves_as_a_text_message_though_others_leave_by_mail(
    session: Session, participant: Participant, contacts: Contacts, texting: StudyAtSite
) -> None:
    assert ask(session, participant) is None
    assert ask(session, participant) is Refusal.ON_ITS_WAY
    (letter,) = work(session, contacts, NIGHT, Accepted(parts=1))
    assert (letter.mail, letter.channel, letter.to) == ("contact_test", Channel.SMS, "+33612345678")
    assert (letter.path, letter.stop_path) == ("", "")
    assert letter.allowance  # it costs what any other costs
    assert session.scalars(select(Message.parts).where(Message.kind == "contact-test")).one() == 1


def test_address_and_number_are_tested_apart_and_what_she_says_of_one_says_nothing_of_the_other(
    session: Session, participant: Participant, contacts: Contacts, texting: StudyAtSite
) -> None:
    assert [ask(session, participant, channel) for channel in Channel] == [None, None]
    assert {letter.channel for letter in work(session, contacts, NIGHT)} == set(Channel)
    say(session, participant, last(session, participant), received=True)
    assert last(session, participant).received is True
    assert last(session, participant, Channel.MAIL).received is None
    say(session, participant, last(session, participant, Channel.MAIL), received=False)
    said = session.execute(
        select(AuditEvent.field, AuditEvent.new).where(AuditEvent.deed == Deed.CONTACT_TESTED).order_by(AuditEvent.id)
    )
    assert [tuple(each) for each in said] == [("received-as-text", "yes"), ("received", "no")]


def test_a_text_that_arrives_proves_no_address_good(
    session: Session, participant: Participant, contacts: Contacts, texting: StudyAtSite
) -> None:
    ask(session, participant, Channel.MAIL)
    work(session, contacts, NIGHT)
    by_mail = last(session, participant, Channel.MAIL)
    report = Report(f"{by_mail.message.id}@portal.example", BounceKind.PERMANENT, "5.1.1", uuid4().hex * 2, NIGHT)
    bounces.keep(session, report, BounceSource.MAILBOX, by=SYSTEM, at=NIGHT)
    ask(session, participant)
    work(session, contacts, NIGHT)
    say(session, participant, last(session, participant), received=True)
    assert bounces.find_standing(session, participant.id) is not None


def test_another_number_has_not_been_tested_and_no_test_of_the_old_one_goes_to_it(
    session: Session, participant: Participant, contacts: Contacts, texting: StudyAtSite
) -> None:
    ask(session, participant)
    contacts.keep(session, participant.id, **BOTH | {"telephone": "07 12 34 56 78"}, by=SYSTEM, at=NIGHT)
    assert work(session, contacts, NIGHT) == []
    assert contact_tests.find_last(session, participant.id, Channel.SMS) is None
    row = session.scalars(select(Message).where(Message.kind == "contact-test")).one()
    assert (row.status, row.reason) == ("cancelled", "address-changed")
    contacts.keep(session, participant.id, email="other@example.org", telephone="07 12 34 56 78", by=SYSTEM, at=NIGHT)
    ask(session, participant)  # another address would not keep it back
    assert [letter.to for letter in work(session, contacts, NIGHT)] == ["+33712345678"]


def test_a_number_forgotten_meanwhile_or_refused_is_told(
    session: Session, participant: Participant, contacts: Contacts, texting: StudyAtSite
) -> None:
    ask(session, participant)
    work(session, contacts, NIGHT, Rejected("http-400"))
    assert last(session, participant).message.reason == "http-400"
    at = NIGHT + timedelta(minutes=2)
    assert contact_tests.send(session, participant, Channel.SMS, has_address=True, by=SYSTEM, at=at) is None
    contacts.forget(session, participant.id, "telephone", by=SYSTEM, at=at)
    assert work(session, contacts, at) == []


@pytest.mark.parametrize(
    ("channel", "telephone", "reached"),
    [
        ("mail", "06 12 34 56 78", False),  # the number was given for calls
        ("sms", "06 12 34 56 78", True),
        ("mail-then-sms", "06 12 34 56 78", True),
        ("mail-then-sms", "01 99 00 21 35", False),
        ("mail-then-sms", None, False),
    ],
)
def test_only_a_mobile_number_that_the_study_writes_to_can_be_tested(
    session: Session,
    participant: Participant,
    contacts: Contacts,
    channel: str,
    telephone: str | None,
    reached: bool,
) -> None:
    place = change_study(session, messages={"channel": channel})
    contacts.keep(session, participant.id, email="she@example.org", telephone=telephone, by=SYSTEM, at=NIGHT)
    assert reaches.has_mobile(place, contacts, participant.id) is reached
