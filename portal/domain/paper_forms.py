"""A questionnaire as it was filled in on paper: several ticks, millimetres on the line, and two keyings compared."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from portal.domain.instruments.model import VAS_HIGH, Instrument, Item, Question, Value
from portal.domain.paper import VAS_MM
from portal.domain.rounding import show

SAME_MARK_MM = 1
"""Two people who lay a ruler on one mark may read it so far apart: up to here it is the same mark (convention)."""

PaperForm = Mapping[str, Any]
"""What is on the paper by link id, nothing for what is blank: an option's code or a list of several, true or false for
a box, a text, and for a line {"mm": 73.5, "value": 49}."""

_MILLIMETRES = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,2})?")


def parse_millimetres(text: str) -> Fraction | None:
    """Read "73", "73.5" or "73,5", from 0 to 150; None when it is no such number."""
    typed = text.strip()
    if not _MILLIMETRES.fullmatch(typed):
        return None
    millimetres = Fraction(typed.replace(",", "."))
    return millimetres if millimetres <= VAS_MM else None


def mark(millimetres: Fraction) -> dict[str, float | int]:
    """Give a mark on the line as it is kept: where it was measured, and its value from 0 to 100.

    Value:  millimetres x 100 / 150, half a point up: 73.5 mm is 49, 0.75 mm is 1.
    Source: the lines are 15 cm long (Steen & Medsger 1997); whole numbers as on a screen.
    """
    return {"mm": float(millimetres), "value": int(show(millimetres * VAS_HIGH / VAS_MM, 0))}


def several(codes: list[Any]) -> Any:
    """Give the ticks of one question as they are kept: None, one code, or a list of them."""
    return codes if len(codes) > 1 else codes[0] if codes else None


def values(form: PaperForm) -> dict[str, Value]:
    """Give the answers as scoring takes them."""
    return {link_id: value["value"] if isinstance(value, Mapping) else value for link_id, value in form.items()}


def millimetres(form: PaperForm, link_id: str) -> float | None:
    """Give where a line was marked, None when the item is no line or has no mark."""
    value = form.get(link_id)
    return value["mm"] if isinstance(value, Mapping) else None


def of_question(question: Question, form: PaperForm) -> dict[str, Any]:
    """Give what the form holds for one question."""
    return {item.link_id: form[item.link_id] for item in question.items if item.link_id in form}


def differing(instrument: Instrument, first: PaperForm, second: PaperForm) -> tuple[Question, ...]:
    """List the questions that two keyings of one paper do not have alike, in the order of the form."""
    return tuple(
        question
        for question in instrument.questions
        if not all(_same(first.get(item.link_id), second.get(item.link_id)) for item in question.items)
    )


def unlike(items: tuple[Item, ...], first: PaperForm, second: PaperForm) -> dict[str, Any]:
    """Give the items of `second` that are not as in `first`, with what `second` has; None = blank."""
    return {
        item.link_id: second.get(item.link_id)
        for item in items
        if not _same(first.get(item.link_id), second.get(item.link_id))
    }


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return abs(Fraction(str(one["mm"])) - Fraction(str(other["mm"]))) <= SAME_MARK_MM
    if isinstance(one, list) and isinstance(other, list):
        return set(one) == set(other)
    if isinstance(one, str) and isinstance(other, str):
        return one.split() == other.split()
    return type(one) is type(other) and bool(one == other)
