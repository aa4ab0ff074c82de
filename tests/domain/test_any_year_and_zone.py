"""Whatever the year, the zone and the protocol: no message is lost, doubled, or sent at night."""

import zoneinfo
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.adapters.public_holidays import is_public_holiday
from portal.domain import schedule
from portal.domain.foresight import foresee
from portal.domain.messages import MessageKind
from portal.domain.schedule import ONE_DAY, local_instant
from portal.domain.sending import Cancel, Facts, Leave, Reason, Send, decide
from portal.domain.study import Reminders, Site, Study, SummaryRule, Visit, WindowRule
from tests.factories import demonstration_study

STUDY = demonstration_study()
# A day that its zone leapt over (Samoa, 30 December 2011) is no day on which anyone can be seen.
DAYS = st.dates(date(2012, 1, 15), date(2070, 12, 31))
ZONES = st.sampled_from(sorted(zoneinfo.available_timezones() - {"localtime"}))


def hours(first: int, last: int) -> st.SearchStrategy[time]:
    return st.integers(first * 60, last * 60).map(lambda minutes: time(minutes // 60, minutes % 60))


@st.composite
def protocols(draw: st.DrawFn) -> tuple[Study, Site, Visit]:
    """A protocol with other hours, windows, reminders and deadlines, at a site anywhere."""
    earliest, hour, latest = sorted(draw(st.lists(hours(5, 22), min_size=3, max_size=3, unique=True)))
    window = WindowRule(draw(st.integers(0, 40)), draw(st.integers(0, 20)))
    days = st.lists(st.integers(1, 40), max_size=3, unique=True).map(sorted).map(tuple)
    study = replace(
        STUDY,
        reminders=Reminders(draw(days), draw(days)[:2], draw(st.none() | st.integers(1, 20))),
        messages=replace(STUDY.messages, hour=hour, earliest=earliest, latest=latest, invitation=draw(st.booleans())),
        summary=SummaryRule(draw(st.integers(0, 10)), draw(hours(5, 22)), "fr"),
    )
    site = replace(STUDY.sites[0], time_zone=draw(ZONES), closures=tuple(draw(st.lists(DAYS, max_size=3))))
    return study, site, replace(STUDY.visits[1], window=window)


_TOLD = (Reason.TOLD_TODAY, True)


def shown(at: datetime, site: Site) -> tuple[date, time]:
    local = at.astimezone(site.zone)
    return local.date(), local.time()


@st.composite
def moments(draw: st.DrawFn) -> tuple[date, time, zoneinfo.ZoneInfo]:
    """An hour of a day somewhere, more often than not of a day on which the clocks there change."""
    day, zone = draw(DAYS), zoneinfo.ZoneInfo(draw(ZONES))
    days = [date(day.year, 1, 1) + count * ONE_DAY for count in range(366)]
    offsets = [datetime.combine(each, time(0), zone).utcoffset() for each in [*days, days[-1] + ONE_DAY]]
    changing = [each for each, (now, then) in zip(days, pairwise(offsets), strict=True) if now != then]
    return draw(st.sampled_from([*changing, day])), draw(st.one_of(hours(0, 4), hours(0, 23))), zone


@settings(deadline=None, max_examples=300)  # the first look into a zone's file takes its time
@given(moments())
def test_every_hour_of_every_day_is_the_first_instant_at_which_the_clocks_have_come_so_far(
    moment: tuple[date, time, zoneinfo.ZoneInfo],
) -> None:
    day, hour, zone = moment
    at, wanted = local_instant(day, hour, zone), datetime.combine(day, hour)
    local = at.astimezone(zone).replace(tzinfo=None)
    # A day may lack its last hour (Greenland, 30 March 2024): then midnight is the first instant after it.
    assert local.date() == day or local == datetime.combine(day + ONE_DAY, time(0))
    # Later than asked for only when the clocks skip the hour, and then by no more than they skip.
    assert timedelta(0) <= local - wanted <= timedelta(hours=2)
    for minutes in (1, 15, 30, 60, 120):
        earlier = (at - timedelta(minutes=minutes)).astimezone(zone)
        assert earlier.replace(tzinfo=None) < wanted, "it had been so late already"


def days_by_hand(study: Study, site: Site, visit: Visit, planned: date) -> dict[str, list[date]]:
    """What the protocol asks for, said once more: counted off on the calendar, and not by what plans."""
    opens, closes = (
        planned - visit.window.opens_days_before * ONE_DAY,
        planned + visit.window.closes_days_after * ONE_DAY,
    )
    before = [planned - count * ONE_DAY for count in range(1, 60)]
    worked = [
        day
        for day in before
        if day.isoweekday() <= 5 and day not in site.closures and not is_public_holiday(site.holidays, day)
    ]
    wanted, count = study.reminders, study.summary.working_days_before
    summary = worked[count - 1] if count else planned
    last_call = [summary - wanted.last_call * ONE_DAY] if wanted.last_call else []
    last_call = [day for day in last_call if day > opens]
    reminders = [opens + count * ONE_DAY for count in wanted.days_after_opening]
    reminders += [planned - count * ONE_DAY for count in wanted.days_before_visit]
    kept = {day for day in reminders if opens < day <= closes and not any(call <= day < summary for call in last_call)}
    return {"opening": [opens], "reminder": sorted(kept), "last-call": last_call, "summary": [summary]}


@settings(deadline=None, max_examples=300)
@given(protocols(), DAYS)
def test_whatever_the_protocol_asks_for_is_planned_for_its_day_and_nothing_else(
    protocol: tuple[Study, Site, Visit], planned: date
) -> None:
    study, site, visit = protocol
    found: dict[str, list[date]] = {"opening": [], "reminder": [], "last-call": [], "summary": []}
    for message in schedule.planned_messages(study, site, visit, planned, is_public_holiday):
        kind = "reminder" if message.kind.value.startswith("reminder") else message.kind.value
        found[kind].append(message.due_on)
        assert shown(message.due_at, site)[0] == message.due_on
    assert found == days_by_hand(study, site, visit, planned)


@settings(deadline=None, max_examples=400)
@given(protocols(), DAYS, st.timedeltas(timedelta(days=-60), timedelta(days=60)))
def test_each_planned_message_leaves_once_by_day_or_is_given_up_for_a_reason(
    protocol: tuple[Study, Site, Visit], planned: date, worker_from: timedelta
) -> None:
    """The worker may have been away until any moment: what was due before is due then."""
    study, site, visit = protocol
    messages = schedule.planned_messages(study, site, visit, planned, is_public_holiday)
    assert max(Counter(message.kind for message in messages).values()) == 1
    at = datetime.combine(planned, time(12), UTC) + worker_from
    foreseen = foresee(study, site, visit, planned, messages, at=at, has_address=True)
    assert Counter(each.kind for each in foreseen) == Counter(each.kind for each in messages)
    told = Counter()  # type: ignore[var-annotated] # of days
    window = schedule.window(visit, planned)
    for each in foreseen:
        day, hour = shown(each.at, site)
        if each.reason is not None:
            last = planned if each.kind.to_patient else window.closes_on
            assert each.reason is Reason.TOO_LATE if day > last else (each.reason, day in told) == _TOLD
            continue
        if each.kind.to_patient:
            assert study.messages.earliest <= hour <= study.messages.latest
            assert window.opens_on <= day <= planned
            told[day] += 1
        else:
            assert min(study.messages.earliest, study.summary.hour) <= hour <= study.messages.latest
    assert all(count == 1 for count in told.values())


@settings(deadline=None, max_examples=200)
@given(protocols(), DAYS)
def test_a_worker_that_was_never_away_sends_each_on_its_day_at_its_hour(
    protocol: tuple[Study, Site, Visit], planned: date
) -> None:
    study, site, visit = protocol
    messages = schedule.planned_messages(study, site, visit, planned, is_public_holiday)
    long_before = datetime.combine(planned, time(0), UTC) - timedelta(days=120)
    foreseen = {
        each.kind: each for each in foresee(study, site, visit, planned, messages, at=long_before, has_address=True)
    }
    for message in messages:
        if message.kind.to_patient and message.due_on <= planned:
            assert foreseen[message.kind].reason is None, "lost"
            assert foreseen[message.kind].at == message.due_at
            assert shown(message.due_at, site) == (message.due_on, study.messages.hour)
    due_on = schedule.summary_due_on(study, site, planned, is_public_holiday)
    assert due_on <= planned
    assert (due_on == planned) == (study.summary.working_days_before == 0)


@settings(deadline=None, max_examples=300)
@given(
    protocols(), DAYS, st.lists(st.integers(1, 6 * 24 * 60), min_size=1, max_size=60), st.integers(0, 60), st.booleans()
)
def test_however_seldom_the_worker_comes_by_nothing_is_doubled_or_sent_at_night(
    protocol: tuple[Study, Site, Visit], planned: date, pauses: list[int], early: int, invited: bool
) -> None:
    """Rounds at any minutes, with pauses of up to six days: what each decides, decides for good or puts off.

    Who was invited on the day of the opening gets that on the next one.
    """
    study, site, visit = protocol
    waiting = {
        message.kind: message.due_at
        for message in schedule.planned_messages(study, site, visit, planned, is_public_holiday)
        if message.kind.to_patient
    }
    everything, sent, given_up = set(waiting), Counter[Any](), set()
    told = {schedule.window(visit, planned).opens_on} if invited else set[date]()
    now = datetime.combine(planned, time(7, 13), UTC) - early * ONE_DAY
    for pause in [*pauses, 150 * 24 * 60, 24 * 60, 24 * 60]:
        for kind in [kind for kind, due_at in waiting.items() if due_at <= now]:
            day, hour = shown(now, site)
            facts = Facts(kind, planned, schedule.window(visit, planned), told_today=day in told)
            match decide(facts, study, site.zone, now):
                case Send():
                    assert study.messages.earliest <= hour <= study.messages.latest
                    assert day not in told
                    sent[kind] += 1
                    told.add(day)
                    del waiting[kind]
                case Leave(until):
                    assert until > now
                    morning = study.messages.hour if day in told else study.messages.earliest
                    next_day = day in told or hour > study.messages.latest
                    assert shown(until, site) == (day + ONE_DAY if next_day else day, morning)
                    waiting[kind] = until
                case Cancel(reason):
                    assert reason is Reason.TOO_LATE if day > planned else (reason, day in told) == _TOLD
                    assert kind is not MessageKind.OPENING or reason is Reason.TOO_LATE
                    given_up.add(kind)
                    del waiting[kind]
        now += timedelta(minutes=pause)
    assert waiting == {}
    assert set(sent) | given_up == everything
    assert not set(sent) & given_up
    assert all(count == 1 for count in sent.values())
