"""Quantiles: worked by hand after the source, and true of any values."""

from collections import Counter
from fractions import Fraction
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.quantiles import Spread, quantile, spread


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        # (n - 1) × share: with five values the quartiles are the second, third and fourth of them.
        ([1, 2, 3, 4, 5], ("1", "2", "3", "4", "5")),
        # With four, places 0.75, 1.5 and 2.25 from 0: 1 + 0.75 × 1, 2 + 0.5 × 2, 4 + 0.25 × 4.
        ([1, 2, 4, 8], ("1", "7/4", "3", "5", "8")),
        ([30], ("30", "30", "30", "30", "30")),
        ([0, 30], ("0", "15/2", "15", "45/2", "30")),
        # A score of 0.575 is stored as 0.57499…, and is 23/40 all the same.
        ([0.575, 0.575, 0.575], ("23/40", "23/40", "23/40", "23/40", "23/40")),
        ([0.125, 0.375, 1.0, 2.0], ("1/8", "5/16", "11/16", "5/4", "2")),
    ],
)
def test_quartiles_are_those_worked_by_hand(values: list[float], marks: tuple[str, ...]) -> None:
    found = spread(Counter(values))
    assert found == Spread(len(values), *(Fraction(mark) for mark in marks))


def test_of_nothing_nothing_is_told() -> None:
    assert spread({}) is None
    assert spread({3: 0}) is None


def test_a_spread_in_another_unit() -> None:
    told = spread(Counter([0, 1, 2]))
    assert told is not None
    assert told.times(Fraction(100, 3)).high == Fraction(200, 3)
    assert told.times(Fraction(100, 3)).count == 3


@given(st.lists(st.integers(0, 30), min_size=2, max_size=60))
def test_the_quartiles_are_those_of_another_implementation(values: list[int]) -> None:
    # Python's "inclusive" method is definition 7 too, on floats.
    found = spread(Counter(values))
    assert found is not None
    expected = quantiles(values, n=4, method="inclusive")
    assert [float(mark) for mark in (found.lower, found.median, found.upper)] == pytest.approx(expected)


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=60), st.fractions(0, 1, max_denominator=50))
def test_a_quantile_lies_within_and_grows_with_its_share(values: list[int], share: Fraction) -> None:
    ordered = sorted(Counter(values).items())
    found = quantile(ordered, share)
    assert min(values) <= found <= max(values)
    assert quantile(ordered, share / 2) <= found
    assert quantile(ordered, Fraction(0)) == min(values)
    assert quantile(ordered, Fraction(1)) == max(values)
