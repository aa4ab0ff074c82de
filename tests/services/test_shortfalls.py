"""The daily check finds each thing that was lost, and nothing that is missing for a good reason.

The visit is planned on Friday 5 March 2027 in Paris, open from 26 February to 7 March; opening on 26 February,
reminders on 28 February and 2 March, summary due on Wednesday 3 March.
"""

import ast
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.audit_event import AuditEvent
from portal.db.message import Message
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.db.stop import StopWay
from portal.db.watch import Shortfall
from portal.domain import expectation
from portal.services import deadlines, enrolment, moving, shortfall_facts, shortfalls, stops, turns
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.shortfalls import Checked
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.mailing import paris, work

CHECKED_AT = paris(3, 4, 5)
ROUNDS = (paris(2, 26, 10), paris(2, 28, 10), paris(3, 2, 10), paris(3, 3, 7))


def _live(session: Session, contacts: Contacts, until: datetime = CHECKED_AT) -> None:
    """Have the worker make its rounds until then."""
    for at in ROUNDS:
        if at < until:
            for visit_id in deadlines.due_visits(session, is_public_holiday, at=at):
                deadlines.make_if_missing(session, visit_id, by=SYSTEM, at=at)
            work(session, contacts, at)


def _check(session: Session, at: datetime = CHECKED_AT) -> Checked:
    return shortfalls.check(session, is_public_holiday, by=SYSTEM, at=at)


def _found(session: Session, at: datetime = CHECKED_AT) -> list[tuple[str, date]]:
    _check(session, at)
    open_ones = session.scalars(select(Shortfall).where(Shortfall.cleared_at.is_(None)))
    return sorted((row.what, row.due_on) for row in open_ones)


def _drop(session: Session, *kinds: str) -> None:
    session.execute(delete(Message).where(Message.kind.in_(kinds)))


def test_when_all_went_as_it_should_nothing_is_found(
    session: Session, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    _live(session, contacts)
    assert _check(session) == Checked(0, 0)


@pytest.mark.parametrize(
    ("kind", "due_on"),
    [
        ("opening", date(2027, 2, 26)),
        ("reminder-1", date(2027, 2, 28)),
        ("reminder-2", date(2027, 3, 2)),
        ("summary", date(2027, 3, 3)),
    ],
)
def test_a_message_whose_row_is_gone_is_found(
    session: Session, participant: Participant, investigator: Staff, contacts: Contacts, kind: str, due_on: date
) -> None:
    _live(session, contacts)
    _drop(session, kind)
    assert _found(session, paris(3, 5, 5)) == [(kind, due_on)]


def test_a_worker_that_stood_still_for_days_is_found_out_and_what_it_makes_up_for_is_cleared(
    session: Session, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    _live(session, contacts, until=paris(2, 27, 5))
    lost = [("reminder-1", date(2027, 2, 28)), ("reminder-2", date(2027, 3, 2)), ("summary", date(2027, 3, 3))]
    assert _found(session, paris(3, 4, 5)) == lost
    _live(session, contacts, until=paris(2, 27, 5))
    for visit_id in deadlines.due_visits(session, is_public_holiday, at=paris(3, 4, 10)):
        deadlines.make_if_missing(session, visit_id, by=SYSTEM, at=paris(3, 4, 10))
    work(session, contacts, paris(3, 4, 10))
    # One reminder went and the other is not sent on the same day: she has been told.
    assert _check(session, paris(3, 5, 5)) == Checked(0, 3)
    deeds = session.scalars(select(AuditEvent.deed).where(AuditEvent.deed.like("shortfall.%"))).all()
    assert sorted(deeds) == ["shortfall.cleared"] * 3 + ["shortfall.found"] * 3


def test_what_came_too_late_to_be_sent_stays_found(
    session: Session, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    work(session, contacts, paris(3, 6, 10))
    assert ("opening", date(2027, 2, 26)) in _found(session, paris(3, 7, 5))


def test_a_summary_that_was_never_made_is_found(session: Session, participant: Participant, contacts: Contacts) -> None:
    for at in ROUNDS[:3]:
        work(session, contacts, at)
    assert _found(session, paris(3, 3, 23)) == []
    assert _found(session) == [("summary", date(2027, 3, 3))]


def test_a_message_that_still_waits_the_day_after_is_found(
    session: Session, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    _live(session, contacts)
    stuck = update(Message).where(Message.kind == "reminder-2").values(status="planned", sent_at=None)
    session.execute(stuck)
    assert _found(session) == [("reminder-2", date(2027, 3, 2))]


def test_a_cancellation_that_says_she_answered_when_she_has_not_is_found(
    session: Session, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    _live(session, contacts)
    session.execute(update(Message).where(Message.kind == "reminder-1").values(status="cancelled", reason="answered"))
    assert _found(session) == [("reminder-1", date(2027, 2, 28))]


def _answer(session: Session, participant: Participant) -> None:
    factories.complete_visit(session, participant, at=paris(2, 27, 18))


def _withdraw(session: Session, participant: Participant) -> None:
    enrolment.withdraw(session, participant, on=date(2027, 2, 27), reason="asked", by=SYSTEM, at=paris(2, 27, 18))


def _pause(session: Session, participant: Participant) -> None:
    participant.paused_on = date(2027, 2, 27)
    session.flush()


def _stop(session: Session, participant: Participant) -> None:
    stops.ask(session, participant, StopWay.PAGE, by=SYSTEM, at=paris(2, 27, 18))


def _move(session: Session, participant: Participant) -> None:
    visit = factories.get_visit(session, participant)
    to, at = date(2027, 3, 26), paris(2, 27, 18)
    moving.move(session, visit, to, reason="holidays", is_public_holiday=is_public_holiday, by=SYSTEM, at=at)


@pytest.mark.parametrize("happen", [_answer, _withdraw, _pause, _stop, _move])
def test_what_is_absent_for_a_good_reason_is_not_missing(
    session: Session,
    participant: Participant,
    investigator: Staff,
    contacts: Contacts,
    happen: Callable[[Session, Participant], None],
) -> None:
    work(session, contacts, ROUNDS[0])
    happen(session, participant)
    work(session, contacts, paris(2, 27, 19))
    _live(session, contacts)
    _drop(session, "reminder-1", "reminder-2")  # the reason is judged by what is true of her, not by a row that says so
    assert _found(session) == []


def test_whoever_has_no_address_is_not_missed_by_the_mails(
    session: Session, place: StudyAtSite, investigator: Staff, contacts: Contacts
) -> None:
    factories.make_participant(session, place, included_on=date(2027, 3, 5))
    _live(session, contacts)
    assert _found(session) == []


def test_whoever_was_enrolled_late_misses_only_what_came_after(
    session: Session, place: StudyAtSite, investigator: Staff, contacts: Contacts
) -> None:
    late = factories.make_participant(session, place, included_on=date(2027, 3, 5), at=paris(3, 1, 15))
    contacts.keep(session, late.id, email="late@example.org", by=SYSTEM, at=paris(3, 1, 15))
    work(session, contacts, paris(3, 1, 16))
    _live(session, contacts)
    assert _found(session) == []
    _drop(session, "opening", "reminder-1", "reminder-2")
    assert [what for what, _ in _found(session)] == ["opening", "reminder-2"]


def test_it_is_done_once_a_day_whoever_asks(session: Session, participant: Participant) -> None:
    def done(at: datetime, holder: str) -> bool:
        return shortfalls.check_once_a_day(session, is_public_holiday, holder, by=SYSTEM, at=at) is not None

    assert done(paris(3, 3, 6), "one")
    assert not done(paris(3, 3, 6, 1), "two")
    assert not done(paris(3, 4, 4, 59), "one")
    assert done(paris(3, 4, 5), "two")
    assert not done(paris(3, 4, 5), "one")


def test_the_next_hour_is_today_or_tomorrow() -> None:
    assert turns.next_at(shortfalls.HOUR, paris(3, 4, 4, 59)) == paris(3, 4, 5)
    assert turns.next_at(shortfalls.HOUR, paris(3, 4, 5)) == paris(3, 5, 5)


def test_it_shares_nothing_with_what_plans_and_sends() -> None:
    for module in (shortfalls, shortfall_facts, expectation):
        assert module.__file__
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        theirs = {"message_plan", "messages", "sending", "schedule", "foresight", "scheduling", "deadlines"}
        assert not theirs & names
        assert not theirs & {(each or "").rsplit(".", 1)[-1] for each in modules} - {"messages"}
