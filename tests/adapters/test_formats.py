"""Numbers, days and hours as a reader of each language expects them."""

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from portal.adapters import formats

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("value", "places", "french", "english"),
    [
        (Fraction(1, 8), 2, "0,13", "0.13"),  # half up, where Python's round gives 0.12
        (0.575, 2, "0,58", "0.58"),  # kept as 0.57499999…, it is 23/40
        (Fraction(-3, 2), 2, "−1,50", "−1.50"),
        (7, 0, "7", "7"),
        (None, 2, "–", "–"),
    ],
)
def test_numbers(value: float | Fraction | None, places: int, french: str, english: str) -> None:
    assert formats.number(value, places, locale="fr") == french
    assert formats.number(value, places, locale="en") == english


@pytest.mark.parametrize(("value", "shown"), [(4, "+4"), (-4, "−4"), (0, "±0"), (None, "–")])
def test_changes_have_their_sign(value: int | None, shown: str) -> None:
    assert formats.change(value, 0, locale="fr") == shown


def test_days_do_not_part_at_a_lines_end() -> None:
    assert formats.day(date(2027, 3, 3), locale="fr") == "3\u00a0mars\u00a02027"
    assert formats.day(date(2027, 3, 3), locale="en") == "3\u00a0March\u00a02027"
    assert formats.weekday(date(2027, 3, 3), locale="fr") == "mer.\u00a03\u00a0mars"


def test_the_first_of_a_french_month() -> None:
    assert formats.day(date(2027, 1, 1), locale="fr") == "1er\u00a0janvier\u00a02027"
    assert formats.weekday(date(2027, 2, 1), locale="fr") == "lun.\u00a01er\u00a0février"
    assert formats.day(date(2027, 1, 11), locale="fr") == "11\u00a0janvier\u00a02027"
    assert formats.day(date(2027, 1, 1), locale="en") == "1\u00a0January\u00a02027"


def test_hours_are_the_zones_on_both_sides_of_a_clock_change() -> None:
    winter, summer = datetime(2027, 3, 27, 12, 5, tzinfo=UTC), datetime(2027, 3, 28, 12, 5, tzinfo=UTC)
    assert formats.hour(winter, PARIS, locale="fr") == "13\u00a0h\u00a005"
    assert formats.hour(summer, PARIS, locale="en") == "14:05"
    assert formats.moment(summer, PARIS, locale="en") == "28\u00a0March\u00a02027, 14:05 (Paris)"
