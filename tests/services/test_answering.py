"""Saving answers: once each, never overwritten, kept apart when late, and told in the trail."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.participant import Participant
from portal.db.response import Answer, Response, SetApart
from portal.domain.instruments import wordings
from portal.services import actor, answering, audit, enrolment, responses
from portal.services.answering import GivenAnswer, Saved
from portal.services.wordings import Licence, keep_licensed
from tests import factories

IN_WINDOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def participant(session: Session) -> Participant:
    return factories.make_participant(session, factories.load_study(session)[0], included_on=date(2027, 3, 5))


def save(session: Session, participant: Participant, given: list[GivenAnswer], at: datetime = IN_WINDOW) -> Saved:
    assignment = factories.get_assignment(session, participant, "DLQI")
    return answering.save(session, participant.id, assignment.id, given, by=actor.patient(participant.id), at=at)


def current(session: Session) -> dict[str, object]:
    response = session.scalars(select(Response)).one()
    return responses.values(responses.current_answers(session, response.id))


def test_an_answer_is_kept_and_acknowledged(session: Session, participant: Participant) -> None:
    saved = save(session, participant, factories.given("DLQI", {"DLQI101": 2}, first_seq=7))
    assert saved.acknowledged == (7,)
    assert saved.set_apart == ()
    assert current(session) == {"DLQI101": 2}


def test_a_repeat_is_acknowledged_and_not_doubled(session: Session, participant: Participant) -> None:
    batch = factories.given("DLQI", {"DLQI101": 2, "DLQI102": 1}, first_seq=0)
    save(session, participant, batch)
    events = session.scalar(select(func.count()).select_from(AuditEvent))
    assert save(session, participant, batch).acknowledged == (0, 1)
    assert session.scalar(select(func.count()).select_from(Answer)) == 2
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == events


def test_a_changed_answer_stands_beside_the_first(session: Session, participant: Participant) -> None:
    save(session, participant, factories.given("DLQI", {"DLQI101": 2}))
    save(session, participant, factories.given("DLQI", {"DLQI101": 0}))
    assert current(session) == {"DLQI101": 0}
    assert session.scalars(select(Answer.value).order_by(Answer.id)).all() == [2, 0]
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (event.field, event.old, event.new) == ("DLQI101", {"value": 2}, {"value": 0})


def test_a_late_repeat_of_an_older_answer_does_not_win(session: Session, participant: Participant) -> None:
    older, newer = (
        factories.given("DLQI", {"DLQI101": 3}, first_seq=1),
        factories.given("DLQI", {"DLQI101": 1}, first_seq=2),
    )
    save(session, participant, newer)
    save(session, participant, older, at=IN_WINDOW + timedelta(minutes=5))
    assert current(session) == {"DLQI101": 1}


def test_of_two_phones_the_later_receipt_counts_and_the_other_stays(session: Session, participant: Participant) -> None:
    save(session, participant, factories.given("DLQI", {"DLQI101": 3}, device="a", first_seq=9))
    save(session, participant, factories.given("DLQI", {"DLQI101": 0}, device="b", first_seq=0))
    assert current(session) == {"DLQI101": 0}
    assert session.scalar(select(func.count()).select_from(Answer)) == 2


def test_skipped_is_a_datum(session: Session, participant: Participant) -> None:
    save(session, participant, factories.given("DLQI", {"DLQI109": None}))
    answer = session.scalars(select(Answer)).one()
    assert (answer.value, answer.empty) == (None, "skipped")


def test_zero_is_an_answer(session: Session, participant: Participant) -> None:
    save(session, participant, factories.given("DLQI", {"DLQI101": 0}))
    assert current(session) == {"DLQI101": 0}


@pytest.mark.parametrize(
    ("link_id", "value", "named"),
    [("DLQI101", "NR", "3, 2, 1, 0"), ("DLQI101", 4, "3, 2, 1, 0"), ("DLQI999", 1, "DLQI101"), ("DLQI107", 3, "Y, N")],
)
def test_what_is_no_answer_is_refused_whole(
    session: Session, participant: Participant, link_id: str, value: object, named: str
) -> None:
    batch = factories.given("DLQI", {"DLQI102": 1, link_id: value})
    with pytest.raises(answering.RefusedAnswersError) as refused:
        save(session, participant, batch)
    (fault,) = refused.value.faults
    assert fault.link_id == link_id
    assert named in fault.allowed
    assert session.scalar(select(func.count()).select_from(Answer)) == 0


def test_a_number_used_twice_for_different_answers_is_refused(session: Session, participant: Participant) -> None:
    save(session, participant, factories.given("DLQI", {"DLQI101": 2}, first_seq=1))
    with pytest.raises(answering.RefusedAnswersError, match="seq"):
        save(session, participant, factories.given("DLQI", {"DLQI101": 3}, first_seq=1))


def test_unknown_words_are_refused(session: Session, participant: Participant) -> None:
    (answer,) = factories.given("DLQI", {"DLQI101": 2})
    other = GivenAnswer(**(vars(answer) | {"wording": "0" * 64}))
    with pytest.raises(answering.RefusedAnswersError, match="wording"):
        save(session, participant, [other])


def test_licensed_words_are_refused_in_a_demonstration_and_the_other_way_round(
    session: Session, participant: Participant
) -> None:
    licensed = replace(wordings.demonstration("DLQI", "fr"), demonstration=False)
    licence = Licence("holder", "this study", "no. 1", None)
    keep_licensed(session, licensed, licence, by=actor.SYSTEM, at=IN_WINDOW)
    (answer,) = factories.given("DLQI", {"DLQI101": 2})
    with pytest.raises(answering.RefusedAnswersError, match="mode"):
        save(session, participant, [replace(answer, wording=licensed.hash)])


def test_after_the_window_answers_are_kept_apart(session: Session, participant: Participant) -> None:
    late = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)  # it closed at the end of 7 March
    saved = save(session, participant, factories.given("DLQI", {"DLQI101": 2}, first_seq=1), at=late)
    assert saved.acknowledged == saved.set_apart == (1,)
    assert session.scalars(select(Answer.set_apart)).all() == [SetApart.AFTER_CLOSING]
    assert current(session) == {}


def test_the_last_minute_of_the_window_is_the_sites(session: Session, participant: Participant) -> None:
    last = datetime(2027, 3, 7, 22, 59, tzinfo=UTC)  # 23:59 in Paris
    assert save(session, participant, factories.given("DLQI", {"DLQI101": 2}), at=last).set_apart == ()


def test_before_the_window_nothing_is_taken(session: Session, participant: Participant) -> None:
    with pytest.raises(answering.NotOpenYetError) as refused:
        save(session, participant, factories.given("DLQI", {"DLQI101": 2}), at=datetime(2027, 2, 25, 9, tzinfo=UTC))
    assert refused.value.opens_on == date(2027, 2, 26)


def test_anothers_assignment_is_not_found(session: Session, participant: Participant) -> None:
    other = factories.make_participant(session, factories.load_study(session)[0])
    assignment = factories.get_assignment(session, other, "DLQI")
    with pytest.raises(answering.AssignmentNotFoundError):
        answering.save(
            session,
            participant.id,
            assignment.id,
            factories.given("DLQI", {"DLQI101": 2}),
            by=actor.patient(participant.id),
            at=IN_WINDOW,
        )


def test_nothing_is_taken_after_withdrawal(session: Session, participant: Participant) -> None:
    enrolment.withdraw(session, participant, on=date(2027, 3, 1), reason="asked to", by=actor.SYSTEM, at=IN_WINDOW)
    with pytest.raises(answering.WithdrawnError):
        save(session, participant, factories.given("DLQI", {"DLQI101": 2}))


def test_the_database_refuses_to_change_or_delete_an_answer(session: Session, participant: Participant) -> None:
    save(session, participant, factories.given("DLQI", {"DLQI101": 2}))
    session.commit()
    for statement in ("UPDATE answer SET value = '0'", "DELETE FROM answer", "DELETE FROM audit_event"):
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(text(statement))
        session.rollback()


def test_the_trail_is_whole_and_shows_a_change(session: Session, participant: Participant) -> None:
    save(session, participant, factories.given("DLQI", {"DLQI101": 2}))
    assert audit.first_broken(session) is None
    session.commit()
    dialect = session.get_bind().dialect.name
    session.execute(
        text(
            "DROP TRIGGER audit_event_no_update"
            if dialect == "sqlite"
            else "ALTER TABLE audit_event DISABLE TRIGGER ALL"
        )
    )
    forged = session.scalars(select(AuditEvent.id).where(AuditEvent.field == "DLQI101")).one()
    session.execute(text("UPDATE audit_event SET new = '{\"value\": 0}' WHERE id = :id"), {"id": forged})
    session.expire_all()
    assert audit.first_broken(session) == forged
