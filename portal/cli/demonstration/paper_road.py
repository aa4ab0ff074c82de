"""The demonstration's paper: keyed in by the nurse, the DLQI once more by the investigator, with one slip settled."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain import instruments, paper_forms
from portal.domain.instruments.model import VAS_HIGH, ItemType
from portal.domain.paper import VAS_MM
from portal.domain.study import LANGUAGES
from portal.services import keying, keying_settlement, wordings
from portal.services.actor import Actor
from portal.services.answering import GivenAnswer

_SLIP = "DLQI103"
_REASONS = dict(zip(LANGUAGES, ("Relu sur le papier", "Read again on the paper"), strict=True))


def play(
    session: Session,
    whose: tuple[UUID, UUID],
    code: str,
    given: Sequence[GivenAnswer],
    *,
    filled_on: date,
    people: tuple[Actor, Actor],
    at: datetime,
) -> None:
    """Key in what was given, for the participant and assignment of `whose`; `people` key first and second."""
    form, wording = on_paper(code, given), wordings.get(session, given[0].wording)
    first, second = people
    keying.key(session, *whose, form, filled_on=filled_on, filled_in_by=None, wording=wording, by=first, at=at)
    if code != "DLQI":
        return
    slipped = dict(form) | {_SLIP: 0 if form.get(_SLIP) != 0 else 1}
    differing = keying.check(session, *whose, slipped, by=second, at=at)
    right = {question.code: paper_forms.of_question(question, form) for question in differing}
    reason = _REASONS[wording.language]
    keying_settlement.settle(session, *whose, right, reason=reason, by=second, at=at)


def on_paper(code: str, given: Sequence[GivenAnswer]) -> dict[str, Any]:
    """Give answers as they would stand on paper, marks on lines in millimetres."""
    form: dict[str, Any] = {}
    for answer in given:
        is_line = instruments.get(code).item(answer.link_id).type is ItemType.VAS
        if answer.value is not None:
            value = answer.value
            form[answer.link_id] = paper_forms.mark(Fraction(value * VAS_MM, VAS_HIGH)) if is_line else value
    return form
