"""A paper form as it is typed in: what each field says, read as what is on the paper."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.domain import paper_forms
from portal.domain.instruments.model import TEXT_LENGTH, Instrument, Item, ItemType, Question, QuestionType
from portal.domain.paper_forms import PaperForm

NONE_SUFFIX = "-none"
TICKED = "yes"

Typed = MultiDict[str, str]


@dataclass(frozen=True)
class Given:
    """What is on the paper, and by link id a code of what cannot be: "millimetres", "option" or "text"."""

    form: PaperForm
    faults: dict[str, str]


def read(questions: Iterable[Question], typed: Typed) -> Given:
    """Read the fields of some questions; what is blank on the paper is left out."""
    form: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for question in questions:
        form |= _boxes(question, typed) if question.type is QuestionType.TICKS else {}
        for item in question.items:
            if item.type is ItemType.TICK:
                continue
            try:
                value = _value(item, typed)
            except ValueError as fault:
                faults[item.link_id] = str(fault)
                continue
            form |= {} if value is None else {item.link_id: value}
    return Given(form, faults)


def written(instrument: Instrument, form: PaperForm) -> Typed:
    """Give the fields that would be read as this form."""
    typed: Typed = MultiDict()
    for question in instrument.questions:
        for item in question.items:
            value = form.get(item.link_id)
            if isinstance(value, dict):
                typed.add(item.link_id, f"{value['mm']:g}")
            elif value is not None and value is not False:
                for each in value if isinstance(value, list) else [value]:
                    typed.add(item.link_id, TICKED if each is True else str(each))
        if question.boxes and all(form.get(box.link_id) is False for box in question.boxes):
            typed.add(question.code + NONE_SUFFIX, TICKED)
    return typed


def _boxes(question: Question, typed: Typed) -> dict[str, bool]:
    """Read a list of boxes: with one ticked, or with its answer "none of these", every box is answered."""
    ticked = {box.link_id: box.link_id in typed for box in question.boxes}
    return ticked if any(ticked.values()) or question.code + NONE_SUFFIX in typed else {}


def _value(item: Item, typed: Typed) -> Any:
    """Give what one field says, None when it is blank; ValueError with a code of what is wrong."""
    said = [value.strip() for value in typed.getlist(item.link_id) if value.strip()]
    if not said:
        return None
    if item.type is ItemType.VAS:
        millimetres = paper_forms.parse_millimetres(said[0])
        if millimetres is None:
            raise ValueError("millimetres")
        return paper_forms.mark(millimetres)
    if item.type is ItemType.TEXT:
        text = " ".join(said[0].split())
        if len(text) > TEXT_LENGTH or not item.accepts(text):
            raise ValueError("text")
        return text
    codes = [option.code for option in item.options if str(option.code) in said]
    if len(codes) != len(set(said)):
        raise ValueError("option")
    return paper_forms.several(codes)
