"""What scoring answers: scales with exact values, why a value is missing, and the steps that led there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from portal.domain.instruments.options import OptionValue
from portal.domain.rounding import show

Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Band:
    """A named stretch of a scale, `low` to `high`; a value belongs to the first band whose `high` it does not pass."""

    code: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Scale:
    """One number that an instrument gives: its range, bands, default threshold, and where it stands in the result.

    `section` and `key` say where `Scoring.to_result` puts the value (no section: at the top);
    `places` is the number of decimals printed there (None: exact, whole numbers as integers).
    `threshold` is the smallest difference that matters by default; a study may set its own.
    """

    code: str
    high: int
    low: int = 0
    section: str | None = None
    key: str | None = None
    places: int | None = None
    bands: tuple[Band, ...] = ()
    band_key: str = "band"
    threshold: Fraction | None = None
    cdisc: str | None = None
    loinc: str | None = None
    link_id: str | None = None
    main: bool = False
    higher_is_worse: bool = True

    def band(self, value: Number | None) -> str | None:
        """Name the band of an unrounded value; None when there is no value or the scale has no bands."""
        if value is None:
            return None
        return next((band.code for band in self.bands if value <= band.high), None)

    def printed(self, value: Number | None) -> int | float | None:
        """Give the value as the result prints it."""
        if value is None:
            return None
        if self.places is not None:
            return float(show(value, self.places))
        return int(value) if value.denominator == 1 else float(value)


@dataclass(frozen=True, slots=True)
class ScaleScore:
    """One scale's exact value, or None with the coded reason (`missing`) and the number that the reason turns on."""

    spec: Scale
    value: Number | None
    missing: str | None = None
    count: int | None = None

    @property
    def scale(self) -> str:
        return self.spec.code

    @property
    def band(self) -> str | None:
        return self.spec.band(self.value)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way from the answers to a score; templates/trace puts it into words."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scoring:
    """All scores of one response, with the rule, its version and the options in force.

    `counts` are whole numbers of the response itself (DLQI: missing, not_relevant); `flags` are coded remarks.
    """

    instrument: str
    rule: str
    rule_version: str
    options: Mapping[str, OptionValue]
    scales: tuple[ScaleScore, ...]
    counts: Mapping[str, int]
    flags: tuple[str, ...]
    trace: tuple[Step, ...]

    @cached_property
    def _by_code(self) -> dict[str, ScaleScore]:
        return {score.scale: score for score in self.scales}

    def scale(self, code: str) -> ScaleScore:
        """Give one scale's score; KeyError when the instrument has no such scale."""
        return self._by_code[code]

    def value(self, code: str) -> Number | None:
        """Give one scale's exact value; KeyError when the instrument has no such scale."""
        return self._by_code[code].value

    def to_result(self) -> dict[str, Any]:
        """Lay the scores out as `portal score` prints them: plain JSON values, rounded half up."""
        result: dict[str, Any] = {}
        for score in self.scales:
            spec = score.spec
            place = result.setdefault(spec.section, {}) if spec.section else result
            place[spec.key or spec.code] = spec.printed(score.value)
            if spec.bands:
                place[spec.band_key] = score.band
        return {**result, **self.counts, "rule": self.rule, "rule_version": self.rule_version}
