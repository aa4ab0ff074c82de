"""What is on its way and whose worker died, or of which nobody knows whether it left: never doubled, never forgotten.

The visit is planned on Friday 5 March 2027 in Paris; its opening is due at 10:00 on 26 February.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.audit_event import AuditEvent
from portal.db.message import Message, MessageStatus
from portal.db.notice import Notice, NoticeKind
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.services import deliveries, enrolment, messages, notice_sending, notices
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.letters import Accepted, Letter, Outcome, Postponed, Rejected, Unknown
from tests.services.mailing import KEYS, paris, plan, work

ONE, OTHER = "host-1-aaaaaaaa", "host-2-bbbbbbbb"
OPENED = paris(2, 26, 10)
DROPPED = Unknown("connection-lost")


@pytest.fixture
def opening(session: Session, participant: Participant) -> Message:
    """Her opening, which has come due."""
    plan(session, OPENED)
    return session.scalars(select(Message).where(Message.kind == MessageKind.OPENING)).one()


def claim(session: Session, worker: str = ONE) -> Message:
    (message,) = messages.claim(session, worker=worker, at=OPENED)
    return message


def begin_to_hand_over(session: Session, message: Message, contacts: Contacts) -> Letter:
    letter = messages.prepare(session, message, contacts, KEYS, by=SYSTEM, at=OPENED)
    assert letter
    return letter


def take_up_lost(session: Session, *alive: str) -> list[Message]:
    return deliveries.take_up_lost(session, Message, alive=set(alive), in_hand=set(), by=SYSTEM, at=OPENED)


def repeat(session: Session, minutes: int = 60) -> list[Message]:
    return deliveries.take_up_unknown(session, Message, by=SYSTEM, at=OPENED + timedelta(minutes=minutes))


def shown(session: Session, message: Message) -> list[Message]:
    return messages.list_troubled(session, [message.visit_id]).get(message.visit_id, [])


def test_what_a_living_worker_has_in_hand_is_left_to_it(session: Session, opening: Message, contacts: Contacts) -> None:
    begin_to_hand_over(session, claim(session), contacts)
    assert take_up_lost(session, ONE, OTHER) == []
    assert opening.status is MessageStatus.CLAIMED


def test_what_a_dead_worker_had_not_begun_to_hand_over_is_tried_again(session: Session, opening: Message) -> None:
    claim(session)
    assert take_up_lost(session, OTHER) == [opening]
    assert (opening.status, opening.due_at) == (MessageStatus.PLANNED, OPENED + timedelta(minutes=1))
    assert opening.claimed_by is None


def test_what_a_dead_worker_was_handing_over_is_unknown_shown_and_not_repeated(
    session: Session, opening: Message, contacts: Contacts
) -> None:
    begin_to_hand_over(session, claim(session), contacts)
    assert take_up_lost(session, OTHER) == [opening]
    assert (opening.status, opening.reason) == (MessageStatus.UNKNOWN, "lost")
    assert shown(session, opening) == [opening]
    assert repeat(session, minutes=600) == []
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.MESSAGE_UNKNOWN)).one()
    assert (event.subject_id, event.reason) == (opening.id, "lost")


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Accepted(), MessageStatus.SENT),
        (Rejected("smtp-550"), MessageStatus.FAILED),
        (Postponed("smtp-451"), MessageStatus.PLANNED),
    ],
)
def test_a_worker_that_was_only_asleep_still_tells_what_became_of_it(
    session: Session, opening: Message, contacts: Contacts, outcome: Outcome, status: MessageStatus
) -> None:
    begin_to_hand_over(session, claim(session), contacts)
    take_up_lost(session, OTHER)
    mine = deliveries.find_in_hand(session, Message, opening.id, worker=ONE)
    assert mine
    messages.conclude(session, mine, outcome, by=SYSTEM, at=OPENED)
    assert opening.status is status


def test_a_worker_that_slept_before_handing_over_finds_that_another_has_it(session: Session, opening: Message) -> None:
    claim(session)
    take_up_lost(session, OTHER)
    assert deliveries.find_in_hand(session, Message, opening.id, worker=ONE) is None
    deliveries.claim(session, Message, worker=OTHER, at=OPENED + timedelta(minutes=1))
    assert deliveries.find_in_hand(session, Message, opening.id, worker=ONE) is None
    assert deliveries.find_in_hand(session, Message, opening.id, worker=OTHER) is opening


def test_what_nobody_knows_the_fate_of_is_repeated_once_under_the_same_name(
    session: Session, opening: Message, contacts: Contacts
) -> None:
    (first,) = work(session, contacts, OPENED, DROPPED)
    assert repeat(session, minutes=59) == []
    assert repeat(session) == [opening]
    assert shown(session, opening) == [opening]
    (second,) = work(session, contacts, OPENED + timedelta(minutes=60), DROPPED)
    assert first.message_id == second.message_id == opening.id
    assert (opening.status, opening.attempts) == (MessageStatus.UNKNOWN, 2)
    assert shown(session, opening) == [opening]
    assert repeat(session, minutes=600) == []


def test_a_repeat_that_the_server_takes_is_sent(session: Session, opening: Message, contacts: Contacts) -> None:
    work(session, contacts, OPENED, DROPPED)
    repeat(session)
    work(session, contacts, OPENED + timedelta(minutes=60))
    assert (opening.status, opening.reason) == (MessageStatus.SENT, None)
    assert shown(session, opening) == []


def test_a_repeat_is_decided_by_what_is_true_then_and_its_message_stays_unknown(
    session: Session, participant: Participant, opening: Message, contacts: Contacts
) -> None:
    work(session, contacts, OPENED, DROPPED)
    repeat(session)
    enrolment.withdraw(session, participant, on=date(2027, 2, 26), reason="asked", by=SYSTEM, at=OPENED)
    assert work(session, contacts, OPENED + timedelta(minutes=60)) == []
    assert (opening.status, opening.reason) == (MessageStatus.UNKNOWN, "connection-lost")
    assert repeat(session, minutes=600) == []


def test_a_repeat_that_falls_into_the_night_waits_for_the_morning(
    session: Session, opening: Message, contacts: Contacts
) -> None:
    work(session, contacts, paris(2, 26, 19, 30), DROPPED)
    later = paris(2, 26, 22)
    deliveries.take_up_unknown(session, Message, by=SYSTEM, at=later)
    assert work(session, contacts, later) == []
    assert (opening.status, opening.due_at) == (MessageStatus.PLANNED, paris(2, 27, 8))


def test_what_may_have_arrived_today_keeps_other_messages_back_while_its_repeat_waits(
    session: Session, opening: Message, contacts: Contacts
) -> None:
    work(session, contacts, paris(2, 28, 10) - timedelta(minutes=50), DROPPED)
    at = paris(2, 28, 10, 10)
    deliveries.take_up_unknown(session, Message, by=SYSTEM, at=at)
    work(session, contacts, at, Postponed("smtp-451"))
    reminder = session.scalars(select(Message).where(Message.kind == MessageKind.REMINDER_1)).one()
    assert (reminder.status, reminder.reason) == (MessageStatus.CANCELLED, "told-today")


class TestNotice:
    """A notice to staff goes the same way."""

    @pytest.fixture
    def notice(self, session: Session, participant: Participant, investigator: Staff) -> Notice:
        made = Notice(
            site_id=participant.site_id,
            kind=NoticeKind.DAILY,
            staff_id=investigator.id,
            on=date(2027, 3, 3),
            due_at=paris(3, 3, 8),
        )
        session.add(made)
        session.flush()
        return made

    def test_one_that_has_nothing_to_say_is_cancelled(
        self, session: Session, notice: Notice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(notices, "letter_for", lambda *_, **_at: None)
        (claimed,) = deliveries.claim(session, Notice, worker=ONE, at=paris(3, 3, 8))
        assert (
            notice_sending.prepare(session, claimed, is_public_holiday=is_public_holiday, by=SYSTEM, at=paris(3, 3, 8))
            is None
        )
        assert (notice.status, notice.reason) == (MessageStatus.CANCELLED, "nothing-to-say")

    def test_it_waits_for_the_morning_and_yesterdays_is_not_sent(self, session: Session, notice: Notice) -> None:
        (claimed,) = deliveries.claim(session, Notice, worker=ONE, at=paris(3, 3, 23))
        assert (
            notice_sending.prepare(session, claimed, is_public_holiday=is_public_holiday, by=SYSTEM, at=paris(3, 3, 23))
            is None
        )
        assert (notice.status, notice.due_at) == (MessageStatus.PLANNED, paris(3, 4, 7))
        (claimed,) = deliveries.claim(session, Notice, worker=ONE, at=paris(3, 4, 7))
        assert (
            notice_sending.prepare(session, claimed, is_public_holiday=is_public_holiday, by=SYSTEM, at=paris(3, 4, 7))
            is None
        )
        assert (notice.status, notice.reason) == (MessageStatus.CANCELLED, "too-late")

    def test_its_outcome_is_kept_and_a_lost_one_is_unknown(
        self, session: Session, notice: Notice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        letter = Letter(notice.id, "daily", "fr", "nurse@example.org", "/staff/promises", {})
        monkeypatch.setattr(notices, "letter_for", lambda *_, **_at: letter)
        at = paris(3, 3, 8)
        (claimed,) = deliveries.claim(session, Notice, worker=ONE, at=at)
        assert notice_sending.prepare(session, claimed, is_public_holiday=is_public_holiday, by=SYSTEM, at=at) == letter
        deliveries.take_up_lost(session, Notice, alive={OTHER}, in_hand=set(), by=SYSTEM, at=at)
        assert (notice.status, notice.reason) == (MessageStatus.UNKNOWN, "lost")
        deliveries.keep_outcome(session, notice, Accepted(), by=SYSTEM, at=at)
        assert (notice.status, notice.sent_at) == (MessageStatus.SENT, at)
        told = select(AuditEvent.deed).where(AuditEvent.subject_kind == "notice").order_by(AuditEvent.id)
        assert session.scalars(told).all() == [Deed.MESSAGE_UNKNOWN, Deed.MESSAGE_SENT]
