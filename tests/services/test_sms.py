"""Text messages: to whom the study sends them, what they may cost in a month, and STOP as an answer.

The visit is planned on Friday 5 March 2027 in Paris; its opening leaves on 26 February, reminders on 28/2 and 2/3.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.message import Channel, Message
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.db.stop import Stop, StopWay
from portal.domain.audit import ActorKind, Deed
from portal.domain.study import ChannelRule, Study
from portal.services import actor, message_facts, reaches, sms_answers, stops, studies
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.letters import Accepted, Outcome, Rejected, Unknown
from portal.services.reaches import Reach
from portal.services.sms_answers import Wish
from tests import factories
from tests.services.mailing import paris, rows, work

BOTH = {"email": "she@example.org", "telephone": "06 12 34 56 78"}
NUMBER, FIXED = {"telephone": "06 12 34 56 78"}, {"telephone": "01 99 00 21 35"}
BY_MAIL, BY_SMS = Reach(Channel.MAIL, "she@example.org"), Reach(Channel.SMS, "+33612345678")
Rule = Callable[..., None]


@pytest.fixture
def rule(session: Session) -> Rule:
    """Load the study anew with other keys under [messages]."""

    def load(**keys: Any) -> None:
        study: Study = factories.demonstration_study()
        studies.load(session, replace(study, messages=replace(study.messages, **keys)), by=SYSTEM, at=factories.AT)

    return load


def keep(session: Session, contacts: Contacts, participant: Participant, known: dict[str, str]) -> None:
    contacts.keep(session, participant.id, **known, by=SYSTEM, at=factories.AT)


@pytest.mark.parametrize(
    ("channel", "known", "reach"),
    [
        (ChannelRule.MAIL, BOTH, BY_MAIL),
        (ChannelRule.MAIL, NUMBER, None),  # the number was given for calls
        (ChannelRule.SMS, BOTH, BY_SMS),
        (ChannelRule.SMS, {"email": "she@example.org"}, None),
        (ChannelRule.MAIL_THEN_SMS, BOTH, BY_MAIL),
        (ChannelRule.MAIL_THEN_SMS, NUMBER, BY_SMS),
        (ChannelRule.MAIL_THEN_SMS, FIXED, None),
        (ChannelRule.MAIL_THEN_SMS, {}, None),
    ],
)
def test_the_study_says_by_what_a_patient_is_written_to(
    session: Session,
    participant: Participant,
    contacts: Contacts,
    rule: Rule,
    channel: ChannelRule,
    known: dict[str, str],
    reach: Reach | None,
) -> None:
    rule(channel=channel)
    keep(session, contacts, participant, known)
    assert reaches.of_participant(studies.for_site(session, participant.site_id), contacts, participant.id) == reach


def test_whether_she_is_written_to_by_text_is_told_without_failing(
    session: Session, participant: Participant, contacts: Contacts, rule: Rule
) -> None:
    def is_by_text(opened: Contacts) -> bool:
        return reaches.is_by_text(studies.for_site(session, participant.site_id), opened, participant.id)

    keep(session, contacts, participant, NUMBER)
    rule(channel=ChannelRule.MAIL_THEN_SMS)
    another_key = Contacts(contacts.session, Fernet.generate_key().decode())
    assert (is_by_text(contacts), is_by_text(another_key)) == (True, False)
    rule(channel=ChannelRule.MAIL)
    assert not is_by_text(contacts)


def test_the_opening_leaves_as_a_text_message_and_what_it_cost_is_kept(
    session: Session, participant: Participant, contacts: Contacts, rule: Rule
) -> None:
    rule(channel=ChannelRule.MAIL_THEN_SMS)
    keep(session, contacts, participant, NUMBER)
    (letter,) = work(session, contacts, paris(2, 26, 10), Accepted(provider_id="abc", parts=2))
    assert (letter.channel, letter.to, letter.mail) == (Channel.SMS, "+33612345678", "opening")
    sent = session.scalars(select(Message).where(Message.kind == "opening")).one()
    assert (sent.channel, sent.parts, sent.provider_id) == (Channel.SMS, 2, "abc")
    assert "612345678" not in json.dumps([str(vars(row)) for row in session.scalars(select(Message))])


def test_a_summary_always_goes_by_mail_and_says_so(
    session: Session, participant: Participant, contacts: Contacts, rule: Rule, investigator: Staff
) -> None:
    rule(channel=ChannelRule.SMS)
    factories.complete_visit(session, participant, at=paris(2, 27, 18))
    (letter,) = work(session, contacts, paris(2, 28, 10))
    assert (letter.mail, letter.channel, letter.allowance) == ("summary", Channel.MAIL, None)
    assert session.scalars(select(Message.channel).where(Message.kind == "summary")).one() is Channel.MAIL


@pytest.mark.parametrize("outcome", [Accepted(parts=2), Unknown("timeout", parts=2)])
def test_what_has_left_or_may_have_left_counts_for_its_month(
    session: Session, participant: Participant, contacts: Contacts, rule: Rule, outcome: Outcome
) -> None:
    rule(channel=ChannelRule.SMS, sms_most_parts=3, sms_most_a_month=10)
    keep(session, contacts, participant, NUMBER)
    (opening,) = work(session, contacts, paris(2, 26, 10), outcome)
    (first,) = work(session, contacts, paris(2, 28, 10), Rejected("sms-limit"))
    (second,) = work(session, contacts, paris(3, 2, 10), outcome)
    left = [letter.allowance and (letter.allowance.most_parts, letter.allowance.left) for letter in (opening, first)]
    assert left == [(3, 10), (3, 8)]
    assert second.allowance
    assert second.allowance.left == 10  # March has begun
    assert ("reminder-1", "failed", "sms-limit") in rows(session)


def test_a_month_is_one_of_the_study_and_of_its_own_clocks(
    session: Session, participant: Participant, contacts: Contacts, rule: Rule
) -> None:
    rule(channel=ChannelRule.SMS, sms_most_a_month=10)
    keep(session, contacts, participant, NUMBER)
    work(session, contacts, paris(2, 26, 10), Accepted(parts=2))
    elsewhere = studies.list_sites(session)[1]
    other = factories.make_participant(session, elsewhere, included_on=date(2027, 3, 5))
    keep(session, contacts, other, {"telephone": "07 12 34 56 78"})
    (letter,) = work(session, contacts, paris(2, 26, 11), Accepted(parts=2))
    assert letter.allowance
    assert letter.allowance.left == 8  # another site of the same study
    session.execute(
        update(Message).where(Message.sent_at.is_not(None)).values(sent_at=paris(3, 1, 1) - timedelta(hours=1))
    )
    (letter,) = [each for each in work(session, contacts, paris(3, 2, 10)) if each.to == "+33612345678"]
    assert letter.allowance
    assert letter.allowance.left == 6  # midnight of 1 March in Paris is still February in UTC


def test_a_test_of_the_address_goes_to_the_address(
    session: Session, participant: Participant, contacts: Contacts, rule: Rule
) -> None:
    rule(channel=ChannelRule.SMS)
    keep(session, contacts, participant, BOTH)
    visit = factories.get_visit(session, participant)
    message = Message(visit_id=visit.id, kind="contact-test", recipient="participant", edition=1)
    subject = message_facts.gather(session, message)
    assert message_facts.find_reach(subject, message, contacts) == BY_MAIL


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", Wish.STOP),
        (" stop. merci", Wish.STOP),
        ("Arrêt", Wish.STOP),
        ("ARRETER", Wish.STOP),
        ("« Stop »", Wish.STOP),
        ("START", Wish.START),
        ("unstop!", Wish.START),
        ("Reprendre svp", Wish.START),
        ("Ne stoppez pas", None),
        ("Bonjour, stop ?", None),
        ("Starting tomorrow?", None),
        ("", None),
        ("?!", None),
    ],
)
def test_stop_and_start_are_understood_as_people_write_them(text: str, wish: Wish | None) -> None:
    assert sms_answers.find_wish(text) is wish


def test_stop_from_her_number_stops_her_messages_and_nobody_elses(
    session: Session, participant: Participant, contacts: Contacts, rule: Rule
) -> None:
    rule(channel=ChannelRule.SMS)
    place = studies.for_site(session, participant.site_id)
    others = {
        "her husband, on the same telephone": "+33 6 12 34 56 78",
        "a number with the same end": "07 12 34 56 78",
    }
    people = [factories.make_participant(session, place) for _ in others]
    keep(session, contacts, participant, NUMBER)
    for person, number in zip(people, others.values(), strict=True):
        keep(session, contacts, person, {"telephone": number})
    for _ in range(2):
        sms_answers.take(session, contacts, "33612345678", "STOP", at=paris(2, 25, 9) + timedelta(minutes=1))
    sms_answers.take(session, contacts, "+33712345678", "Bonjour", at=paris(2, 25, 9))
    found = session.execute(select(Stop.participant_id, Stop.way)).all()
    assert {tuple(each) for each in found} == {(participant.id, StopWay.SMS), (people[0].id, StopWay.SMS)}


def test_start_undoes_her_stop_and_the_open_visit_is_told_of(
    session: Session, participant: Participant, contacts: Contacts, rule: Rule
) -> None:
    rule(channel=ChannelRule.SMS)
    keep(session, contacts, participant, NUMBER)
    sms_answers.take(session, contacts, "+33612345678", "STOP", at=paris(2, 25, 9))
    assert work(session, contacts, paris(2, 26, 10)) == []
    for _ in range(2):
        sms_answers.take(session, contacts, "+33612345678", "Start", at=paris(2, 26, 18))
    assert [letter.mail for letter in work(session, contacts, paris(2, 26, 18))] == ["opening"]
    lifted = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.STOP_LIFTED)).one()
    assert (lifted.actor_kind, lifted.participant_id) == (ActorKind.PATIENT, participant.id)


def test_start_undoes_no_wish_that_was_said_in_another_way(
    session: Session, participant: Participant, contacts: Contacts, rule: Rule
) -> None:
    rule(channel=ChannelRule.SMS)
    keep(session, contacts, participant, NUMBER)
    husband = factories.make_participant(session, studies.for_site(session, participant.site_id))
    keep(session, contacts, husband, NUMBER)
    stops.ask(session, husband, StopWay.PAGE, by=actor.patient(husband.id), at=paris(2, 24, 9))
    sms_answers.take(session, contacts, "+33612345678", "STOP", at=paris(2, 25, 9))
    sms_answers.take(session, contacts, "+33612345678", "START", at=paris(2, 25, 10))
    assert stops.find_open(session, participant.id) is None
    assert stops.find_open(session, husband.id) is not None
