"""What stands out to ask about: a short ranked list of coded observations, the same for the same content."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from portal.domain import instruments
from portal.domain.instruments.emptiness import Emptiness
from portal.domain.instruments.model import VAS_HIGH, Item, ItemType
from portal.domain.summary import (
    Arrival,
    Change,
    Direction,
    InstrumentSummary,
    Observation,
    ObservationKind,
    ScaleSummary,
)
from portal.domain.summary_answers import ItemSummary

AT_MOST = 5
SYMPTOM_RISE = 20
"""A rise of a symptom's mark that is worth a question, of 100."""
ANSWER_JUMP = 2
"""A rise of one answer that is worth a question, in steps of the answer scale."""

# "Prevented from working" has no number of its own; the rule scores it 3, and its opposite is answered further on.
_CODED = {"Y": 3, "N": 0}
_ORDER = {kind: place for place, kind in enumerate(ObservationKind)}


def observe(summaries: Sequence[InstrumentSummary]) -> tuple[Observation, ...]:
    """Give at most five observations, ranked by kind and then by the order of the questionnaires."""
    found = [each for summary in summaries if summary.arrival is Arrival.SENT for each in _of_instrument(summary)]
    return tuple(sorted(found, key=lambda each: _ORDER[each.kind])[:AT_MOST])


def _of_instrument(summary: InstrumentSummary) -> Iterator[Observation]:
    main = summary.main
    if main.value is None:
        kind = ObservationKind.NOT_SCORED
        yield Observation(kind, summary.code, main.scale, missing=main.missing, numbers=main.numbers)
    elif main.value == main.high:
        yield Observation(ObservationKind.CEILING, summary.code, main.scale, value=main.value)
    yield from _moved(summary)
    yield from _of_symptoms(summary)
    yield from _of_answers(summary, at_ceiling=main.value == main.high)


def _moved(summary: InstrumentSummary) -> Iterator[Observation]:
    """A change that reaches the threshold; else a change of band.  One for each questionnaire is enough."""
    for scale in summary.scales:
        for change in (scale.since_last, scale.since_inclusion):
            if change and change.reaches:
                worse = change.direction is Direction.WORSENING
                kind = ObservationKind.WORSE if worse else ObservationKind.BETTER
                yield _about_change(kind, summary, scale, change)
                return
    main, change = summary.main, summary.main.since_last
    before = _band_before(main, change)
    if change and before and before != main.band:
        worse = change.direction is Direction.WORSENING
        yield _about_change(ObservationKind.BAND_UP if worse else ObservationKind.BAND_DOWN, summary, main, change)


def _about_change(
    kind: ObservationKind, summary: InstrumentSummary, scale: ScaleSummary, change: Change
) -> Observation:
    return Observation(
        kind,
        summary.code,
        scale.scale,
        since=change.since,
        change=change.value,
        value=scale.value,
        threshold=scale.threshold,
        band_before=_band_before(scale, change),
        band=scale.band,
    )


def _band_before(scale: ScaleSummary, change: Change | None) -> str | None:
    if change is None or scale.value is None:
        return None
    before = scale.value - change.value
    return next((band.code for band in scale.bands if before <= band.high), None)


def _of_symptoms(summary: InstrumentSummary) -> Iterator[Observation]:
    """The symptoms whose marks rose much since the last visit, the largest rise first, each by itself."""
    risen = [
        (scale, change)
        for scale in summary.part("vas")
        if (change := scale.since_last) and _rise(scale, change) >= SYMPTOM_RISE
    ]
    for scale, change in sorted(risen, key=lambda pair: -pair[1].value)[:2]:
        yield Observation(
            ObservationKind.SYMPTOM_UP,
            summary.code,
            scale.scale,
            since=change.since,
            change=_rise(scale, change),
            value=Fraction(scale.raw or 0),
        )


def _rise(scale: ScaleSummary, change: Change) -> Fraction:
    return change.value * VAS_HIGH / scale.high


def _of_answers(summary: InstrumentSummary, *, at_ceiling: bool) -> Iterator[Observation]:
    instrument = instruments.get(summary.code)
    given = [(instrument.item(each.link_id), each) for question in summary.questions for each in question.items]
    jumped = _links((i, a) for i, a in given if summary.items_before and _jumped(i, a))
    worst = _links((i, a) for i, a in given if _is_worst(i, a) and i.link_id not in jumped)
    ticked = _links((i, a) for i, a in given if summary.items_before and _is_new_tick(i, a))
    passed_over = _links((i, a) for i, a in given if i.sensitive and a.empty is Emptiness.SKIPPED)
    before = summary.items_before
    if jumped:
        yield Observation(ObservationKind.ANSWER_JUMPED, summary.code, since=before, link_ids=jumped)
    if ticked:
        yield Observation(ObservationKind.NEW_AID, summary.code, since=before, link_ids=ticked)
    if worst and not at_ceiling:
        yield Observation(ObservationKind.AT_WORST, summary.code, link_ids=worst)
    if passed_over:
        yield Observation(ObservationKind.SENSITIVE_SKIPPED, summary.code, link_ids=passed_over)


def _links(pairs: Iterable[tuple[Item, ItemSummary]]) -> tuple[str, ...]:
    return tuple(item.link_id for item, _ in pairs)


def _jumped(item: Item, answer: ItemSummary) -> bool:
    now, before = _rank(answer.value), _rank(answer.value_before)
    return item.type is ItemType.CHOICE and now is not None and before is not None and now - before >= ANSWER_JUMP


def _is_worst(item: Item, answer: ItemSummary) -> bool:
    if item.type is not ItemType.CHOICE:
        return False
    ranks = [rank for option in item.options if (rank := _rank(option.code)) is not None]
    return _rank(answer.value) == max(ranks)


def _is_new_tick(item: Item, answer: ItemSummary) -> bool:
    return item.type is ItemType.TICK and answer.value is True and answer.value_before is not True


def _rank(value: Any) -> int | None:
    """Rank a choice's answer; of several ticks on paper the highest counts, as in scoring."""
    if isinstance(value, list):
        return max((rank for each in value if (rank := _rank(each)) is not None), default=None)
    return value if isinstance(value, int) else _CODED.get(value) if isinstance(value, str) else None
