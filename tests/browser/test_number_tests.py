"""The nurse tests a mobile number beside the patient, who reads the text on her phone; in real Chromium."""

import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.adapters.sms import LocalTexter
from portal.cli.work import open_worker
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.domain.roles import Role
from portal.services import actor
from portal.services.contacts import Contacts
from tests import factories
from tests.browser.probes import faint_words
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
WORDS = {
    "fr": {
        "test": "Envoyer un SMS de test",
        "under way": "En cours d’envoi.",
        "yes": "Oui, il est arrivé",
        "received": "Le patient l’a reçu",
        "back": "Retour au patient",
        "tested": "testé le 3 mars 2027",
        "kind": "Test du numéro de téléphone",
    },
    "en": {
        "test": "Send a test text message",
        "under way": "On its way.",
        "yes": "Yes, it has arrived",
        "received": "The patient has received it",
        "back": "Back to the patient",
        "tested": "tested on 3 March 2027",
        "kind": "Test of the telephone number",
    },
}


@pytest.fixture
def worker(settings: Settings, store: Session) -> Iterator[Worker]:
    """The worker, whose rounds the test makes by hand; what it sends are files."""
    made = open_worker(settings, threading.Event())
    made.now, made.render = lambda: NOW, None
    yield made
    made.clinical.dispose()
    made.contact.dispose()


def keep_number(store: Session, settings: Settings) -> str:
    """Enrol somebody whom text messages reach; gives where her page for it is."""
    participant = factories.make_participant(store, factories.load_study(store)[0])
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as opened:
        contacts = Contacts(opened, settings.contact_key)
        contacts.keep(store, participant.id, telephone="06 99 00 11 22", by=actor.SYSTEM, at=factories.AT)
        opened.commit()
    engine.dispose()
    return f"/clinic/participants/{participant.id}/contact"


@pytest.mark.parametrize(("language", "viewport"), [("fr", PHONE), ("en", DESK)], ids=["fr-phone", "en-desk"])
def test_a_number_is_tested_while_the_patient_is_there(
    store: Session,
    at: object,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    worker: Worker,
    language: str,
    viewport: dict[str, int],
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    said = WORDS[language]
    address = keep_number(store, settings)
    person = make_staff(store, (factories.load_study(store)[0].site_id, Role.NURSE), language=language)
    store.commit()
    store.expunge(person)
    page = new_context(viewport=viewport, locale=language).new_page()
    screen = StaffAtScreen(page, base_url, person).sign_in()
    page.goto(f"{base_url}{address}")
    look(screen)
    screen.press(said["test"])
    assert said["under way"] in screen.text
    assert worker.round() == 0
    page.wait_for_selector(f"text={said['yes']}")  # by itself
    look(screen)
    screen.press(said["yes"])
    assert said["received"] in screen.text
    screen.press(said["back"])
    assert said["tested"] in plain(screen)
    assert said["kind"] in plain(screen)
    look(screen)
    kept = LocalTexter(settings.mailbox)
    texts = [found for found in map(kept.find, kept.names()) if found]
    (test,) = [each for each in texts if "test" in each.text]
    assert test.number == "+33699001122"
    assert "http" not in test.text


def look(screen: StaffAtScreen) -> None:
    assert screen.sideways() <= 0
    assert screen.small_targets() == []
    assert faint_words(screen.page) == []


def plain(screen: StaffAtScreen) -> str:
    return " ".join(screen.text.replace("\u00a0", " ").replace("\u202f", " ").split())
