"""Two devices on one questionnaire: an answer that replaces another unseen is noted, and nothing else is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.participant import Participant
from portal.db.response import Answer, AnswerConflict, Response
from portal.domain.audit import Deed
from portal.services import actor, answering, audit, completing, conflicts
from portal.services.answering import Seen
from tests import factories

IN_WINDOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
NOTHING = Seen(0, {})


@pytest.fixture
def participant(session: Session) -> Participant:
    return factories.make_participant(session, factories.load_study(session)[0], included_on=date(2027, 3, 5))


def say(
    session: Session,
    who: Participant,
    device: str,
    value: int | None,
    seen: Seen | None,
    *,
    seq: int = 0,
    days: int = 0,
) -> None:
    """One device answers question 1."""
    assignment = factories.get_assignment(session, who, "DLQI")
    given = factories.given("DLQI", {"DLQI101": value}, device=device, first_seq=seq)
    at = IN_WINDOW + timedelta(days=days)
    answering.save(session, who.id, assignment.id, given, seen=seen, by=actor.patient(who.id), at=at)


def noted(session: Session) -> list[tuple[object, object]]:
    """Each conflict as (the value that was replaced, the value that counts since)."""
    found = []
    for row in session.scalars(select(AnswerConflict).order_by(AnswerConflict.id)):
        kept, other = session.get(Answer, row.kept_id), session.get(Answer, row.other_id)
        assert kept
        assert other
        assert {kept.link_id, other.link_id} == {row.link_id}
        found.append((other.value, kept.value))
    return found


def last_id(session: Session) -> int:
    return session.scalars(select(Answer.id).order_by(Answer.id.desc()).limit(1)).one()


def test_an_answer_that_replaces_another_phones_unseen_is_noted_once(
    session: Session, participant: Participant
) -> None:
    say(session, participant, "phone-1", 3, NOTHING)
    for _ in range(3):  # its reply is lost twice
        say(session, participant, "phone-2", 1, NOTHING)
    assert noted(session) == [(3, 1)]
    events = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.ANSWER_CONFLICTED)).all()
    assert [(each.field, each.old, each.new) for each in events] == [("DLQI101", {"value": 3}, {"value": 1})]
    response = session.scalars(select(Response)).one()
    assert (events[0].subject_id, events[0].participant_id) == (response.id, participant.id)
    assert audit.first_broken(session) is None


def test_a_skip_over_an_answer_is_a_conflict_too(session: Session, participant: Participant) -> None:
    say(session, participant, "phone-1", 3, NOTHING)
    say(session, participant, "phone-2", None, NOTHING)
    assert noted(session) == [(3, None)]


def test_what_the_page_had_been_shown_is_changed_and_no_conflict(session: Session, participant: Participant) -> None:
    say(session, participant, "phone-1", 3, NOTHING)
    say(session, participant, "phone-2", 1, Seen(last_id(session), {}))
    say(session, participant, "phone-1", 2, Seen(0, {"phone-2": 0}), seq=1)
    assert noted(session) == []


def test_what_was_seen_of_a_phone_does_not_cover_what_it_said_later(session: Session, participant: Participant) -> None:
    say(session, participant, "phone-1", 3, NOTHING)
    shown = Seen(last_id(session), {"phone-1": 0})
    say(session, participant, "phone-1", 2, NOTHING, seq=1)
    say(session, participant, "phone-2", 1, shown)
    assert noted(session) == [(2, 1)]


def test_the_same_answer_on_both_phones_contradicts_nothing(session: Session, participant: Participant) -> None:
    say(session, participant, "phone-1", 3, NOTHING)
    say(session, participant, "phone-2", 3, NOTHING)
    assert noted(session) == []


def test_an_answer_that_came_late_and_counts_no_more_replaces_nothing(
    session: Session, participant: Participant
) -> None:
    say(session, participant, "phone-2", 1, NOTHING, seq=5)
    say(session, participant, "phone-1", 3, Seen(last_id(session), {}))
    say(session, participant, "phone-2", 2, NOTHING, seq=4)
    assert noted(session) == []


def test_each_phone_that_goes_on_unseeing_is_noted_and_changing_ones_mind_is_not(
    session: Session, participant: Participant
) -> None:
    say(session, participant, "phone-1", 3, NOTHING)
    say(session, participant, "phone-2", 1, NOTHING)
    say(session, participant, "phone-2", 0, NOTHING, seq=1)
    say(session, participant, "phone-1", 2, NOTHING, seq=1)
    assert noted(session) == [(3, 1), (0, 2)]


def test_a_client_that_does_not_say_what_it_saw_makes_no_conflict(session: Session, participant: Participant) -> None:
    say(session, participant, "phone-1", 3, None)
    say(session, participant, "phone-2", 1, None)
    assert noted(session) == []


def test_what_comes_after_the_window_replaces_nothing(session: Session, participant: Participant) -> None:
    say(session, participant, "phone-1", 3, NOTHING)
    say(session, participant, "phone-2", 1, NOTHING, days=7)
    assert noted(session) == []


def test_completing_notes_what_it_brings_along(session: Session, participant: Participant) -> None:
    say(session, participant, "phone-1", 3, NOTHING)
    assignment = factories.get_assignment(session, participant, "DLQI")
    given = factories.given("DLQI", {"DLQI101": 1, "DLQI102": 2}, device="phone-2", first_seq=0)
    for _ in range(2):
        completing.complete(
            session,
            participant.id,
            assignment.id,
            given,
            seen=NOTHING,
            by=actor.patient(participant.id),
            at=IN_WINDOW,
        )
    assert noted(session) == [(3, 1)]


def test_conflicts_are_counted_by_visit(session: Session, participant: Participant) -> None:
    inclusion, later = (factories.get_visit(session, participant, code) for code in ("INC", "M1"))
    assert conflicts.count_by_visit(session, [inclusion.id, later.id]) == {}
    say(session, participant, "phone-1", 3, NOTHING)
    say(session, participant, "phone-2", 1, NOTHING)
    say(session, participant, "phone-1", 2, NOTHING, seq=1)
    assert conflicts.count_by_visit(session, [inclusion.id, later.id]) == {inclusion.id: 2}


def test_a_save_without_conflict_asks_the_database_no_more_than_before(
    session: Session, participant: Participant
) -> None:
    say(session, participant, "phone-1", 3, None)
    asked: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *call: asked.append(call[2]))
    say(session, participant, "phone-1", 2, None, seq=1)
    without = len(asked)
    say(session, participant, "phone-2", 1, Seen(last_id(session), {}))
    # one statement is the test's own, for the last id
    assert len(asked) - without == without + 1
    asked.clear()
    say(session, participant, "phone-1", 0, NOTHING, seq=2)
    assert len(asked) > without
