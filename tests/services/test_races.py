"""Two phones at the same moment: the second waits for the first, and then sees all that the first one did."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.db.engine import for_writing, open_engine
from portal.db.participant import Participant
from portal.db.response import Answer, AnswerConflict, Response, SetApart
from portal.db.score import Scoring
from portal.db.summary import Summary
from portal.domain import instruments
from portal.services import actor, answering, audit, completing
from portal.services.answering import Seen
from tests import factories

IN_WINDOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
LONG_ENOUGH_TO_MEET = 0.3  # seconds that the second is given to run into the first

Deed = Callable[[Session], object]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = for_writing(open_engine(database_url))
    yield engine
    engine.dispose()


@pytest.fixture
def participant(engine: Engine) -> Participant:
    with Session(engine, expire_on_commit=False) as session:
        made = factories.make_participant(session, factories.load_study(session)[0], included_on=date(2027, 3, 5))
        session.commit()
    return made


def meet(engine: Engine, first: Deed, second: Deed) -> None:
    """Do `second` while `first` is done but not committed yet; then commit both."""
    failures: list[Exception] = []

    def follow() -> None:
        try:
            with Session(engine) as session:
                second(session)
                session.commit()
        except Exception as failure:
            failures.append(failure)

    follower = threading.Thread(target=follow)
    with Session(engine) as session:
        first(session)
        follower.start()
        follower.join(LONG_ENOUGH_TO_MEET)
        assert follower.is_alive(), "the second did not wait for the first"
        session.commit()
    follower.join()
    assert failures == []


def saving(participant: Participant, value: int, device: str) -> Deed:
    batch = factories.given("DLQI", {"DLQI101": value}, device=device)

    def save(session: Session) -> None:
        target = factories.get_assignment(session, participant, "DLQI").id
        by, seen = actor.patient(participant.id), Seen(0, {})
        answering.save(session, participant.id, target, batch, seen=seen, by=by, at=IN_WINDOW)

    return save


def completing_all(participant: Participant, code: str, device: str = "phone-1") -> Deed:
    batch = factories.given(code, factories.full_answers(instruments.get(code)), device=device)

    def complete(session: Session) -> None:
        target = factories.get_assignment(session, participant, code).id
        completing.complete(session, participant.id, target, batch, by=actor.patient(participant.id), at=IN_WINDOW)

    return complete


def test_the_first_answers_of_two_phones_begin_one_response(engine: Engine, participant: Participant) -> None:
    meet(engine, saving(participant, 1, "phone-1"), saving(participant, 2, "phone-2"))
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Response)) == 1
        assert session.scalars(select(Answer.value).order_by(Answer.id)).all() == [1, 2]
        first, second = session.scalars(select(Answer.id).order_by(Answer.id))
        conflict = session.scalars(select(AnswerConflict)).one()
        assert (conflict.other_id, conflict.kept_id) == (first, second)
        assert audit.first_broken(session) is None


def test_a_double_tap_is_one_answer(engine: Engine, participant: Participant) -> None:
    tap = saving(participant, 1, "phone-1")
    meet(engine, tap, tap)
    with Session(engine) as session:
        assert session.scalars(select(Answer.value)).all() == [1]
        assert session.scalars(select(AnswerConflict)).all() == []


def test_send_tapped_twice_sends_once(engine: Engine, participant: Participant) -> None:
    send = completing_all(participant, "DLQI")
    meet(engine, send, send)
    with Session(engine) as session:
        assert set(session.scalars(select(Answer.set_apart))) == {None}
        assert session.scalar(select(func.count()).select_from(Scoring)) == 1


def test_an_answer_that_waited_for_the_completing_is_kept_apart(engine: Engine, participant: Participant) -> None:
    meet(engine, completing_all(participant, "DLQI"), saving(participant, 3, "phone-2"))
    with Session(engine) as session:
        late = session.scalars(select(Answer).where(Answer.device == "phone-2")).one()
        assert late.set_apart is SetApart.AFTER_COMPLETION


def test_two_phones_that_complete_together_complete_once(engine: Engine, participant: Participant) -> None:
    meet(engine, completing_all(participant, "DLQI", "phone-1"), completing_all(participant, "DLQI", "phone-2"))
    with Session(engine) as session:
        assert set(session.scalars(select(Answer.set_apart).where(Answer.device == "phone-1"))) == {None}
        apart = session.scalars(select(Answer.set_apart).where(Answer.device == "phone-2"))
        assert set(apart) == {SetApart.AFTER_COMPLETION}


def test_the_last_two_questionnaires_completed_together_make_the_summary(
    engine: Engine, participant: Participant
) -> None:
    meet(engine, completing_all(participant, "DLQI"), completing_all(participant, "SHAQ"))
    with Session(engine) as session:
        summary = session.scalars(select(Summary)).one()
        assert summary.content["received"] == "complete"
