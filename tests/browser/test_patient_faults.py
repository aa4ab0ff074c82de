"""What must not go wrong on a phone: networks that lie, hands that change, stores that vanish, windows that close."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal import clock
from tests.browser import on_server
from tests.browser.between import Between
from tests.browser.navigators import PatientOnPhone
from tests.conftest import NOW

NewPatient = Callable[..., PatientOnPhone]

_LATE_STORE = """
  let store;
  Object.defineProperty(window, 'Store', { get: () => store, set: made => {
    const open = made.open;
    made.open = () => new Promise(resolve => { window.openStore = resolve; }).then(open);
    store = made;
  }});
"""


@pytest.fixture
def between(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Between:
    """A network that may lie."""
    made = Between(app.wsgi_app)
    monkeypatch.setattr(app, "wsgi_app", made)
    return made


@pytest.fixture
def patient(new_patient: NewPatient) -> PatientOnPhone:
    """A patient at her first question."""
    return new_patient().come_in().open_questionnaire()


def try_again(page: Page) -> None:
    """What a browser tells a page when there is network again."""
    page.evaluate("window.dispatchEvent(new Event('online'))")


HOTEL = b"<!doctype html><title>Hotel</title><p>Accept our terms to go online</p>"
CAPTIVE = [
    ("200 OK", HOTEL),
    ("200 OK", b"{}"),
    ("403 Forbidden", HOTEL),
    ("410 Gone", HOTEL),
    ("401 Unauthorized", HOTEL),
]


@pytest.mark.parametrize(("status", "body"), CAPTIVE, ids=["page", "json", "403", "410", "401"])
def test_a_network_that_answers_in_the_portals_place_counts_as_none(
    patient: PatientOnPhone, between: Between, status: str, body: bytes
) -> None:
    patient.choose_number(2).expect_received()
    between.answer(status, body, "application/json" if body == b"{}" else "text/html")
    patient.next().choose_number(1).expect_kept()
    patient.page.evaluate("location.hash = 'review'")
    patient.next()
    expect(patient.page.locator("#t-pending")).to_be_visible()
    expect(patient.page.locator("#pending-how")).to_contain_text("Il partira tout seul")
    between.stand_aside()
    try_again(patient.page)
    patient.expect_receipt()
    assert list(on_server.counting(patient.person)) == ["DLQI101", "DLQI102"]


def test_what_was_sent_is_not_asked_again_without_network(new_patient: NewPatient) -> None:
    patient = new_patient().come_in().begin().expect_ready()
    patient.choose_number(1)
    patient.page.evaluate("location.hash = 'review'")
    patient.next().expect_receipt()
    patient.lose_network()
    for address in ("", "/receipt"):
        patient.page.goto(f"{patient.base_url}/answer/{patient.person.assignment()}{address}")
        expect(patient.page.locator("h1")).to_have_text("Pas de réseau pour le moment")
        expect(patient.page.locator(".q.here")).to_have_count(0)


def test_whoever_sent_without_network_and_too_late_is_told(
    new_patient: NewPatient, between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = new_patient().come_in().begin().expect_ready()
    between.answer("503 Service Unavailable", b"", only="/api/")
    patient.choose_number(1)
    patient.page.evaluate("location.hash = 'review'")
    patient.next()
    expect(patient.page.locator("#t-pending")).to_be_visible()
    patient.page.goto("about:blank")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=20))
    between.stand_aside()
    patient.page.goto(patient.base_url + "/visit")
    expect(patient.page.locator("h1")).to_have_text("Ce questionnaire est clos")


def test_a_phone_that_reloaded_often_is_still_heard(new_patient: NewPatient) -> None:
    patient = new_patient().come_in().begin().expect_ready()
    patient.choose_number(1).expect_received()
    assignment = str(patient.person.assignment())
    patient.lose_network()
    patient.page.evaluate(
        """async assignment => {
          const store = await Store.open(), devices = {};
          for (let n = 0; n < 60; n++) devices['device-' + n] = n;
          const state = { received: {}, leads: [], filled_in_by: null, seen: { upto: 0, devices } };
          await store.put({ assignment, state }, assignment + '/state');
        }""",
        assignment,
    )
    patient.page.reload()
    patient.choose_number(2).expect_kept()
    patient.find_network().expect_received()
    assert on_server.counting(patient.person) == {"DLQI101": 1}


def test_what_an_earlier_page_kept_never_goes_after_a_newer_answer(new_patient: NewPatient, between: Between) -> None:
    patient = new_patient().come_in().begin().expect_ready()
    between.answer("503 Service Unavailable", b"", only="/api/")
    patient.choose_number(0).expect_kept()
    page = patient.page.context.new_page()
    patient.page.close()
    patient.page = page
    page.add_init_script(_LATE_STORE)  # a phone that is slow to open its store
    patient.open_questionnaire()
    between.stand_aside()
    patient.choose_number(3)
    page.wait_for_timeout(500)
    page.evaluate("openStore()")
    rows = on_server.wait_for_answers(page, patient.person, 2)
    assert [row.value for row in rows] == [3, 0]
    assert on_server.counting(patient.person) == {"DLQI101": 0}


def test_nothing_says_that_it_leaves_by_itself_once_it_was_refused(new_patient: NewPatient, between: Between) -> None:
    patient = new_patient().come_in().begin().expect_ready().lose_network()
    patient.choose_number(1)
    patient.page.evaluate("location.hash = 'review'")
    patient.next()
    expect(patient.page.locator("#t-pending")).to_be_visible()
    body = b'{"error": "refused-answers", "message": "Appelez votre centre.", "faults": []}'
    between.answer("422 Unprocessable Entity", body, "application/json", only="/api/")
    patient.find_network()
    expect(patient.saved).to_have_text("Appelez votre centre.")
    expect(patient.page.locator("#t-pending")).to_be_hidden()
    expect(patient.page.locator("#next")).to_be_enabled()
    patient.page.goto(patient.base_url + "/visit")
    expect(patient.page.locator("#prepare")).to_be_visible()
    expect(patient.page.locator("#unsent")).to_be_empty()


def test_a_page_without_network_finds_a_portal_that_comes_back(new_patient: NewPatient, between: Between) -> None:
    patient = new_patient().come_in().begin().expect_ready()
    page = patient.page
    page.clock.install()
    between.answer("502 Bad Gateway", b"bad gateway")
    page.goto(patient.base_url + "/visit")
    expect(page.locator("h1")).to_have_text("Pas de réseau pour le moment")
    between.stand_aside()  # the phone was online all the time: no event tells it
    page.clock.run_for(60_000)
    expect(page.locator("h1")).to_have_text(re.compile("^Avant votre visite"))


def test_what_a_vanished_store_held_is_not_called_kept(new_patient: NewPatient) -> None:
    patient = new_patient().come_in().begin().expect_ready().lose_network()
    patient.choose_number(1).expect_kept()
    other = patient.page.context.new_page()
    other.goto(patient.base_url + "/visit")
    other.evaluate("Store.wipe()")  # the phone is forgotten on another page
    expect(patient.saved).to_have_text(re.compile("^Pas encore envoyé, et ce téléphone ne peut pas le garder"))


def test_leaving_a_page_that_alone_knows_that_send_was_pressed_is_asked_about(new_patient: NewPatient) -> None:
    patient = new_patient()
    patient.page.add_init_script("indexedDB.open = () => { throw new DOMException('', 'SecurityError'); }")
    patient.come_in().open_questionnaire().choose_number(1).expect_received()
    patient.page.evaluate("location.hash = 'review'")
    patient.lose_network().next()
    expect(patient.page.locator("#pending-how")).to_contain_text("laissez cette page ouverte")
    warned = "() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert patient.page.evaluate(warned)


def test_a_text_that_was_taken_back_leaves_its_boxes_answered(new_patient: NewPatient) -> None:
    patient = new_patient().come_in().begin().expect_ready().open_questionnaire("SHAQ").expect_ready("SHAQ")
    page = patient.lose_network().page
    number = page.locator(".q:has(.write)").first.get_attribute("id")
    page.evaluate("number => { location.hash = number; }", number)
    other = page.locator(".q.here .write").first.get_attribute("data-when")
    page.locator(f".q.here .card:has([name={other}])").tap()
    text = page.locator(".q.here .write:not([hidden]) input")
    for words in ("une pince", ""):
        text.fill(words)
        text.blur()
    patient.expect_kept()
    page.wait_for_timeout(300)  # both are in the store
    page.reload()
    expect(patient.question).to_be_visible()
    page.evaluate("location.hash = 'review'")
    expect(page.locator(".answer", has=page.locator("b"))).to_have_count(1)
