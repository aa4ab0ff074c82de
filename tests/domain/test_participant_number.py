"""Participant numbers: a site and a number, and nothing of the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.participant_number import InvalidPatternError, NumberPattern


def test_a_number_is_the_site_and_three_digits() -> None:
    assert NumberPattern("{site}-{number:03}").make("01", 7) == "01-007"
    assert NumberPattern("P{number}/{site}").make("LYON", 12) == "P12/LYON"


@pytest.mark.parametrize(
    "text", ["", "{site}", "{number}", "{site}-{number}-{initials}", "{site}{site}{number}", "{site} {number}", "{0}"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidPatternError):
        NumberPattern(text)


@given(
    st.sampled_from(["01", "02", "1"]),
    st.integers(1, 5000),
    st.sampled_from(["{site}-{number:03}", "X{number}.{site}"]),
)
def test_a_number_comes_apart_into_what_made_it(site: str, number: int, text: str) -> None:
    pattern = NumberPattern(text)
    assert pattern.find_parts(pattern.make(site, number), ["01", "02", "1"]) == (site, number)


@pytest.mark.parametrize("wrong", ["03-001", "01-1", "01-000", "01-01a", "01001", "", "01-0001"])
def test_a_number_of_another_form_is_not_taken(wrong: str) -> None:
    assert NumberPattern("{site}-{number:03}").find_parts(wrong, ["01", "02"]) is None
