"""The scales of one questionnaire on a summary: values, bands, changes since earlier visits, and the trend; pure."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from portal.domain.instruments.model import VAS_HIGH, Instrument
from portal.domain.instruments.scores import Scale
from portal.domain.study import Study
from portal.domain.summary import Change, Direction, Point, PointState, ScaleSummary, Span
from portal.domain.summary_sheets import Course, Sheet

# Beside its value with aids and help, a category shows its own alternative; eight more rows would say nothing new.
LEFT_OUT = frozenset({"categories_alternative"})

# For each reason why a scale is not scored: the step of the trace that holds the numbers it turns on.
REASON_STEPS = {
    "too_many_unanswered": "dlqi_total_unscored",
    "too_few_categories": "shaq_index_unscored",
    "too_few_scales": "shaq_composite_too_few_vas",
}
PLACES = 2
"""Decimals on the page of a scale that is not counted in whole points."""

NUMBERS = ("missing", "allowed", "count", "minimum")


def summarise(study: Study, instrument: Instrument, course: Course) -> tuple[ScaleSummary, ...]:
    """Give every scale that the summary shows, the main one first; an optional one only when the study asks for it."""
    options = course.now.options
    shown = [
        spec
        for spec in instrument.scales
        if spec.section not in LEFT_OUT and options.get(spec.code) not in (False, "none")
    ]
    made = [_scale(spec, study.find_threshold(instrument.code, spec.code), course) for spec in shown]
    return tuple(sorted(made, key=lambda scale: scale.section != "main"))


def change(
    spec: Scale, value: Fraction | None, before: tuple[str, Fraction] | None, threshold: Fraction | None
) -> Change | None:
    """Give the difference from an earlier visit's value; None when either has none."""
    if value is None or before is None:
        return None
    difference = value - before[1]
    worse = difference > 0 if spec.higher_is_worse else difference < 0
    direction = Direction.NONE if difference == 0 else Direction.WORSENING if worse else Direction.IMPROVEMENT
    return Change(before[0], difference, direction, None if threshold is None else abs(difference) >= threshold)


def _scale(spec: Scale, threshold: Fraction | None, course: Course) -> ScaleSummary:
    scored = course.now.scales[spec.code]
    value = scored.value
    unaided = course.now.scales.get(f"{spec.code}_alternative", scored).value if spec.section else value
    known = [
        (visit, before)
        for visit, sheet in course.past
        if spec.code in sheet.scales and (before := sheet.scales[spec.code].value) is not None
    ]
    inclusion = next((pair for pair in known if pair[0] == course.visits[0]), None)
    return ScaleSummary(
        scale=spec.code,
        section="main" if spec.main else spec.section or "further",
        value=value,
        low=spec.low,
        high=spec.high,
        places=0 if spec.places is None else PLACES,
        band=spec.band(value),
        bands=tuple(Span(band.code, band.low, band.high) for band in spec.bands),
        threshold=threshold,
        missing=scored.missing,
        numbers=_numbers(course.now, scored.missing),
        raw=int(value * VAS_HIGH / spec.high) if spec.link_id and value is not None else None,
        unaided=unaided if unaided != value else None,
        since_inclusion=change(spec, value, inclusion, threshold),
        since_last=change(spec, value, known[-1] if known else None, threshold),
        trend=_trend(spec, course) if spec.main else (),
    )


def _trend(spec: Scale, course: Course) -> tuple[Point, ...]:
    return tuple(
        _point(spec, visit, sheet) if place <= course.place else Point(visit, PointState.AHEAD)
        for place, (visit, sheet) in enumerate(zip(course.visits, course.sheets, strict=True))
    )


def _point(spec: Scale, visit: str, sheet: Sheet | None) -> Point:
    if sheet is None:
        return Point(visit, PointState.NOT_RECEIVED)
    value = sheet.scales[spec.code].value
    return Point(visit, PointState.NOT_SCORED if value is None else PointState.SCORED, value)


def _numbers(sheet: Sheet, reason: str | None) -> dict[str, int]:
    if reason not in REASON_STEPS:
        return {}
    params: Mapping[str, Any] = next((params for code, params in sheet.trace if code == REASON_STEPS[reason]), {})
    return {name: params[name] for name in NUMBERS if name in params}
