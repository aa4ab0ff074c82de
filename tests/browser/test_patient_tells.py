"""What the page tells: where one is, in which language, what has become of an answer; and a tap counts once."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import on_server
from tests.browser.navigators import DOUBLE_TAP, PatientOnPhone
from tests.browser.probes import announced, listen, not_in

NewPatient = Callable[..., PatientOnPhone]

WORDS = ".q .h, .q .recall, .card span, .ends span, #place, .nav button"

TWICE = """async () => {
  const next = document.getElementById('next');
  next.click();
  await new Promise(resolve => setTimeout(resolve, 120));  // as long as between the two taps of a double tap
  next.click();
}"""


@pytest.fixture
def patient(new_patient: NewPatient) -> PatientOnPhone:
    """A patient at her first question."""
    return new_patient().come_in().open_questionnaire()


def test_the_title_and_the_heading_say_where_she_is(patient: PatientOnPhone) -> None:
    page = patient.page
    for number in (1, 2, 3):
        expect(page).to_have_title(f"Question {number} sur 10 – Prévisite")
        heading = page.locator(".q.here .h")
        expect(heading).to_be_focused()
        expect(heading).to_have_role("heading")
        patient.choose_number(3).next()
    patient.open_questionnaire("DLQI", "review")
    expect(page).to_have_title("Relecture – Prévisite")


def test_the_language_that_is_read_is_that_of_the_words(patient: PatientOnPhone) -> None:
    page = patient.page
    assert not_in(page, "fr", WORDS) == []
    assert not_in(page, "en", ".language button") == []
    page.tap(".language button")
    expect(page.locator("#place")).to_have_text("Question 1 of 10")
    assert not_in(page, "en", WORDS) == []
    assert not_in(page, "fr", ".language button") == []


def test_what_becomes_of_an_answer_is_announced(patient: PatientOnPhone) -> None:
    page = patient.page
    listen(page)
    patient.choose_number(0).expect_received()
    assert re.match(r"Reçu à \d", announced(page)[-1])
    page.context.set_offline(True)
    patient.next().choose_number(1).expect_kept()
    assert announced(page)[-1].startswith("Gardé sur ce téléphone, pas encore envoyé")
    page.context.set_offline(False)
    patient.expect_received()
    assert re.match(r"Reçu à \d", announced(page)[-1])


def test_two_taps_on_next_move_on_once(patient: PatientOnPhone) -> None:
    page = patient.page
    for number in (1, 2, 3):
        patient.choose_number(number)
        page.wait_for_timeout(DOUBLE_TAP * 1000)
        page.evaluate(TWICE)
        page.wait_for_timeout(DOUBLE_TAP * 1000)
        assert patient.place == f"Question {number + 1} sur 10"
        expect(page.locator("#ask")).to_be_hidden()


def test_two_taps_leave_no_sensitive_question_out(new_patient: NewPatient) -> None:
    patient = new_patient().come_in().open_questionnaire("DLQI", "q9")
    before = patient.code
    patient.choose_number(0)
    patient.page.wait_for_timeout(DOUBLE_TAP * 1000)
    patient.page.evaluate(TWICE)
    patient.expect_received()
    assert patient.code not in {before, "filled_in_by"}
    assert set(on_server.counting(patient.person)) == {before}


def test_back_forth_and_load_anew_lead_to_the_same_question(patient: PatientOnPhone) -> None:
    page = patient.page
    patient.choose_number(0).next().choose_number(1).next().expect_received()
    page.reload()
    expect(page.locator("#place")).to_have_text("Question 3 sur 10")
    page.go_back()
    expect(page.locator("#place")).to_have_text("Question 2 sur 10")
    page.reload()
    expect(page.locator("#place")).to_have_text("Question 2 sur 10")
    assert patient.chosen == ["Oui, nettement"]
    expect(page.locator(".q.here .h")).to_be_focused()
    page.go_forward()
    expect(page.locator(".q.here .h")).to_be_focused()
    expect(page.locator("#place")).to_have_text("Question 3 sur 10")


def test_back_from_the_receipt_sends_nothing_again(patient: PatientOnPhone) -> None:
    patient.answer_all(0).next().expect_receipt()
    receipt = patient.page.inner_text(".number")
    patient.page.go_back()
    patient.page.wait_for_load_state()
    expect(patient.page.locator("#next")).to_be_hidden()  # nothing that looks as if it could still be filled in
    patient.page.go_forward()
    expect(patient.page.locator(".number")).to_have_text(receipt)
