"""Scores of completed responses: computed by the study's rule and options, kept with their trace, never changed."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, selectinload

from portal.db import score as rows
from portal.db.correction import Correction
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.instruments.model import Answers
from portal.services import audit
from portal.services.actor import Actor


def keep(
    session: Session,
    response_id: UUID,
    participant_id: UUID,
    instrument: str,
    *,
    answers: Answers,
    options: Mapping[str, object],
    correction_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> rows.Scoring:
    """Score `answers` and keep the result beside any earlier one of the same response.

    `correction_id` names the correction after which they stand so; None = as they were sent.
    """
    result = instruments.get(instrument).score(answers, options)
    canonical = json.dumps(result.options, sort_keys=True)
    scoring = rows.Scoring(
        id=uuid4(),
        response_id=response_id,
        correction_id=correction_id,
        rule=result.rule,
        rule_version=result.rule_version,
        options=dict(result.options),
        options_hash=hashlib.sha256(canonical.encode()).hexdigest(),
        counts=dict(result.counts),
        flags=list(result.flags),
        trace=[{"code": step.code, "params": _plain(step.params)} for step in result.trace],
        made_at=at,
    )
    session.add(scoring)
    session.flush()
    session.execute(
        insert(rows.Score),
        [
            {
                "id": uuid4(),
                "scoring_id": scoring.id,
                "scale": each.scale,
                "value": None if each.value is None else float(each.value),
                "band": each.band,
                "missing": each.missing,
            }
            for each in result.scales
        ],
    )
    audit.record(session, _scored(scoring, participant_id, result.to_result()), by=by, at=at)
    return scoring


def latest(session: Session, response_ids: Collection[UUID]) -> dict[UUID, rows.Scoring]:
    """Give each response's newest scoring with its scores, by response; two queries whatever their number."""
    found = session.scalars(
        select(rows.Scoring)
        .outerjoin(Correction, Correction.id == rows.Scoring.correction_id)
        .where(rows.Scoring.response_id.in_(response_ids))
        .options(selectinload(rows.Scoring.scores))
        .order_by(rows.Scoring.made_at, func.coalesce(Correction.number, 0))
    )
    return {scoring.response_id: scoring for scoring in found}


def _plain(value: Any) -> Any:
    """Give a trace's parameters as JSON: exact fractions become text such as "23/40"."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, Fraction) else value


def _scored(scoring: rows.Scoring, participant_id: UUID, result: dict[str, Any]) -> audit.Event:
    return audit.Event(
        deed=Deed.RESPONSE_SCORED,
        subject_kind="response",
        subject_id=scoring.response_id,
        participant_id=participant_id,
        field="score",
        new=result,
    )
