"""From the link to both receipts on a phone of 360 × 640, in each language, every question measured on the way."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, expect

from portal.domain import instruments
from portal.domain.instruments import wordings
from tests.browser import on_server
from tests.browser.navigators import PatientOnPhone

NewPatient = Callable[..., PatientOnPhone]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_both_questionnaires_from_link_to_receipt(new_patient: NewPatient, language: str) -> None:
    patient = new_patient(language).come_in()
    requests: list[str] = []
    patient.page.on("request", lambda request: requests.append(_path(request)))
    problems: list[str] = []
    patient.page.on("pageerror", lambda error: problems.append(str(error)))
    for code in ("DLQI", "SHAQ"):
        patient.begin()
        patient.page.wait_for_load_state("networkidle")  # what is kept for use without network has come
        requests.clear()
        _answer_all(patient, code, language)
        assert {path for path in requests if not path.startswith("/static/icon")} == {"/api/answers"}
        patient.next().expect_receipt()  # Send
        expect(patient.page.locator(".number")).to_have_text(re.compile(r"^[0-9A-F]{4}-[0-9A-F]{4}$"))
    assert problems == []
    _check_touched(patient)
    dlqi, shaq = on_server.frozen(patient.person), on_server.frozen(patient.person, "SHAQ")
    assert (dlqi["DLQI101"]["value"], dlqi["DLQI107"]["value"], dlqi["DLQI107A"]["value"]) == (3, "N", 2)
    assert (dlqi["DLQI102"]["empty"], dlqi["DLQI109"]["empty"]) == ("skipped", "skipped")
    assert shaq["HAQ0114"]["value"] is True
    assert shaq["HAQ0116"]["value"] is False
    assert [shaq[each]["value"] for each in ("HAQ0119", "HAQ0120", "HAQ0121", "HAQ0122")] == [False] * 4
    assert shaq["HAQ0141"]["value"] == "une ceinture"
    assert abs(shaq["HAQ0146"]["value"] - 62) <= 1
    assert shaq["SHAQ01"]["empty"] == "skipped"
    assert shaq["SHAQ02"]["value"] == 0
    assert shaq["SHAQ05"]["value"] == 100


def _path(request: Request) -> str:
    return urlsplit(request.url).path


def _answer_all(patient: PatientOnPhone, instrument: str, language: str) -> None:
    words = wordings.demonstration(instrument, language)
    for question in instruments.get(instrument).questions:
        assert patient.code == question.code
        assert str(question.number) in patient.place
        _check_lies_well(patient.measure(), words.recall, question.code)
        _answer(patient, question.code)
        if patient.code == question.code:  # those that were left out have moved on already
            patient.next()
    patient.say_who()
    expect(patient.page.locator("#review")).to_be_visible()
    expect(patient.page.locator(".answer")).to_have_count(len(instruments.get(instrument).questions) + 1)


def _check_lies_well(found: dict[str, Any], recall: str, code: str) -> None:
    """In view as a whole, large and equal targets, nothing chosen, the recall period on it, the focus on its words."""
    assert found["top"] >= 0, code
    assert found["bottom"] <= found["bar"], f"{code} is hidden by {found['bottom'] - found['bar']} px"
    assert found["smallest"] >= 56, code
    assert found["chosen"] == 0, code
    assert found["overflowing"] == 0, code
    assert found["sideways"] <= 0, code
    assert recall in found["recall"], code
    assert found["focused"], code
    for sizes in (found["heights"], found["widths"]):
        assert not sizes or max(sizes) - min(sizes) <= 1, code


def _answer(patient: PatientOnPhone, code: str) -> None:
    match code:
        case "DLQI102" | "SHAQ01":
            patient.leave_out()
        case "DLQI109":
            patient.next()  # the button says that she prefers not to answer
        case "DLQI107":
            patient.choose_number(1)
        case "SHAQHELP1":
            patient.choose_number(0).choose_number(4)  # none of these, after all
        case "SHAQAIDS2":
            patient.choose_number(6)
            patient.question.locator(".write input").fill("une ceinture")
        case "HAQ0146":
            patient.touch_line(0.62)
        case "SHAQ02":
            patient.question.get_by_role("slider").focus()
            patient.page.keyboard.press("Home")
        case "SHAQ03" | "SHAQ04" | "SHAQ05":
            patient.touch_line(1.05 if code == "SHAQ05" else 0.25)
        case _:
            patient.choose_number(0)


def _check_touched(patient: PatientOnPhone) -> None:
    touched = [row for row in on_server.answers(patient.person) if row.link_id == "HAQ0146"]
    assert touched
    assert all(row.presentation and row.presentation["pointer"] == "touch" for row in touched)
    assert all(row.presentation and row.presentation["length_px"] >= 227 for row in touched)  # 60 mm
