"""Back, on another phone, in another language, from the look back: her place and her answers are as they were."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import on_server
from tests.browser.navigators import PatientOnPhone

NewPatient = Callable[..., PatientOnPhone]


@pytest.fixture
def patient(new_patient: NewPatient) -> PatientOnPhone:
    """A patient at her first question."""
    return new_patient().come_in().begin()


def test_on_another_phone_she_goes_on_where_she_was(new_patient: NewPatient, patient: PatientOnPhone) -> None:
    patient.choose("Oui, nettement").next().leave_out()
    patient.expect_received()
    other = new_patient(known=patient.person).come_in().begin()
    assert other.place == "Question 3 sur 10"
    other.back().back()
    assert other.place == "Question 1 sur 10"
    expect(other.question.locator(".card", has_text="Oui, nettement").locator("input")).to_be_checked()


def test_the_other_language_keeps_the_question_and_every_answer(patient: PatientOnPhone) -> None:
    patient.choose("Oui, nettement").next().choose("Non, en rien")
    patient.page.tap(".language button")
    expect(patient.page.locator("#place")).to_have_text("Question 2 of 10")
    expect(patient.question.locator(".card", has_text="No, not in the least").locator("input")).to_be_checked()
    assert on_server.counting(patient.person) == {"DLQI101": 2, "DLQI102": 0}


def test_the_second_part_of_question_seven_comes_only_after_no(patient: PatientOnPhone) -> None:
    for _ in range(6):
        patient.choose("Non, en rien").next()
    patient.choose("Cela ne me concerne pas").next()
    assert patient.code == "DLQI108"
    patient.page.go_back()  # the phone's own way back is Back too
    expect(patient.page.locator("#place")).to_have_text("Question 7 sur 10")
    patient.choose("Non, j’ai pu continuer").next()
    assert patient.code == "DLQI107A"


def test_from_the_look_back_one_answer_is_changed_and_nothing_else_asked(patient: PatientOnPhone) -> None:
    for _ in range(6):
        patient.choose("Non, en rien").next()
    patient.choose("Oui, j’ai dû renoncer").next()
    for _ in range(3):
        patient.choose("Non, en rien").next()
    patient.say_who()
    patient.page.locator(".answer", has_text="Sport").tap()
    patient.choose("Oui, énormément").next()
    expect(patient.page.locator(".answer", has_text="Sport")).to_contain_text("Oui, énormément")


def test_a_scale_is_empty_until_touched_and_follows_the_arrows(new_patient: NewPatient) -> None:
    patient = new_patient().come_in()
    patient.open_questionnaire("SHAQ", "q25")
    mark, line = patient.question.locator(".line i"), patient.question.get_by_role("slider")
    expect(mark).to_be_hidden()
    expect(line).to_have_attribute("aria-valuetext", "Pas encore de repère")
    patient.next()
    expect(patient.page.locator("#ask")).to_be_visible()
    patient.page.tap("#answer")
    line.focus()
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        patient.page.keyboard.press(key)
    expect(mark).to_be_visible()
    patient.expect_received()
    assert on_server.counting(patient.person, "SHAQ") == {"HAQ0146": 98}
    assert "98" not in patient.page.inner_text("body")  # no number is shown


def test_answers_given_while_another_is_on_its_way_are_all_kept_before_the_language_changes(
    patient: PatientOnPhone,
) -> None:
    for _ in range(3):
        patient.choose("Non, en rien").next()
    patient.choose("Oui, nettement")
    patient.page.tap(".language button")  # at once: nothing is waited for
    expect(patient.page.locator("#place")).to_have_text("Question 4 of 10")
    assert on_server.counting(patient.person) == {"DLQI101": 0, "DLQI102": 0, "DLQI103": 0, "DLQI104": 2}
