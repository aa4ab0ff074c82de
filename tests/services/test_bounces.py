"""What comes back of the messages to her: kept once, told to staff, and nothing more to an address at fault.

Days and hours are those of tests/services/test_messages.py: the opening leaves on 26 February at 10:00, reminders on
28 February and 2 March.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.message import Bounce, BounceKind, BounceSource, Channel, Message, MessageStatus
from portal.db.notice import Notice, NoticeKind
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.domain.study import ChannelRule
from portal.services import bounces, contact_tests, messages, resent_messages, studies
from portal.services.actor import SYSTEM
from portal.services.bounces import Kept, Report
from portal.services.contacts import Contacts
from portal.services.letters import Unknown
from portal.services.resent_messages import Refusal
from tests import factories
from tests.services.mailing import paris, rows, work

OPENS = paris(2, 26, 10)
BACK = paris(2, 26, 10, 2)


def message(session: Session, kind: MessageKind = MessageKind.OPENING) -> Message:
    return session.scalars(select(Message).where(Message.kind == kind).order_by(Message.edition.desc())).first() or (
        pytest.fail(f"no {kind}")
    )


def report(about: Message, code: str = "5.1.1", *, at: datetime = BACK) -> Report:
    kind = BounceKind.DELAYED if code == "4.4.1" else BounceKind.PERMANENT
    return Report(f"{about.id}@portal.example", kind, code, digest=uuid4().hex * 2, at=at)


def keep(session: Session, told: Report, *, at: datetime = BACK) -> Kept:
    return bounces.keep(session, told, BounceSource.MAILBOX, by=SYSTEM, at=at)


def come_back(session: Session, code: str = "5.1.1", kind: MessageKind = MessageKind.OPENING) -> Message:
    """A message left, and comes back two minutes later."""
    about = message(session, kind)
    assert about.sent_at
    keep(session, report(about, code, at=about.sent_at + timedelta(minutes=2)), at=about.sent_at + timedelta(minutes=2))
    return about


@pytest.fixture
def opened(session: Session, participant: Participant, contacts: Contacts) -> Participant:
    """Somebody to whom the opening has left."""
    assert len(work(session, contacts, OPENS)) == 1
    return participant


def test_what_came_back_is_no_longer_sent_and_the_trail_tells_why(session: Session, opened: Participant) -> None:
    about = come_back(session)
    assert (about.status, about.reason, about.sent_at) == (MessageStatus.FAILED, "bounced", OPENS)
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.MESSAGE_BOUNCED)).one()
    assert (event.subject_id, event.participant_id) == (about.id, opened.id)
    assert (event.old, event.new, event.reason) == ("sent", "failed", "permanent 5.1.1")
    troubled = messages.list_troubled(session, [about.visit_id])
    assert troubled == {about.visit_id: [about]}
    assert messages.last_to_patient(session, [about.visit_id])[about.visit_id].bounced


def test_a_report_that_comes_again_is_kept_once(session: Session, opened: Participant) -> None:
    told = report(message(session))
    assert [keep(session, told), keep(session, told)] == [Kept.KEPT, Kept.REPEATED]
    assert session.scalar(select(func.count()).select_from(Bounce)) == 1
    events = select(func.count()).select_from(AuditEvent).where(AuditEvent.deed == Deed.MESSAGE_BOUNCED)
    assert session.scalar(events) == 1


def test_a_report_of_a_message_that_is_none_of_ours_is_left_alone(session: Session, opened: Participant) -> None:
    for name in (f"{uuid4()}@portal.example", "newsletter-12@example.org", ""):
        assert keep(session, replace(report(message(session)), name=name)) is Kept.OF_NO_MESSAGE
    assert session.scalar(select(func.count()).select_from(Bounce)) == 0


def test_what_is_only_late_changes_nothing(session: Session, opened: Participant) -> None:
    about = come_back(session, "4.4.1")
    assert (about.status, about.reason) == (MessageStatus.SENT, None)
    assert session.scalars(select(Bounce.kind)).one() is BounceKind.DELAYED
    assert bounces.find_standing(session, opened.id) is None


def test_another_machines_clock_may_be_ahead(session: Session, opened: Participant) -> None:
    keep(session, report(message(session), at=paris(3, 20, 9)))
    assert session.scalars(select(Bounce.at)).one() == BACK


def test_nothing_more_is_sent_to_an_address_that_is_at_fault(
    session: Session, opened: Participant, contacts: Contacts
) -> None:
    come_back(session)
    assert work(session, contacts, paris(2, 28, 10)) == []
    assert ("reminder-1", "cancelled", "bounced-before") in rows(session)
    reminder = message(session, MessageKind.REMINDER_1)
    assert reminder in messages.list_troubled(session, [reminder.visit_id])[reminder.visit_id]
    offer = resent_messages.offer(session, factories.get_visit(session, opened), contacts, at=paris(2, 28, 11))
    assert offer.refusal is Refusal.BOUNCED_BEFORE


@pytest.mark.parametrize("code", ["5.2.2", "5.7.1", "4.4.7"])
def test_when_the_address_is_not_to_blame_the_next_message_is_tried(
    session: Session, opened: Participant, contacts: Contacts, code: str
) -> None:
    about = come_back(session, code)
    assert about.status is MessageStatus.FAILED
    assert len(work(session, contacts, paris(2, 28, 10))) == 1


def test_another_address_lifts_it_and_only_that(session: Session, opened: Participant, contacts: Contacts) -> None:
    come_back(session)
    changed = {"email": "she@example.org", "telephone": "+33 6 00 00 00 00"}
    contacts.keep(session, opened.id, **changed, by=SYSTEM, at=paris(2, 27, 9))
    assert bounces.find_standing(session, opened.id)
    contacts.keep(session, opened.id, email="hers@example.org", by=SYSTEM, at=paris(2, 27, 10))
    assert bounces.find_standing(session, opened.id) is None
    (letter,) = work(session, contacts, paris(2, 28, 10))
    assert letter.to == "hers@example.org"


def test_a_report_of_the_old_address_says_nothing_of_the_new_one(
    session: Session, opened: Participant, contacts: Contacts
) -> None:
    contacts.keep(session, opened.id, email="hers@example.org", by=SYSTEM, at=paris(2, 27, 10))
    keep(session, report(message(session), at=paris(2, 27, 11)), at=paris(2, 27, 11))
    assert bounces.find_standing(session, opened.id) is None


def test_a_test_may_be_sent_all_the_same_and_lifts_it_once_it_was_received(
    session: Session, opened: Participant, contacts: Contacts
) -> None:
    come_back(session)
    at = paris(2, 27, 9)
    assert contact_tests.send(session, opened, has_address=True, by=SYSTEM, at=at) is None
    assert [letter.mail for letter in work(session, contacts, at)] == ["contact_test"]
    assert bounces.find_standing(session, opened.id)
    sent = message(session, MessageKind.CONTACT_TEST)
    contact_tests.note(session, opened.id, sent.id, received=False, by=SYSTEM, at=at + timedelta(minutes=1))
    assert bounces.find_standing(session, opened.id)
    contact_tests.note(session, opened.id, sent.id, received=True, by=SYSTEM, at=at + timedelta(minutes=2))
    assert bounces.find_standing(session, opened.id) is None
    assert bounces.standing_by_visit(session, [sent.visit_id]) == {}


def test_a_message_of_unknown_fate_that_came_back_failed(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    work(session, contacts, OPENS, Unknown("timeout"))
    about = message(session)
    keep(session, report(about))
    assert (about.status, about.reason) == (MessageStatus.FAILED, "bounced")


def test_a_text_message_is_known_by_its_providers_name_and_blames_no_mail_address(
    session: Session, opened: Participant
) -> None:
    about = message(session)
    about.channel, about.provider_id = Channel.SMS, "SM-0815"
    session.flush()
    assert keep(session, replace(report(about), name="SM-0815")) is Kept.KEPT
    assert about.reason == "bounced"
    assert bounces.find_standing(session, opened.id) is None


def test_the_mail_to_an_investigator_is_shown_and_the_next_one_is_tried(
    session: Session, participant: Participant, contacts: Contacts, investigator: Staff
) -> None:
    factories.complete_visit(session, participant, at=paris(2, 27, 18))
    assert [letter.mail for letter in work(session, contacts, paris(2, 28, 10))] == ["summary"]
    about = come_back(session, kind=MessageKind.SUMMARY)
    assert messages.list_troubled(session, [about.visit_id])[about.visit_id][-1] == about
    assert bounces.find_standing(session, participant.id) is None


def test_where_the_study_may_she_is_reached_by_text_message_meanwhile(
    session: Session, opened: Participant, contacts: Contacts
) -> None:
    study = factories.demonstration_study()
    both = replace(study, messages=replace(study.messages, channel=ChannelRule.MAIL_THEN_SMS))
    studies.load(session, both, by=SYSTEM, at=factories.AT)
    known = {"email": "she@example.org", "telephone": "06 12 34 56 78"}
    contacts.keep(session, opened.id, **known, by=SYSTEM, at=paris(2, 26, 12))
    come_back(session)
    (letter,) = work(session, contacts, paris(2, 28, 10))
    assert (letter.channel, letter.to) == (Channel.SMS, "+33612345678")


def test_a_notice_to_staff_that_came_back_failed_once(
    session: Session, participant: Participant, investigator: Staff
) -> None:
    due = {"on": date(2027, 2, 26), "due_at": OPENS, "status": MessageStatus.SENT, "sent_at": OPENS, "attempts": 1}
    notice = Notice(site_id=participant.site_id, kind=NoticeKind.DAILY, staff_id=investigator.id, **due)
    session.add(notice)
    session.flush()
    told = Report(f"{notice.id}@portal.example", BounceKind.PERMANENT, "5.1.1", digest="0" * 64, at=BACK)
    assert keep(session, replace(told, kind=BounceKind.DELAYED)) is Kept.REPEATED
    assert [keep(session, told), keep(session, told)] == [Kept.KEPT, Kept.REPEATED]
    assert (notice.status, notice.reason) == (MessageStatus.FAILED, "bounced")


def test_every_visit_of_hers_says_so(session: Session, opened: Participant) -> None:
    come_back(session)
    visit_ids = [visit.id for visit in opened.visits]
    assert {each.code for each in bounces.standing_by_visit(session, visit_ids).values()} == {"5.1.1"}
    assert len(bounces.standing_by_visit(session, visit_ids)) == len(visit_ids)
