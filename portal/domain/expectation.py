"""What the protocol expects to have left for a visit by a day, reckoned plainly, apart from what plans and sends.

Nothing here is shared with portal.domain.schedule or portal.domain.sending: a fault of theirs must not hide itself.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from portal.domain.study import HolidayCalendar, Site, Study, Visit

IsPublicHoliday = Callable[[HolidayCalendar, date], bool]

SUMMARY = "summary"
OPENING = "opening"
LAST_CALL = "last-call"
_DAY = timedelta(days=1)
_SATURDAY = 5
_REMINDERS = 5


@dataclass(frozen=True, slots=True)
class Expected:
    """`what` (a kind of message to the patient, or "summary") is to have left by the end of this local day."""

    what: str
    on: date


@dataclass(frozen=True, slots=True)
class Seen:
    """A message that was found: what became of it, and why not; codes as the store has them."""

    status: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """A visit's local day, the last one of its window, and today."""

    planned_on: date
    closes_on: date
    today: date


@dataclass(frozen=True, slots=True)
class Known:
    """What is true of a visit and its participant; days are local to the site.

    answered_on: when the last of its questionnaires was sent; None while one is missing.
    stops:       between which days she wished no messages; None = still.
    made_on:     when the current summary was made; None = there is none.
    messages:    what was found, by kind; of summaries, those of the current edition.
    """

    enrolled_on: date
    withdrawn_on: date | None = None
    paused_on: date | None = None
    answered_on: date | None = None
    moved_on: date | None = None
    stops: Sequence[tuple[date, date | None]] = ()
    made_on: date | None = None
    messages: Mapping[str, Sequence[Seen]] = field(default_factory=dict)


def expected_of(
    study: Study, site: Site, visit: Visit, planned: date, is_public_holiday: IsPublicHoliday
) -> list[Expected]:
    """Answer what a visit planned on this day gives rise to, and by which day."""
    opens, closes = planned - visit.window.opens_days_before * _DAY, planned + visit.window.closes_days_after * _DAY
    summary, left = planned, study.summary.working_days_before
    while left:
        summary -= _DAY
        works = summary.weekday() < _SATURDAY and summary not in site.closures
        left -= works and not is_public_holiday(site.holidays, summary)
    found = [Expected(OPENING, opens), Expected(SUMMARY, summary)]
    reminders = {opens + days * _DAY for days in study.reminders.days_after_opening}
    reminders |= {planned - days * _DAY for days in study.reminders.days_before_visit}
    if study.reminders.last_call is not None:
        last = summary - study.reminders.last_call * _DAY
        if last > opens:
            found.append(Expected(LAST_CALL, last))
            reminders = {day for day in reminders if not last <= day < summary}
    of_use = sorted(day for day in reminders if opens < day <= closes)[:_REMINDERS]
    return found + [Expected(f"reminder-{number}", day) for number, day in enumerate(of_use, 1)]


def is_missing(expected: Expected, known: Known, days: Days) -> bool:
    """Whether something should have left before today, and did not, and nothing innocent explains it."""
    learnt_on = max(known.enrolled_on, known.moved_on or known.enrolled_on)
    by = max(expected.on, learnt_on)
    if days.today <= by or learnt_on > days.closes_on:
        return False
    if expected.what == SUMMARY:
        return not (known.withdrawn_on and known.withdrawn_on <= by) and _is_summary_missing(known, days.today)
    if learnt_on >= expected.on and not _is_late_opening(expected, known, days):
        return False
    if _is_excused(known, by):
        return False
    return not any(_is_accounted_for(seen, known) for seen in known.messages.get(expected.what, ()))


def _is_late_opening(expected: Expected, known: Known, days: Days) -> bool:
    """Whether whoever was enrolled within her window should have been written to since: on the day, or the next."""
    soon = known.enrolled_on + _DAY
    return expected.what == OPENING and known.moved_on is None and soon < min(days.planned_on, days.today)


def _is_summary_missing(known: Known, today: date) -> bool:
    if known.made_on is None:
        return True
    if today <= known.made_on + _DAY:
        return False  # a newer edition, made at night, leaves in the morning
    found = known.messages.get(SUMMARY, ())
    return not any(seen.status not in _WAITING and seen.reason != "too-late" for seen in found)


def _is_excused(known: Known, on: date) -> bool:
    """Whether on that day she was to be sent nothing."""
    since = (known.answered_on, known.withdrawn_on, known.paused_on)
    return any(day is not None and day <= on for day in since) or _is_stopped(known.stops, on)


def _is_stopped(stops: Sequence[tuple[date, date | None]], on: date) -> bool:
    return any(first <= on and (last is None or on <= last) for first, last in stops)


def _is_accounted_for(seen: Seen, known: Known) -> bool:
    """Whether a message left, or failed for staff to see, or was cancelled for a reason that is true."""
    if seen.status in _WAITING:
        return False
    if seen.status != "cancelled":
        return True
    truths: Mapping[str | None, bool] = {
        "too-late": False,
        "answered": known.answered_on is not None,
        "stopped": bool(known.stops),
        "told-today": any(_has_left(each) for kind, each in known.messages.items() if kind != SUMMARY),
    }
    return truths.get(seen.reason, True)


def _has_left(messages: Collection[Seen]) -> bool:
    return any(each.status in ("sent", "unknown") for each in messages)


_WAITING = ("planned", "claimed")
