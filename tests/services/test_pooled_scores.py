"""Pooled scores, on both databases: the whole study's, the newest scoring's, of five participants at least."""

from collections.abc import Callable
from fractions import Fraction
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.correction import Correction, RequestedBy
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.db.score import Score, Scoring
from portal.domain.blind import FEWEST_POOLED
from portal.domain.quantiles import Spread
from portal.domain.roles import Role
from portal.domain.states import ParticipantStatus, ResponseStatus, WithdrawalExtent
from portal.services import pooled_scores, study_progress
from portal.services.pooled_scores import PooledScale, PooledVisit
from portal.services.study_progress import Scope
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import make_staff


@pytest.fixture
def scope(session: Session) -> Scope:
    """The study as somebody of site 01 is shown it."""
    places = factories.load_study(session)
    (found,) = study_progress.scopes(session, [places[0].site_id])
    return found


@pytest.fixture
def answer(session: Session, scope: Scope) -> Callable[..., Participant]:
    """Include somebody at site 01 or 02 (0 or 1) who answers her first visit at a level."""

    def include(level: int, site: int = 0) -> Participant:
        places = factories.load_study(session)
        participant = factories.make_participant(session, places[site])
        factories.complete_visit(session, participant, level=level)
        return participant

    return include


def at_inclusion(scales: list[PooledScale], code: str) -> PooledVisit:
    (scale,) = [each for each in scales if each.spec.code == code]
    return scale.visits[0]


def test_the_scales_are_the_totals_first_then_the_composite_and_the_marked_lines(
    session: Session, scope: Scope
) -> None:
    pooled = pooled_scores.pool(session, scope)
    assert [each.spec.code for each in pooled] == [
        *("total", "haq_di", "composite"),
        *("pain", "intestinal", "breathing", "raynaud", "digital_ulcers", "overall"),
    ]
    assert [visit.code for visit in pooled[0].visits] == ["INC", "M1", "M3", "M6", "M9", "M12"]
    assert all(each.is_empty for each in pooled)


def test_all_sites_are_one_group(session: Session, scope: Scope, answer: Callable[..., Participant]) -> None:
    for site, level in ((0, 1), (0, 1), (1, 2), (1, 2), (1, 2)):
        answer(level, site)
    told = pooled_scores.pool(session, scope)
    total = at_inclusion(told, "total")
    # Ten questions at 1 make 10, at 2 make 20 (the second part of question 7 goes to 2).
    assert total.spread == Spread(5, *map(Fraction, (10, 10, 20, 20, 20)))
    assert dict(total.bands) == {
        "no_effect": 0,
        "small": 0,
        "moderate": 2,
        "very_large": 3,
        "extremely_large": 0,
    }
    pain = at_inclusion(told, "pain")
    assert pain.spread is not None
    (scale,) = [each for each in told if each.spec.code == "pain"]
    assert scale.high == 100
    assert pain.spread.high == Fraction(9, 5)
    assert pain.spread.times(scale.factor) == Spread(5, *map(Fraction, (30, 30, 60, 60, 60)))


def test_of_fewer_than_five_only_the_number_is_told(
    session: Session, scope: Scope, answer: Callable[..., Participant]
) -> None:
    for _ in range(FEWEST_POOLED - 1):
        answer(1)
    assert at_inclusion(pooled_scores.pool(session, scope), "total") == PooledVisit("INC", 4, 0, None, {})
    answer(1)
    total = at_inclusion(pooled_scores.pool(session, scope), "total")
    assert (total.scored, total.spread is None) == (5, False)


def test_what_a_participant_wants_unused_and_what_was_entered_in_error_count_nowhere(
    session: Session, scope: Scope, answer: Callable[..., Participant]
) -> None:
    people = [answer(1) for _ in range(7)]
    for person, extent in zip(people, (WithdrawalExtent.STUDY_AND_DATA, WithdrawalExtent.STUDY), strict=False):
        person.status, person.withdrawn_on = ParticipantStatus.WITHDRAWN, NOW.date()
        person.withdrawal_extent = extent
    _response(session, people[2]).status = ResponseStatus.ENTERED_IN_ERROR
    session.flush()
    assert at_inclusion(pooled_scores.pool(session, scope), "total").scored == 5


def test_a_corrected_response_counts_as_corrected(
    session: Session, scope: Scope, answer: Callable[..., Participant]
) -> None:
    people = [answer(1) for _ in range(5)]
    response = _response(session, people[0])
    old = session.scalars(select(Scoring).where(Scoring.response_id == response.id)).one()
    nurse = make_staff(session, (people[0].site_id, Role.NURSE))
    correction = Correction(
        response_id=response.id,
        number=1,
        requested_by=RequestedBy.STAFF,
        reason="a slip",
        entered_by=nurse.id,
        at=NOW,
        form_hash="0" * 64,
    )
    session.add(correction)
    session.flush()
    new = Scoring(
        id=uuid4(),
        response_id=response.id,
        correction_id=correction.id,
        rule=old.rule,
        rule_version=old.rule_version,
        options=old.options,
        options_hash=old.options_hash,
        counts={},
        flags=[],
        trace=[],
        made_at=old.made_at,  # on the very instant: the correction itself says which one is newer
        scores=[Score(scale="total", value=2.0, band="small")],
    )
    session.add(new)
    response.status = ResponseStatus.AMENDED
    session.flush()
    total = at_inclusion(pooled_scores.pool(session, scope), "total")
    assert total.spread == Spread(5, *map(Fraction, (2, 10, 10, 10, 10)))
    assert (total.scored, total.bands["small"], total.bands["moderate"]) == (5, 1, 4)


def test_what_cannot_be_scored_is_counted_beside(
    session: Session, scope: Scope, answer: Callable[..., Participant]
) -> None:
    for _ in range(5):
        answer(1)
    person = factories.make_participant(session, scope.places[0])
    visit = factories.get_visit(session, person)
    assignment = factories.get_assignment(session, person, "DLQI")
    response = Response(
        id=uuid4(),
        assignment_id=assignment.id,
        status=ResponseStatus.COMPLETED,
        started_at=NOW,
        completed_at=NOW,
        frozen={},
        frozen_hash="0" * 64,
    )
    unscored = Scoring(
        response_id=response.id,
        rule="dlqi",
        rule_version="1",
        options={},
        options_hash="0" * 64,
        counts={},
        flags=[],
        trace=[],
        made_at=NOW,
        scores=[Score(scale="total", value=None, missing="too_many_unanswered")],
    )
    session.add(response)
    session.flush()
    session.add(unscored)
    session.flush()
    assert visit.code == "INC"
    total = at_inclusion(pooled_scores.pool(session, scope), "total")
    assert (total.scored, total.unscored) == (5, 1)


def _response(session: Session, participant: Participant) -> Response:
    found = select(Response).join(Assignment).join(Visit)
    return session.scalars(found.where(Visit.participant_id == participant.id, Assignment.instrument == "DLQI")).one()
