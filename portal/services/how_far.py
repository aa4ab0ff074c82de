"""How far participants have come in what they have begun and not sent yet, in questions."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment
from portal.db.response import Answer, Response
from portal.domain import instruments
from portal.domain.instruments import emptiness
from portal.domain.instruments.model import Instrument
from portal.domain.states import SENT_STATUSES, ResponseStatus
from portal.services import responses
from portal.services.responses import Current


@dataclass(frozen=True)
class HowFar:
    """How many of a visit's questions need nothing more; those that an answer hides are not counted."""

    done: int
    total: int


def of_instrument(instrument: Instrument, current: dict[str, Current]) -> HowFar:
    """Give how far one questionnaire is, by the answers that count."""
    shown_answers = responses.without_hidden(instrument, current)
    answered = responses.values(shown_answers)
    shown = [question for question in instrument.questions if question.is_shown(answered)]
    still_open = emptiness.open_questions(instrument, answered, responses.skipped(shown_answers))
    return HowFar(len(shown) - len(still_open), len(shown))


def by_visit(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, HowFar]:
    """Give how far each of these visits is, over all its questionnaires; one query whatever their number."""
    rows = session.execute(
        select(
            Assignment.visit_id,
            Assignment.instrument,
            Response.status,
            Answer.id,
            Answer.device,
            Answer.seq,
            Answer.link_id,
            Answer.value,
            Answer.empty,
            Answer.at,
            Answer.language,
            Answer.wording,
        )
        .outerjoin(
            Response, (Response.assignment_id == Assignment.id) & (Response.status != ResponseStatus.ENTERED_IN_ERROR)
        )
        .outerjoin(Answer, (Answer.response_id == Response.id) & Answer.set_apart.is_(None))
        .where(Assignment.visit_id.in_(visit_ids))
        .order_by(Assignment.visit_id, Assignment.position, Answer.id)
    )
    found: dict[UUID, HowFar] = {}
    for (visit_id, code, status), group in groupby(rows, key=lambda row: (row.visit_id, row.instrument, row.status)):
        here = _far(code, status, [row for row in group if row.id])
        before = found.get(visit_id, HowFar(0, 0))
        found[visit_id] = HowFar(before.done + here.done, before.total + here.total)
    return found


def _far(code: str, status: ResponseStatus | None, rows: list[Any]) -> HowFar:
    current = {
        link_id: Current(row.id, link_id, row.value, row.empty, row.at, row.language, row.wording)
        for link_id, row in responses.latest_by_item(rows).items()
    }
    far = of_instrument(instruments.get(code), current)
    return HowFar(far.total, far.total) if status in SENT_STATUSES else far
