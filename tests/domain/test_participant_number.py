"""Participant numbers: a site and a number, and nothing of the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.participant_number import InvalidPatternError, NumberPattern, check_digit


def test_a_number_is_the_site_and_three_digits() -> None:
    assert NumberPattern("{site}-{number:03}").make("01", 7) == "01-007"
    assert NumberPattern("P{number}/{site}").make("LYON", 12) == "P12/LYON"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{site}",
        "{number}",
        "{site}-{number}-{initials}",
        "{site}{site}{number}",
        "{site} {number}",
        "{0}",
        "{site}{number}{check}{check}",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidPatternError):
        NumberPattern(text)


@given(
    st.sampled_from(["01", "02", "1"]),
    st.integers(1, 5000),
    st.sampled_from(["{site}-{number:03}", "X{number}.{site}", "{site}-{number:03}-{check}"]),
)
def test_a_number_comes_apart_into_what_made_it(site: str, number: int, text: str) -> None:
    pattern = NumberPattern(text)
    assert pattern.find_parts(pattern.make(site, number), ["01", "02", "1"]) == (site, number)


@pytest.mark.parametrize("wrong", ["03-001", "01-1", "01-000", "01-01a", "01001", "", "01-0001"])
def test_a_number_of_another_form_is_not_taken(wrong: str) -> None:
    assert NumberPattern("{site}-{number:03}").find_parts(wrong, ["01", "02"]) is None


@pytest.mark.parametrize(("text", "digit"), [("0794", "5"), ("79462", "3"), ("3339200596", "1")])
def test_the_check_digit_is_iso_7064s(text: str, digit: str) -> None:
    assert check_digit(text) == digit  # the standard's own example, and two that are in public use


def test_a_mistaken_digit_shows_in_the_check_digit() -> None:
    pattern = NumberPattern("{site}-{number:03}-{check}")
    right = pattern.make("01", 7)
    assert right == f"01-007-{check_digit('01007')}"
    assert pattern.find_parts(right, ["01"]) == ("01", 7)
    assert not pattern.is_misread(right, ["01"])
    for wrong in range(10):
        if wrong != 7:
            assert pattern.find_parts(f"01-00{wrong}{right[-2:]}", ["01"]) is None
    assert pattern.is_misread(f"01-008{right[-2:]}", ["01"])
    assert not pattern.is_misread("02-008-1", ["01"])
    assert not NumberPattern("{site}-{number:03}").is_misread("01-01", ["01"])
