"""Paper as it is read: millimetres on a line of 150, ticks, and what two people keyed of one form."""

from fractions import Fraction

import pytest

from portal.domain import instruments
from portal.domain.paper_forms import differing, mark, millimetres, parse_millimetres, several, unlike, values

DLQI, SHAQ = instruments.get("DLQI"), instruments.get("SHAQ")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0", Fraction(0)),
        (" 73 ", Fraction(73)),
        ("73,5", Fraction(147, 2)),
        ("73.5", Fraction(147, 2)),
        ("150", Fraction(150)),
        ("150.0", Fraction(150)),
        ("150.01", None),
        ("151", None),
        ("-1", None),
        ("7e1", None),
        ("73,555", None),
        ("٧٣", None),
        ("seven", None),
        ("", None),
    ],
)
def test_millimetres_are_read_with_comma_or_point_and_never_beyond_the_line(typed: str, read: Fraction | None) -> None:
    assert parse_millimetres(typed) == read


@pytest.mark.parametrize(
    ("typed", "value"),
    # x 100 / 150, worked by hand: 73.5 -> 49; 0.75 -> 0.5, up; 0.74 -> 0.493…; 74.25 -> 49.5, up; 149.25 -> 99.5, up
    [
        ("0", 0),
        ("0.74", 0),
        ("0.75", 1),
        ("1", 1),
        ("73.5", 49),
        ("74.25", 50),
        ("75", 50),
        ("149.25", 100),
        ("150", 100),
    ],
)
def test_a_mark_is_kept_in_millimetres_and_as_a_whole_number(typed: str, value: int) -> None:
    read = parse_millimetres(typed)
    assert read is not None
    assert mark(read) == {"mm": float(typed), "value": value}


def test_one_tick_is_a_code_and_several_are_a_list() -> None:
    assert several([]) is None
    assert several([0]) == 0
    assert several([2, "NR"]) == [2, "NR"]


def test_scoring_takes_the_value_of_a_mark_and_nothing_else_is_touched() -> None:
    form = {"HAQ0146": {"mm": 73.5, "value": 49}, "HAQ0101": [1, 2], "HAQ0117": True, "HAQ0118": "a hook"}
    assert values(form) == {"HAQ0146": 49, "HAQ0101": [1, 2], "HAQ0117": True, "HAQ0118": "a hook"}
    assert millimetres(form, "HAQ0146") == 73.5
    assert millimetres(form, "HAQ0101") is None


@pytest.mark.parametrize(
    ("link_id", "one", "other"),
    [
        ("HAQ0101", 0, None),  # not difficult at all is not the same as blank
        ("HAQ0101", 1, [1, 2]),
        ("HAQ0101", [1, 2], [1, 3]),
        ("HAQ0114", False, None),  # none of these is not the same as no answer
        ("HAQ0114", False, True),
        ("HAQ0118", "a hook", "a book"),
        ("HAQ0146", {"mm": 73, "value": 49}, {"mm": 74.5, "value": 50}),
        ("HAQ0146", {"mm": 0, "value": 0}, None),
    ],
)
def test_what_two_people_read_differently_is_named(link_id: str, one: object, other: object) -> None:
    first, second = ({link_id: each} if each is not None else {} for each in (one, other))
    (question,) = differing(SHAQ, first, second)
    assert link_id in {item.link_id for item in question.items}
    assert unlike(question.items, first, second) == {link_id: other}
    assert differing(SHAQ, second, first) == (question,)


@pytest.mark.parametrize(
    ("link_id", "one", "other"),
    [
        ("HAQ0101", [2, 1], [1, 2]),
        ("HAQ0118", "a  hook ", "a hook"),
        ("HAQ0146", {"mm": 73.5, "value": 49}, {"mm": 74.5, "value": 50}),  # as far as two rulers may lie apart
    ],
)
def test_what_reads_the_same_is_no_difference(link_id: str, one: object, other: object) -> None:
    assert differing(SHAQ, {link_id: one}, {link_id: other}) == ()
    assert differing(SHAQ, {}, {}) == ()


def test_differences_stand_in_the_order_of_the_form() -> None:
    first, second = {"DLQI110": 1, "DLQI101": 1, "DLQI105": 0}, {"DLQI110": 2, "DLQI101": 2, "DLQI105": 0}
    assert [question.code for question in differing(DLQI, first, second)] == ["DLQI101", "DLQI110"]
