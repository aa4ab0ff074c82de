"""What she tapped is kept, and the page says where it is: offline, on another phone, in another language."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import select

from portal.db.response import Answer
from tests.browser.navigators import PatientOnPhone

NewPatient = Callable[..., PatientOnPhone]


@pytest.fixture
def patient(new_patient: NewPatient) -> PatientOnPhone:
    """A patient at her first question."""
    return new_patient().come_in().begin()


def kept(patient: PatientOnPhone) -> dict[str, object]:
    store = patient.person.store
    found = {row.link_id: row.value for row in store.scalars(select(Answer).order_by(Answer.id))}
    store.rollback()
    return found


def test_offline_it_says_so_goes_on_and_saves_when_the_network_is_back(patient: PatientOnPhone) -> None:
    patient.page.context.set_offline(True)
    patient.choose("Oui, nettement")
    expect(patient.saved).to_have_text("Pas encore enregistré – nous réessayons")
    patient.next().choose("Non, en rien").next()
    assert patient.place == "Question 3 sur 10"
    assert kept(patient) == {}
    patient.page.context.set_offline(False)
    expect(patient.saved).to_have_text("Enregistré")
    assert kept(patient) == {"DLQI101": 2, "DLQI102": 0}


def test_a_reply_that_is_lost_leaves_one_answer(patient: PatientOnPhone) -> None:
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        reply = route.fetch()
        if not lost:
            lost.append(reply.status)
            return route.abort()
        return route.fulfill(response=reply)

    patient.page.route("**/api/answers", lose_the_first)
    patient.choose("Oui, nettement")
    expect(patient.saved).to_have_text("Enregistré")
    assert lost == [200]
    store = patient.person.store
    assert len(store.scalars(select(Answer)).all()) == 1
    store.rollback()


def test_a_session_that_has_ended_begins_anew_without_a_word(patient: PatientOnPhone) -> None:
    patient.page.context.clear_cookies(name="previsit")
    patient.choose("Oui, nettement")
    expect(patient.saved).to_have_text("Enregistré")
    assert kept(patient) == {"DLQI101": 2}


def test_on_another_phone_she_goes_on_where_she_was(new_patient: NewPatient, patient: PatientOnPhone) -> None:
    patient.choose("Oui, nettement").next().leave_out()
    expect(patient.saved).to_have_text("Enregistré")
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
    assert kept(patient) == {"DLQI101": 2, "DLQI102": 0}


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
    patient.page.locator(".answer", has_text="Sport").tap()
    patient.choose("Oui, énormément").next()
    expect(patient.page.locator(".answer", has_text="Sport")).to_contain_text("Oui, énormément")


def test_a_scale_is_empty_until_touched_and_follows_the_arrows(new_patient: NewPatient) -> None:
    patient = new_patient().come_in()
    patient.page.goto(f"{patient.base_url}/answer/{patient.person.assignment('SHAQ')}#q25")
    line = patient.question.locator(".line")
    expect(line.locator("i")).to_be_hidden()
    expect(line).to_have_attribute("aria-valuetext", "Pas encore de repère")
    patient.next()
    expect(patient.page.locator("#ask")).to_be_visible()
    patient.page.tap("#answer")
    line.focus()
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        patient.page.keyboard.press(key)
    expect(line.locator("i")).to_be_visible()
    expect(patient.saved).to_have_text("Enregistré")
    assert kept(patient) == {"HAQ0146": 98}
    assert "98" not in patient.page.inner_text("body")  # no number is shown


def test_answers_given_while_another_is_on_its_way_are_all_kept_before_the_language_changes(
    patient: PatientOnPhone,
) -> None:
    for _ in range(3):
        patient.choose("Non, en rien").next()
    patient.choose("Oui, nettement")
    patient.page.tap(".language button")  # at once: nothing is waited for
    expect(patient.page.locator("#place")).to_have_text("Question 4 of 10")
    assert kept(patient) == {"DLQI101": 0, "DLQI102": 0, "DLQI103": 0, "DLQI104": 2}
