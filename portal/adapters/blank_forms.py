"""Blank questionnaires on A4, to be filled in with a pen: from the same definitions and words as those on screens.

They name no patient and no visit: those are set into the band above each page later (portal.adapters.packs).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from portal.adapters import pdf
from portal.adapters.formats import data_uri
from portal.adapters.localisation import environment
from portal.domain import instruments
from portal.domain.instruments.model import Condition, Instrument, Question, QuestionType
from portal.domain.instruments.wording import QuestionWording, Wording
from portal.domain.paper import VAS_MM

BAND_MM = 24
"""How high the band above the text is that patient, visit and QR code are set into; blank_form.css leaves it free."""

_LINE = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="{VAS_MM}mm" height="4mm" viewBox="0 0 {VAS_MM} 4">'
    f'<path d="M0 2H{VAS_MM}" stroke="#000" stroke-width=".5"/></svg>'
)


@dataclass(frozen=True)
class Asked:
    """One question as it stands on paper; `after` is the answer to another that alone leads to it."""

    question: Question
    words: QuestionWording
    after: str | None


@dataclass(frozen=True)
class Group:
    """Questions of one section that stand together; as lines of one grid where all have the same answers."""

    section: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True)
class Run:
    """Groups that follow each other; `answers` head the columns of a grid, and are empty where there is none."""

    answers: tuple[str, ...]
    groups: tuple[Group, ...]


def render(wording: Wording, *, large: bool) -> bytes:
    """Print a questionnaire in its own language; `large` for whoever reads or writes with difficulty.

    The same words give the same bytes.  Raises pdf.RenderingFault.
    """
    instrument = instruments.get(wording.instrument)
    text = (
        environment(wording.language)
        .get_template("pdf/blank_form.html")
        .render(
            wording=wording,
            runs=list(_runs(instrument, wording, large=large)),
            has_scale=any(question.type is QuestionType.VAS for question in instrument.questions),
            large=large,
            line=data_uri(_LINE),
        )
    )
    document, _pages = pdf.lay_out(text, "pdf/blank_form.css")
    return document


def _runs(instrument: Instrument, wording: Wording, *, large: bool) -> Iterator[Run]:
    """Set what stands in sections as grids, unless the letters are too large for their columns."""
    asked = [_asked(instrument, wording, question) for question in instrument.questions]
    for answers, run in groupby(asked, key=lambda each: () if large else _columns(each)):
        groups = [Group(section, tuple(group)) for section, group in groupby(run, key=lambda each: each.words.section)]
        yield Run(answers, tuple(groups))


def _columns(asked: Asked) -> tuple[str, ...]:
    if asked.question.type is not QuestionType.CHOICE or not asked.words.section:
        return ()
    return tuple(asked.words.label(option.code) for option in asked.question.item.options)


def _asked(instrument: Instrument, wording: Wording, question: Question) -> Asked:
    condition = question.shown_when
    return Asked(question, wording.questions[question.code], _answer(instrument, wording, condition))


def _answer(instrument: Instrument, wording: Wording, condition: Condition | None) -> str | None:
    """Give the words of the answer that a condition waits for; None for a box, beside which the text stands anyway."""
    if condition is None or isinstance(condition.equals, bool):
        return None
    asking = next(each for each in instrument.questions if each.item.link_id == condition.link_id)
    return wording.questions[asking.code].label(condition.equals)
