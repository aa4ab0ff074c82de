"""Two tabs, two phones: no answer disappears, the later one counts, and what comes too late is kept and said kindly."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from portal import clock
from tests.browser import on_server
from tests.browser.navigators import PatientOnPhone
from tests.conftest import NOW

NewPatient = Callable[..., PatientOnPhone]

LATE = "Ce questionnaire est clos. Votre réponse est gardée à part, et votre centre la voit."


@pytest.fixture
def patient(new_patient: NewPatient) -> PatientOnPhone:
    """A patient at her first question, whose phone has put by what it needs."""
    return new_patient().come_in().begin().expect_ready()


def told(patient: PatientOnPhone) -> list[tuple[str, object, object]]:
    """Each answer as it was received, and whether it was kept apart."""
    return [(row.link_id, row.value, row.set_apart) for row in on_server.answers(patient.person)]


def in_conflict(patient: PatientOnPhone) -> list[tuple[object, object]]:
    """Each value that counts in spite of another that its phone had not been shown, with that other."""
    values = {row.id: row.value for row in on_server.answers(patient.person)}
    return [(values[each.kept_id], values[each.other_id]) for each in on_server.conflicts(patient.person)]


def test_in_two_tabs_the_later_answer_counts_and_both_are_kept(patient: PatientOnPhone) -> None:
    other = PatientOnPhone(patient.page.context.new_page(), patient.base_url, patient.person).open_questionnaire()
    patient.choose("Oui, nettement").expect_received()
    other.choose("Non, en rien").expect_received()
    assert told(patient) == [("DLQI101", 2, None), ("DLQI101", 0, None)]
    assert in_conflict(patient) == [(0, 2)]
    patient.page.reload()
    expect(patient.page.locator("#place")).to_have_text("Question 1 sur 10")
    assert patient.chosen == ["Non, en rien"]


def test_of_two_phones_the_one_that_is_heard_later_counts(new_patient: NewPatient, patient: PatientOnPhone) -> None:
    other = new_patient(known=patient.person).come_in().begin()
    patient.lose_network().choose("Oui, nettement").expect_kept()
    other.choose("Non, en rien").next().choose("Oui, énormément").expect_received()
    patient.find_network().expect_received()
    assert told(patient) == [("DLQI101", 0, None), ("DLQI102", 3, None), ("DLQI101", 2, None)]
    assert in_conflict(patient) == [(2, 0)]
    assert on_server.counting(patient.person) == {"DLQI101": 2, "DLQI102": 3}


def test_what_comes_after_sending_is_kept_apart_and_told_kindly(
    new_patient: NewPatient, patient: PatientOnPhone
) -> None:
    other = new_patient(known=patient.person).come_in().begin().choose("Non, en rien").expect_received()
    other.open_questionnaire(at="review").next().expect_receipt()
    patient.choose("Oui, nettement")
    expect(patient.saved).to_have_text(LATE)
    patient.page.evaluate("location.hash = 'review'")
    patient.next()
    patient.page.wait_for_url("**/late")
    expect(patient.page.locator("h1")).to_have_text("Ce questionnaire a déjà été envoyé")
    assert told(patient) == [("DLQI101", 0, None), ("DLQI101", 2, "after-completion")]
    assert on_server.frozen(patient.person)["DLQI101"]["value"] == 0


def test_what_comes_after_the_last_day_is_kept_apart_and_told_kindly(
    patient: PatientOnPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient.lose_network().choose("Oui, nettement").next().expect_kept()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=60))
    patient.find_network()
    expect(patient.saved).to_have_text(LATE)
    patient.page.evaluate("location.hash = 'review'")
    patient.next()
    patient.page.wait_for_url("**/late")
    expect(patient.page.locator("h1")).to_have_text("Ce questionnaire est clos")
    assert told(patient) == [("DLQI101", 2, "after-closing")]
