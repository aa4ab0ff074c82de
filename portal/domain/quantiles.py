"""How values lie: the lowest, the quartiles, the highest, exact, out of values that were counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from portal.domain.rounding import exact

Value = TypeVar("Value", int, float, Fraction)

QUARTILES = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))


@dataclass(frozen=True, slots=True)
class Spread:
    """Five numbers about `count` values: lowest, lower quartile, median, upper quartile, highest."""

    count: int
    low: Fraction
    lower: Fraction
    median: Fraction
    upper: Fraction
    high: Fraction

    def times(self, factor: Fraction) -> "Spread":
        """Tell the same in another unit."""
        marks = (self.low, self.lower, self.median, self.upper, self.high)
        return Spread(self.count, *(mark * factor for mark in marks))


def spread(counts: Mapping[Value, int]) -> Spread | None:
    """Tell how counted values lie; None when there is none.

    counts: how often each value was seen, 0 or more. A float stands for the score that it was stored from.
    """
    ordered = sorted((value, number) for value, number in counts.items() if number)
    if not ordered:
        return None
    lower, median, upper = (quantile(ordered, share) for share in QUARTILES)
    total = sum(number for _, number in ordered)
    return Spread(total, _exact(ordered[0][0]), lower, median, upper, _exact(ordered[-1][0]))


def quantile(ordered: Sequence[tuple[Value, int]], share: Fraction) -> Fraction:
    """Give the value below which this share (0 to 1) of the values lies, between two neighbours in proportion.

    ordered: each value with how often it was seen (1 or more), ascending; not empty.
    Source:  Hyndman & Fan 1996, The American Statistician 50:361, definition 7: the place is (n - 1) × share.
    """
    last = sum(number for _, number in ordered) - 1
    place, rest = divmod(last * share, 1)
    below = _at(ordered, int(place))
    return below if not rest else below + rest * (_at(ordered, int(place) + 1) - below)


def _at(ordered: Sequence[tuple[Value, int]], place: int) -> Fraction:
    """Give the value at a place, from 0, of the row in which each value stands as often as it was seen."""
    for value, number in ordered:
        if place < number:
            return _exact(value)
        place -= number
    raise IndexError(place)


def _exact(value: float | Fraction) -> Fraction:
    return exact(value) if isinstance(value, float) else Fraction(value)
