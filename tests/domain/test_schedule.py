"""When things are due, worked out by hand on a calendar."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.adapters.public_holidays import is_public_holiday
from portal.domain import schedule, study_file
from portal.domain.messages import MessageKind
from portal.domain.study import HolidayCalendar, Offset, OffsetUnit, Site, Study, Visit, WindowRule
from portal.domain.study_mapping import to_mapping

STUDY = study_file.from_toml((Path(schedule.__file__).parents[1] / "studies/demonstration.toml").read_bytes())
PARIS_SITE, STRASBOURG_SITE = STUDY.sites
PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
MONTREAL = ZoneInfo("America/Montreal")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # the tests give year to minute


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2027, 1, 31), 3, date(2027, 4, 30)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 12, 15), 1, date(2028, 1, 15)),
        (date(2027, 3, 31), -1, date(2027, 2, 28)),
        (date(2027, 3, 5), 0, date(2027, 3, 5)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, expected: date) -> None:
    assert schedule.add_months(day, months) == expected


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
def test_a_month_later_is_always_in_that_month_and_never_on_a_later_day_of_it(day: date, months: int) -> None:
    later = schedule.add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("count", "unit", "expected"),
    [
        (0, OffsetUnit.DAYS, date(2027, 1, 31)),
        (14, OffsetUnit.DAYS, date(2027, 2, 14)),
        (4, OffsetUnit.WEEKS, date(2027, 2, 28)),
        (1, OffsetUnit.MONTHS, date(2027, 2, 28)),
    ],
)
def test_visits_are_planned_from_inclusion(count: int, unit: OffsetUnit, expected: date) -> None:
    visit = Visit("V", {"fr": "V"}, Offset(count, unit), ("DLQI",), WindowRule(7, 2))
    assert schedule.planned_on(date(2027, 1, 31), visit) == expected


def test_a_window_holds_both_its_ends() -> None:
    window = schedule.window(STUDY.get_visit("M1"), date(2027, 3, 3))
    assert (window.opens_on, window.closes_on) == (date(2027, 2, 24), date(2027, 3, 5))
    assert date(2027, 2, 24) in window
    assert date(2027, 3, 5) in window
    assert date(2027, 2, 23) not in window
    assert date(2027, 3, 6) not in window


@pytest.mark.parametrize(
    ("site", "planned", "expected"),
    [
        # Monday: Friday and Thursday.
        (PARIS_SITE, date(2027, 3, 8), date(2027, 3, 4)),
        # Wednesday after Easter: Tuesday, then Friday; Easter Monday is 29 March.
        (PARIS_SITE, date(2027, 3, 31), date(2027, 3, 26)),
        # The same in Alsace, where Good Friday (26 March) is a holiday: Thursday.
        (STRASBOURG_SITE, date(2027, 3, 31), date(2027, 3, 25)),
        # Monday after Friday 1 May: Thursday and Wednesday.
        (PARIS_SITE, date(2026, 5, 4), date(2026, 4, 29)),
        # Monday after Ascension (Thursday 6 May): Friday, Wednesday.
        (PARIS_SITE, date(2027, 5, 10), date(2027, 5, 5)),
        # The same where the Friday is the site's own closure: Wednesday, Tuesday.
        (STRASBOURG_SITE, date(2027, 5, 10), date(2027, 5, 4)),
        # A visit on a Saturday: Friday, Thursday.
        (PARIS_SITE, date(2027, 3, 6), date(2027, 3, 4)),
    ],
)
def test_the_summary_is_due_two_working_days_before(site: Site, planned: date, expected: date) -> None:
    assert schedule.summary_due_on(STUDY, site, planned, is_public_holiday) == expected


def test_no_working_day_before_is_the_day_itself() -> None:
    assert schedule.working_days_before(date(2027, 3, 7), 0, lambda _: True) == date(2027, 3, 7)


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(1, 10))
def test_counting_forward_again_finds_as_many_working_days(day: date, count: int) -> None:
    due = schedule.working_days_before(
        day, count, lambda each: not schedule.is_working_day(PARIS_SITE, each, is_public_holiday)
    )
    between = [due + timedelta(days=n) for n in range((day - due).days)]
    assert sum(schedule.is_working_day(PARIS_SITE, each, is_public_holiday) for each in between) == count
    assert schedule.is_working_day(PARIS_SITE, due, is_public_holiday)


@pytest.mark.parametrize(
    ("zone", "day", "hour", "expected"),
    [
        (PARIS, date(2027, 3, 27), time(10), utc(2027, 3, 27, 9)),
        (PARIS, date(2027, 3, 28), time(10), utc(2027, 3, 28, 8)),
        # 2:00 becomes 3:00 at 1:00 UTC, so 2:30 is not shown: the first instant after the gap.
        (PARIS, date(2027, 3, 28), time(2, 30), utc(2027, 3, 28, 1)),
        (PARIS, date(2027, 3, 28), time(2), utc(2027, 3, 28, 1)),
        (PARIS, date(2027, 3, 28), time(3), utc(2027, 3, 28, 1)),
        # 3:00 becomes 2:00 at 1:00 UTC, so 2:30 is shown at 0:30 and at 1:30 UTC: the first.
        (PARIS, date(2027, 10, 31), time(2, 30), utc(2027, 10, 31, 0, 30)),
        (PARIS, date(2027, 10, 31), time(10), utc(2027, 10, 31, 9)),
        (REUNION, date(2027, 3, 28), time(10), utc(2027, 3, 28, 6)),
        (REUNION, date(2027, 10, 31), time(2, 30), utc(2027, 10, 30, 22, 30)),
        (MONTREAL, date(2027, 3, 14), time(2, 30), utc(2027, 3, 14, 7)),
        (MONTREAL, date(2027, 11, 7), time(1, 30), utc(2027, 11, 7, 5, 30)),
        (MONTREAL, date(2027, 1, 15), time(10), utc(2027, 1, 15, 15)),
    ],
)
def test_local_hours_are_instants_also_when_clocks_change(
    zone: ZoneInfo, day: date, hour: time, expected: datetime
) -> None:
    assert schedule.local_instant(day, hour, zone) == expected


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.times(), st.sampled_from([PARIS, REUNION, MONTREAL]))
def test_every_local_hour_falls_on_its_day(day: date, hour: time, zone: ZoneInfo) -> None:
    instant = schedule.local_instant(day, hour, zone)
    shown = instant.astimezone(zone)
    assert schedule.local_day(instant, zone) == day
    assert shown.time() >= hour


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        (utc(2027, 3, 1, 20, 30), REUNION, date(2027, 3, 2)),
        (utc(2027, 3, 2, 3), MONTREAL, date(2027, 3, 1)),
        (utc(2027, 3, 28, 22, 30), PARIS, date(2027, 3, 29)),
        (utc(2027, 3, 27, 22, 30), PARIS, date(2027, 3, 27)),
    ],
)
def test_the_day_is_the_sites(at: datetime, zone: ZoneInfo, expected: date) -> None:
    assert schedule.local_day(at, zone) == expected


def test_an_instant_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="zone"):
        schedule.local_day(datetime(2027, 3, 1), PARIS)  # noqa: DTZ001 - the fault under test


def test_the_messages_of_a_visit_that_spans_easter_and_the_clock_change() -> None:
    messages = schedule.planned_messages(STUDY, PARIS_SITE, STUDY.get_visit("M1"), date(2027, 3, 31), is_public_holiday)
    assert [(message.kind, message.due_on, message.due_at) for message in messages] == [
        (MessageKind.OPENING, date(2027, 3, 24), utc(2027, 3, 24, 9)),
        (MessageKind.SUMMARY, date(2027, 3, 26), utc(2027, 3, 26, 6)),
        (MessageKind.REMINDER_1, date(2027, 3, 26), utc(2027, 3, 26, 9)),
        (MessageKind.REMINDER_2, date(2027, 3, 28), utc(2027, 3, 28, 8)),
    ]


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_no_message_of_a_visit_is_doubled_or_outside_its_window(planned: date) -> None:
    visit = STUDY.get_visit("M3")
    messages = schedule.planned_messages(STUDY, STRASBOURG_SITE, visit, planned, is_public_holiday)
    assert len({message.kind for message in messages}) == len(messages) == 4
    days = schedule.window(visit, planned)
    assert all(message.due_on in days for message in messages if message.kind.to_patient)


def test_a_reminder_on_a_day_that_has_one_already_is_not_sent_twice() -> None:
    visit = Visit("V", {"fr": "V"}, Offset(0, OffsetUnit.DAYS), ("DLQI",), WindowRule(5, 2))
    # Opening on 1 March; two days after it and three days before the visit are both 3 March.
    assert schedule.reminder_days(STUDY, visit, date(2027, 3, 6), date(2027, 3, 4)) == (date(2027, 3, 3),)


def reminded(**reminders: object) -> Study:
    """The demonstration study with other reminders."""
    return study_file.from_mapping(to_mapping(STUDY) | {"reminders": reminders})


def kinds_and_days(study: Study, planned: date) -> list[tuple[str, date]]:
    messages = schedule.planned_messages(study, PARIS_SITE, study.get_visit("M1"), planned, is_public_holiday)
    return [(message.kind.value, message.due_on) for message in messages]


def test_the_last_call_takes_the_place_of_the_reminder_on_its_day() -> None:
    """Visit on Friday 5 March 2027, open from 26 February; the summary is due on Wednesday the 3rd."""
    study = reminded(days_after_opening=[2], days_before_visit=[3, 1], last_call=1)
    assert kinds_and_days(study, date(2027, 3, 5)) == [
        ("opening", date(2027, 2, 26)),
        ("reminder-1", date(2027, 2, 28)),
        ("last-call", date(2027, 3, 2)),
        ("summary", date(2027, 3, 3)),
        ("reminder-2", date(2027, 3, 4)),  # after the page was made, answers still make a new edition of it
    ]


def test_no_reminder_follows_the_last_call_until_the_summary_is_due() -> None:
    study = reminded(days_before_visit=[5, 4, 3], last_call=2)
    assert [kind for kind, _ in kinds_and_days(study, date(2027, 3, 5))] == [
        "opening",
        "reminder-1",  # on 28 February
        "last-call",  # on 1 March, as is the second reminder; the third would be on the 2nd
        "summary",
    ]


def test_a_last_call_that_would_not_come_after_the_opening_is_left_out() -> None:
    """Visit on Wednesday 31 March, open from the 24th; because of Easter Monday its summary is due on Friday 26."""
    assert ("last-call", date(2027, 3, 25)) in kinds_and_days(reminded(last_call=1), date(2027, 3, 31))
    assert [kind for kind, _ in kinds_and_days(reminded(last_call=2), date(2027, 3, 31))] == ["opening", "summary"]


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(1, 4), st.sets(st.integers(1, 6), max_size=3))
def test_a_last_call_shares_its_day_with_no_other_message(planned: date, before: int, reminders: set[int]) -> None:
    study = reminded(days_before_visit=sorted(reminders), last_call=before)
    told = [day for kind, day in kinds_and_days(study, planned) if kind != "summary"]
    assert len(set(told)) == len(told)
    days = dict(kinds_and_days(study, planned))
    if "last-call" in days:
        assert not any(days["last-call"] < day < days["summary"] for day in told)


def test_the_next_to_open_is_the_first_to_come_unless_one_is_open() -> None:
    windows = {
        "INC": schedule.Window(date(2027, 3, 1), date(2027, 3, 10)),
        "M1": schedule.Window(date(2027, 4, 1), date(2027, 4, 10)),
    }
    assert schedule.next_to_open(windows, date(2027, 2, 28)) == "INC"
    assert schedule.next_to_open(windows, date(2027, 3, 10)) is None
    assert schedule.next_to_open(windows, date(2027, 3, 11)) == "M1"
    assert schedule.next_to_open(windows, date(2027, 4, 11)) is None


def test_a_site_elsewhere_keeps_its_own_holidays() -> None:
    assert is_public_holiday(HolidayCalendar("FR", "FR-RE"), date(2027, 12, 20))
    assert not is_public_holiday(HolidayCalendar("FR"), date(2027, 12, 20))
