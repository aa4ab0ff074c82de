"""A page that was made of a part is made again when more arrives, and when the window closes on what was only begun.

The visit is planned on Friday 5 March 2027 in Paris; its summary is due on the 3rd at 07:00; its window
closes on the 7th.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.participant import Participant
from portal.domain import instruments
from portal.services import actor, completing, deadlines, summaries
from portal.services.actor import SYSTEM
from tests import factories
from tests.services.mailing import begin, paris

DUE_AT = paris(3, 3, 7)


def _round(session: Session, at: datetime) -> list[str]:
    """Make what the worker makes at this instant; gives what each new page says was received."""
    made = []
    for visit_id in deadlines.due_visits(session, is_public_holiday, at=at):
        summary = deadlines.make_if_missing(session, visit_id, by=SYSTEM, at=at)
        made += [summary.content["received"]] if summary else []
    return made


def _send(session: Session, participant: Participant, code: str, at: datetime) -> None:
    answers = factories.full_answers(instruments.get(code))
    assignment = factories.get_assignment(session, participant, code)
    given = factories.given(code, answers, at=at)
    completing.complete(session, participant.id, assignment.id, given, by=actor.patient(participant.id), at=at)


def _edition(session: Session, participant: Participant) -> int:
    summary = summaries.find_current(session, factories.get_visit(session, participant).id)
    assert summary is not None
    return summary.number


def test_the_other_half_makes_a_newer_page_at_once(session: Session, participant: Participant) -> None:
    _send(session, participant, "DLQI", paris(3, 2, 18))
    assert _round(session, DUE_AT) == ["partial"]
    _send(session, participant, "SHAQ", paris(3, 3, 20))
    assert _edition(session, participant) == 2
    assert _round(session, paris(3, 3, 21)) == []


def test_a_half_that_comes_after_the_page_is_on_a_newer_one_within_the_hour(
    session: Session, participant: Participant
) -> None:
    assert _round(session, DUE_AT) == ["nothing"]
    _send(session, participant, "DLQI", paris(3, 3, 18))
    assert _round(session, paris(3, 3, 18, 59)) == []
    assert _round(session, paris(3, 3, 19)) == ["partial"]
    assert _round(session, paris(3, 3, 19, 1)) == []
    assert _edition(session, participant) == 2


def test_both_halves_sent_in_one_sitting_make_one_newer_page(session: Session, participant: Participant) -> None:
    _round(session, DUE_AT)
    _send(session, participant, "DLQI", paris(3, 3, 18))
    _send(session, participant, "SHAQ", paris(3, 3, 18, 20))
    assert _round(session, paris(3, 3, 19)) == []
    assert _edition(session, participant) == 2


def test_what_was_begun_and_never_sent_is_said_once_the_window_has_closed(
    session: Session, participant: Participant
) -> None:
    _round(session, DUE_AT)
    begin(session, participant, at=paris(3, 4, 18))
    assert _round(session, paris(3, 7, 23)) == []
    assert _round(session, paris(3, 8, 1, 1)) == ["nothing"]
    assert _edition(session, participant) == 2
    assert _round(session, paris(3, 8, 1, 2)) == []


def test_a_page_that_says_it_already_stays_as_it_is(session: Session, participant: Participant) -> None:
    begin(session, participant, at=paris(3, 2, 18))
    _round(session, DUE_AT)
    assert _round(session, paris(3, 8, 7)) == []
    assert _edition(session, participant) == 1
