"""The kinds of empty: an item that gives no number always says why it gives none."""

from collections.abc import Collection
from enum import StrEnum

from portal.domain.instruments.model import NOT_RELEVANT, Answers, Instrument, Item, Question


class Emptiness(StrEnum):
    """Why an item gives no number: she said so, she passed it over, it was never shown, or nothing came."""

    NOT_RELEVANT = "not-relevant"
    SKIPPED = "skipped"
    NOT_SHOWN = "not-shown"
    NOT_ANSWERED = "not-answered"


def of_item(item: Item, answers: Answers, skipped: Collection[str] = ()) -> Emptiness | None:
    """Give the item's kind of empty, None when it is answered.

    An answer outweighs everything: a stray one on paper, to an item that should not have been reached, is an answer.
    """
    value = answers.get(item.link_id)
    if value == NOT_RELEVANT or (isinstance(value, list) and set(value) == {NOT_RELEVANT}):
        # a text may well read "NR"
        return Emptiness.NOT_RELEVANT if item.options else None
    if value is not None:
        return None
    if item.shown_when is not None and not item.shown_when.holds(answers):
        return Emptiness.NOT_SHOWN
    return Emptiness.SKIPPED if item.link_id in skipped else Emptiness.NOT_ANSWERED


def of_instrument(
    instrument: Instrument, answers: Answers, skipped: Collection[str] = ()
) -> dict[str, Emptiness | None]:
    """Give the kind of empty of every item, by link id in the order of the form."""
    return {item.link_id: of_item(item, answers, skipped) for item in instrument.items}


def of_question(question: Question, answers: Answers, skipped: Collection[str] = ()) -> Emptiness | None:
    """Give a whole screen's kind of empty; a list is answered once each box is, the text beside it may stay blank."""
    kinds = [of_item(item, answers, skipped) for item in question.boxes or question.items]
    for kind in (Emptiness.NOT_ANSWERED, Emptiness.SKIPPED, Emptiness.NOT_SHOWN, Emptiness.NOT_RELEVANT):
        if kind in kinds:
            return kind
    return None


def open_questions(instrument: Instrument, answers: Answers, skipped: Collection[str] = ()) -> tuple[Question, ...]:
    """List the screens that still want an answer, a skip or a "not relevant", in the order of the form."""
    return tuple(
        question
        for question in instrument.questions
        if of_question(question, answers, skipped) is Emptiness.NOT_ANSWERED
    )
