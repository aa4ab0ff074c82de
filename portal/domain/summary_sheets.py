"""What a summary is made from: a participant's visits with their questionnaires as they stand in the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from portal.domain.states import SENT_STATUSES, ResponseStatus
from portal.domain.summary import VisitName, WordingUsed
from portal.domain.summary_answers import CorrectionLine


@dataclass(frozen=True, slots=True)
class ScoredScale:
    """A scale's exact value, or the coded reason why it has none."""

    value: Fraction | None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One questionnaire of one visit as it stands in the store; without a response, `status` is None.

    `answers` and `skipped` are those that stand now; `as_sent` gives what was sent of each item that was corrected, as
    (value, kind of empty); `scales` by code; `trace` as (step, params).
    """

    instrument: str
    status: ResponseStatus | None = None
    source: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    answered_in: tuple[WordingUsed, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    as_sent: Mapping[str, tuple[Any, str | None]] = field(default_factory=dict)
    corrections: tuple[CorrectionLine, ...] = ()
    rule: str | None = None
    rule_version: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    scales: Mapping[str, ScoredScale] = field(default_factory=dict)
    trace: Sequence[tuple[str, Mapping[str, Any]]] = ()
    filled_in_by: str | None = None
    keyed_by: str | None = None

    @property
    def is_sent(self) -> bool:
        """Whether it was sent and scored."""
        return self.status in SENT_STATUSES


@dataclass(frozen=True, slots=True)
class VisitSheets:
    """One of the participant's visits with its questionnaires, in the order in which they are asked."""

    name: VisitName
    sheets: tuple[Sheet, ...]

    def find(self, instrument: str) -> Sheet | None:
        """Give the visit's sent response to an instrument, or None."""
        return next((sheet for sheet in self.sheets if sheet.instrument == instrument and sheet.is_sent), None)


@dataclass(frozen=True, slots=True)
class Course:
    """One instrument through the participant's visits: this visit's sheet at `place`, and what was sent before it."""

    visits: tuple[str, ...]
    sheets: tuple[Sheet | None, ...]
    place: int

    @property
    def now(self) -> Sheet:
        sheet = self.sheets[self.place]
        assert sheet is not None
        return sheet

    @property
    def past(self) -> list[tuple[str, Sheet]]:
        pairs = zip(self.visits[: self.place], self.sheets, strict=False)
        return [(visit, sheet) for visit, sheet in pairs if sheet]

    @property
    def last(self) -> tuple[str, Sheet] | None:
        return self.past[-1] if self.past else None


def course_of(visits: Sequence[VisitSheets], place: int, instrument: str) -> Course:
    """Give one instrument's course through the visits, seen from the visit at `place`."""
    return Course(tuple(each.name.code for each in visits), tuple(each.find(instrument) for each in visits), place)
