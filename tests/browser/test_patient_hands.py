"""A phone that changes hands, is forgotten, or belongs to somebody who has left the study."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.services import actor, enrolment
from tests.browser import on_server
from tests.browser.navigators import PatientOnPhone
from tests.conftest import NOW
from tests.web.patients import Patient

NewPatient = Callable[..., PatientOnPhone]

_CONTENT = """async () => {
  const database = await new Promise(resolve => {
    const request = indexedDB.open('previsit');
    request.onsuccess = () => resolve(request.result);
  });
  const found = await new Promise(resolve => {
    const request = database.transaction('kept').objectStore('kept').getAllKeys();
    request.onsuccess = () => resolve(request.result);
  });
  database.close();
  return found.length;
}"""
_SHELLS = (
    """async () => (await (await caches.open('previsit')).keys()).filter(each => each.url.includes('/shell/')).length"""
)


def pass_on(patient: PatientOnPhone, other: Patient) -> PatientOnPhone:
    """Another participant opens her own link on the same phone, with network."""
    context = patient.page.context
    patient.page.goto("about:blank")
    patient.page.close()
    context.set_offline(False)
    return PatientOnPhone(context.new_page(), patient.base_url, other).come_in()


def test_another_participant_on_the_same_phone_meets_nothing_of_the_first(
    new_patient: NewPatient, app: Flask, store: Session
) -> None:
    first = new_patient().come_in().begin().expect_ready().lose_network()
    questionnaire = first.page.url.split("#")[0]
    first.choose_number(1).expect_kept()
    second = pass_on(first, Patient(app, store))
    second.begin().expect_ready().choose_number(2).expect_received()
    second.page.goto(second.base_url + "/visit")
    expect(second.page.locator("#prepare")).to_be_visible()
    expect(second.page.locator("#unsent")).to_be_empty()  # what waits is not hers, and does not leave by itself
    second.lose_network().page.goto(questionnaire)
    expect(second.page.locator("#kept a")).to_have_count(1)  # hers
    expect(second.page.locator("input:checked")).to_have_count(0)
    second.find_network().page.wait_for_load_state("networkidle")
    second.page.goto("about:blank")  # as in pass_on: closing a page that loads itself anew can hang the browser
    first.page = second.page.context.new_page()
    second.page.close()
    first.come_in()  # with her code: the phone is no longer known as hers
    on_server.wait_for_answers(first.page, first.person, 2)  # nothing that was tapped is lost
    first.page.wait_for_load_state("networkidle")  # her visit's page loads itself anew once all was sent
    first.page.goto(f"{questionnaire}#q1")
    assert first.chosen == ["Oui, nettement"]


def test_who_forgets_a_phone_is_told_of_the_unsent_answers_of_another(
    new_patient: NewPatient, app: Flask, store: Session
) -> None:
    first = new_patient().come_in().begin().expect_ready().lose_network()
    first.choose_number(1).expect_kept()
    second = pass_on(first, Patient(app, store))
    expect(second.page.locator("#prepare")).to_be_visible()
    second.page.tap("form[action='/forget'] button")
    expect(second.page.locator("form[action='/forget'] [role=alert]")).to_be_visible()


def test_nothing_stays_on_the_phone_of_who_has_left_the_study(new_patient: NewPatient, store: Session) -> None:
    patient = new_patient().come_in().begin().expect_ready().lose_network()
    patient.choose_number(1).expect_kept()
    person = store.get_one(Participant, patient.person.participant.id)
    enrolment.withdraw(store, person, on=NOW.date(), reason="", by=actor.SYSTEM, at=NOW)
    store.commit()
    patient.page.goto("about:blank")
    patient.find_network().page.goto(patient.base_url + "/visit")
    page = patient.page
    for _ in range(600):
        if page.evaluate(_CONTENT) == 0 and page.evaluate(_SHELLS) == 0:
            return
        page.wait_for_timeout(50)
    raise AssertionError((page.evaluate(_CONTENT), page.evaluate(_SHELLS)))


def test_a_phone_is_forgotten_where_the_browser_refuses_its_caches(new_patient: NewPatient) -> None:
    patient = new_patient()
    for name in ("open", "delete", "match"):  # as Firefox's private windows do
        patient.page.add_init_script(f"caches.{name} = () => Promise.reject(new DOMException('', 'SecurityError'))")
    patient.come_in()
    patient.page.wait_for_timeout(300)  # its scripts have come
    patient.page.tap("form[action='/forget'] button")
    patient.page.wait_for_url("**/forgotten")
