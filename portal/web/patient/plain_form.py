"""The questionnaire as one long form, for a browser without JavaScript: what was posted, as answers."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.db.response import FilledInBy
from portal.domain.instruments.model import Item, ItemType, Question, QuestionType
from portal.services import conflicts, responses
from portal.services.answering import SKIPPED, GivenAnswer, Seen
from portal.services.responses import Current
from portal.web.patient.sheets import Sheet

NONE_SUFFIX = "-none"


@dataclass(frozen=True)
class Posted:
    """What a form said: the value of each item (None = left blank), and the questions that were filled in wrongly.

    `faults` maps a question's code to what is wrong: "scale" (no whole number from 0 to 100) or "none" (boxes ticked
    together with the answer "none of these").
    """

    values: Mapping[str, Any]
    faults: Mapping[str, str]


@dataclass(frozen=True)
class Shown:
    """What lay before her when the form was filled in: the page by a random name, and what counted on it by link id.

    `seen` is None when the form does not say; then what counts now stands for it.
    """

    page: str
    seen: Seen | None
    current: Mapping[str, Current]


def read(sheet: Sheet, form: Mapping[str, str]) -> Posted:
    """Read a posted form; an item whose condition does not hold is left out."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for question in sheet.instrument.questions:
        if not question.is_shown(values):
            continue
        fault = _fault(question, form)
        if fault:
            faults[question.code] = fault
        else:
            values |= _values(question, form)
    return Posted(values, faults)


def shown(session: Session, sheet: Sheet, form: Mapping[str, str]) -> Shown:
    """Read what the form had shown her; another phone may have answered since."""
    upto, page = form.get("upto", ""), form.get("page", "")
    if not (re.fullmatch(r"[0-9]{1,18}", upto) and re.fullmatch(r"[0-9a-f]{12}", page)):
        return Shown("", None, sheet.current)
    response_id = sheet.target.response_id
    if response_id is None:
        return Shown(page, Seen(0, {}), {})
    seen = conflicts.seen_on_page(session, response_id, int(upto), f"form-{page}-")
    return Shown(page, seen, responses.current_answers(session, response_id, among=seen.covers))


def answers(sheet: Sheet, posted: Posted, before: Shown, *, at: datetime) -> list[GivenAnswer]:
    """Give what she changed in the form; an answer that was taken back counts as skipped.

    What she left as it was shown is no answer of hers, whatever another phone has said since.
    The form stands for its own device, named by what it changes: the same form sent twice is the same answers.
    """
    changed = list(_changed(sheet, posted, before))
    state = sorted((link_id, answer.at.isoformat()) for link_id, answer in sheet.current.items())
    digest = hashlib.sha256(json.dumps([state, changed], ensure_ascii=False).encode()).hexdigest()
    return [
        GivenAnswer(
            device=f"form-{before.page}-{digest[:32]}",
            seq=seq,
            link_id=link_id,
            value=value,
            empty=SKIPPED if value is None else None,
            at=at,
            language=sheet.wording.language,
            wording=sheet.wording.hash,
            presentation={"input": "number"} if sheet.instrument.item(link_id).type is ItemType.VAS else None,
        )
        for seq, (link_id, value) in enumerate(changed)
    ]


def filled_in_by(form: Mapping[str, str]) -> FilledInBy | None:
    """Read who filled the questionnaire in, None when it was not said."""
    code = form.get("filled_in_by")
    return FilledInBy(code) if code in set(FilledInBy) else None


def _changed(sheet: Sheet, posted: Posted, before: Shown) -> Iterator[tuple[str, Any]]:
    for link_id, value in posted.values.items():
        held = (current.get(link_id) for current in (before.current, sheet.current))
        if all(value != (answer.value if answer else None) for answer in held):
            yield link_id, value


def _fault(question: Question, form: Mapping[str, str]) -> str | None:
    if question.type is QuestionType.VAS:
        text = form.get(question.item.link_id, "").strip()
        return "scale" if text and not _fits(question.item, text) else None
    if question.type is QuestionType.TICKS and question.code + NONE_SUFFIX in form:
        return "none" if any(box.link_id in form for box in question.boxes) else None
    return None


def _values(question: Question, form: Mapping[str, str]) -> dict[str, Any]:
    if question.type is QuestionType.TICKS:
        return _ticks(question, form)
    text = form.get(question.item.link_id, "").strip()
    value: Any = int(text) if text.isascii() and text.isdigit() else text or None
    return {question.item.link_id: value}


def _ticks(question: Question, form: Mapping[str, str]) -> dict[str, Any]:
    ticked = {box.link_id: box.link_id in form for box in question.boxes}
    if not any(ticked.values()) and question.code + NONE_SUFFIX not in form:
        return dict.fromkeys(ticked)
    texts = {
        item.link_id: " ".join(form.get(item.link_id, "").split()) or None
        for item in question.texts
        if item.shown_when is None or item.shown_when.holds(ticked)
    }
    return ticked | texts


def _fits(item: Item, text: str) -> bool:
    return text.isascii() and text.isdigit() and item.accepts(int(text))
