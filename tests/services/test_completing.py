"""Completing: frozen, scored and summarised in one transaction or not at all; sent again, it stays as it was."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.participant import Participant
from portal.db.response import Answer, FilledInBy, Response, SetApart, Source
from portal.db.score import Score, Scoring
from portal.db.summary import Summary
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.states import ResponseStatus
from portal.services import actor, answering, completing, summaries
from portal.services.answering import GivenAnswer
from portal.services.completing import Completed
from tests import factories

IN_WINDOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def participant(session: Session) -> Participant:
    return factories.make_participant(session, factories.load_study(session)[0], included_on=date(2027, 3, 5))


def complete(
    session: Session,
    participant: Participant,
    given: list[GivenAnswer],
    *,
    code: str = "DLQI",
    source: Source = Source.PHONE,
    filled_in_by: FilledInBy | None = None,
    at: datetime = IN_WINDOW,
) -> Completed:
    assignment = factories.get_assignment(session, participant, code)
    by = actor.patient(participant.id)
    return completing.complete(
        session, participant.id, assignment.id, given, source=source, filled_in_by=filled_in_by, by=by, at=at
    )


def total(session: Session) -> float | None:
    return session.scalars(select(Score.value).where(Score.scale == "total")).one()


def response(session: Session) -> Response:
    return session.scalars(select(Response)).one()


def test_sending_freezes_and_scores(session: Session, participant: Participant) -> None:
    done = complete(session, participant, factories.given("DLQI", factories.full_answers(instruments.get("DLQI"), 2)))
    kept = response(session)
    assert (done.completed_at, done.already) == (IN_WINDOW, False)
    assert kept.status is ResponseStatus.COMPLETED
    assert kept.frozen is not None
    assert kept.frozen_hash == completing.hash_of(kept.frozen)
    assert kept.frozen["DLQI101"]["value"] == 2
    assert total(session) == 20  # ten questions at 2, the seventh by "no" and 2


def test_every_kind_of_empty_is_frozen_apart(session: Session, participant: Participant) -> None:
    answers = {"DLQI101": 0, "DLQI103": "NR", "DLQI107": "Y", "DLQI109": None}
    complete(session, participant, factories.given("DLQI", answers))
    frozen = response(session).frozen
    assert frozen is not None
    assert frozen["DLQI101"]["value"] == 0
    assert frozen["DLQI103"]["empty"] == "not-relevant"
    assert frozen["DLQI109"]["empty"] == "skipped"
    assert frozen["DLQI107A"] == {"empty": "not-shown"}
    assert frozen["DLQI102"] == {"empty": "not-answered"}


def test_an_answer_that_a_later_one_hid_does_not_count_on_a_phone(session: Session, participant: Participant) -> None:
    answers = factories.full_answers(instruments.get("DLQI"), 0) | {"DLQI107A": 2}
    given = [*factories.given("DLQI", answers), *factories.given("DLQI", {"DLQI107": "NR"})]
    complete(session, participant, given)
    assert total(session) == 0


def test_the_same_stray_on_paper_counts(session: Session, participant: Participant) -> None:
    answers = factories.full_answers(instruments.get("DLQI"), 0) | {"DLQI107A": 2, "DLQI107": "NR"}
    complete(session, participant, factories.given("DLQI", answers), source=Source.PAPER)
    assert total(session) == 2
    assert response(session).source is Source.PAPER


def test_sent_twice_is_completed_once(session: Session, participant: Participant) -> None:
    given = factories.given("DLQI", factories.full_answers(instruments.get("DLQI")))
    complete(session, participant, given)
    again = complete(session, participant, given, at=datetime(2027, 3, 3, 10, tzinfo=UTC))
    assert (again.completed_at, again.already) == (IN_WINDOW, True)
    assert session.scalar(select(func.count()).select_from(Scoring)) == 1


def test_who_filled_it_in_is_kept_told_and_not_frozen(session: Session, participant: Participant) -> None:
    given = factories.given("DLQI", factories.full_answers(instruments.get("DLQI")))
    complete(session, participant, given, filled_in_by=FilledInBy.WITH_HELP)
    complete(session, participant, given, filled_in_by=FilledInBy.ALONE)  # sent again: too late to say otherwise
    kept = response(session)
    assert kept.filled_in_by is FilledInBy.WITH_HELP
    assert "filled_in_by" not in (kept.frozen or {})
    told = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.RESPONSE_COMPLETED)).one()
    assert told.new == {"status": "completed", "hash": kept.frozen_hash, "filled_in_by": "with-help"}


def test_the_summary_says_who_filled_in_what(session: Session, participant: Participant) -> None:
    for code, who in (("DLQI", FilledInBy.SOMEONE_ELSE), ("SHAQ", None)):
        given = factories.given(code, factories.full_answers(instruments.get(code)))
        complete(session, participant, given, code=code, filled_in_by=who)
    content = session.scalars(select(Summary.content)).one()
    assert [each.get("filled_in_by") for each in content["instruments"]] == ["someone-else", None]


def test_what_comes_after_sending_is_kept_apart(session: Session, participant: Participant) -> None:
    complete(session, participant, factories.given("DLQI", factories.full_answers(instruments.get("DLQI"), 1)))
    before = response(session).frozen_hash
    complete(session, participant, factories.given("DLQI", {"DLQI101": 3}))
    late = session.scalars(select(Answer).where(Answer.set_apart.is_not(None))).one()
    assert (late.value, late.set_apart) == (3, SetApart.AFTER_COMPLETION)
    assert response(session).frozen_hash == before


def test_sent_after_the_window_is_kept_and_not_completed(session: Session, participant: Participant) -> None:
    done = complete(
        session, participant, factories.given("DLQI", {"DLQI101": 3}), at=datetime(2027, 3, 9, 9, tzinfo=UTC)
    )
    assert (done.completed_at, done.set_apart) == (None, SetApart.AFTER_CLOSING)
    assert response(session).status is ResponseStatus.IN_PROGRESS


def test_the_summary_comes_with_the_last_of_the_set(session: Session, participant: Participant) -> None:
    complete(session, participant, factories.given("DLQI", factories.full_answers(instruments.get("DLQI"))))
    assert session.scalar(select(func.count()).select_from(Summary)) == 0
    answers = factories.full_answers(instruments.get("SHAQ"))
    complete(session, participant, factories.given("SHAQ", answers), code="SHAQ")
    assert session.scalar(select(func.count()).select_from(Summary)) == 1


def test_when_the_summary_cannot_be_made_nothing_is_completed(
    session: Session, participant: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete(session, participant, factories.given("DLQI", factories.full_answers(instruments.get("DLQI"))))
    session.commit()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no summary today")

    monkeypatch.setattr(summaries, "make", fail)
    answers = factories.full_answers(instruments.get("SHAQ"))
    with pytest.raises(RuntimeError):
        complete(session, participant, factories.given("SHAQ", answers), code="SHAQ")
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Response)) == 1
    assert session.scalar(select(func.count()).select_from(Scoring)) == 1


def test_what_is_no_answer_is_named_and_nothing_is_completed(session: Session, participant: Participant) -> None:
    with pytest.raises(answering.RefusedAnswersError, match="DLQI110"):
        complete(session, participant, factories.given("DLQI", {"DLQI101": 1, "DLQI110": 9}))
    assert session.scalar(select(func.count()).select_from(Response)) == 0
