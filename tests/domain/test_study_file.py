"""study.toml: what is right is read, what is wrong is named with its key."""

import copy
import json
import tomllib
from datetime import date, time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.adapters.public_holidays import knows_calendar
from portal.domain import study_file
from portal.domain.states import Mode
from portal.domain.study import HolidayCalendar, Offset, OffsetUnit, SummaryRule, WindowRule
from portal.domain.study_mapping import to_mapping

DEMONSTRATION = (Path(study_file.__file__).parents[1] / "studies/demonstration.toml").read_bytes()
SMALLEST = b"""
code = "S"
mode = "live"
time_zone = "Europe/Paris"
languages = ["fr"]
instruments = ["DLQI"]
title.fr = "Titre"
contact.name = "Le centre"

[[sites]]
code = "01"
name = "Un site"
telephone = "01 99 00 12 34"
holidays.country = "FR"

[[visits]]
code = "V1"
label.fr = "Visite"
after_inclusion.weeks = 2
"""
MISSING = object()


def changed(path: list[str | int], value: object) -> dict[str, Any]:
    """Give the demonstration study with one value put in another's place, or taken away."""
    values: Any = copy.deepcopy(tomllib.loads(DEMONSTRATION.decode()))
    inner = values
    for key in path[:-1]:
        inner = inner[key]
    if value is MISSING:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return values  # type: ignore[no-any-return]  # it is the table that tomllib gave


def faults_of(values: dict[str, Any]) -> list[str]:
    with pytest.raises(study_file.StudyFileError) as caught:
        study_file.from_mapping(values, knows_calendar=knows_calendar)
    assert all(fault.problem and fault.what_to_do for fault in caught.value.faults)
    assert len(str(caught.value).splitlines()) == len(caught.value.faults)
    return [fault.key for fault in caught.value.faults]


def test_the_demonstration_study_is_right() -> None:
    study = study_file.from_toml(DEMONSTRATION, knows_calendar=knows_calendar)
    assert study.mode is Mode.DEMONSTRATION
    assert [visit.code for visit in study.visits] == ["INC", "M1", "M3", "M6", "M9", "M12"]
    assert all(visit.instruments == ("DLQI", "SHAQ") for visit in study.visits)
    assert study.sites[1].holidays == HolidayCalendar("FR", "FR-67")
    assert study.sites[1].closures == (date(2027, 5, 7),)
    assert study.find_threshold("SHAQ", "haq_di") == Fraction(14, 100)
    assert study.find_threshold("SHAQ", "pain") is None
    assert study.patients_see_scores is False


def test_what_the_smallest_file_leaves_out_has_its_default() -> None:
    study = study_file.from_toml(SMALLEST)
    assert study.window == study.visits[0].window == WindowRule(7, 2)
    assert study.visits[0].after_inclusion == Offset(2, OffsetUnit.WEEKS)
    assert study.visits[0].instruments == ("DLQI",)
    assert study.summary == SummaryRule(2, time(7), "fr")
    assert (study.messages.hour, study.messages.earliest, study.messages.latest) == (time(10), time(8), time(20))
    assert study.participant_number.make("01", 3) == "01-003"
    assert study.find_threshold("DLQI", "total") == 4
    assert study.scoring_options("DLQI")["missing_rule"] == "cardiff"
    assert study.sites[0].time_zone == "Europe/Paris"
    assert study.sites[0].emergency == {}


@pytest.mark.parametrize("data", [DEMONSTRATION, SMALLEST])
def test_a_study_comes_back_from_json_as_it_was(data: bytes) -> None:
    study = study_file.from_toml(data)
    text = json.dumps(to_mapping(study))
    again = study_file.from_mapping(json.loads(text))
    assert again == study
    assert json.dumps(to_mapping(again)) == text


@given(
    st.integers(0, 90),
    st.integers(0, 90),
    st.decimals("0.01", "3", places=2),
    st.times(time(8), time(20)),
    st.lists(st.dates(), max_size=4),
)
def test_any_right_value_survives_the_round_trip(
    opens: int, closes: int, threshold: object, hour: time, closures: list[date]
) -> None:
    values = changed(["window"], {"opens_days_before": opens, "closes_days_after": closes})
    values["reminders"] = {}
    values["thresholds"] = {"SHAQ": {"haq_di": threshold}}
    values["messages"]["hour"] = f"{hour:%H:%M}"
    values["sites"][0]["closures"] = closures
    study = study_file.from_mapping(values)
    assert study.find_threshold("SHAQ", "haq_di") == Fraction(str(threshold))
    assert study_file.from_mapping(json.loads(json.dumps(to_mapping(study)))) == study


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (["code"], MISSING, "code"),
        (["code"], "avec espace", "code"),
        (["code"], 3, "code"),
        (["title", "fr"], MISSING, "title.fr"),
        (["title", "de"], "Titel", "title.de"),
        (["title"], "Titre", "title"),
        (["mode"], "production", "mode"),
        (["time_zone"], "Europe/Pariss", "time_zone"),
        (["time_zone"], "../../etc/passwd", "time_zone"),
        (["time_zone"], 1, "time_zone"),
        (["languages"], ["fr", "de"], "languages[2]"),
        (["languages"], ["fr", "fr"], "languages[2]"),
        (["participant_number"], "{site}-{initials}", "participant_number"),
        (["instruments"], ["DLQI", "SHAK"], "instruments[2]"),
        (["instruments"], "DLQI", "instruments"),
        (["patients_see_scores"], "no", "patients_see_scores"),
        (["contact", "name"], MISSING, "contact.name"),
        (["contact", "email"], "nobody", "contact.email"),
        (["contact", "telephone"], "ring us", "contact.telephone"),
        (["window", "opens_days_before"], -1, "window.opens_days_before"),
        (["window", "closes_days_after"], True, "window.closes_days_after"),
        (["reminders", "days_after_opening"], [0], "reminders.days_after_opening[1]"),
        (["reminders", "days_after_opening"], [10], "reminders.days_after_opening"),
        (["reminders", "days_before_visit"], [3, 3], "reminders.days_before_visit[2]"),
        (["reminders", "last_call"], 0, "reminders.last_call"),
        (["reminders", "last_call"], 5, "reminders.last_call"),
        (["messages", "invitation"], "yes", "messages.invitation"),
        (["reminders", "days_before_visit"], [7], "reminders.days_before_visit"),
        (["reminders", "days_before_visit"], [0, 1, 2, 3, 4], "reminders"),
        (["reminders", "day_before"], [1], "reminders.day_before"),
        (["messages", "hour"], "25:00", "messages.hour"),
        (["messages", "hour"], "21:00", "messages.hour"),
        (["messages", "latest"], "07:00", "messages.latest"),
        (["summary", "working_days_before"], "two", "summary.working_days_before"),
        (["summary", "language"], "de", "summary.language"),
        (["thresholds", "DLQI", "total"], 0, "thresholds.DLQI.total"),
        (["thresholds", "DLQI", "total"], 31, "thresholds.DLQI.total"),
        (["thresholds", "DLQI", "total"], float("nan"), "thresholds.DLQI.total"),
        (["thresholds", "SHAQ", "haqdi"], 1, "thresholds.SHAQ.haqdi"),
        (["thresholds", "HAQ"], {"x": 1}, "thresholds.HAQ"),
        (["thresholds", "SHAQ"], 3, "thresholds.SHAQ"),
        (["thresholds"], 3, "thresholds"),
        (["scoring", "DLQI", "missing_rule"], "lenient", "scoring.DLQI.missing_rule"),
        (["scoring", "SHAQ", "min_vas"], 6, "scoring.SHAQ.min_vas"),
        (["scoring", "SHAQ", "minvas"], 5, "scoring.SHAQ.minvas"),
        (["sites"], MISSING, "sites"),
        (["sites"], [], "sites"),
        (["sites", 1], "Strasbourg", "sites[2]"),
        (["sites", 1, "code"], "01", "sites[2].code"),
        (["sites", 0, "telephone"], MISSING, "sites[1].telephone"),
        (["sites", 0, "time_zone"], "Paris", "sites[1].time_zone"),
        (["sites", 0, "holidays"], MISSING, "sites[1].holidays.country"),
        (["sites", 0, "holidays", "country"], "ZZ", "sites[1].holidays.country"),
        (["sites", 0, "holidays", "country"], "France", "sites[1].holidays.country"),
        (["sites", 1, "holidays", "subdivision"], "FR-75", "sites[2].holidays.subdivision"),
        (["sites", 1, "holidays", "subdivision"], "CA-QC", "sites[2].holidays.subdivision"),
        (["sites", 1, "closures"], ["2027-02-30"], "sites[2].closures[1]"),
        (["sites", 1, "emergency", "en"], MISSING, "sites[2].emergency.en"),
        (["visits"], {}, "visits"),
        (["visits", 1, "code"], "INC", "visits[2].code"),
        (["visits", 1, "label", "en"], MISSING, "visits[2].label.en"),
        (["visits", 1, "after_inclusion"], {"months": -1}, "visits[2].after_inclusion.months"),
        (["visits", 1, "after_inclusion"], {"months": 1.5}, "visits[2].after_inclusion.months"),
        (["visits", 1, "after_inclusion"], {"month": 1}, "visits[2].after_inclusion.month"),
        (["visits", 1, "after_inclusion"], {"days": 1, "months": 1}, "visits[2].after_inclusion"),
        (["visits", 1, "after_inclusion"], MISSING, "visits[2].after_inclusion"),
        (["visits", 1, "after_inclusion"], "1 month", "visits[2].after_inclusion"),
        (["visits", 2, "after_inclusion"], {"months": 1}, "visits[3].after_inclusion"),
        (["visits", 1, "instruments"], ["EQ5D"], "visits[2].instruments[1]"),
        (["visits", 1, "instruments"], [], "visits[2].instruments"),
        (["visits", 1, "window"], {"opens_days_before": 91}, "visits[2].window.opens_days_before"),
        (["arm"], "placebo", "arm"),
    ],
)
def test_each_fault_is_named_with_its_key(path: list[str | int], value: object, expected: str) -> None:
    assert expected in faults_of(changed(path, value))


def test_one_fault_is_told_once() -> None:
    assert faults_of(changed(["time_zone"], "Europe/Pariss")) == ["time_zone"]
    assert faults_of(changed(["instruments"], ["DLQI", "SHAQ", "SHAK"])) == ["instruments[3]"]


def test_a_misspelt_key_is_answered_with_the_nearest() -> None:
    with pytest.raises(study_file.StudyFileError) as caught:
        study_file.from_mapping(changed(["windows"], {}))
    assert str(caught.value) == 'windows: is no key that is known here. Did you mean "window"?'


def test_all_faults_are_told_at_once() -> None:
    values = changed(["mode"], "demo")
    values["visits"][2]["after_inclusion"] = {"months": "three"}
    values["sites"][0]["phone"] = "1"
    assert set(faults_of(values)) == {"mode", "visits[3].after_inclusion.months", "sites[1].phone"}


def test_an_empty_file_names_all_that_it_must_hold() -> None:
    assert set(faults_of({})) >= {"code", "mode", "time_zone", "languages", "instruments", "sites", "visits"}


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b'code = "A"\nmode = \n', "line 2"),
        (b'code = "A"\ncode = "B"\n', "line 2"),
        ('code = "A"\ntitle.fr = "é"'.encode("latin-1"), "line 2"),
        (b'code = "A', "the end of the file"),
        (b"window.opens_days_before = " + b"9" * 5000, "the file"),
        (b"a = " + b"[" * 5000, "the file"),
    ],
)
def test_what_is_not_toml_is_named_by_its_line(data: bytes, key: str) -> None:
    with pytest.raises(study_file.StudyFileError) as caught:
        study_file.from_toml(data)
    assert [fault.key for fault in caught.value.faults] == [key]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'mode = "live"\nmode = "live"\n', 'line 2: mode = "live" is not TOML: the key stands in this table already.'),
        (
            b"mode = live",
            "line 1: mode = live is not TOML: the value is none (a text wants quotation marks around it).",
        ),
        (b'mode = "live\n', 'line 1: mode = "live is not TOML: the quotation mark at the end of the text is missing.'),
        (b'[sites]\ncode = "01"\n[sites]', "line 3: [sites] is not TOML: write [[sites]], with two brackets."),
    ],
)
def test_what_is_not_toml_is_shown_and_said_in_plain_words(data: bytes, said: str) -> None:
    with pytest.raises(study_file.StudyFileError) as caught:
        study_file.from_toml(data)
    assert str(caught.value) == f"{said} See https://toml.io for how it is written."


def test_a_value_of_several_lines_is_shown_on_one() -> None:
    with pytest.raises(study_file.StudyFileError) as caught:
        study_file.from_toml(b'code = "A\\nB"')
    assert 'code: "A B" will not do.' in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(tomllib.loads(DEMONSTRATION.decode()))), JSON)
def test_no_value_of_any_kind_makes_the_reader_stumble(key: str, value: object) -> None:
    try:
        study_file.from_mapping(changed([key], value), knows_calendar=knows_calendar)
    except study_file.StudyFileError as error:
        assert error.faults  # noqa: PT017 - a right value is no fault, so the exception may stay away
