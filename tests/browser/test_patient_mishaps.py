"""What goes wrong in the middle leaves one record each, the same question on return, and nothing to be asked twice."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from portal.app import create_app
from portal.config import Settings
from portal.web import assets
from tests.browser import on_server
from tests.browser.listening import Fault, Listening
from tests.browser.navigators import PatientOnPhone

NewPatient = Callable[..., PatientOnPhone]

TWICE = """() => {
  const box = document.getElementById('next').getBoundingClientRect();
  for (let tap = 0; tap < 2; tap++) document.elementFromPoint(box.left + 9, box.top + 9).click();
}"""


@pytest.fixture
def patient(new_patient: NewPatient) -> PatientOnPhone:
    """A patient at her first question, whose phone has put by what it needs."""
    return new_patient().come_in().begin().expect_ready()


def tapped(patient: PatientOnPhone) -> list[tuple[str, object]]:
    """What the server was sent, each answer as often as it stands there."""
    return [(row.link_id, row.value) for row in on_server.answers(patient.person)]


@pytest.mark.parametrize("fault", list(Fault))
def test_a_request_that_fails_leaves_one_answer(patient: PatientOnPhone, listening: Listening, fault: Fault) -> None:
    listening.faults.append(fault)
    patient.choose("Oui, nettement").expect_received()
    assert listening.befallen == [fault]
    assert tapped(patient) == [("DLQI101", 2)]


def test_a_reply_to_sending_that_is_lost_still_leads_to_the_receipt(
    patient: PatientOnPhone, listening: Listening
) -> None:
    patient.choose("Oui, nettement").expect_received()
    patient.open_questionnaire(at="review")
    listening.faults.append(Fault.REPLY_LOST)
    patient.next().expect_receipt()
    assert tapped(patient) == [("DLQI101", 2)]
    assert on_server.frozen(patient.person)["DLQI101"]["value"] == 2


def test_two_taps_on_next_are_one_step(patient: PatientOnPhone) -> None:
    patient.choose("Oui, nettement")
    patient.page.wait_for_timeout(400)
    patient.page.evaluate(TWICE)
    expect(patient.page.locator("#place")).to_have_text("Question 2 sur 10")
    expect(patient.page.locator("#ask")).to_be_hidden()


def test_two_taps_on_send_are_one_sending(patient: PatientOnPhone, listening: Listening) -> None:
    patient.open_questionnaire(at="review")
    patient.page.wait_for_timeout(400)
    listening.faults.append(Fault.SLOW)
    patient.page.evaluate(TWICE)
    patient.expect_receipt()
    assert listening.befallen == [Fault.SLOW]
    patient.page.go_back()
    patient.page.reload()
    expect(patient.page.locator(".number")).to_be_visible()  # there is no way back into what was sent


def test_back_and_reload_find_the_same_question_with_its_answer(patient: PatientOnPhone) -> None:
    patient.choose("Oui, nettement").next().choose("Non, en rien").next().expect_received()
    patient.page.go_back()
    expect(patient.page.locator("#place")).to_have_text("Question 2 sur 10")
    assert patient.chosen == ["Non, en rien"]
    patient.page.reload()
    expect(patient.page.locator("#place")).to_have_text("Question 2 sur 10")
    assert patient.chosen == ["Non, en rien"]
    assert tapped(patient) == [("DLQI101", 2), ("DLQI102", 0)]


def test_a_session_that_has_ended_begins_anew_without_a_word(patient: PatientOnPhone) -> None:
    patient.page.context.clear_cookies(name="previsit")
    patient.choose("Oui, nettement").expect_received()
    assert tapped(patient) == [("DLQI101", 2)]


def test_a_phone_that_is_not_let_in_any_more_says_so_and_sends_once_it_is(patient: PatientOnPhone) -> None:
    patient.page.context.clear_cookies()
    patient.choose("Oui, nettement")
    expect(patient.saved).to_contain_text("ouvrez votre lien et tapez votre code")
    assert tapped(patient) == []
    patient.come_in()
    expect(patient.page.locator(".task.now .state")).to_contain_text("1 réponse sur 10")
    patient.begin()
    assert patient.place == "Question 2 sur 10"
    assert tapped(patient) == [("DLQI101", 2)]


def test_a_server_that_starts_again_finds_her_where_she_was(patient: PatientOnPhone, listening: Listening) -> None:
    patient.choose("Oui, nettement").next().expect_received()
    listening.stop()
    patient.choose("Non, en rien").next().expect_kept()
    patient.page.reload()
    expect(patient.page.locator("#place")).to_have_text("Question 3 sur 10")
    listening.start()
    patient.expect_received()
    patient.page.reload()
    expect(patient.page.locator("#place")).to_have_text("Question 3 sur 10")
    assert tapped(patient) == [("DLQI101", 2), ("DLQI102", 0)]


@pytest.fixture
def update(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Put another version of every script into use, as an update of the portal does."""

    def forget() -> None:
        for each in (assets.names, assets.minified, assets.digest, assets.version, assets._compressed):
            each.cache_clear()

    def make() -> None:
        folder = shutil.copytree(assets.FOLDER, tmp_path / "static")
        for script in folder.glob("*.js"):
            script.write_text(script.read_text(encoding="utf-8") + "\nself.updated = true;\n", encoding="utf-8")
        monkeypatch.setattr(assets, "FOLDER", folder)
        forget()

    yield make
    monkeypatch.undo()
    forget()


@pytest.mark.parametrize("online", [True, False])
def test_an_update_in_the_middle_changes_nothing_for_her(
    patient: PatientOnPhone, update: Callable[[], None], online: bool
) -> None:
    patient.choose("Oui, nettement").next()
    before = assets.version()
    update()
    assert assets.version() != before
    patient.choose("Non, en rien").expect_received()
    if not online:
        patient.lose_network()
    patient.page.reload()
    expect(patient.page.locator("#place")).to_have_text("Question 2 sur 10")
    assert patient.page.evaluate("Boolean(self.updated)") is online
    patient.next().choose_number(2)
    patient.find_network().expect_received()
    assert tapped(patient) == [("DLQI101", 2), ("DLQI102", 0), ("DLQI103", 1)]


def test_the_kill_switch_ends_the_service_worker_and_loses_nothing(
    patient: PatientOnPhone, listening: Listening, settings: Settings, app: Flask
) -> None:
    listening.faults.append(Fault.BUSY)
    patient.choose("Oui, nettement").expect_kept()
    listening.faults.append(Fault.BUSY)  # for one more try, so that it is the page without a worker that sends
    listening.app = create_app(replace(settings, service_worker=False))
    try:
        patient.page.reload()
        patient.expect_received()
        patient.next().choose("Non, en rien").expect_received()
        left = "navigator.serviceWorker.getRegistrations().then(found => found.length)"
        assert patient.page.evaluate(left) == 0
        assert patient.page.evaluate("caches.keys()") == []
        assert tapped(patient) == [("DLQI101", 2), ("DLQI102", 0)]
    finally:
        for engine in vars(listening.app.extensions["stores"]).values():
            engine.dispose()
        listening.app = app
