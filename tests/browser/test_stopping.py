"""A patient wishes no messages, and has them again; her nurse sees it, and lifts it for her; in real Chromium."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.db.stop import StopWay
from portal.domain.roles import Role
from portal.services import actor, stops
from tests import factories
from tests.browser import axe
from tests.browser.navigators import PatientOnPhone
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

STOPPING = {"patient/stop.html"}
"""The page that is shown to axe here."""

WORDS = {
    "fr": {
        "asked": "Ne plus recevoir de messages ?",
        "stop": "Ne plus m’envoyer de messages",
        "stopped": "Plus aucun message ne vous est envoyé",
        "undo": "Annuler : m’envoyer à nouveau des messages",
        "again": "Des messages vous sont à nouveau envoyés.",
        "listed": "Ne souhaite plus de messages depuis le mer. 3 mars : téléphoner, ou donner du papier",
        "lift": "Le patient souhaite à nouveau des messages",
    },
    "en": {
        "asked": "Get no more messages?",
        "stop": "Send me no more messages",
        "stopped": "No message is sent to you any more",
        "undo": "Undo: send me messages again",
        "again": "Messages are sent to you again.",
        "listed": "Wishes no messages since Wed 3 March: telephone, or give paper",
        "lift": "The patient wishes messages again",
    },
}
BOTH = pytest.mark.parametrize("language", ["fr", "en"])


def plain(text: str) -> str:
    return " ".join(text.split())


@BOTH
def test_she_stops_the_messages_with_one_tap_and_undoes_it(
    new_patient: Callable[..., PatientOnPhone], language: str
) -> None:
    patient, words = new_patient(language), WORDS[language]
    person, page = patient.person, patient.page
    address = f"{patient.base_url}/stop/{stops.token(person.keys, person.participant.id)}"
    person.store.rollback()

    def told() -> str:
        axe.check(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        return plain(page.locator("main").inner_text())

    page.goto(address)
    assert words["asked"] in told()
    button = page.get_by_role("button", name=words["stop"]).bounding_box()
    assert button
    assert button["height"] >= 56
    page.get_by_role("button", name=words["stop"]).tap()
    page.get_by_role("heading", name=words["stopped"]).wait_for()
    assert words["undo"] in told()
    assert "+33 1 99 00 21 35" in plain(page.locator("footer").inner_text())
    page.get_by_role("button", name=words["undo"]).tap()
    page.get_by_role("status").wait_for()
    assert words["again"] in told()


@BOTH
def test_the_nurse_sees_it_and_lifts_it(
    new_context: Callable[..., BrowserContext],
    base_url: str,
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    words, place = WORDS[language], factories.load_study(store)[0]
    participant = factories.make_participant(store, place)
    stops.ask(store, participant, StopWay.PAGE, by=actor.patient(participant.id), at=NOW)
    person = make_staff(store, (place.site_id, Role.NURSE), language=language)
    store.commit()
    store.expunge(person)  # so that reading its address does not hold the one writer's place
    page = new_context(viewport={"width": 360, "height": 640}).new_page()
    screen = StaffAtScreen(page, base_url, person).sign_in()
    assert words["listed"] in plain(screen.text)
    screen.press(participant.participant_number)
    axe.check(page)
    assert screen.sideways() <= 0
    assert screen.small_targets() == []
    screen.press(words["lift"])
    assert page.locator(".stopped").count() == 0
