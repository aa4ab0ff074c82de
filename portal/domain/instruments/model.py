"""What an instrument is: items, the screens they stand on, what each may be answered with, and its scoring rule."""

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeGuard

from portal.domain.instruments import options as option_specs
from portal.domain.instruments.options import Options, OptionSpec, OptionValue
from portal.domain.instruments.scores import Scale, Scoring

NOT_RELEVANT = "NR"
TEXT_LENGTH = 200
VAS_HIGH = 100

Code = int | str
Value = int | str | bool | list[Code]
"""An answer: an option's code, a VAS mark, a text, a tick; a list of codes = several ticks on paper."""
Answers = Mapping[str, Value | None]
"""Answers by link id; None, or no entry, = not answered."""


class ItemType(StrEnum):
    CHOICE = "choice"
    TICK = "tick"
    TEXT = "text"
    VAS = "vas"


class QuestionType(StrEnum):
    """How a question is asked: one screen each, drawn by templates/items/<type>.html."""

    CHOICE = "choice"
    TICKS = "ticks"
    VAS = "vas"


class InvalidAnswer(ValueError):
    """An answer that is none of its item's; `link_id` and `allowed` name the item and what it takes."""

    def __init__(self, link_id: str, allowed: str, message: str) -> None:
        super().__init__(message)
        self.link_id = link_id
        self.allowed = allowed


class UnknownItem(InvalidAnswer):
    """An answer to an item that the instrument does not have; `allowed` lists those it has."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice item: a scored number, or "Y", "N", "NR"."""

    code: Code


@dataclass(frozen=True, slots=True)
class Condition:
    """Shown only when another item was answered so (on paper: when one of its ticks is so)."""

    link_id: str
    equals: Code | bool

    def holds(self, answers: Answers) -> bool:
        value = answers.get(self.link_id)
        return self.equals in value if isinstance(value, list) else value == self.equals


@dataclass(frozen=True, slots=True)
class Item:
    """One datum of an instrument. `category` is the part of the score that it belongs to."""

    link_id: str
    type: ItemType
    options: tuple[Option, ...] = ()
    cdisc: str | None = None
    loinc: str | None = None
    category: str | None = None
    sensitive: bool = False
    shown_when: Condition | None = None

    @property
    def allowed(self) -> str:
        """Say in English what the item takes (for protocol errors and the command line)."""
        if self.type is ItemType.CHOICE:
            return ", ".join(str(option.code) for option in self.options)
        if self.type is ItemType.VAS:
            return f"a whole number from 0 to {VAS_HIGH}"
        return "true or false" if self.type is ItemType.TICK else f"a text of 1 to {TEXT_LENGTH} characters"

    def accepts(self, value: object) -> bool:
        """True when the value is one of the item's own: true is not 1, 1.0 is not 1, and an empty list is no answer."""
        if self.type is ItemType.CHOICE:
            if isinstance(value, list):
                return bool(value) and all(self._offers(code) for code in value)
            return self._offers(value)
        if self.type is ItemType.VAS:
            return _is_integer(value) and 0 <= value <= VAS_HIGH
        if self.type is ItemType.TICK:
            return isinstance(value, bool)
        return isinstance(value, str) and bool(value.strip()) and len(value) <= TEXT_LENGTH and _is_storable(value)

    def _offers(self, code: object) -> bool:
        return (_is_integer(code) or isinstance(code, str)) and any(option.code == code for option in self.options)


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_storable(text: str) -> bool:
    # a control character or half of a surrogate pair cannot be kept by every database
    return all(sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs") for sign in text)


@dataclass(frozen=True, slots=True)
class Question:
    """One screen: a choice, a VAS, or a list of boxes (and the text that one of them opens)."""

    code: str
    number: int
    type: QuestionType
    items: tuple[Item, ...]

    @property
    def item(self) -> Item:
        """The only item of a choice or VAS question, the first box of a list."""
        return self.items[0]

    @property
    def boxes(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.type is ItemType.TICK)

    @property
    def texts(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.type is ItemType.TEXT)

    @property
    def shown_when(self) -> Condition | None:
        return self.items[0].shown_when

    @property
    def sensitive(self) -> bool:
        return any(item.sensitive for item in self.items)

    def is_shown(self, answers: Answers) -> bool:
        return self.shown_when is None or self.shown_when.holds(answers)


Scorer = Callable[[Answers, Options], Scoring]


@dataclass(frozen=True)
class Instrument:
    """A questionnaire with its rule. `recall_days` is asked about; `shortest_gap_days` is the least gap wanted."""

    code: str
    rule: str
    rule_version: str
    recall_days: int
    questions: tuple[Question, ...]
    scales: tuple[Scale, ...]
    option_specs: tuple[OptionSpec, ...]
    scorer: Scorer
    loinc: str | None = None
    shortest_gap_days: int | None = None

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items, in the order of the form."""
        return tuple(item for question in self.questions for item in question.items)

    @cached_property
    def _items(self) -> dict[str, Item]:
        return {item.link_id: item for item in self.items}

    @cached_property
    def _questions(self) -> dict[str, Question]:
        return {question.code: question for question in self.questions}

    @cached_property
    def _scales(self) -> dict[str, Scale]:
        return {scale.code: scale for scale in self.scales}

    @property
    def question_count(self) -> int:
        """The number on the last question: 10 for the DLQI, whose seventh has two screens."""
        return self.questions[-1].number

    def item(self, link_id: str) -> Item:
        """Give an item; raises UnknownItem."""
        try:
            return self._items[link_id]
        except KeyError:
            allowed = ", ".join(self._items)
            message = f"{_quoted(link_id)} is not an item of {self.code}; its items are {allowed}"
            raise UnknownItem(link_id, allowed, message) from None

    def question(self, code: str) -> Question:
        """Give a question by its code; KeyError when there is none."""
        return self._questions[code]

    def scale(self, code: str) -> Scale:
        """Give a scale by its code; KeyError when there is none."""
        return self._scales[code]

    def check_answer(self, link_id: str, value: object) -> None:
        """Accept None (not answered) and what the item takes; raises UnknownItem or InvalidAnswer, one line each."""
        item = self.item(link_id)
        if value is not None and not item.accepts(value):
            message = f"{link_id}: {_quoted(value)} is not an answer; allowed: {item.allowed}"
            raise InvalidAnswer(link_id, item.allowed, message)

    def parse_options(self, given: Mapping[str, object] | None = None) -> dict[str, OptionValue]:
        """Give every scoring option its value, defaults where none is given; raises InvalidOption."""
        return option_specs.parse(self.code, self.option_specs, given or {})

    def score(self, answers: Answers, options: Mapping[str, object] | None = None) -> Scoring:
        """Check the answers and options and score them; pure. Raises InvalidAnswer or InvalidOption."""
        for link_id, value in answers.items():
            self.check_answer(link_id, value)
        return self.scorer(answers, self.parse_options(options))


def _quoted(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, default=repr)
    return text if len(text) <= 60 else text[:57] + "..."
