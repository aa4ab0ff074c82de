"""At the edges of the page: before all of it has come, and on the pages around the questions without network."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import on_server
from tests.browser.navigators import PatientOnPhone

NewPatient = Callable[..., PatientOnPhone]


def at_visit(new_patient: NewPatient) -> PatientOnPhone:
    """A patient at the page of her visit, whose phone has put by what it needs and knows that there is no network."""
    patient = new_patient().come_in().begin().expect_ready()
    patient.page.goto(patient.base_url + "/visit")
    expect(patient.page.locator("#prepare")).to_be_visible()
    return patient.lose_network()


def databases(page: Page) -> int:
    """How many stores this phone has."""
    found: int = page.evaluate("indexedDB.databases().then((all) => all.length)")
    return found


def test_what_was_tapped_before_the_rest_of_the_page_came_is_sent_as_the_page_is_left(new_patient: NewPatient) -> None:
    patient = new_patient().come_in()
    patient.page.route("**/later.js*", lambda route: route.abort())
    patient.open_questionnaire().choose("Oui, nettement")
    patient.page.goto("about:blank")
    assert on_server.wait_for_answers(patient.page, patient.person, 1)[0].value == 2


def test_the_other_language_on_a_page_around_the_questions_needs_no_network(new_patient: NewPatient) -> None:
    patient = at_visit(new_patient)
    patient.page.tap(".language button")
    expect(patient.page.locator("h1")).to_have_text("No network at the moment")
    patient.find_network()  # the page that waits for it goes on by itself, and then in the language that was chosen
    expect(patient.page.locator("h1")).to_have_text("Before your visit on 5 March 2027")


def test_a_phone_is_forgotten_with_network_only_and_says_so(new_patient: NewPatient) -> None:
    patient = at_visit(new_patient)
    patient.page.tap("form[action='/forget'] button")
    expect(patient.page.locator("form[action='/forget'] .fault")).to_have_text(
        "Il faut du réseau. Réessayez quand il y en aura."
    )
    assert databases(patient.page) == 1
    patient.find_network().page.tap("form[action='/forget'] button")
    patient.page.wait_for_url("**/forgotten")
    assert databases(patient.page) == 0
