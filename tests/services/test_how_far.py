"""How far a participant has come, in questions that need nothing more."""

from datetime import UTC, datetime, time

from sqlalchemy.orm import Session

from portal.services import actor, answering, how_far
from portal.services.answering import Seen
from portal.services.how_far import HowFar
from tests import factories


def test_questions_count_once_over_both_questionnaires_and_hidden_ones_not(session: Session) -> None:
    participant = factories.make_participant(session, factories.load_study(session)[0])
    visit = factories.get_visit(session, participant)
    at = datetime.combine(visit.planned_on, time(9), UTC)
    assignment = factories.get_assignment(session, participant, "DLQI")
    nothing_yet = how_far.by_visit(session, [visit.id])[visit.id]
    assert nothing_yet == HowFar(0, 40)  # 10 of the DLQI, its 107A being hidden, and 30 of the SHAQ

    def answer(**values: int | str) -> HowFar:
        given = factories.given("DLQI", values, device=f"phone-{len(values)}-{next(iter(values))}")
        by = actor.patient(participant.id)
        answering.save(session, participant.id, assignment.id, given, seen=Seen(0, {}), by=by, at=at)
        return how_far.by_visit(session, [visit.id])[visit.id]

    assert answer(DLQI101=2, DLQI102=1) == HowFar(2, 40)
    assert answer(DLQI101=3) == HowFar(2, 40)  # the same question again
    assert answer(DLQI107="N") == HowFar(3, 41)  # 107A is shown now
    assert answer(DLQI107="Y") == HowFar(3, 40)
