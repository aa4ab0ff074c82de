"""How a score came about is read back from the stored run, and reads as it did when the rule had just been run."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.adapters.localisation import environment
from portal.db.participant import Participant
from portal.db.response import Response
from portal.db.score import Scoring as Run
from portal.db.summary import Summary
from portal.domain import instruments, summary_json
from portal.domain.instruments.model import Answers
from portal.domain.instruments.scores import Scoring, Step
from portal.services import actor, score_traces, scores, summaries
from portal.services.score_traces import ScoreNotFoundError, ScoreTrace
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.statements import statements_of

NOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
CODES = ("DLQI", "SHAQ")
OTHER_OPTIONS = {"DLQI": {"missing_rule": "strict"}, "SHAQ": {"composite": "becker6"}}  # than the study's


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    """Site 01."""
    return factories.load_study(session)[0]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("level", [1, 2, None])
@pytest.mark.parametrize("code", CODES)
def test_a_stored_run_reads_word_for_word_as_the_rule_told_it(
    session: Session, place: StudyAtSite, code: str, level: int | None, language: str
) -> None:
    run = _keep_again(session, _summary(session, place), code, _answers(code, level))
    session.expire_all()  # so that it is read from the database
    fresh = _score(code, level, OTHER_OPTIONS[code])
    assert _read(code, score_traces.steps_of(session.get_one(Run, run.id)), language) == _read(
        code, fresh.trace, language
    )


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("level", [1, None])
def test_every_scale_has_a_step_that_gives_it(code: str, level: int | None) -> None:
    told = {score_traces.scale_of(step) for step in _score(code, level).trace}
    without_aids = {f"{scale}_alternative" for scale in told}  # told in the step of the category itself
    assert {each.scale for each in _score(code, level).scales} <= told | without_aids
    assert {"total", "dlqi_r"} <= told or {"haq_di", "haq_di_alternative", "composite"} <= told


def test_no_two_questionnaires_have_a_scale_of_one_name() -> None:
    names = [each.scale for code in CODES for each in _score(code, 1).scales]
    assert len(names) == len(set(names))  # an address names the scale alone


def test_each_score_of_a_summary_has_its_trace(session: Session, place: StudyAtSite) -> None:
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    summary = _summary(session, place)
    content = summary_json.from_json(summary.content)
    for sheet in content.instruments:
        for scale in sheet.scales:
            with statements_of(engine) as sent:
                trace = score_traces.find(session, summary, content, scale.scale)
            assert len(sent) == 1
            assert (trace.instrument, trace.rule, trace.rule_version) == (sheet.code, sheet.rule, sheet.rule_version)
            assert any(trace.gives), scale.scale


def test_an_older_edition_is_told_from_the_run_of_its_time(session: Session, place: StudyAtSite) -> None:
    summary = _summary(session, place)
    first = _find(session, summary, "total")
    _keep_again(session, summary, "DLQI", {}, at=NOW + timedelta(days=1))
    assert _find(session, summary, "total") == first


@pytest.mark.parametrize("scale", ["nothing", "", "total'"])
def test_a_score_that_the_summary_does_not_show_is_not_there(session: Session, place: StudyAtSite, scale: str) -> None:
    with pytest.raises(ScoreNotFoundError):
        _find(session, _summary(session, place), scale)


def test_a_summary_of_nothing_received_has_no_score(session: Session, place: StudyAtSite) -> None:
    participant = factories.make_participant(session, place, included_on=date(2027, 3, 5))
    visit = factories.get_visit(session, participant)
    summary = summaries.make(session, visit.id, by=actor.SYSTEM, at=NOW)
    with pytest.raises(ScoreNotFoundError):
        _find(session, summary, "total")


def _read(instrument: str, trace: Sequence[Step], language: str) -> str:
    told = SimpleNamespace(instrument=instrument, trace=trace)
    return environment(language).get_template("trace/steps.txt").render(scoring=told)


def _answers(code: str, level: int | None) -> dict[str, Any]:
    """Give full answers, or for the level None just one of them."""
    answers = factories.full_answers(instruments.get(code), level or 1)
    return answers if level else dict(list(answers.items())[:1])


def _score(code: str, level: int | None, options: Mapping[str, str] = MappingProxyType({})) -> Scoring:
    chosen = instruments.get(code)
    return chosen.score(_answers(code, level), chosen.parse_options(options))


def _summary(session: Session, place: StudyAtSite) -> Summary:
    participant = factories.make_participant(session, place, included_on=date(2027, 3, 5))
    factories.complete_visit(session, participant, at=NOW - timedelta(hours=1))
    summary = summaries.find_current(session, factories.get_visit(session, participant).id)
    assert summary is not None
    return summary


def _keep_again(session: Session, summary: Summary, code: str, answers: Answers, at: datetime = NOW) -> Run:
    """Score the visit's response once more under other options."""
    participant = session.get_one(Participant, summary.visit.participant_id)
    assignment = factories.get_assignment(session, participant, code)
    response = session.scalars(select(Response).where(Response.assignment_id == assignment.id)).one()
    options = instruments.get(code).parse_options(OTHER_OPTIONS[code])
    return scores.keep(
        session, response.id, participant.id, code, answers=answers, options=options, by=actor.SYSTEM, at=at
    )


def _find(session: Session, summary: Summary, scale: str) -> ScoreTrace:
    return score_traces.find(session, summary, summary_json.from_json(summary.content), scale)
