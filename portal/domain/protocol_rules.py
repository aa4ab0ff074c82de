"""The rules by which a protocol looks wrong, each tried on the visits of one day of inclusion at one site; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from portal.domain import schedule
from portal.domain.foresight import Foreseen
from portal.domain.messages import REMINDERS, REMINDING, MessageKind
from portal.domain.schedule import ONE_DAY, IsPublicHoliday, PlannedMessage, Window, local_day, local_instant
from portal.domain.study import Site, Study, Visit

WEEK = timedelta(days=7)
"""Over which days a questionnaire asks: answered twice within them, it asks of the same days twice."""


class FaultKind(StrEnum):
    """What looks wrong; templates/components/protocol_fault.html says it in words, and what to change."""

    REMINDER_OUTSIDE_WINDOW = "reminder-outside-window"
    REMINDER_AFTER_VISIT = "reminder-after-visit"
    REMINDERS_ON_ONE_DAY = "reminders-on-one-day"
    REMINDER_AFTER_LAST_CALL = "reminder-after-last-call"
    REMINDERS_AFTER_SUMMARY = "reminders-after-summary"
    MESSAGE_NEVER_LEAVES = "message-never-leaves"
    MESSAGE_OUTSIDE_HOURS = "message-outside-hours"
    SUMMARY_OUTSIDE_HOURS = "summary-outside-hours"
    SUMMARY_BEFORE_OPENING = "summary-before-opening"
    CLOSURES_BEFORE_OPENING = "closures-before-opening"
    SUMMARY_BEFORE_INCLUSION = "summary-before-inclusion"
    VISITS_OVERLAP = "visits-overlap"
    TWICE_WITHIN_A_WEEK = "twice-within-a-week"
    SEVERAL_MESSAGES_A_DAY = "several-messages-a-day"


class Seen(NamedTuple):
    """What is seen, the same for each day of inclusion: `key` in the study file, visits by code.

    other: a second visit;  message: the kind of message that it is about;  value: what the file says, in days.
    """

    kind: FaultKind
    key: str
    visit: str
    other: str = ""
    message: str = ""
    value: int | None = None


class Sight(NamedTuple):
    """What is seen for one day of inclusion, on which local day it shows, and how many days would do."""

    seen: Seen
    shows_on: date
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class VisitInSight:
    """A visit as it falls for one day of inclusion; `number` counts the file's visits from 1, as keys do."""

    number: int
    visit: Visit
    on: date
    window: Window
    due_on: date
    messages: tuple[tuple[PlannedMessage, Foreseen], ...]

    @property
    def told(self) -> list[Foreseen]:
        """What reaches the patient."""
        return [each for _, each in self.messages if each.kind.to_patient and each.reason is None]


@dataclass(frozen=True, slots=True)
class Look:
    """Looks at the visits of whoever is included on one day at one site; `site_number` counts from 1."""

    study: Study
    site: Site
    site_number: int
    included_on: date
    visits: tuple[VisitInSight, ...]
    is_public_holiday: IsPublicHoliday

    def sights(self) -> Iterator[Sight]:
        """Give everything that looks wrong."""
        for each in self.visits:
            yield from self._of_reminders(each)
            yield from self._of_messages(each)
            yield from self._of_summary(each)
        in_time = sorted(self.visits, key=lambda each: each.on)
        for before, after in combinations(in_time, 2):
            yield from self._of_two(before, after)

    def _of_reminders(self, each: VisitInSight) -> Iterator[Sight]:
        """Reminders of the file that this visit's window leaves out, or that sending would give up."""
        rule, wanted = each.visit.window, self.study.reminders
        opens, code = rule.opens_days_before, each.visit.code
        for count in wanted.days_after_opening:
            seen = Seen(FaultKind.REMINDER_OUTSIDE_WINDOW, "reminders.days_after_opening", code, value=count)
            if opens < count <= opens + rule.closes_days_after:
                seen = seen._replace(kind=FaultKind.REMINDER_AFTER_VISIT)
            if count > opens:
                yield Sight(seen, each.window.opens_on + count * ONE_DAY, opens or None)
        for count in wanted.days_before_visit:
            seen = Seen(FaultKind.REMINDER_OUTSIDE_WINDOW, "reminders.days_before_visit", code, value=count)
            if count >= opens:
                yield Sight(seen, each.on - count * ONE_DAY, opens - 1 if opens else None)
            elif opens - count in wanted.days_after_opening:
                yield Sight(seen._replace(kind=FaultKind.REMINDERS_ON_ONE_DAY), each.on - count * ONE_DAY)
        if wanted.last_call:
            yield from self._of_last_call(each)
        if wanted.last_call and all(planned.kind is not MessageKind.LAST_CALL for planned, _ in each.messages):
            seen = Seen(FaultKind.REMINDER_OUTSIDE_WINDOW, "reminders.last_call", code, value=wanted.last_call)
            fewer = (each.due_on - each.window.opens_on).days - 1
            yield Sight(seen, each.due_on - wanted.last_call * ONE_DAY, fewer if fewer > 0 else None)

    def _of_last_call(self, each: VisitInSight) -> Iterator[Sight]:
        """Reminders that would fall between the last call and the summary, and are left out for it."""
        reminding = {planned.due_on for planned, _ in each.messages if planned.kind in REMINDERS}
        wanted, code, kind = self.study.reminders, each.visit.code, FaultKind.REMINDER_AFTER_LAST_CALL
        opens_on = each.window.opens_on
        days = [("days_after_opening", count, opens_on + count * ONE_DAY) for count in wanted.days_after_opening]
        days += [("days_before_visit", count, each.on - count * ONE_DAY) for count in wanted.days_before_visit]
        for name, count, day in days:
            if opens_on < day < each.due_on and day not in reminding:
                yield Sight(Seen(kind, f"reminders.{name}", code, value=count), day)

    def _of_messages(self, each: VisitInSight) -> Iterator[Sight]:
        """What waits for another hour, or never leaves; of reminders that are too late the rule before tells."""
        for planned, foreseen in each.messages:
            about = Seen(FaultKind.MESSAGE_NEVER_LEAVES, "messages", each.visit.code, message=planned.kind)
            waits = foreseen.at > planned.due_at
            if planned.kind is MessageKind.SUMMARY:
                about = about._replace(kind=FaultKind.SUMMARY_OUTSIDE_HOURS, key="summary.hour")
                if waits and local_day(foreseen.at, self.site.zone) > planned.due_on:
                    yield Sight(about, planned.due_on)
            elif foreseen.reason is None and waits:
                yield Sight(about._replace(kind=FaultKind.MESSAGE_OUTSIDE_HOURS, key="messages.hour"), planned.due_on)
            elif foreseen.reason is not None and planned.kind not in REMINDING:
                yield Sight(about, planned.due_on)

    def _of_summary(self, each: VisitInSight) -> Iterator[Sight]:
        """A summary that is due before its patient is there, was asked, or was reminded."""
        code, days = each.visit.code, self.study.summary.working_days_before
        if each.due_on < self.included_on:
            seen = Seen(FaultKind.SUMMARY_BEFORE_INCLUSION, "summary.working_days_before", code, value=days)
            yield Sight(seen, each.due_on, (self.included_on - min(each.due_on, each.window.opens_on)).days)
        told = sorted(message.at for message in each.told)
        if not told:
            return
        hour, zone = self.study.summary.hour, self.site.zone
        if local_instant(each.due_on, hour, zone) <= told[0]:
            open_all_year = replace(self.site, closures=())
            due_on = schedule.summary_due_on(self.study, open_all_year, each.on, self.is_public_holiday)
            needed = (each.on - each.due_on).days + 1
            if local_instant(due_on, hour, zone) > told[0]:
                key = f"sites[{self.site_number}].closures"
                yield Sight(Seen(FaultKind.CLOSURES_BEFORE_OPENING, key, code), each.due_on, needed)
            else:
                seen = Seen(FaultKind.SUMMARY_BEFORE_OPENING, "summary.working_days_before", code, value=days)
                yield Sight(seen, each.due_on, needed)
        elif len(told) > 1 and local_instant(each.due_on, hour, zone) <= told[1]:
            yield Sight(Seen(FaultKind.REMINDERS_AFTER_SUMMARY, "reminders", code), local_day(told[1], zone))

    def _of_two(self, before: VisitInSight, after: VisitInSight) -> Iterator[Sight]:
        """Two visits so near that their windows meet, a questionnaire asks twice of the same days, or mails pile up."""
        key = self._window_key(after)
        apart = (after.on - before.window.closes_on).days
        two = Seen(FaultKind.VISITS_OVERLAP, key, before.visit.code, other=after.visit.code)
        both = set(before.visit.instruments) & set(after.visit.instruments)
        if after.window.opens_on <= before.window.closes_on:
            yield Sight(two, after.window.opens_on, _or_none(apart - 1))
        elif both and after.window.opens_on - before.window.closes_on < WEEK:
            yield Sight(
                two._replace(kind=FaultKind.TWICE_WITHIN_A_WEEK),
                after.window.opens_on,
                _or_none(apart - WEEK.days),
            )
        days = [{local_day(message.at, self.site.zone) for message in each.told} for each in (before, after)]
        for day in sorted(days[0] & days[1])[:1]:
            yield Sight(two._replace(kind=FaultKind.SEVERAL_MESSAGES_A_DAY), day)

    def _window_key(self, each: VisitInSight) -> str:
        """Name the window where the file says it: with the visit, or once for all."""
        own = each.visit.window != self.study.window
        return f"visits[{each.number}].window.opens_days_before" if own else "window.opens_days_before"


def look(looks: Iterable[Look]) -> Iterator[tuple[Look, Sight]]:
    """Give what each look sees, what it sees twice once."""
    for each in looks:
        for sight in {sight.seen: sight for sight in each.sights()}.values():
            yield each, sight


def _or_none(days: int) -> int | None:
    return days if days >= 0 else None
