"""The marks of an axis: few, round, and enough for the highest value."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.axes import ticks


@pytest.mark.parametrize(
    ("high", "marks"),
    [
        ("0", (0, 1)),
        ("1/3", (0, 1)),
        ("3", (0, 1, 2, 3)),
        ("7", (0, 2, 4, 6, 8)),
        ("100", (0, 20, 40, 60, 80, 100)),
        ("101", (0, 50, 100, 150)),
        ("27/2", (0, 5, 10, 15)),
    ],
)
def test_marks_are_those_that_a_person_would_draw(high: str, marks: tuple[int, ...]) -> None:
    assert ticks(Fraction(high)) == marks


@given(st.fractions(0, 10**7, max_denominator=8))
def test_the_highest_value_is_on_the_axis_and_near_its_end(high: Fraction) -> None:
    marks = ticks(high)
    assert 2 <= len(marks) <= 6
    assert len({after - before for before, after in pairwise(marks)}) == 1
    assert marks[-2] < max(high, Fraction(1)) <= marks[-1]
