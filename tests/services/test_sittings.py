"""What a participant finds behind her link on a given day."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.services import actor, answering, enrolment, sittings
from tests import factories


@pytest.fixture
def participant(sqlite_session: Session) -> Participant:
    place = factories.load_study(sqlite_session)[0]
    return factories.make_participant(sqlite_session, place, included_on=date(2027, 3, 5))


def at(day: int, hour: int = 9, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, tzinfo=UTC)


def test_before_the_window_only_the_day_of_opening_is_told(sqlite_session: Session, participant: Participant) -> None:
    today = sittings.today(sqlite_session, participant.id, at=at(25, month=2))
    assert today.sitting is None
    assert today.next_opens_on == date(2027, 2, 26)


def test_within_the_window_both_questionnaires_are_due(sqlite_session: Session, participant: Participant) -> None:
    sitting = sittings.today(sqlite_session, participant.id, at=at(3)).sitting
    assert sitting is not None
    assert [(task.instrument, task.done, task.total) for task in sitting.tasks] == [("DLQI", 0, 10), ("SHAQ", 0, 30)]


def test_the_window_opens_at_midnight_of_the_site(sqlite_session: Session, participant: Participant) -> None:
    opening = datetime(2027, 2, 25, 23, 0, tzinfo=UTC)  # midnight in Paris
    assert sittings.today(sqlite_session, participant.id, at=opening).sitting is not None
    assert sittings.today(sqlite_session, participant.id, at=opening.replace(hour=22)).sitting is None


def test_how_far_she_is(sqlite_session: Session, participant: Participant) -> None:
    given = factories.given("DLQI", {"DLQI101": 0, "DLQI102": None, "DLQI107": "N"})
    assignment = factories.get_assignment(sqlite_session, participant, "DLQI")
    answering.save(sqlite_session, participant.id, assignment.id, given, by=actor.patient(participant.id), at=at(3))
    sitting = sittings.today(sqlite_session, participant.id, at=at(3)).sitting
    assert sitting is not None
    assert (sitting.tasks[0].done, sitting.tasks[0].total) == (3, 11)  # "no" asks the second part of question 7


def test_when_both_are_sent_nothing_is_left(sqlite_session: Session, participant: Participant) -> None:
    factories.complete_visit(sqlite_session, participant)
    today = sittings.today(sqlite_session, participant.id, at=at(4))
    assert today.sitting is not None
    assert today.sitting.next_task is None
    assert today.next_opens_on == date(2027, 3, 29)  # month 1 is on 5 April


def test_after_withdrawal_nothing_is_open(sqlite_session: Session, participant: Participant) -> None:
    enrolment.withdraw(sqlite_session, participant, on=date(2027, 3, 2), reason="asked to", by=actor.SYSTEM, at=at(2))
    today = sittings.today(sqlite_session, participant.id, at=at(3))
    assert today.withdrawn
    assert today.sitting is None


def test_of_two_visits_on_one_day_the_first_by_its_code_comes_first(session: Session) -> None:
    participant = factories.make_participant(session, factories.load_study(session)[0])
    for code in ("M1", "INC"):  # the one that was moved last lies last in PostgreSQL's table
        factories.get_visit(session, participant, code).planned_on = date(2027, 3, 8)
        session.flush()
    session.refresh(participant)
    assert [visit.code for visit in participant.visits][:2] == ["INC", "M1"]
    sitting = sittings.today(session, participant.id, at=at(3)).sitting
    assert sitting is not None
    assert sitting.visit_code == "INC"
