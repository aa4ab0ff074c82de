"""A questionnaire as it lies before her: the words in her language, and what she has answered so far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain import instruments
from portal.domain.instruments import emptiness
from portal.domain.instruments.emptiness import Emptiness
from portal.domain.instruments.model import Instrument, Question, QuestionType
from portal.domain.instruments.wording import QuestionWording, Wording
from portal.services import answering, responses, wordings
from portal.services.answering import Target
from portal.services.responses import Current
from portal.web.receipts import receipt_number

LONG_TEXT = 70  # characters; a longer question is set a little smaller, so that its answers stay in view


class NotInThisLanguageError(Exception):
    """The questionnaire has no words in this language, and no other language stands in for it."""


@dataclass(frozen=True)
class Screen:
    """One question with its words and what was answered; `kind` is its kind of empty, None when answered."""

    index: int
    question: Question
    words: QuestionWording
    labels: Mapping[str, str]
    values: Mapping[str, Any]
    kind: Emptiness | None

    @property
    def is_long(self) -> bool:
        """Whether the question's text is set smaller."""
        return len(self.words.text) > LONG_TEXT

    @property
    def value(self) -> Any:
        """The value of a choice or a scale, None when there is none."""
        return self.values.get(self.question.item.link_id)

    @property
    def is_skipped(self) -> bool:
        """Whether she passed it over on purpose."""
        return self.kind is Emptiness.SKIPPED

    @property
    def none_ticked(self) -> bool:
        """Whether a list was answered with none of its boxes."""
        return all(self.values.get(box.link_id) is False for box in self.question.boxes)

    @property
    def in_words(self) -> list[str]:
        """What she answered in the words she was shown; empty for a scale, which has none."""
        boxes = [self.labels[box.link_id] for box in self.question.boxes if self.values.get(box.link_id)]
        texts = [self.values[text.link_id] for text in self.question.texts if text.link_id in self.values]
        if self.question.boxes:
            return boxes + texts or ([self.words.none] if self.none_ticked else [])
        return [self.words.label(self.value)] if self.question.item.options and self.value is not None else []


@dataclass(frozen=True)
class Sheet:
    """One questionnaire of one visit; `current` is what counts so far, by link id."""

    target: Target
    today: date
    instrument: Instrument
    wording: Wording
    current: Mapping[str, Current]

    @cached_property
    def screens(self) -> tuple[Screen, ...]:
        """Every question in order, also those whose condition does not hold yet."""
        shown = responses.without_hidden(self.instrument, dict(self.current))
        answers, skipped = responses.values(shown), responses.skipped(shown)
        return tuple(
            Screen(
                index,
                question,
                self.wording.questions[question.code],
                self.wording.items,
                {item.link_id: answers[item.link_id] for item in question.items if item.link_id in answers},
                emptiness.of_question(question, answers, skipped),
            )
            for index, question in enumerate(self.instrument.questions, 1)
        )

    @property
    def asked(self) -> list[Screen]:
        """The questions that her answers so far lead to."""
        return [screen for screen in self.screens if screen.kind is not Emptiness.NOT_SHOWN]

    @property
    def has_scale(self) -> bool:
        """Whether a line is to be drawn."""
        return any(question.type is QuestionType.VAS for question in self.instrument.questions)

    @property
    def emptied(self) -> "Sheet":
        """The same without any answer, for a page that a phone keeps."""
        return replace(self, current={})

    @property
    def upto(self) -> int:
        """The last answer that lies before her, by row id: nothing later has been shown; 0 = none."""
        return max((answer.id for answer in self.current.values()), default=0)

    @property
    def receipt_number(self) -> str:
        """The number on the receipt: the start of the response's id, which says nothing about anyone."""
        return receipt_number(self.target.response_id) if self.target.response_id else ""

    @property
    def is_open(self) -> bool:
        """Whether answers are taken today."""
        return self.today in self.target.window and not self.target.is_sent


def load(session: Session, participant_id: UUID, assignment_id: UUID, language: str, *, at: datetime) -> Sheet:
    """Lay out a questionnaire.

    Raises answering.AssignmentNotFoundError, answering.WithdrawnError or NotInThisLanguageError.
    """
    target = answering.get_target(session, participant_id, assignment_id)
    today = target.place.today(at)
    mode = target.place.definition.mode
    wording = wordings.find_current(session, mode, target.instrument, language, on=today)
    if wording is None:
        raise NotInThisLanguageError
    current = responses.current_answers(session, target.response_id)
    return Sheet(target, today, instruments.get(target.instrument), wording, current)
