"""An instrument's words in one language, whole and checked; kept with each answer by version and hash."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from portal.domain.instruments.model import Code, Instrument, ItemType, Question, QuestionType

TEXTS = ("instrument", "language", "version", "title", "short_title", "recall", "introduction", "notice")


class InvalidWording(ValueError):
    """A wording that lacks a text, or has one for something its instrument does not have; `faults` names every one."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class QuestionWording:
    """The words of one screen.

    `section` groups screens, `hint` helps to answer, `short` names the topic on a summary: each may be empty.
    `options` labels a choice's answers by code as text; `left` and `right` end a VAS; `none` answers a list.
    """

    text: str
    section: str = ""
    hint: str = ""
    short: str = ""
    options: Mapping[str, str] | None = None
    left: str = ""
    right: str = ""
    none: str = ""

    @property
    def brief(self) -> str:
        """The topic in a few words, or the question itself where the wording has no short form."""
        return self.short or self.text

    def label(self, code: Code) -> str:
        """Give the words of one answer; KeyError when the question has no such answer."""
        return (self.options or {})[str(code)]


@dataclass(frozen=True)
class Wording:
    """An instrument's words in one language; there is no fallback from one language to another."""

    instrument: str
    language: str
    version: str
    demonstration: bool
    title: str
    short_title: str
    recall: str
    introduction: str
    notice: str
    questions: Mapping[str, QuestionWording]
    items: Mapping[str, str]

    @classmethod
    def from_mapping(cls, instrument: Instrument, mapping: Mapping[str, Any]) -> "Wording":
        """Read a wording as TOML or JSON gives it; raises InvalidWording with every fault at once.

        A table `answers` may label codes once for all choices; a question's own `options` go before it.
        """
        faults = _Faults(instrument, mapping)
        if faults.found:
            raise InvalidWording(tuple(faults.found))
        shared = mapping.get("answers", {})
        given = mapping["questions"]
        return cls(
            **{name: mapping[name] for name in TEXTS},
            demonstration=mapping["demonstration"],
            questions={q.code: _question(q, given[q.code], shared) for q in instrument.questions},
            items=dict(mapping.get("items", {})),
        )

    def to_mapping(self) -> dict[str, Any]:
        """Give the wording as plain data that from_mapping reads back into an equal one."""
        mapping = asdict(self)
        mapping["questions"] = {
            code: {name: text for name, text in question.items() if text}
            for code, question in mapping["questions"].items()
        }
        return mapping

    @cached_property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, of the wording as JSON with sorted keys and no spaces, in UTF-8."""
        canonical = json.dumps(self.to_mapping(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def item_label(self, link_id: str) -> str:
        """Give the words beside a box or a text, or the short form of the choice or VAS with this link id."""
        return self.items[link_id] if link_id in self.items else self.questions[link_id].brief


def _codes(question: Question) -> tuple[str, ...]:
    return tuple(str(option.code) for option in question.item.options)


def _question(question: Question, given: Mapping[str, Any], shared: Mapping[str, str]) -> QuestionWording:
    own = given.get("options", {})
    options = {code: own.get(code, shared.get(code, "")) for code in _codes(question)}
    texts = {
        name: given[name] for name in ("text", "section", "hint", "short", "left", "right", "none") if name in given
    }
    return QuestionWording(**texts, options=options or None)


class _Faults:
    """Everything that keeps a mapping from being a wording of the instrument, each with its key."""

    def __init__(self, instrument: Instrument, mapping: Mapping[str, Any]) -> None:
        self.found: list[str] = []
        for name in TEXTS:
            self._text(mapping, name, name)
        self._demonstration(instrument, mapping)
        shared = self._table(mapping, "answers")
        questions = self._table(mapping, "questions")
        for question in instrument.questions:
            self._question(question, questions, shared)
        items = self._table(mapping, "items")
        labelled = [item.link_id for item in instrument.items if item.type in (ItemType.TICK, ItemType.TEXT)]
        for link_id in labelled:
            self._text(items, link_id, f"items.{link_id}")
        self._strangers("questions", questions, (question.code for question in instrument.questions))
        self._strangers("items", items, labelled)

    def _demonstration(self, instrument: Instrument, mapping: Mapping[str, Any]) -> None:
        if not isinstance(mapping.get("demonstration"), bool):
            self.found.append("demonstration: true or false is wanted")
        if mapping.get("instrument", instrument.code) != instrument.code:
            self.found.append(f"instrument: {instrument.code} is wanted")

    def _table(self, mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        table = mapping.get(name, {})
        if isinstance(table, Mapping):
            return table
        self.found.append(f"{name}: a table is wanted")
        return {}

    def _text(self, table: Mapping[str, Any], name: str, path: str) -> None:
        text = table.get(name)
        if not isinstance(text, str) or not text.strip():
            self.found.append(f"{path}: a text is missing")

    def _question(self, question: Question, questions: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
        path = f"questions.{question.code}"
        given = questions.get(question.code)
        if not isinstance(given, Mapping):
            self.found.append(f"{path}: the question is missing")
            return
        wanted = ["text"]
        if question.type is QuestionType.VAS:
            wanted += ["left", "right"]
        if question.type is QuestionType.TICKS:
            wanted += ["none"]
        for name in wanted:
            self._text(given, name, f"{path}.{name}")
        for name in {"section", "hint", "short"} & set(given):
            if not isinstance(given[name], str):
                self.found.append(f"{path}.{name}: a text is wanted")
        own = given.get("options", {})
        own = own if isinstance(own, Mapping) else {}
        labels = {**shared, **own}
        for code in _codes(question):
            self._text(labels, code, f"{path}.options.{code}")
        self._strangers(f"{path}.options", own, _codes(question))

    def _strangers(self, path: str, given: Iterable[str], known: Iterable[str]) -> None:
        allowed = set(known)
        self.found += [f"{path}.{name}: the instrument has no such thing" for name in given if name not in allowed]
