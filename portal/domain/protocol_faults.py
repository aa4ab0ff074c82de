"""What looks wrong in a protocol that is right as a file: reminders that never leave, summaries due before the opening.

Every rule is tried on each working day of inclusion, at each site, by the rules of the schedule and of sending.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.domain import schedule
from portal.domain.foresight import foresee
from portal.domain.protocol_rules import WEEK, FaultKind, Look, Sight, VisitInSight, look
from portal.domain.schedule import ONE_DAY, IsPublicHoliday
from portal.domain.study import Site, Study

__all__ = ["FaultKind", "ProtocolFault", "find"]

SELDOM = 10
"""That no reminder is in time is the protocol's doing from one visit in so many; else the holidays'."""

_BY_HOLIDAYS = {FaultKind.REMINDERS_AFTER_SUMMARY, FaultKind.REMINDER_AFTER_LAST_CALL}

_LARGEST = {
    FaultKind.SUMMARY_BEFORE_OPENING,
    FaultKind.CLOSURES_BEFORE_OPENING,
    FaultKind.SUMMARY_BEFORE_INCLUSION,
}
"""Of these the largest number of days does for all; of the others the smallest."""


@dataclass(frozen=True)
class ProtocolFault:
    """A fault with its first example: at which site, for whom included when, and on which local day it shows.

    key: in the study file;  visits: whose, by code;  message, value: which kind, how many days, where it is about one;
    days, of: for how many of the days of inclusion that were tried, at all sites;
    site: the code, None when it shows at every site;  wanted: how many days would do, where that can be told.
    """

    kind: FaultKind
    key: str
    visits: tuple[str, ...]
    message: str
    value: int | None
    site: str | None
    included_on: date
    shows_on: date
    days: int
    of: int
    wanted: int | None = None


def find(study: Study, is_public_holiday: IsPublicHoliday, *, first: date, last: date) -> tuple[ProtocolFault, ...]:
    """Answer what looks wrong for those who are included from `first` to `last`, on working days of their site."""
    looks = list(_looks(study, is_public_holiday, first, last))
    found: dict[tuple[object, ...], list[tuple[Look, Sight]]] = {}
    for each, sight in look(looks):
        # Of two visits the pair is what is wrong; else the same fault of several visits is one fault.
        pair = (sight.seen.visit, sight.seen.other) if sight.seen.other else None
        same = (sight.seen.kind, sight.seen.key, sight.seen.message, sight.seen.value, pair)
        found.setdefault(same, []).append((each, sight))
    faults = [_fault(study, sights, len(looks)) for sights in found.values() if not _is_seldom(sights, len(looks))]
    order = list(FaultKind)
    return tuple(
        sorted(faults, key=lambda fault: (order.index(fault.kind), fault.key, fault.included_on, fault.shows_on))
    )


def _fault(study: Study, sights: list[tuple[Look, Sight]], tried: int) -> ProtocolFault:
    first, example = min(sights, key=lambda pair: (pair[0].included_on, pair[0].site_number))
    sites = {each.site_number for each, _ in sights}
    concerned = {code for _, sight in sights for code in (sight.seen.visit, sight.seen.other)}
    wanted = [sight.wanted for _, sight in sights]
    choose = max if example.seen.kind in _LARGEST else min
    return ProtocolFault(
        kind=example.seen.kind,
        key=example.seen.key,
        visits=tuple(visit.code for visit in study.visits if visit.code in concerned),
        message=example.seen.message,
        value=example.seen.value,
        site=None if len(sites) == len(study.sites) else first.site.code,
        included_on=first.included_on,
        shows_on=example.shows_on,
        days=len({(each.site_number, each.included_on) for each, _ in sights}),
        of=tried,
        wanted=None if None in wanted else choose(days for days in wanted if days is not None),
    )


def _is_seldom(sights: list[tuple[Look, Sight]], tried: int) -> bool:
    seen = [sight.seen for _, sight in sights]
    visits = {each.visit for each in seen}
    by_holidays = seen[0].kind in _BY_HOLIDAYS or seen[0].key == "reminders.last_call"
    return by_holidays and len(seen) * SELDOM < tried * len(visits)


def _looks(study: Study, is_public_holiday: IsPublicHoliday, first: date, last: date) -> Iterator[Look]:
    for site_number, site in enumerate(study.sites, start=1):
        for count in range((last - first).days + 1):
            day = first + count * ONE_DAY
            if schedule.is_working_day(site, day, is_public_holiday):
                visits = tuple(
                    _visit(study, site, number, schedule.planned_on(day, visit), is_public_holiday)
                    for number, visit in enumerate(study.visits, start=1)
                )
                yield Look(study, site, site_number, day, visits, is_public_holiday)


def _visit(study: Study, site: Site, number: int, on: date, is_public_holiday: IsPublicHoliday) -> VisitInSight:
    visit = study.visits[number - 1]
    planned = schedule.planned_messages(study, site, visit, on, is_public_holiday)
    long_before = min(each.due_at for each in planned) - WEEK
    foreseen = foresee(study, site, visit, on, planned, at=long_before, has_address=True)
    return VisitInSight(
        number=number,
        visit=visit,
        on=on,
        window=schedule.window(visit, on),
        due_on=schedule.summary_due_on(study, site, on, is_public_holiday),
        messages=tuple(zip(sorted(planned, key=lambda each: each.due_at), foreseen, strict=True)),
    )
