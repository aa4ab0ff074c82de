"""The nurse's list: which visits stand on it, in which state, counted, in pages, in a constant number of queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.message import Message, MessageStatus
from portal.db.participant import Participant
from portal.domain import instruments
from portal.domain.states import VisitState
from portal.services import actor, answering, doors, enrolment, visit_lists
from portal.services.answering import Seen
from portal.services.doors import CodeRefusedError, DoorKeys
from portal.services.studies import StudyAtSite
from portal.services.visit_choice import Choice, Period
from portal.services.visit_lists import VisitList
from tests import factories

KEYS = DoorKeys("a secret key for tests, long enough")
NOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
"""Wednesday 3 March 2027. Windows: 7 days before to 2 after; the summary is due 2 working days before the visit."""


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    """Site 01."""
    return factories.load_study(session)[0]


def test_each_visit_has_the_state_that_its_dates_and_answers_give(session: Session, place: StudyAtSite) -> None:
    _enrol(session, place, date(2027, 3, 20))  # opens on the 13th
    _enrol(session, place, date(2027, 3, 9))  # open since the 2nd, the summary is due on Friday the 5th
    begun = _enrol(session, place, date(2027, 3, 10))
    _begin(session, begun)
    _enrol(session, place, date(2027, 3, 4))  # the summary was due on Tuesday the 2nd
    sent = _enrol(session, place, date(2027, 3, 5))
    factories.complete_visit(session, sent, at=NOW - timedelta(days=1))
    gone = _enrol(session, place, date(2027, 3, 6))
    enrolment.withdraw(session, gone, on=date(2027, 3, 1), reason="moved", by=actor.SYSTEM, at=NOW)
    listed = _list(session, place)
    assert [(row.planned_on.day, row.progress.state, row.days_to_go) for row in listed.rows] == [
        (4, VisitState.LATE, 1),
        (5, VisitState.SENT, 2),
        (6, VisitState.WITHDRAWN, 3),
        (9, VisitState.OPEN, 6),
        (10, VisitState.STARTED, 7),
        (20, VisitState.NOT_YET_OPEN, 17),
    ]
    assert listed.counts == dict.fromkeys(
        [
            VisitState.NOT_YET_OPEN,
            VisitState.OPEN,
            VisitState.STARTED,
            VisitState.LATE,
            VisitState.SENT,
            VisitState.WITHDRAWN,
        ],
        1,
    )


def test_a_sent_visit_brings_its_summary_along(session: Session, place: StudyAtSite) -> None:
    participant = _enrol(session, place, date(2027, 3, 5))
    factories.complete_visit(session, participant, at=NOW - timedelta(days=1))
    (row,) = _list(session, place).rows
    assert row.summary is not None
    assert (row.summary.number, row.summary.visit_id) == (1, row.visit_id)


def test_past_visits_come_first_while_something_is_missing(session: Session, place: StudyAtSite) -> None:
    _enrol(session, place, date(2027, 3, 5))
    _enrol(session, place, date(2027, 2, 25))  # nothing received
    unfinished = _enrol(session, place, date(2027, 2, 26))
    _begin(session, unfinished, at=datetime(2027, 2, 24, 9, tzinfo=UTC))
    sent = _enrol(session, place, date(2027, 2, 24))
    factories.complete_visit(session, sent)
    gone = _enrol(session, place, date(2027, 2, 27))
    enrolment.withdraw(session, gone, on=date(2027, 2, 20), reason="moved", by=actor.SYSTEM, at=NOW)
    _enrol(session, place, date(2027, 2, 16))  # fifteen days ago
    states = [(row.planned_on, row.progress.state) for row in _list(session, place).rows if row.code == "INC"]
    assert states == [
        (date(2027, 2, 25), VisitState.NOTHING_RECEIVED),
        (date(2027, 2, 26), VisitState.UNFINISHED),
        (date(2027, 3, 5), VisitState.OPEN),
    ]


def test_the_last_14_days_show_what_was_received_too(session: Session, place: StudyAtSite) -> None:
    sent = _enrol(session, place, date(2027, 2, 24))
    factories.complete_visit(session, sent)
    _enrol(session, place, date(2027, 3, 3))
    assert [row.planned_on for row in _list(session, place, Period.PAST).rows] == [date(2027, 2, 24)]


def test_a_week_is_today_and_six_days(session: Session, place: StudyAtSite) -> None:
    for day in (3, 9, 10):
        _enrol(session, place, date(2027, 3, day))
    assert [row.planned_on.day for row in _list(session, place, Period.WEEK).rows] == [3, 9]


def test_another_sites_visits_are_not_there(session: Session, place: StudyAtSite) -> None:
    other = factories.load_study(session)[1]
    _enrol(session, other, date(2027, 3, 5))
    assert _list(session, place).total == 0
    assert _list(session, other).total == 1


def test_nobody_with_no_site_sees_anything(session: Session, place: StudyAtSite) -> None:
    _enrol(session, place, date(2027, 3, 5))
    listed = visit_lists.list_visits(session, [], choice=Choice(), page=1, is_public_holiday=is_public_holiday, at=NOW)
    assert (listed.rows, listed.total, listed.pages) == ((), 0, 1)


def test_pages_follow_each_other_without_gap_or_repeat(
    session: Session, place: StudyAtSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit_lists, "PAGE", 3)
    for _ in range(7):
        _enrol(session, place, date(2027, 3, 9))
    pages = [_list(session, place, page=page) for page in (1, 2, 3)]
    assert [row.participant_number for each in pages for row in each.rows] == [f"01-00{n}" for n in range(1, 8)]
    assert [(each.total, each.pages) for each in pages] == [(7, 3)] * 3


def test_the_number_of_queries_does_not_grow(session: Session, place: StudyAtSite) -> None:
    def enrol_and_count(number: int) -> int:
        for _ in range(number):
            participant = _enrol(session, place, date(2027, 3, 5))
            factories.complete_visit(session, participant, at=NOW - timedelta(days=1))
        return _queries(session, place)

    assert enrol_and_count(3) == enrol_and_count(27) <= 17


def test_what_did_not_go_and_what_came_too_late_stand_beside_the_visit(session: Session, place: StudyAtSite) -> None:
    participant = factories.make_participant(session, place, included_on=date(2027, 3, 1))
    visit = factories.get_visit(session, participant)
    session.add(
        Message(
            visit_id=visit.id,
            kind="summary",
            recipient="nobody",
            status=MessageStatus.FAILED,
            due_at=NOW,
            reason="no-recipient",
        )
    )
    late = datetime(2027, 3, 8, 9, tzinfo=UTC)  # the window closed at the end of 3 March
    assignment = factories.get_assignment(session, participant, "DLQI")
    given = factories.given("DLQI", {"DLQI101": 1, "DLQI102": 2})
    answering.save(session, participant.id, assignment.id, given, by=actor.patient(participant.id), at=late)
    (row,) = _list(session, place, Period.PAST, at=late).rows
    assert [trouble.reason for trouble in row.troubles] == ["no-recipient"]
    assert row.set_apart == 2


def test_wrong_codes_at_her_door_stand_beside_her_visit_on_the_sites_day(session: Session, place: StudyAtSite) -> None:
    _enrol(session, place, date(2027, 3, 5))
    participant = _enrol(session, place, date(2027, 3, 6))
    link = doors.issue(session, participant, KEYS, by=actor.SYSTEM, at=NOW)
    night = datetime(2027, 3, 2, 23, 30, tzinfo=UTC)  # half past midnight of the 3rd in Paris
    for minute in range(5):
        with pytest.raises(CodeRefusedError):
            doors.check_personal_code(session, KEYS, link.id, "none", at=night + timedelta(minutes=minute))
    first, second = _list(session, place).rows
    assert (first.guesses, first.guessed_on) == (None, None)
    assert second.guesses is not None
    assert (second.guesses.count, second.guessed_on) == (5, date(2027, 3, 3))


def test_answers_that_replaced_another_phones_unseen_are_counted_beside_the_visit(
    session: Session, place: StudyAtSite
) -> None:
    participant = _enrol(session, place, date(2027, 3, 5))
    assignment = factories.get_assignment(session, participant, "DLQI")
    for device, level in (("phone-1", 1), ("phone-2", 2)):
        given = factories.given("DLQI", {"DLQI101": level, "DLQI102": level}, device=device, at=NOW)
        seen, by = Seen(0, {}), actor.patient(participant.id)
        answering.save(session, participant.id, assignment.id, given, seen=seen, by=by, at=NOW)
    (row,) = _list(session, place).rows
    assert row.conflicts == 2


def _enrol(session: Session, place: StudyAtSite, included_on: date) -> Participant:
    return factories.make_participant(session, place, included_on=included_on)


def _begin(session: Session, participant: Participant, at: datetime = NOW - timedelta(hours=3)) -> None:
    answers = dict(list(factories.full_answers(instruments.get("DLQI")).items())[:2])
    assignment = factories.get_assignment(session, participant, "DLQI")
    given = factories.given("DLQI", answers, at=at)
    answering.save(session, participant.id, assignment.id, given, by=actor.patient(participant.id), at=at)


def _list(
    session: Session, place: StudyAtSite, period: Period = Period.COMING, page: int = 1, at: datetime = NOW
) -> VisitList:
    return visit_lists.list_visits(
        session, [place.site_id], choice=Choice(period), page=page, is_public_holiday=is_public_holiday, at=at
    )


def _queries(session: Session, place: StudyAtSite) -> int:
    session.flush()
    session.expire_all()
    sent: list[str] = []
    engine = session.get_bind().engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        _list(session, place)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(sent)
