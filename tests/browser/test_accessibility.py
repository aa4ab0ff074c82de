"""axe on every page that a patient sees, in both languages, by day and by night; no rule is switched off."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from portal import clock
from portal.services import actor, enrolment, wordings
from tests import factories
from tests.browser import axe
from tests.browser.navigators import PatientOnPhone
from tests.conftest import NOW

NewPatient = Callable[..., PatientOnPhone]

BOTH = pytest.mark.parametrize("language", ["fr", "en"])

WAYS_IN = {
    "anyone/home.html",
    "anyone/error.html",
    "anyone/verify.html",
    "patient/code.html",
    "patient/door.html",
    "patient/forgotten.html",
    "patient/fresh_link.html",
    "patient/given_back.html",
    "patient/offline.html",
    "patient/too_many_codes.html",
}
QUESTIONS = {
    "patient/practice.html",
    "patient/questionnaire.html",
    "patient/receipt.html",
    "patient/receipt_kept.html",
    "patient/review.html",
    "patient/visit.html",
}
OTHER_DAYS = {
    "patient/late.html",
    "patient/not_in_this_language.html",
    "patient/nothing_due.html",
    "patient/withdrawn.html",
}

FAINT_BY_NIGHT = """grey => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@media (prefers-color-scheme: dark) { p { color: ${grey} !important; } }`);
  document.adoptedStyleSheets = [sheet];
}"""


@pytest.fixture
def rendered(app: Flask) -> Iterator[set[str]]:
    """The templates of the pages that were asked for."""
    with axe.pages_of(app) as names:
        yield names


def test_axe_finds_what_is_wrong(new_patient: NewPatient) -> None:
    patient = new_patient()
    look(patient, "/code")
    patient.page.evaluate("document.querySelector('label').remove()")
    with pytest.raises(AssertionError, match="label: #code"):
        axe.check(patient.page)
    look(patient, "/code")
    for grey, rule in (("#777", "color-contrast"), ("#888", "color-contrast-enhanced")):
        patient.page.evaluate(FAINT_BY_NIGHT, grey)
        with pytest.raises(AssertionError, match=rf"(?s){rule}: .*\(dark\)"):
            axe.check(patient.page)


@BOTH
def test_the_ways_in(new_patient: NewPatient, rendered: set[str], language: str) -> None:
    patient = new_patient(language)
    page = patient.page
    for address in ("/", "/verify", "/verify/0123456789ab", "/nowhere", f"/offline/{language}", "/given-back"):
        look(patient, address)
    for address in ("/code", patient.person.address):
        look(patient, address)
        type_code(patient, "12")
        axe.check(page)
    page.locator(".help summary").tap()
    axe.check(page)
    page.locator(".help summary").tap()
    with page.expect_navigation():
        page.tap("form[action$=fresh-link] button")
    axe.check(page)
    patient.open_link()
    while page.locator("#code").count():
        type_code(patient, f"{999999 - int(patient.person.code):06}")
    axe.check(page)
    look(patient, "/forgotten")
    assert rendered >= WAYS_IN


@BOTH
def test_the_questions(new_patient: NewPatient, rendered: set[str], language: str) -> None:
    patient = new_patient(language).come_in()
    page = patient.page
    axe.check(page)
    patient.start()
    axe.check(page)
    patient.open_questionnaire()
    axe.check(page)
    patient.next()
    axe.check(page)  # the question before something is left out
    page.tap("#answer")
    page.locator(".help summary").tap()
    axe.check(page)
    page.locator(".help summary").tap()
    while patient.code != "filled_in_by":
        patient.answer().next()
    axe.check(page)
    patient.say_who()
    axe.check(page)
    patient.expect_received()
    look(patient, f"/answer/{patient.person.assignment()}/review")
    patient.open_questionnaire("DLQI", "review").next().expect_receipt()
    axe.check(page)
    page.set_content(page.context.request.get(f"{page.url}/keep").text())
    axe.check(page)
    patient.open_questionnaire("SHAQ", "q23")
    patient.choose_number(6)
    expect(patient.question.locator(".write input")).to_be_visible()
    axe.check(page)
    patient.open_questionnaire("SHAQ", "q25")
    axe.check(page)
    patient.touch_line(0.4)
    axe.check(page)
    assert rendered >= QUESTIONS


@BOTH
def test_the_other_days(
    new_patient: NewPatient, rendered: set[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    patient = new_patient(language).come_in()
    with monkeypatch.context() as before_approval:
        before_approval.setattr(wordings, "find_current", lambda *_, **__: None)
        look(patient, f"/answer/{patient.person.assignment()}")
    person = patient.person
    factories.complete_visit(person.store, person.participant, at=NOW)
    person.store.commit()
    look(patient, "/visit")
    look(patient, f"/answer/{person.assignment()}/late")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=12))
    look(patient, "/visit")
    store, day = person.store, date(2027, 3, 2)
    enrolment.withdraw(store, person.participant, on=day, reason="", by=actor.SYSTEM, at=NOW)
    store.commit()
    look(patient, "/visit")
    assert rendered >= OTHER_DAYS


def look(patient: PatientOnPhone, address: str) -> None:
    """Go to a page and have axe look at it."""
    patient.page.goto(patient.base_url + address)
    axe.check(patient.page)


def type_code(patient: PatientOnPhone, code: str) -> None:
    """Type a code and go on."""
    patient.page.fill("#code", code)
    with patient.page.expect_navigation():
        patient.page.tap(".code .go")
