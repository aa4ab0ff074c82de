"""When things are due: planned days, windows, working days, and local hours as instants; pure date arithmetic."""

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from portal.domain.messages import REMINDERS, MessageKind
from portal.domain.study import HolidayCalendar, OffsetUnit, Site, Study, Visit

K = TypeVar("K")
ONE_DAY = timedelta(days=1)
SATURDAY = 5

IsPublicHoliday = Callable[[HolidayCalendar, date], bool]
"""Whether a day is a public holiday in a calendar; portal.adapters.public_holidays gives the real one."""


@dataclass(frozen=True, slots=True)
class Window:
    """The local days on which a visit's questionnaires are open, both included."""

    opens_on: date
    closes_on: date

    def __contains__(self, day: date) -> bool:
        """Whether answers are taken on this local day."""
        return self.opens_on <= day <= self.closes_on


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """A message that a visit gives rise to, its local day, and the UTC instant from which it may leave."""

    kind: MessageKind
    due_on: date
    due_at: datetime


def add_months(day: date, months: int) -> date:
    """Go forward (or back) by calendar months; a day that the month lacks becomes its last.

    31 January + 1 month is 28 February, or 29 in a leap year.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def planned_on(included_on: date, visit: Visit) -> date:
    """Answer the protocol's day for a visit of a participant included on this day."""
    offset = visit.after_inclusion
    if offset.unit is OffsetUnit.MONTHS:
        return add_months(included_on, offset.count)
    return included_on + timedelta(**{offset.unit.value: offset.count})


def window(visit: Visit, planned: date) -> Window:
    """Answer on which days the questionnaires of a visit planned on this day are open."""
    rule = visit.window
    return Window(planned - rule.opens_days_before * ONE_DAY, planned + rule.closes_days_after * ONE_DAY)


def is_working_day(site: Site, day: date, is_public_holiday: IsPublicHoliday) -> bool:
    """Whether the site works: no Saturday or Sunday, no public holiday of its calendar, none of its closures."""
    return day.weekday() < SATURDAY and day not in site.closures and not is_public_holiday(site.holidays, day)


def working_days_before(day: date, count: int, is_closed: Callable[[date], bool]) -> date:
    """Answer the count-th working day strictly before `day` (count 1 or more), or `day` itself for 0.

    Whether `day` itself is a working day plays no part.
    """
    while count > 0:
        day -= ONE_DAY
        if not is_closed(day):
            count -= 1
    return day


def summary_due_on(study: Study, site: Site, planned: date, is_public_holiday: IsPublicHoliday) -> date:
    """Answer the last local day on which the summary of a visit planned on this day must reach the site."""
    return working_days_before(
        planned,
        study.summary.working_days_before,
        lambda day: not is_working_day(site, day, is_public_holiday),
    )


def local_instant(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """Answer the UTC instant at which the zone's clocks show this hour on this day.

    An hour that the clocks skip in spring gives the first instant after the gap; one that they show twice in autumn,
    the first of the two.
    """
    # fold=0 means the first of two in autumn, and the offset in force before the change in spring.
    instant = datetime.combine(day, hour.replace(fold=0), zone).astimezone(UTC)
    shown = instant.astimezone(zone)
    if shown.replace(tzinfo=None) == datetime.combine(day, hour):
        return instant
    return _end_of_gap(instant, zone)


def _end_of_gap(instant: datetime, zone: ZoneInfo) -> datetime:
    """Answer the instant of the clock change of the last day before `instant`, found to the second by bisection."""
    after, before = instant, instant - timedelta(days=1)
    offset_after = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset_after:
            after = middle
        else:
            before = middle
    return after


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """Answer which day it is in the zone at this aware instant."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(zone).date()


def next_to_open(windows: Mapping[K, Window], today: date) -> K | None:
    """Answer whose window is the next to open; None when one is open today, or none is to come."""
    if any(today in each for each in windows.values()):
        return None
    to_come = [key for key, each in windows.items() if each.opens_on > today]
    return min(to_come, key=lambda key: windows[key].opens_on, default=None)


def last_call_day(study: Study, visit: Visit, planned: date, summary_day: date) -> date | None:
    """Answer the local day of the last message before the summary is due on `summary_day`.

    None when the study wants none, or when it would not fall after the opening day.
    """
    if study.reminders.last_call is None:
        return None
    day = summary_day - study.reminders.last_call * ONE_DAY
    return day if day > window(visit, planned).opens_on else None


def reminder_days(study: Study, visit: Visit, planned: date, summary_day: date) -> tuple[date, ...]:
    """Answer the local days of the reminders, ascending, each once, after the opening day and within the window.

    From the day of the last call on, none falls before the summary is due on `summary_day`: else it were not the last.
    """
    days, last_call = window(visit, planned), last_call_day(study, visit, planned, summary_day)
    wanted = {days.opens_on + count * ONE_DAY for count in study.reminders.days_after_opening}
    wanted |= {planned - count * ONE_DAY for count in study.reminders.days_before_visit}
    silent = Window(last_call, summary_day - ONE_DAY) if last_call else ()
    return tuple(sorted(day for day in wanted if day in days and day > days.opens_on and day not in silent))


def planned_messages(
    study: Study, site: Site, visit: Visit, planned: date, is_public_holiday: IsPublicHoliday
) -> tuple[PlannedMessage, ...]:
    """Answer every message that a visit planned on this day gives rise to, in the order in which they are due.

    Whether one is still wanted (answered, withdrawn, no address) is decided when it is sent, not here.
    """

    def due(kind: MessageKind, day: date, hour: time) -> PlannedMessage:
        return PlannedMessage(kind, day, local_instant(day, hour, site.zone))

    hour = study.messages.hour
    summary_day = summary_due_on(study, site, planned, is_public_holiday)
    days = reminder_days(study, visit, planned, summary_day)
    messages = [
        due(MessageKind.OPENING, window(visit, planned).opens_on, hour),
        *(due(kind, day, hour) for kind, day in zip(REMINDERS, days, strict=False)),
        due(MessageKind.SUMMARY, summary_day, study.summary.hour),
    ]
    if last_call := last_call_day(study, visit, planned, summary_day):
        messages.append(due(MessageKind.LAST_CALL, last_call, hour))
    return tuple(sorted(messages, key=lambda message: message.due_at))
