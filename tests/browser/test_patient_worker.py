"""The service worker shows pages that are kept; it keeps nothing itself, and sends nothing on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Response, expect

from tests.browser.navigators import PatientOnPhone

NewPatient = Callable[..., PatientOnPhone]

CACHED = "caches.open('previsit').then(cache => cache.keys()).then(keys => keys.map(key => new URL(key.url).pathname))"


@pytest.fixture
def patient(new_patient: NewPatient) -> PatientOnPhone:
    """A patient at her first question, whose phone has put by what it needs."""
    return new_patient().come_in().begin().expect_ready()


def test_it_answers_pages_and_never_what_sends(patient: PatientOnPhone) -> None:
    page = patient.page
    heard: list[Response] = []
    page.on("response", lambda response: heard.extend([response]))
    page.reload()
    patient.choose("Oui, nettement").next().expect_received()
    page.tap(".language button")
    expect(page.locator("html[lang=en]")).to_be_attached()
    patient.open_questionnaire(at="review").next().expect_receipt()
    sent = [each for each in heard if each.request.method != "GET"]
    assert {each.url.removeprefix(patient.base_url) for each in sent} == {"/api/answers", "/api/complete", "/language"}
    assert not any(each.from_service_worker for each in sent)
    pages = [each for each in heard if each.request.is_navigation_request() and each.request.method == "GET"]
    assert pages
    assert all(each.from_service_worker for each in pages)  # else this test could not tell the difference


def test_it_stands_in_for_a_page_but_not_for_a_sending(patient: PatientOnPhone) -> None:
    patient.lose_network()
    address = patient.page.url.split("#")[0]
    assert patient.page.evaluate("address => fetch(address, {method: 'POST'}).then(() => 1, () => 0)", address) == 0
    assert patient.page.evaluate("() => fetch('/visit').then(() => 1, () => 0)") == 0  # nor for what scripts ask
    patient.page.goto(patient.base_url + "/visit")
    expect(patient.page.locator("h1")).to_have_text("Pas de réseau pour le moment")
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        patient.page.goto(patient.base_url + "/staff/sign-in")  # nor for what is not a patient's


def test_it_keeps_nothing_of_what_goes_through_it(patient: PatientOnPhone) -> None:
    before = sorted(patient.page.evaluate(CACHED))
    patient.choose("Oui, nettement").next().expect_received()
    for address in ("/practice", "/visit"):
        patient.page.goto(patient.base_url + address)
    patient.open_questionnaire()
    assert sorted(set(patient.page.evaluate(CACHED)) - set(before)) in ([], ["/static/scales.js"])
    assert not {"/practice", "/visit"} & set(before)
