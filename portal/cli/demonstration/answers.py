"""Invented answers: the same for the same person, visit and day, and plausible from one visit to the next."""

import random
from typing import Any

from portal.cli.demonstration.people import Course
from portal.domain.instruments.model import Instrument, Item, ItemType, Question, QuestionType

_START = {Course.IMPROVING: 2.1, Course.WORSENING: 0.9, Course.STEADY: 1.3, Course.CEILING: 3.0, Course.MILD: 0.4}
_STEP = {Course.IMPROVING: -0.32, Course.WORSENING: 0.36, Course.STEADY: 0.02, Course.CEILING: 0.0, Course.MILD: -0.02}


def invent(instrument: Instrument, course: Course, visit_number: int, seed: str) -> dict[str, Any]:
    """Give answers to every item, by link id; None = skipped.  `visit_number` counts from 0."""
    chance = random.Random(f"{seed}/{instrument.code}/{visit_number}")  # noqa: S311 - invented answers are no secret
    level = max(0.0, min(3.0, _START[course] + _STEP[course] * visit_number))
    answers: dict[str, Any] = {}
    for question in instrument.questions:
        if question.is_shown(answers):
            answers |= _answer(question, level, chance)
    return answers


def leave_out(instrument: Instrument, answers: dict[str, Any]) -> dict[str, Any]:
    """Skip so much that neither instrument can be scored: every second question, from the first."""
    skipped = {item.link_id for question in instrument.questions[::2] for item in question.items}
    return {link_id: None if link_id in skipped else value for link_id, value in answers.items()}


def _answer(question: Question, level: float, chance: random.Random) -> dict[str, Any]:
    if question.type is QuestionType.TICKS:
        return {item.link_id: level >= 1.5 and chance.random() < level / 12 for item in question.boxes[:-1]} | {
            question.boxes[-1].link_id: False
        }
    if question.type is QuestionType.VAS:
        mark = 100 if level >= 3 else chance.gauss(level * 28, 9)
        return {question.item.link_id: max(0, min(100, round(mark)))}
    return {question.item.link_id: _choice(question.item, level, chance)}


def _choice(item: Item, level: float, chance: random.Random) -> int | str:
    assert item.type is ItemType.CHOICE
    codes = [option.code for option in item.options]
    if "Y" in codes:
        return "Y" if level >= 2.6 else "N"
    numbers = [code for code in codes if isinstance(code, int)]
    if "NR" in codes and level < 3 and chance.random() < 0.08:
        return "NR"
    wanted = level if level >= 3 else chance.gauss(level, 0.5)
    return min(numbers, key=lambda number: abs(number - wanted))
