"""A whole questionnaire with keys alone: a switch, a keyboard, a stick in the mouth."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import on_server
from tests.browser.looks import is_covered, ring
from tests.browser.navigators import DOUBLE_TAP, PatientOnPhone
from tests.browser.probes import halts

NewPatient = Callable[..., PatientOnPhone]


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus, and look at it: ringed, and under nothing else."""
    for _ in range(25):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            found = ring(page)
            assert (found["style"], found["width"]) == ("solid", 3), found
            assert found["contrast"] >= 3, found
            assert not is_covered(page), found
            return
    raise AssertionError(f"Tab never comes to {selector} on {page.url}")


def press(page: Page, selector: str, key: str = "Enter") -> None:
    """Go to a control with Tab, and press it."""
    tab_to(page, selector)
    page.keyboard.press(key)


def next_by_keys(patient: PatientOnPhone) -> None:
    """Press Next with Enter, no sooner than somebody who has read the question."""
    code = patient.code
    patient.page.wait_for_timeout(DOUBLE_TAP * 1000)
    press(patient.page, "#next")
    patient.page.wait_for_function("code => document.querySelector('.q.here')?.dataset.code !== code", arg=code)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_from_the_link_to_the_receipt_with_keys_alone(new_patient: NewPatient, language: str) -> None:
    patient = new_patient(language).open_link()
    page = patient.page
    tab_to(page, "#code")
    page.keyboard.type(patient.person.code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/visit")
    press(page, ".nav .go")
    page.wait_for_url("**/practice*")
    press(page, ".q.here .quiet a")
    page.wait_for_url("**/answer/**")
    expect(page.locator(".h:focus")).to_be_visible()
    while patient.code != "filled_in_by":
        assert page.locator(".q.here input:checked").count() == 0
        expect(page.locator(".q.here .h")).to_be_focused()
        tab_to(page, ".q.here input")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")  # the second answer
        assert page.locator(".q.here input").nth(1).is_checked()
        next_by_keys(patient)
    assert page.locator("#who input:checked").count() == 0
    press(page, "#who input", "Space")
    next_by_keys(patient)
    expect(page.locator("#t-review")).to_be_focused()
    page.wait_for_timeout(DOUBLE_TAP * 1000)
    press(page, "#next")
    patient.expect_receipt()
    frozen = on_server.frozen(patient.person)
    assert frozen["DLQI101"]["value"] == 2
    assert frozen["DLQI107"]["value"] == "N"
    assert frozen["DLQI110"]["value"] == 2


def test_leaving_a_question_out_with_keys_alone(new_patient: NewPatient) -> None:
    patient = new_patient().come_in().open_questionnaire()
    page = patient.page
    page.wait_for_timeout(DOUBLE_TAP * 1000)
    press(page, "#next")
    expect(page.locator("#t-ask")).to_be_focused()
    press(page, "#answer")  # she wants to answer after all
    expect(page.locator(".q.here .h")).to_be_focused()
    press(page, "#next")
    press(page, "#leave")
    expect(page.locator("#place")).to_have_text("Question 2 sur 10")
    expect(page.locator(".q.here .h")).to_be_focused()


@pytest.mark.parametrize("place", ["q1", "q10", "q25", "review"])
def test_no_page_keeps_the_keys_to_itself(new_patient: NewPatient, place: str) -> None:
    patient = new_patient().come_in().open_questionnaire("SHAQ", place)
    forth, back = halts(patient.page, "Tab"), halts(patient.page, "Shift+Tab")
    assert sorted(forth) == sorted(back)
    assert {each.split()[1] for each in forth} >= {"A", "BUTTON", "SUMMARY"}
    assert any(each.endswith(" next") for each in forth)
