"""What stands on the summary of a visit: everything coded and dated, no words, no name, no treatment arm."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

from portal.domain.states import Mode
from portal.domain.summary_answers import CorrectionLine, QuestionSummary, Replaced

DIGEST_DIGITS = 12
"""How many hexadecimal digits of the content's hash stand on the page and in its QR code."""


class Received(StrEnum):
    """How much of the visit's set of questionnaires was sent."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    NOTHING = "nothing"


class Arrival(StrEnum):
    """How far one questionnaire came."""

    SENT = "sent"
    BEGUN = "begun"
    NOTHING = "nothing"


class Direction(StrEnum):
    """Which way a change goes for the participant."""

    IMPROVEMENT = "improvement"
    WORSENING = "worsening"
    NONE = "none"


class PointState(StrEnum):
    """Why a visit has a mark in the trend, or a gap."""

    SCORED = "scored"
    NOT_SCORED = "not-scored"
    NOT_RECEIVED = "not-received"
    AHEAD = "ahead"


class ObservationKind(StrEnum):
    """What stands out to ask about, the most pressing first."""

    NOT_SCORED = "not-scored"
    WORSE = "worse"
    CEILING = "ceiling"
    SYMPTOM_UP = "symptom-up"
    ANSWER_JUMPED = "answer-jumped"
    NEW_AID = "new-aid"
    BAND_UP = "band-up"
    AT_WORST = "at-worst"
    SENSITIVE_SKIPPED = "sensitive-skipped"
    BETTER = "better"
    BAND_DOWN = "band-down"


@dataclass(frozen=True, slots=True)
class VisitName:
    """A visit of the participant's, with the protocol's labels by language."""

    code: str
    labels: Mapping[str, str] = field(hash=False)
    planned_on: date


@dataclass(frozen=True, slots=True)
class Change:
    """A scale's difference from an earlier visit, exact; `reaches` None = the study sets no threshold."""

    since: str
    value: Fraction
    direction: Direction
    reaches: bool | None


@dataclass(frozen=True, slots=True)
class Span:
    """A band of a scale, `low` to `high`; a value belongs to the first whose `high` it does not pass."""

    code: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Point:
    """One visit of the trend; `value` only when it is scored."""

    visit: str
    state: PointState
    value: Fraction | None = None


@dataclass(frozen=True, slots=True)
class ScaleSummary:
    """One scale: its exact value or why it has none (`missing`, with the `numbers` the reason turns on), and changes.

    `section` is "main", "further", or the instrument's own part (subscales, categories, vas). `raw` is a VAS mark, 0
    to 100. `places` = decimals shown. `unaided` is a category's score without aids and help, where that differs.
    `trend` is kept for main scales.
    """

    scale: str
    section: str
    value: Fraction | None
    low: int
    high: int
    places: int = 0
    band: str | None = None
    bands: tuple[Span, ...] = ()
    threshold: Fraction | None = None
    missing: str | None = None
    numbers: Mapping[str, int] = field(default_factory=dict, hash=False)
    raw: int | None = None
    unaided: Fraction | None = None
    since_inclusion: Change | None = None
    since_last: Change | None = None
    trend: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class WordingUsed:
    """The words that a questionnaire was answered in."""

    language: str
    version: str
    hash: str
    demonstration: bool


@dataclass(frozen=True, slots=True)
class InstrumentSummary:
    """One questionnaire of the visit; everything below `arrival` is empty unless it was sent.

    `words` names, by language, the hash of the wording that shows its items to a reader. `items_before` is the code
    of the visit that the items are compared with. `days_since_last` is set only when that is too short a gap.
    `filled_in_by` is alone, with-help or someone-else, as she said; None = not said. `keyed_by` names who first keyed
    it in from paper, or asked the questions on the telephone.
    """

    code: str
    arrival: Arrival
    status: str | None = None
    source: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    answered_in: tuple[WordingUsed, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict, hash=False)
    rule: str | None = None
    rule_version: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    flags: tuple[str, ...] = ()
    scales: tuple[ScaleSummary, ...] = ()
    items_before: str | None = None
    questions: tuple[QuestionSummary, ...] = ()
    days_since_last: int | None = None
    shortest_gap_days: int | None = None
    filled_in_by: str | None = None
    keyed_by: str | None = None
    corrections: tuple[CorrectionLine, ...] = ()

    @property
    def main(self) -> ScaleSummary:
        """The scale that is printed large; only of a sent questionnaire."""
        return self.scales[0]

    def part(self, section: str) -> tuple[ScaleSummary, ...]:
        """Give the scales of one section, in the instrument's order."""
        return tuple(scale for scale in self.scales if scale.section == section)

    def empty(self, kind: str) -> tuple[QuestionSummary, ...]:
        """Give the questions that are empty in one way."""
        return tuple(question for question in self.questions if question.empty == kind)

    @property
    def is_demonstration(self) -> bool:
        """Whether any answer was given to demonstration wording."""
        return any(used.demonstration for used in self.answered_in)


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing to ask about; which fields are set follows from its kind."""

    kind: ObservationKind
    instrument: str
    scale: str | None = None
    since: str | None = None
    change: Fraction | None = None
    value: Fraction | None = None
    threshold: Fraction | None = None
    band_before: str | None = None
    band: str | None = None
    missing: str | None = None
    numbers: Mapping[str, int] = field(default_factory=dict, hash=False)
    link_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """All of one summary; `number` is its edition, and `visits` are the participant's in protocol order."""

    version: int
    study_code: str
    titles: Mapping[str, str] = field(hash=False)
    mode: Mode
    participant_number: str
    site_code: str
    site_name: str
    telephone: str
    time_zone: str
    visit: str
    visits: tuple[VisitName, ...]
    number: int
    made_at: datetime
    received: Received
    instruments: tuple[InstrumentSummary, ...]
    observations: tuple[Observation, ...]
    replaces: Replaced | None = None

    @property
    def this_visit(self) -> VisitName:
        """The visit that the summary is for."""
        return self.visit_named(self.visit)

    @property
    def first_visit(self) -> VisitName:
        """The visit that "since inclusion" counts from."""
        return self.visits[0]

    def visit_named(self, code: str) -> VisitName:
        """Give one of the participant's visits; KeyError when she has none of this code."""
        for visit in self.visits:
            if visit.code == code:
                return visit
        raise KeyError(code)

    def scale(self, instrument: str, code: str) -> ScaleSummary:
        """Give one scale of one questionnaire; KeyError when the summary does not show it."""
        for each in self.instruments:
            for scale in each.scales:
                if (each.code, scale.scale) == (instrument, code):
                    return scale
        raise KeyError(instrument, code)

    @property
    def is_demonstration(self) -> bool:
        """Whether the page must carry the mark of demonstration wording."""
        return self.mode is Mode.DEMONSTRATION or any(each.is_demonstration for each in self.instruments)

    @property
    def is_corrected(self) -> bool:
        """Whether anything was corrected after sending."""
        return any(each.corrections for each in self.instruments)
