"""Whether a message may leave: worked cases at a site in Paris; the visit is on 5 March 2027, open 26/2 to 7/3."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.domain.messages import MessageKind
from portal.domain.schedule import Window
from portal.domain.sending import Cancel, Decision, Facts, Leave, Reason, Send, decide, wait_after
from tests.factories import demonstration_study

STUDY = demonstration_study()
PARIS = ZoneInfo("Europe/Paris")
REMINDER = Facts(
    kind=MessageKind.REMINDER_1,
    planned_on=date(2027, 3, 5),
    window=Window(date(2027, 2, 26), date(2027, 3, 7)),
)
SUMMARY = replace(REMINDER, kind=MessageKind.SUMMARY, made_at=datetime(2027, 3, 3, 6, 0, tzinfo=UTC))


ASKED = datetime(2027, 3, 3, 22, 0, tzinfo=UTC)
FRESH_LINK = replace(REMINDER, kind=MessageKind.FRESH_LINK, asked_at=ASKED)


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """A day of March and an hour by the clocks of Paris."""
    return datetime(2027, 3, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def decided(facts: Facts, at: datetime) -> Decision:
    return decide(facts, STUDY, PARIS, at)


def test_by_day_a_reminder_leaves() -> None:
    assert decided(REMINDER, on(2, 10)) == Send()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"withdrawn": True}, Reason.WITHDRAWN),
        ({"answered": True}, Reason.ANSWERED),
        ({"stopped": True, "paused": True}, Reason.STOPPED),
        ({"told_today": True}, Reason.TOLD_TODAY),
        ({"has_address": False}, Reason.NO_ADDRESS),
    ],
)
def test_what_is_true_at_the_moment_of_sending_stops_it(changed: dict[str, bool], reason: Reason) -> None:
    assert decided(replace(REMINDER, **changed), on(2, 10)) == Cancel(reason)  # type: ignore[arg-type]  # bools only


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (on(2, 7, 59), on(2, 8)),
        (on(2, 20, 1), on(3, 8)),
        (on(2, 23, 59), on(3, 8)),
        (on(3, 0, 5), on(3, 8)),
    ],
)
def test_nobody_is_written_to_at_night(at: datetime, until: datetime) -> None:
    assert decided(REMINDER, at) == Leave(until)


@pytest.mark.parametrize("at", [on(2, 8), on(2, 20)])
def test_the_first_and_last_minute_of_the_day_count(at: datetime) -> None:
    assert decided(REMINDER, at) == Send()


def test_after_the_visit_a_reminder_is_too_late_though_answers_are_still_taken() -> None:
    assert decided(REMINDER, on(5, 12)) == Send()
    assert decided(REMINDER, on(6, 9)) == Cancel(Reason.TOO_LATE)


def test_staff_are_written_to_from_the_summarys_hour_on() -> None:
    assert decided(SUMMARY, on(3, 7)) == Send()
    assert decided(SUMMARY, on(3, 6, 59)) == Leave(on(3, 7))
    assert decided(SUMMARY, on(3, 20, 30)) == Leave(on(4, 7))


def test_a_summary_that_was_answered_is_announced_and_a_superseded_one_is_not() -> None:
    assert decided(replace(SUMMARY, answered=True, stopped=True), on(3, 9)) == Send()
    assert decided(replace(SUMMARY, superseded=True), on(3, 9)) == Cancel(Reason.SUPERSEDED)


def test_when_the_window_has_closed_only_a_fresh_summary_is_announced() -> None:
    assert decided(SUMMARY, on(8, 9)) == Cancel(Reason.TOO_LATE)
    assert decided(replace(SUMMARY, made_at=on(7, 22)), on(8, 9)) == Send()


def test_the_night_of_the_clock_change_ends_by_the_new_clock() -> None:
    late = replace(REMINDER, planned_on=date(2027, 3, 30), window=Window(date(2027, 3, 23), date(2027, 4, 1)))
    # On 28 March 2027 Paris goes from UTC+1 to UTC+2: 08:00 is 06:00 UTC
    assert decided(late, datetime(2027, 3, 27, 22, 0, tzinfo=UTC)) == Leave(datetime(2027, 3, 28, 6, 0, tzinfo=UTC))


def test_waits_grow_and_the_longest_repeats() -> None:
    minutes = [wait_after(attempts) / timedelta(minutes=1) for attempts in range(1, 8)]
    assert minutes == [1, 5, 15, 60, 240, 240, 240]


def test_a_link_she_asked_for_leaves_at_night_and_whatever_she_has_sent_or_been_told() -> None:
    assert decided(FRESH_LINK, ASKED) == Send()
    assert (
        decided(replace(FRESH_LINK, answered=True, stopped=True, told_today=True), ASKED + timedelta(days=1)) == Send()
    )


@pytest.mark.parametrize(
    ("changed", "after", "reason"),
    [
        ({"withdrawn": True, "has_door": False}, timedelta(0), Reason.WITHDRAWN),
        ({"has_door": False, "has_address": False}, timedelta(0), Reason.NO_DOOR),
        ({}, timedelta(days=1, seconds=1), Reason.TOO_LATE),
        ({"has_address": False}, timedelta(0), Reason.NO_ADDRESS),
    ],
)
def test_what_stops_a_link_she_asked_for(changed: dict[str, bool], after: timedelta, reason: Reason) -> None:
    facts = replace(FRESH_LINK, **changed)  # type: ignore[arg-type]  # bools only
    assert decided(facts, ASKED + after) == Cancel(reason)


OPENING = replace(REMINDER, kind=MessageKind.OPENING)
INVITATION = replace(REMINDER, kind=MessageKind.INVITATION)
NOTHING_RECEIVED = replace(SUMMARY, kind=MessageKind.NOTHING_RECEIVED)


def test_an_opening_is_not_given_up_for_another_message_of_its_day() -> None:
    assert decided(replace(OPENING, told_today=True), on(1, 15)) == Leave(on(2, 10))
    assert decided(replace(OPENING, told_today=True, answered=True), on(1, 15)) == Cancel(Reason.ANSWERED)


def test_an_invitation_is_of_use_until_questionnaires_open() -> None:
    eve = datetime(2027, 2, 25, 10, 0, tzinfo=PARIS).astimezone(UTC)
    assert decided(INVITATION, eve) == Send()
    assert decided(INVITATION, eve + timedelta(days=1)) == Cancel(Reason.TOO_LATE)


def test_nurses_are_told_of_silence_up_to_the_visits_day_and_never_about_who_was_not_asked() -> None:
    assert decided(NOTHING_RECEIVED, on(3, 7)) == Send()
    assert decided(NOTHING_RECEIVED, on(5, 12)) == Send()
    assert decided(NOTHING_RECEIVED, on(6, 9)) == Cancel(Reason.TOO_LATE)
    assert decided(replace(NOTHING_RECEIVED, superseded=True), on(3, 9)) == Cancel(Reason.SUPERSEDED)
    assert decided(replace(NOTHING_RECEIVED, paused=True), on(3, 9)) == Cancel(Reason.PAUSED)
    assert decided(replace(SUMMARY, paused=True), on(3, 9)) == Send()
