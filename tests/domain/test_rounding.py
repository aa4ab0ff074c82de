"""Rounding: half up on the exact value, and back from a stored float."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.rounding import exact, show


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(3, 8), 2, "0.38"),
        (Fraction(17, 8), 2, "2.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(-1, 1000), 2, "0.00"),
        (Fraction(9, 7), 4, "1.2857"),
        (Fraction(70, 6), 2, "11.67"),
        (Decimal("0.005"), 2, "0.01"),
        (4, 0, "4"),
        (4, 2, "4.00"),
    ],
)
def test_halves_are_shown_away_from_zero(value: int | Fraction | Decimal, places: int, shown: str) -> None:
    assert str(show(value, places)) == shown


@given(st.fractions(-30, 30, max_denominator=5000), st.integers(0, 4))
def test_what_is_shown_is_never_further_than_half_a_digit(value: Fraction, places: int) -> None:
    assert abs(Fraction(show(value, places)) - value) <= Fraction(1, 2 * 10**places)


@given(st.fractions(0, 30, max_denominator=4900))
def test_a_stored_float_gives_the_exact_score_back(value: Fraction) -> None:
    # 4,900 is the largest denominator of any rule: a becker6 composite of seven categories and six scales
    assert exact(float(value)) == value
