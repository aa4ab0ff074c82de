"""Public holidays of countries and their subdivisions, from the holidays library."""

from datetime import date
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import holidays
from holidays.holiday_base import HolidayBase
from holidays.registry import COUNTRIES

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
    country = _find_country(calendar.country)
    return country is not None and (calendar.subdivision is None or _subdivision(calendar) in country.subdivisions)


@cache
def _find_country(code: str) -> type[HolidayBase] | None:
    """Give the library's class for a country, read from its own file.

    The package around it would load two hundred other countries: 8 MB in each web worker.
    """
    for module, (name, *codes) in COUNTRIES.items():
        if code in codes:
            place = Path(holidays.__file__).parent / "countries" / f"{module}.py"
            spec = spec_from_file_location(f"holidays.countries.{module}", place)
            assert spec
            assert spec.loader
            alone = module_from_spec(spec)
            spec.loader.exec_module(alone)
            country: type[HolidayBase] = getattr(alone, name)
            return country
    return None


def _subdivision(calendar: HolidayCalendar) -> str | None:
    if calendar.subdivision is None:
        return None
    return OTHER_NAMES.get(calendar.subdivision, calendar.subdivision.removeprefix(f"{calendar.country}-"))


@cache
def _holidays_of(calendar: HolidayCalendar, year: int) -> frozenset[date]:
    country = _find_country(calendar.country)
    if country is None or not knows_calendar(calendar):
        raise KeyError(calendar)
    return frozenset(country(subdiv=_subdivision(calendar), years=year))
