"""Moving a visit: windows, mails and the summary's day move along; what was sent stays; the reason is in the trail."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.audit_event import AuditEvent
from portal.db.message import Message
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.domain.sending import Reason
from portal.services import audit, enrolment, moving, withdrawing
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.moving import Move, MoveFault, MoveRefusedError
from tests import factories
from tests.services.mailing import paris, plan, work


def move(session: Session, participant: Participant, to: date, month: int, day: int, hour: int = 12) -> Move:
    visit = factories.get_visit(session, participant)
    return moving.move(
        session, visit, to, reason="away", is_public_holiday=is_public_holiday, by=SYSTEM, at=paris(month, day, hour)
    )


def test_a_visit_without_messages_yet_just_moves(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    move(session, participant, date(2027, 3, 12), 2, 10)
    visit = factories.get_visit(session, participant)
    assert visit.planned_on == date(2027, 3, 12)
    assert session.scalars(select(Message)).all() == []
    assert work(session, contacts, paris(2, 26, 12)) == []  # the old opening day
    assert len(work(session, contacts, paris(3, 5, 12))) == 1
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.VISIT_MOVED)).one()
    assert (event.old, event.new, event.reason) == ("2027-03-05", "2027-03-12", "away")
    assert audit.first_broken(session) is None


def test_a_pause_is_told_with_the_move_and_keeps_no_summary_back(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    plan(session, paris(2, 26, 9))
    withdrawing.pause(session, participant, reason="away", by=SYSTEM, at=paris(2, 26, 9))
    done = move(session, participant, date(2027, 3, 12), 2, 26, 10)
    for planned in (done.before, done.after):
        assert {each.reason for each in planned.mails} == {Reason.PAUSED}
        assert planned.delivery
        assert planned.delivery.reason is None
    assert work(session, contacts, paris(3, 5, 12)) == []


def test_what_was_planned_is_planned_anew_and_what_was_sent_stays(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    assert [letter.mail for letter in work(session, contacts, paris(2, 26, 12))] == ["opening"]
    done = move(session, participant, date(2027, 3, 12), 2, 27)
    rows = session.execute(select(Message.kind, Message.edition, Message.status, Message.reason)).all()
    told = {(row.kind, row.edition): (row.status.value, row.reason) for row in rows}
    assert told[("opening", 1)] == ("sent", None)
    assert told[("reminder-1", 1)] == ("cancelled", "moved")
    assert told[("opening", 2)] == ("planned", None)  # the questionnaires close again until then
    assert told[("reminder-1", 2)] == ("planned", None)
    assert [row.kind for row in done.kept] == ["opening"]
    foreseen = {each.kind: each.at for each in done.after.mails}
    for day in range(28, 29):
        assert work(session, contacts, paris(2, day, 12)) == []
    sent = [letter.mail for day in range(1, 13) for letter in work(session, contacts, paris(3, day, 12))]
    assert sent == ["moved", "reminder_not_started", "reminder_not_started"]
    again = session.scalars(select(Message).where(Message.edition == 2))
    assert {row.kind: row.due_at for row in again} == foreseen


def test_within_an_open_window_she_is_told_of_the_move_at_once_and_not_in_the_words_of_the_opening(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    assert [letter.mail for letter in work(session, contacts, paris(2, 26, 12))] == ["opening"]
    done = move(session, participant, date(2027, 3, 6), 2, 27)
    assert done.tells
    assert done.after.mails[0].at == paris(2, 27, 12)
    (letter,) = work(session, contacts, paris(2, 27, 12))
    assert (letter.mail, letter.values["visit_on"]) == ("moved", date(2027, 3, 6))
    sent = [letter.mail for day in (1, 2, 3, 4, 5) for letter in work(session, contacts, paris(3, day, 12))]
    assert set(sent) == {"reminder_not_started"}


def test_on_the_day_of_the_opening_the_word_of_the_move_waits_for_the_next(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    work(session, contacts, paris(2, 26, 10))
    move(session, participant, date(2027, 3, 6), 2, 26, 12)
    assert work(session, contacts, paris(2, 26, 12)) == []
    assert [letter.mail for letter in work(session, contacts, paris(2, 27, 12))] == ["moved"]


@pytest.mark.parametrize("why", ["moved back before the word left", "answered", "moved into the past"])
def test_there_is_no_word_of_a_move_that_changes_nothing_for_her(
    session: Session, participant: Participant, contacts: Contacts, why: str
) -> None:
    work(session, contacts, paris(2, 26, 10))
    if why == "answered":
        factories.complete_visit(session, participant, at=paris(2, 26, 11))
    to = date(2027, 2, 25) if why == "moved into the past" else date(2027, 3, 6)
    done = move(session, participant, to, 2, 26, 11)
    assert (done.tells, done.answered) == (why == "moved back before the word left", why == "answered")
    if done.tells:
        assert not move(session, participant, date(2027, 3, 5), 2, 26, 12).tells
    sent = [letter.mail for day in (26, 27) for letter in work(session, contacts, paris(2, day, 13))]
    assert sent == []


def test_moved_twice_leaves_one_plan(session: Session, participant: Participant, contacts: Contacts) -> None:
    plan(session, paris(2, 26, 8))
    for to in (date(2027, 3, 10), date(2027, 3, 12)):
        move(session, participant, to, 2, 26, 9)
    waiting = session.scalars(select(Message.edition).where(Message.status == "planned")).all()
    assert set(waiting) == {3}
    sent = [letter.mail for day in range(1, 13) for letter in work(session, contacts, paris(3, day, 12))]
    assert sent.count("opening") == 1


def test_a_move_is_refused_for_a_reason(session: Session, participant: Participant) -> None:
    visit = factories.get_visit(session, participant)
    faults = []
    for to, reason in ((date(2027, 3, 5), "away"), (date(2027, 3, 6), "  ")):
        with pytest.raises(MoveRefusedError) as refusal:
            moving.move(
                session, visit, to, reason=reason, is_public_holiday=is_public_holiday, by=SYSTEM, at=paris(2, 1, 9)
            )
        faults.append(refusal.value.fault)
    enrolment.withdraw(session, participant, on=date(2027, 2, 1), reason="asked", by=SYSTEM, at=paris(2, 1, 9))
    with pytest.raises(MoveRefusedError) as refusal:
        move(session, participant, date(2027, 3, 6), 2, 1)
    assert [*faults, refusal.value.fault] == [MoveFault.SAME_DAY, MoveFault.NO_REASON, MoveFault.WITHDRAWN]
