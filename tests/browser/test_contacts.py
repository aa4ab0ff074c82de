"""The nurse tests an address beside the patient, with a real mail server, and mends it; in real Chromium."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.adapters.mail import mailer
from portal.cli.work import open_worker
from portal.cli.working import Worker
from portal.config import Settings
from portal.domain.roles import Role
from tests import factories
from tests.adapters.test_mail import Handler, _free_port
from tests.browser.probes import faint_words
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
WORDS = {
    "fr": {
        "enrol": "Inclure un patient",
        "year": "Voir toute l’année",
        "start": "Commencer",
        "reach": "Coordonnées de 01-001",
        "test": "Envoyer un message de test",
        "under way": "En cours d’envoi.",
        "refused": "Le serveur de messagerie l’a refusé définitivement",
        "change": "Modifier ce qui est gardé",
        "keep": "Garder",
        "left": "Parti le 3 mars 2027, 10 h 00 (Paris).",
        "yes": "Oui, il est arrivé",
        "received": "Le patient l’a reçu",
        "back": "Retour au patient",
        "tested": "gardée, testée le 3 mars 2027",
    },
    "en": {
        "enrol": "Enrol a patient",
        "year": "Show the whole year",
        "start": "Start",
        "reach": "How to reach 01-001",
        "test": "Send a test message",
        "under way": "On its way.",
        "refused": "The mail server refused it for good",
        "change": "Change what is kept",
        "keep": "Keep it",
        "left": "Left on 3 March 2027, 10:00 (Paris).",
        "yes": "Yes, it has arrived",
        "received": "The patient has received it",
        "back": "Back to the patient",
        "tested": "kept, tested on 3 March 2027",
    },
}


class OnlyShe(Handler):
    """A mail server that knows one person: right@example.org."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if address != "right@example.org":
            return "550 no such person"
        return await super().handle_RCPT(server, session, envelope, address, options)


@pytest.fixture
def post_office() -> Iterator[tuple[OnlyShe, str]]:
    """A real SMTP server, and its address as a setting."""
    handler = OnlyShe()
    controller = Controller(handler, hostname="127.0.0.1", port=_free_port())
    controller.start()
    yield handler, f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture
def worker(settings: Settings, store: Session, post_office: tuple[OnlyShe, str]) -> Iterator[Worker]:
    """The worker, whose rounds the test makes by hand."""
    made = open_worker(replace(settings, smtp_url=post_office[1]), threading.Event())
    made.now, made.render = lambda: NOW, None
    assert made.mailer == mailer(post_office[1], settings.mailbox)
    yield made
    made.clinical.dispose()
    made.contact.dispose()


@pytest.mark.parametrize(("language", "viewport"), [("fr", PHONE), ("en", DESK)], ids=["fr-phone", "en-desk"])
def test_a_mistyped_address_is_found_while_the_patient_is_there(
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    worker: Worker,
    post_office: tuple[OnlyShe, str],
    language: str,
    viewport: dict[str, int],
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    said = WORDS[language]
    place = factories.load_study(store)[0]
    person = make_staff(store, (place.site_id, Role.NURSE), language=language)
    store.commit()
    store.expunge(person)
    page = new_context(viewport=viewport, locale=language).new_page()
    screen = StaffAtScreen(page, base_url, person).sign_in().press(said["enrol"])
    for field in ("email", "email_again"):
        page.fill(f"#{field}", "rihgt@example.org")
    page.check("#language [value=fr]")
    screen.press(said["year"]).press(said["start"])
    assert said["reach"] in screen.text
    screen.press(said["test"])
    assert said["under way"] in screen.text
    assert worker.round() == 0
    page.wait_for_selector(f"text={said['refused']}")  # by itself
    look(screen)
    screen.press(said["change"])
    for field in ("email", "email_again"):
        page.fill(f"#{field}", "right@example.org")
    look(screen)
    screen.press(said["keep"]).press(said["test"])
    assert worker.round() == 0
    page.wait_for_selector(f"text={said['yes']}")
    assert said["left"] in plain(screen)
    look(screen)
    screen.press(said["yes"])
    assert said["received"] in screen.text
    lefts = page.eval_on_selector_all("main .state", "all => all.map(each => each.getBoundingClientRect().left)")
    assert len(lefts) == 2
    assert len(set(lefts)) == 1  # one under the other
    screen.press(said["back"])
    assert said["tested"] in plain(screen)
    look(screen)
    (letter,) = post_office[0].received
    assert b"Test de votre adresse" in (letter.content or b"")
    assert b"/o/" not in (letter.content or b"")


def look(screen: StaffAtScreen) -> None:
    assert screen.sideways() <= 0
    assert screen.small_targets() == []
    assert faint_words(screen.page) == []


def plain(screen: StaffAtScreen) -> str:
    return " ".join(screen.text.replace("\u00a0", " ").replace("\u202f", " ").split())
