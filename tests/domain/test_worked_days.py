"""A visit's whole correspondence worked out by hand, where calendars and clocks do something out of the ordinary."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portal.adapters.public_holidays import is_public_holiday
from portal.domain import schedule
from portal.domain.study import HolidayCalendar, Offset, OffsetUnit, Site
from tests.factories import demonstration_study

STUDY = demonstration_study()
"""Open from 7 days before to 2 after; the opening at 10:00, reminders at 10:00 two days after it and three days before
the visit; the summary at 07:00, two working days before."""

PARIS = STUDY.sites[0]
MOSELLE = replace(PARIS, code="57", holidays=HolidayCalendar("FR", "FR-57"))
REUNION = replace(PARIS, code="974", time_zone="Indian/Reunion", holidays=HolidayCalendar("FR", "FR-RE"))
MONTREAL = replace(PARIS, code="QC", time_zone="America/Toronto", holidays=HolidayCalendar("CA", "CA-QC"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def planned(site: Site, day: date) -> dict[str, datetime]:
    messages = schedule.planned_messages(STUDY, site, STUDY.get_visit("M1"), day, is_public_holiday)
    return {message.kind.value: message.due_at for message in messages}


@pytest.mark.parametrize(
    ("site", "day", "expected"),
    [
        pytest.param(
            # Tuesday 29 February 2028: opens Tuesday the 22nd; reminders Thursday the 24th and Saturday the 26th. Two
            # working days before: Monday the 28th, Friday the 25th. Winter: UTC+1.
            PARIS,
            date(2028, 2, 29),
            ("2028-02-22 09:00", "2028-02-24 09:00", "2028-02-26 09:00", "2028-02-25 06:00"),
            id="a leap day",
        ),
        pytest.param(
            # Thursday 2 March 2028: three days before it is Monday 28 February only because the 29th is there.
            PARIS,
            date(2028, 3, 2),
            ("2028-02-24 09:00", "2028-02-26 09:00", "2028-02-28 09:00", "2028-02-29 06:00"),
            id="across a leap day",
        ),
        pytest.param(
            # Thursday 1 April 2027: clocks go forward on Sunday 28 March. Opens Thursday 25 March (UTC+1); the first
            # reminder is Saturday the 27th (UTC+1), the second Monday the 29th (UTC+2), Easter Monday. Working days
            # before: Wednesday the 31st, Tuesday the 30th (UTC+2).
            PARIS,
            date(2027, 4, 1),
            ("2027-03-25 09:00", "2027-03-27 09:00", "2027-03-29 08:00", "2027-03-30 05:00"),
            id="clocks forward in Paris",
        ),
        pytest.param(
            # Wednesday 3 November 2027: clocks go back on Sunday 31 October. Opens Wednesday 27 October (UTC+2); Friday
            # the 29th (UTC+2); Sunday the 31st itself at 10:00, after the change (UTC+1). All Saints is Monday: working
            # days before are Tuesday the 2nd and Friday 29 October (UTC+2).
            PARIS,
            date(2027, 11, 3),
            ("2027-10-27 08:00", "2027-10-29 08:00", "2027-10-31 09:00", "2027-10-29 05:00"),
            id="clocks back in Paris",
        ),
        pytest.param(
            # Thursday 28 December 2028, Paris: working days before are Wednesday the 27th and Tuesday the 26th.
            PARIS,
            date(2028, 12, 28),
            ("2028-12-21 09:00", "2028-12-23 09:00", "2028-12-25 09:00", "2028-12-26 06:00"),
            id="after Christmas in Paris",
        ),
        pytest.param(
            # The same in Moselle, where Saint Stephen's (the 26th) is a holiday too: the 27th, then Friday the 22nd.
            MOSELLE,
            date(2028, 12, 28),
            ("2028-12-21 09:00", "2028-12-23 09:00", "2028-12-25 09:00", "2028-12-22 06:00"),
            id="after Christmas in Moselle",
        ),
        pytest.param(
            # Wednesday 22 December 2027, La Réunion, UTC+4 all year. Abolition of slavery is Monday the 20th: working
            # days before are Tuesday the 21st and Friday the 17th.
            REUNION,
            date(2027, 12, 22),
            ("2027-12-15 06:00", "2027-12-17 06:00", "2027-12-19 06:00", "2027-12-17 03:00"),
            id="20 December at La Réunion",
        ),
        pytest.param(
            # Wednesday 17 March 2027, Montréal: clocks go forward on Sunday 14 March, two weeks before Paris. Opens
            # Wednesday the 10th and reminds on Friday the 12th at UTC-5, on Sunday the 14th at UTC-4. Working days
            # before: Tuesday the 16th, Monday the 15th (UTC-4).
            MONTREAL,
            date(2027, 3, 17),
            ("2027-03-10 15:00", "2027-03-12 15:00", "2027-03-14 14:00", "2027-03-15 11:00"),
            id="clocks forward in Montréal",
        ),
        pytest.param(
            # Tuesday 9 November 2027, Montréal: clocks go back on Sunday the 7th, a week after Paris. Opens Tuesday the
            # 2nd, reminds on Thursday the 4th and Saturday the 6th at UTC-4. Working days before: Monday the 8th,
            # Friday the 5th (UTC-4).
            MONTREAL,
            date(2027, 11, 9),
            ("2027-11-02 14:00", "2027-11-04 14:00", "2027-11-06 14:00", "2027-11-05 11:00"),
            id="clocks back in Montréal",
        ),
        pytest.param(
            # Monday 28 June 2027, Montréal: Thursday the 24th is the Fête nationale. Working days before: Friday the
            # 25th, Wednesday the 23rd (UTC-4).
            MONTREAL,
            date(2027, 6, 28),
            ("2027-06-21 14:00", "2027-06-23 14:00", "2027-06-25 14:00", "2027-06-23 11:00"),
            id="Saint John's in Montréal",
        ),
        pytest.param(
            # The same visit at a site of Paris that is closed from Monday the 21st to Friday the 25th (UTC+2): working
            # days before are Friday the 18th and Thursday the 17th, before the questionnaires open.
            replace(PARIS, closures=tuple(date(2027, 6, day) for day in range(21, 26))),
            date(2027, 6, 28),
            ("2027-06-21 08:00", "2027-06-23 08:00", "2027-06-25 08:00", "2027-06-17 05:00"),
            id="a week of closure",
        ),
    ],
)
def test_when_each_message_is_due(site: Site, day: date, expected: tuple[str, ...]) -> None:
    kinds = ("opening", "reminder-1", "reminder-2", "summary")
    found = planned(site, day)
    assert {kind: found[kind] for kind in kinds} == dict(zip(kinds, map(utc, expected), strict=True))


@pytest.mark.parametrize(
    ("included_on", "months", "expected"),
    [
        # 30 and 31 January 2028 both lead to 29 February; a year later to the 30th and the 31st again.
        (date(2028, 1, 30), (1, 12), (date(2028, 2, 29), date(2029, 1, 30))),
        (date(2028, 1, 31), (1, 12), (date(2028, 2, 29), date(2029, 1, 31))),
        # Each visit is counted from inclusion, never from the one before: 31 August, then 30 November, 29 February
        # (2028 is a leap year), 31 May, 31 August.
        (
            date(2027, 8, 31),
            (3, 6, 9, 12),
            (date(2027, 11, 30), date(2028, 2, 29), date(2028, 5, 31), date(2028, 8, 31)),
        ),
        # Included on a leap day: the last of February in 2029, the 29th again in 2032.
        (date(2028, 2, 29), (12, 48), (date(2029, 2, 28), date(2032, 2, 29))),
    ],
)
def test_visits_at_the_ends_of_months(included_on: date, months: tuple[int, ...], expected: tuple[date, ...]) -> None:
    visits = [replace(STUDY.visits[0], after_inclusion=Offset(count, OffsetUnit.MONTHS)) for count in months]
    assert tuple(schedule.planned_on(included_on, visit) for visit in visits) == expected
