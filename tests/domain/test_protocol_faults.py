"""What looks wrong in a protocol, each fault planted in one that is right and worked out on a calendar."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from portal.adapters import protocol_words
from portal.adapters.public_holidays import is_public_holiday
from portal.domain.protocol_faults import FaultKind, ProtocolFault, find
from portal.domain.study import Study
from portal.domain.study_file import from_mapping
from portal.domain.study_mapping import to_mapping
from tests.factories import demonstration_study

MONDAY = date(2027, 3, 1)

M1 = {"M1": {"months": 1}}
VISITS = M1 | {"M3": {"months": 3}}


def protocol(
    visits: Mapping[str, Mapping[str, int]] = VISITS,
    of_visits: Mapping[str, Mapping[str, Any]] | None = None,
    sites: tuple[str, ...] = ("01", "02"),
    **changed: Any,
) -> Study:
    """A protocol in which nothing looks wrong, but for what is changed; `visits` are distances from inclusion."""
    whole = to_mapping(demonstration_study())
    shapes = [
        {"code": code, "label": {"fr": code, "en": code}, "after_inclusion": after, **(of_visits or {}).get(code, {})}
        for code, after in visits.items()
    ]
    places = [site for site in list_of(whole["sites"]) if site["code"] in sites]
    return from_mapping(whole | {"visits": shapes, "sites": places} | changed)


def list_of(tables: object) -> list[dict[str, Any]]:
    assert isinstance(tables, list)
    return tables


def seen(study: Study, first: date = MONDAY, last: date | None = None) -> list[ProtocolFault]:
    return list(find(study, is_public_holiday, first=first, last=last or first))


def kinds(study: Study, first: date = MONDAY, last: date | None = None) -> set[FaultKind]:
    return {fault.kind for fault in seen(study, first, last)}


def test_in_a_right_protocol_nothing_looks_wrong_for_a_whole_year_of_inclusions() -> None:
    assert seen(protocol(), date(2027, 1, 1), date(2027, 12, 31)) == []


def test_a_reminder_after_the_window_is_told_with_the_most_that_would_do() -> None:
    # M1 is open from 7 days before to 2 after it: 9 days after the opening. M3 closes later, so the file is right.
    long = {"window": {"opens_days_before": 20, "closes_days_after": 2}}
    (fault,) = seen(protocol(reminders={"days_after_opening": [10]}, of_visits={"M3": long}))
    assert (fault.kind, fault.key, fault.visits) == (
        FaultKind.REMINDER_OUTSIDE_WINDOW,
        "reminders.days_after_opening",
        ("M1",),
    )
    assert (fault.value, fault.wanted, fault.shows_on) == (10, 7, date(2027, 4, 4))  # opens on 25 March


def test_a_reminder_within_the_window_but_after_the_visit_never_leaves() -> None:
    (fault,) = seen(protocol(reminders={"days_after_opening": [2, 8]}))
    assert (fault.kind, fault.value, fault.wanted) == (FaultKind.REMINDER_AFTER_VISIT, 8, 7)
    assert (fault.visits, fault.shows_on) == (("M1", "M3"), date(2027, 4, 2))  # M1 is on 1 April


def test_a_last_call_that_falls_before_the_opening_never_leaves() -> None:
    # M1 is on Thursday 1 April 2027; two working days before it is Tuesday 30 March, and it opens only on 28 March.
    short = {"window": {"opens_days_before": 4, "closes_days_after": 2}}
    (fault,) = seen(protocol(reminders={"last_call": 2}, of_visits={"M1": short}))
    assert (fault.kind, fault.key, fault.value) == (FaultKind.REMINDER_OUTSIDE_WINDOW, "reminders.last_call", 2)
    assert (fault.visits, fault.shows_on, fault.wanted) == (("M1",), date(2027, 3, 28), 1)


def test_two_reminders_on_one_day_are_one() -> None:
    (fault,) = seen(protocol(M1, reminders={"days_after_opening": [4], "days_before_visit": [3]}))
    assert (fault.kind, fault.key) == (FaultKind.REMINDERS_ON_ONE_DAY, "reminders.days_before_visit")


def test_a_reminder_between_the_last_call_and_the_summary_is_left_out() -> None:
    # M1 is on Thursday 1 April 2027, its summary due on Tuesday 30 March; the last call two days before: Sunday the 28.
    # Five days before the visit is Saturday the 27th, four days Sunday itself, three days Monday the 29th.
    reminders = {"days_before_visit": [5, 4, 3], "last_call": 2}
    faults = seen(protocol(M1, sites=("01",), reminders=reminders))
    assert [(fault.kind, fault.key, fault.value) for fault in faults] == [
        (FaultKind.REMINDER_AFTER_LAST_CALL, "reminders.days_before_visit", count) for count in (4, 3)
    ]


def test_reminders_that_come_only_when_the_summary_is_due() -> None:
    (fault,) = seen(protocol(reminders={"days_before_visit": [1]}))
    assert fault.kind is FaultKind.REMINDERS_AFTER_SUMMARY
    # That Easter pushes one summary before its first reminder is no fault of the protocol's: seldom, and not told.
    assert seen(protocol(), date(2027, 1, 1), date(2027, 3, 31)) == []


@pytest.mark.parametrize(("before", "hour", "wrong"), [(5, "07:00", True), (4, "07:00", True), (4, "11:00", False)])
def test_a_summary_due_before_the_first_message(before: int, hour: str, wrong: bool) -> None:
    """M1 is on Thursday 1 April 2027, Easter Monday on 29 March: 4 working days before it is Thursday 25 March.

    Its questionnaires open that day, 7 days before, and the opening leaves at 10:00.
    """
    study = protocol(M1, sites=("01",), summary={"working_days_before": before, "hour": hour}, reminders={})
    assert kinds(study) == ({FaultKind.SUMMARY_BEFORE_OPENING} if wrong else set())


def test_how_much_earlier_to_open_is_the_most_that_any_day_of_inclusion_needs() -> None:
    study = protocol(visits={"M2": {"months": 2}}, summary={"working_days_before": 6}, reminders={})
    # Six working days before Tuesday 18 May 2027, the day after Whit Monday: the 14th, 13th, 12th, 11th, 10th, 7th.
    # Strasbourg is closed on the 7th and the 6th is Ascension, so there it is the 5th: 13 days before, to open 14.
    (fault,) = seen(study, date(2027, 3, 18))
    assert (fault.kind, fault.shows_on, fault.wanted) == (FaultKind.SUMMARY_BEFORE_OPENING, date(2027, 5, 7), 14)


def test_closures_that_push_a_summary_before_the_opening_are_named_by_their_site() -> None:
    study = to_mapping(protocol())
    sites = list_of(study["sites"])
    # Site 02 is closed in the week before the visit of Tuesday 1 June 2027 (opened on 25 May): 2 working days before
    # are Monday 31 May and then Friday 21 May.
    sites[1]["closures"] = [f"2027-05-{day}" for day in (24, 25, 26, 27, 28)]
    (fault,) = seen(from_mapping(study))
    assert (fault.kind, fault.key, fault.site) == (FaultKind.CLOSURES_BEFORE_OPENING, "sites[2].closures", "02")
    assert (fault.visits, fault.shows_on, fault.wanted) == (("M3",), date(2027, 5, 21), 12)


def test_a_summary_due_before_its_patient_is_included() -> None:
    (fault,) = seen(protocol(visits={"INC": {"days": 0}}))
    assert (fault.kind, fault.visits, fault.wanted) == (FaultKind.SUMMARY_BEFORE_INCLUSION, ("INC",), 7)


def test_visits_whose_windows_meet_and_questionnaires_twice_within_a_week() -> None:
    fortnight = protocol({"W8": {"weeks": 8}, "W10": {"weeks": 10}}, sites=("01",), reminders={})
    # W8 closes 2 days after it, W10 opens 7 before: 5 days between the two.
    (fault,) = seen(fortnight)
    assert (fault.kind, fault.key) == (FaultKind.TWICE_WITHIN_A_WEEK, "window.opens_days_before")
    assert (fault.visits, fault.wanted) == (("W8", "W10"), 5)
    week = protocol({"W8": {"weeks": 8}, "W9": {"weeks": 9}})
    overlapping = {fault.kind: fault for fault in seen(week)}
    assert FaultKind.VISITS_OVERLAP in overlapping
    assert overlapping[FaultKind.VISITS_OVERLAP].wanted == 4
    # W9 opens on W8's own day, 5 days after W8 opened; W8's reminder 3 days before it and W9's opening do not meet.
    assert FaultKind.SEVERAL_MESSAGES_A_DAY not in overlapping


def test_two_visits_that_write_on_one_day() -> None:
    # W8+4 opens 7 days before, that is on the day of W8's reminder 3 days before it.
    study = protocol(visits={"D56": {"days": 56}, "D60": {"days": 60}})
    faults = {fault.kind: fault for fault in seen(study)}
    assert faults[FaultKind.SEVERAL_MESSAGES_A_DAY].visits == ("D56", "D60")


def test_a_summary_hour_after_the_last_one_is_announced_a_day_late() -> None:
    (fault,) = seen(protocol(summary={"working_days_before": 2, "hour": "21:00"}))
    assert (fault.kind, fault.key) == (FaultKind.SUMMARY_OUTSIDE_HOURS, "summary.hour")


def test_the_hour_of_messages_cannot_lie_outside_in_a_file_and_is_told_all_the_same() -> None:
    study = protocol()
    object.__setattr__(study.messages, "latest", time(9))  # no file can say so
    assert FaultKind.MESSAGE_OUTSIDE_HOURS in kinds(study)


def test_each_fault_is_worded_in_both_languages() -> None:
    (fault,) = seen(protocol(reminders={"days_after_opening": [2, 8]}))
    told = {language: protocol_words.told([fault], language) for language in ("fr", "en")}
    assert "reminders.days_after_opening (M1, M3)" in told["fr"]
    assert "Donnez 7 ou moins, ou ouvrez plus tôt." in told["fr"]
    assert "Give 7 or less, or open earlier." in told["en"]
    for kind in FaultKind:
        for language in ("fr", "en"):
            words = protocol_words.told([replace(fault, kind=kind)], language)
            assert len(words.splitlines()) == 6, kind
            assert all(line.strip() for line in words.splitlines()[2:]), kind


def test_where_no_day_would_do_the_opening_is_named_as_what_to_change() -> None:
    on_the_day = {"window": {"opens_days_before": 0, "closes_days_after": 2}}
    study = protocol(of_visits={"M1": on_the_day}, reminders={"days_before_visit": [3]})
    told = protocol_words.told(seen(study), "en")
    assert "The reminder of day 3 before the visit does not lie after the opening, and never leaves." in told
    assert "With this opening, no day would do: open earlier, or leave it out." in told


def test_nothing_wrong_is_said_too() -> None:
    assert protocol_words.told([], "en") == "Nothing looks wrong in this protocol.\n"
