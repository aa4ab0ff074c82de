"""Public holidays of countries and their subdivisions, from the holidays library."""

from datetime import date
from functools import cache

import holidays

from portal.domain.study import HolidayCalendar

OTHER_NAMES = {
    # Bas-Rhin and Haut-Rhin share Alsace's holidays; the others are the letters by which ISO once named them.
    "FR-67": "6AE",
    "FR-68": "6AE",
    "FR-GP": "971",
    "FR-MQ": "972",
    "FR-GF": "973",
    "FR-RE": "974",
    "FR-YT": "976",
}
"""ISO 3166-2 names of subdivisions that the library keeps under another name."""


def is_public_holiday(calendar: HolidayCalendar, day: date) -> bool:
    """Whether nobody is at work on this day in the country or subdivision; KeyError when its calendar is not known."""
    return day in _holidays_of(calendar, day.year)


def knows_calendar(calendar: HolidayCalendar) -> bool:
    """Whether the country is known, and the subdivision (if one is given) has holidays listed for it."""
    subdivisions = _countries().get(calendar.country)
    return subdivisions is not None and (calendar.subdivision is None or _subdivision(calendar) in subdivisions)


@cache
def _countries() -> dict[str, frozenset[str]]:
    listed = holidays.list_supported_countries(include_aliases=True)
    return {country: frozenset(subdivisions) for country, subdivisions in listed.items()}


def _subdivision(calendar: HolidayCalendar) -> str | None:
    if calendar.subdivision is None:
        return None
    return OTHER_NAMES.get(calendar.subdivision, calendar.subdivision.removeprefix(f"{calendar.country}-"))


@cache
def _holidays_of(calendar: HolidayCalendar, year: int) -> frozenset[date]:
    if not knows_calendar(calendar):
        raise KeyError(calendar)
    return frozenset(holidays.country_holidays(calendar.country, subdiv=_subdivision(calendar), years=year))
