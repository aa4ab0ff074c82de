"""Without network from the second question on: all is there, all is said, and all arrives by itself, once."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser import on_server
from tests.browser.listening import Listening
from tests.browser.navigators import PatientOnPhone
from tests.conftest import NOW

NewPatient = Callable[..., PatientOnPhone]


@pytest.fixture
def patient(new_patient: NewPatient) -> PatientOnPhone:
    """A patient at her first question, whose phone has put by what it needs."""
    return new_patient().come_in().begin().expect_ready()


def phones_time(page: Page) -> datetime:
    """What the phone's clock says."""
    return datetime.fromtimestamp(page.evaluate("Date.now()") / 1000, UTC)


def test_opened_once_it_can_be_filled_in_and_sent_without_network(
    patient: PatientOnPhone, listening: Listening
) -> None:
    listening.in_reach = False
    page = patient.lose_network().page
    tapped: dict[str, tuple[str, datetime, datetime]] = {}

    def answer(number: int) -> None:
        chosen = patient.question.locator("input").nth(number).get_attribute("value") or ""
        code, before = patient.code, phones_time(patient.page)
        patient.choose_number(number)
        tapped[code] = chosen, before, phones_time(patient.page)
        patient.expect_kept().next()

    for number in (0, 1, 2, 3):
        answer(number)
    page.reload()
    expect(page.locator("#place")).to_have_text("Question 5 sur 10")
    answer(1)
    patient.open_again()  # by her link
    expect(patient.page.locator("h1")).to_have_text("Pas de réseau pour le moment")
    expect(patient.page.locator("#kept .state")).to_have_text("Réponses gardées sur ce téléphone, pas encore envoyées")
    patient.go_on_without_network()
    expect(patient.page.locator("#place")).to_have_text("Question 6 sur 10")
    for number in (3, 2, 1, 0):
        patient.back()
        expect(patient.page.locator("#place")).to_have_text(f"Question {number + 2} sur 10")
        assert patient.question.locator("input").nth([0, 1, 2, 3, 1][number + 1]).is_checked()
    for _ in range(4):
        patient.next()
    for number in (2, 1, 0, 1, 2, 3):
        answer(number)
    patient.say_who(1)
    expect(patient.page.locator(".answer b")).to_have_count(12)  # nothing is open
    patient.next()  # Send
    for _ in ("sent", "opened again"):
        expect(patient.page.locator("#t-pending")).to_have_text("Gardé sur ce téléphone, pas encore envoyé")
        expect(patient.page.locator("#pending-how")).to_contain_text("Il partira tout seul")
        patient.page.reload()
    assert on_server.answers(patient.person) == []

    listening.in_reach = True
    patient.find_network().expect_receipt()
    rows = on_server.answers(patient.person)
    assert [row.link_id for row in rows] == list(on_server.counting(patient.person))  # each once
    for row in rows:
        assert row.received_at == NOW
        value, before, after = tapped[row.link_id]
        assert str(row.value) == value
        assert before <= row.at <= after, row.link_id
    response = on_server.find_response(patient.person)
    assert response is not None
    assert (response.status, response.filled_in_by) == ("completed", "with-help")


def test_both_questionnaires_can_be_prepared_and_done_one_after_the_other(
    new_patient: NewPatient, listening: Listening
) -> None:
    patient = new_patient().come_in()
    patient.page.get_by_role("button", name="Préparer ce téléphone").tap()
    expect(patient.page.locator("#prepare .state")).to_have_text("Prêt à servir sans réseau")
    patient.expect_ready("DLQI", "SHAQ").lose_network()
    listening.in_reach = False
    patient.open_again()
    expect(patient.page.locator("#kept .state")).to_have_text(["Prêt à servir sans réseau"] * 2)
    for number in (0, 1):
        patient.go_on_without_network(number)
        expect(patient.page.locator("#place")).to_contain_text("Question 1 sur")
        patient.choose_number(2).next().choose_number(1).next()
        patient.page.evaluate("location.hash = 'who'")
        patient.say_who().next()
        expect(patient.page.locator("#t-pending")).to_be_visible()
        patient.page.get_by_role("link", name="Voir mes questionnaires").tap()
        expect(patient.page.locator("#kept .state").nth(number)).to_have_text(
            re.compile("^Gardé sur ce téléphone\\s: il partira tout seul$")
        )
    assert on_server.answers(patient.person) == []
    listening.in_reach = True
    patient.find_network()
    expect(patient.page.locator("h1")).to_contain_text("Merci")  # nothing more is due
    for instrument in ("DLQI", "SHAQ"):
        response = on_server.find_response(patient.person, instrument)
        assert response is not None
        assert (response.status, response.filled_in_by) == ("completed", "alone")
    assert len(on_server.answers(patient.person)) == 4


def test_the_language_chosen_without_network_stays(patient: PatientOnPhone) -> None:
    page = patient.lose_network().page
    patient.choose("Oui, nettement").next().choose("Non, en rien").expect_kept()
    for language, place, chosen in (
        ("en", "Question 2 of 10", "No, not in the least"),
        ("fr", "Question 2 sur 10", "Non, en rien"),
        ("en", "Question 2 of 10", "No, not in the least"),
    ):
        page.tap(".language button")
        expect(page.locator(f"html[lang={language}]")).to_be_attached()
        expect(page.locator("#place")).to_have_text(place)
        assert patient.chosen == [chosen]
    patient.next().choose_number(0).expect_kept()
    patient.find_network().expect_received()
    page.reload()
    expect(page.locator("html[lang=en]")).to_be_attached()
    expect(page.locator("#place")).to_have_text("Question 3 of 10")
    page.reload()
    expect(page.locator("#place")).to_have_text("Question 3 of 10")
    rows = on_server.answers(patient.person)
    assert [(row.link_id, row.language) for row in rows] == [("DLQI101", "fr"), ("DLQI102", "fr"), ("DLQI103", "en")]


def test_the_language_can_be_changed_without_network_when_nothing_waits(patient: PatientOnPhone) -> None:
    patient.choose("Oui, nettement").next().expect_received()
    patient.lose_network().page.tap(".language button")
    expect(patient.page.locator("#place")).to_have_text("Question 2 of 10")
    patient.find_network().page.tap(".language button")
    expect(patient.page.locator("#place")).to_have_text("Question 2 sur 10")
    patient.back()
    assert patient.chosen == ["Oui, nettement"]
