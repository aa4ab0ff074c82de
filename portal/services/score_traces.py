"""How a score on a summary came about: the stored run of the rule behind it, read back step by step."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.correction import Correction
from portal.db.participant import Assignment
from portal.db.response import Response
from portal.db.score import Scoring
from portal.db.summary import Summary
from portal.domain.instruments.scores import Step
from portal.domain.summary import Content, InstrumentSummary, ScaleSummary

_FRACTION = re.compile(r"-?\d+(/\d+)?")
_NAMES = frozenset({"rule", "version"})  # text that may look like a number and is none

# The steps that give a score and do not name its scale.
_GIVEN_BY = {
    "dlqi_total": "total",
    "dlqi_total_unscored": "total",
    "dlqi_band": "total",
    "dlqi_r": "dlqi_r",
    "dlqi_r_unscored": "dlqi_r",
    "shaq_severity": "haq_di",
    "shaq_composite": "composite",
    "shaq_composite_none": "composite",
    "shaq_composite_no_index": "composite",
    "shaq_composite_too_few_vas": "composite",
}


class ScoreNotFoundError(Exception):
    """The summary shows no such score."""


@dataclass(frozen=True)
class ScoreTrace:
    """One score of a summary, with the stored run it is from; `gives` marks, for each step, whether it gives the score.

    `instrument` and `trace` are what templates/trace/steps.txt reads.
    """

    sheet: InstrumentSummary
    scale: ScaleSummary
    rule: str
    rule_version: str
    options: Mapping[str, Any]
    made_at: datetime
    trace: tuple[Step, ...]

    @property
    def instrument(self) -> str:
        """The code of the questionnaire."""
        return self.sheet.code

    @property
    def gives(self) -> tuple[bool, ...]:
        """Whether each step gives this score, in the order of the steps."""
        return tuple(scale_of(step) == self.scale.scale for step in self.trace)


def find(session: Session, summary: Summary, content: Content, scale: str) -> ScoreTrace:
    """Give how one score of a summary came about; one query.

    An older edition is told from the run that was there when it was made. Raises ScoreNotFoundError.
    """
    shown = [(sheet, each) for sheet in content.instruments for each in sheet.scales if each.scale == scale]
    if not shown:
        raise ScoreNotFoundError(scale)
    sheet, score = shown[0]
    run = session.scalar(
        select(Scoring)
        .join(Response, Response.id == Scoring.response_id)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .where(
            Assignment.visit_id == summary.visit_id,
            Assignment.instrument == sheet.code,
            Scoring.made_at <= summary.made_at,
        )
        .outerjoin(Correction, Correction.id == Scoring.correction_id)
        .order_by(Scoring.made_at.desc(), func.coalesce(Correction.number, 0).desc())
        .limit(1)
    )
    if run is None:
        raise ScoreNotFoundError(scale)
    return ScoreTrace(sheet, score, run.rule, run.rule_version, run.options, run.made_at, steps_of(run))


def steps_of(run: Scoring) -> tuple[Step, ...]:
    """Give a stored run's steps as the rule made them: the exact fractions that JSON kept as text are numbers again."""
    return tuple(Step(step["code"], _read(step["params"])) for step in run.trace)


def scale_of(step: Step) -> str | None:
    """Name the scale that a step gives; None for a step on the way."""
    return step.params.get("scale") or step.params.get("category") or _GIVEN_BY.get(step.code)


def _read(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _read(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_read(part) for part in value]
    is_number = isinstance(value, str) and name not in _NAMES and _FRACTION.fullmatch(value)
    return Fraction(value) if is_number else value
