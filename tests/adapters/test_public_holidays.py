"""Public holidays that a French, an Alsatian, a Réunion and a Québec site keep."""

import subprocess
import sys
from datetime import date

import holidays
import pytest

from portal.adapters.public_holidays import is_public_holiday, knows_calendar
from portal.domain.study import HolidayCalendar

FRANCE = HolidayCalendar("FR")


@pytest.mark.parametrize(
    "day", [(1, 1), (3, 29), (5, 1), (5, 6), (5, 8), (5, 17), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
)
def test_the_eleven_holidays_of_france_in_2027(day: tuple[int, int]) -> None:
    assert is_public_holiday(FRANCE, date(2027, *day))


def test_no_other_day_of_2027_is_one() -> None:
    days = [date.fromordinal(date(2027, 1, 1).toordinal() + n) for n in range(365)]
    assert sum(is_public_holiday(FRANCE, day) for day in days) == 11


@pytest.mark.parametrize(
    ("subdivision", "day"),
    [
        ("FR-57", date(2027, 3, 26)),
        ("FR-67", date(2027, 12, 26)),
        ("FR-68", date(2027, 3, 26)),
        ("FR-974", date(2027, 12, 20)),
        ("FR-RE", date(2027, 12, 20)),
    ],
)
def test_subdivisions_add_their_own(subdivision: str, day: date) -> None:
    assert is_public_holiday(HolidayCalendar("FR", subdivision), day)
    assert not is_public_holiday(FRANCE, day)


def test_quebec_keeps_its_national_day() -> None:
    assert is_public_holiday(HolidayCalendar("CA", "CA-QC"), date(2027, 6, 24))


@pytest.mark.parametrize(
    ("country", "subdivision", "known"),
    [("FR", None, True), ("FR", "FR-57", True), ("FR", "FR-75", False), ("ZZ", None, False), ("ZZ", "ZZ-1", False)],
)
def test_calendars_are_known_or_not(country: str, subdivision: str | None, known: bool) -> None:
    assert knows_calendar(HolidayCalendar(country, subdivision)) is known


def test_a_country_is_read_alone_and_as_the_library_has_it() -> None:
    program = (
        "import sys; from datetime import date; from portal.adapters.public_holidays import is_public_holiday; "
        "from portal.domain.study import HolidayCalendar; "
        "assert is_public_holiday(HolidayCalendar('FR'), date(2027, 7, 14)); "
        "assert 'holidays.countries' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    for code in ("FR", "BE", "CH", "CA", "GB", "US"):
        days = holidays.country_holidays(code, years=2027)
        assert {day for day in days if is_public_holiday(HolidayCalendar(code), day)} == set(days)


def test_an_unknown_calendar_is_not_taken_for_one_without_holidays() -> None:
    with pytest.raises(KeyError):
        is_public_holiday(HolidayCalendar("ZZ"), date(2027, 1, 1))
