"""Reading and signing in a real browser: by keyboard through what waits, with a wrong code and a right one, several."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyotp
import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.participant import Participant
from portal.db.signature import Signature
from portal.domain.roles import Role
from portal.services import actor, summaries
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

DESK = {"width": 1280, "height": 800}
WORDS = {
    "fr": {
        "sign": "Signer l’édition 1",
        "wrong": "Ce n’est pas le code que votre application affiche maintenant.",
        "used": "Ce code a déjà servi",
        "signed": "Signée électroniquement par Dr Hélène Roux le 3 mars 2027, 10 h 00 (Paris) : vue, et discutée",
        "all": "Signer toutes celles qui sont cochées",
        "three": "3 synthèses sont signées.",
        "void": "Signature caduque depuis l’édition 2.",
        "anew": "À signer de nouveau.",
        "off": "Désactiver les touches",
    },
    "en": {
        "sign": "Sign edition 1",
        "wrong": "This is not the code that your app shows now.",
        "used": "This code was used already",
        "signed": "Signed electronically by Dr Hélène Roux on 3 March 2027, 10:00 (Paris): seen and discussed",
        "all": "Sign all that are ticked",
        "three": "3 summaries are signed.",
        "void": "Signature void since edition 2.",
        "anew": "To be signed anew.",
        "off": "Switch the keys off",
    },
}


@dataclass
class Signing:
    """An investigator before a screen, three summaries that wait for her, and the app on her phone."""

    screen: StaffAtScreen
    store: Session
    participants: list[Participant]
    addresses: list[str]
    words: dict[str, str]
    shown_at: list[datetime]

    def code(self) -> str:
        """Wait for the app's next code, and read it."""
        self.shown_at.append(self.shown_at[-1] + timedelta(seconds=30))
        return pyotp.TOTP(self.screen.person.totp_secret).at(self.shown_at[-1])

    def send(self, code: str, button: str) -> str:
        """Type a code, press the button; gives the words of the page that comes."""
        self.screen.page.fill("#code", code)
        self.screen.press(self.words[button])
        return self.text

    @property
    def text(self) -> str:
        return self.screen.text.replace("\u00a0", " ")

    def key(self, letter: str) -> None:
        """Press a key that leads to another page."""
        with self.screen.page.expect_navigation():
            self.screen.page.keyboard.press(letter)


@pytest.fixture(params=["fr", "en"])
def signing(
    request: pytest.FixtureRequest,
    store: Session,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    monkeypatch: pytest.MonkeyPatch,
) -> Signing:
    language = request.param
    shown_at = [NOW]
    monkeypatch.setattr(clock, "machine_now", lambda: shown_at[-1])
    place = factories.load_study(store)[0]
    person = make_staff(store, (place.site_id, Role.INVESTIGATOR), name="Dr Hélène Roux", language=language)
    patients = [factories.make_participant(store, place, included_on=date(2027, 3, day)) for day in (4, 5, 8)]
    made = [
        summaries.make(store, factories.get_visit(store, each).id, by=actor.SYSTEM, at=NOW - timedelta(hours=1))
        for each in patients
    ]
    addresses = [f"/investigator/summaries/{each.id}" for each in made]
    store.commit()
    screen = StaffAtScreen(new_context(viewport=DESK, locale=language).new_page(), base_url, person)
    screen.sign_in()
    return Signing(screen, store, patients, addresses, WORDS[language], shown_at)


def test_a_wrong_code_signs_nothing_and_the_next_one_signs(signing: Signing) -> None:
    screen = signing.screen.open(signing.addresses[0])
    screen.page.check("[name=meaning][value=discussed]")
    assert signing.words["wrong"] in signing.send("000000", "sign")
    axe.check(screen.page)
    assert screen.page.locator("#code").input_value() == ""
    assert screen.page.locator("[name=meaning]:checked").input_value() == "discussed"
    used = pyotp.TOTP(screen.person.totp_secret).at(NOW)
    assert signing.words["used"] in signing.send(used, "sign")
    assert signing.words["signed"] in signing.send(signing.code(), "sign")
    assert "#sign" not in screen.page.content()
    axe.check(screen.page)


def test_the_keys_lead_through_three_summaries_and_sign_each(signing: Signing) -> None:
    page = signing.screen.open(signing.addresses[0]).page
    signing.key("n")
    assert "01-002" in signing.text
    signing.key("p")
    for number in ("01-001", "01-002", "01-003"):
        assert number in page.title()
        page.keyboard.press("s")
        assert page.evaluate("document.activeElement.name") == "meaning"
        page.keyboard.press("Tab")
        page.keyboard.type(signing.code())
        with page.expect_navigation():
            page.keyboard.press("Enter")
        if number != "01-003":
            signing.key("n")
    assert len(_signatures(signing.store)) == 3
    signing.key("l")
    assert page.url.endswith("/investigator/")


def test_keys_keep_still_in_a_field_and_when_they_are_switched_off(signing: Signing) -> None:
    page = signing.screen.open(signing.addresses[0]).page
    page.focus("#code")
    page.keyboard.press("n")
    assert page.locator("#code").input_value() == "n"
    page.locator(".keys button").filter(has_text=signing.words["off"]).click()
    page.reload()
    page.keyboard.press("n")
    page.keyboard.press("s")
    assert page.url.endswith(signing.addresses[0])
    page.locator(".keys button:visible").click()
    signing.key("n")


def test_several_are_signed_with_one_code_once_they_were_opened(signing: Signing) -> None:
    screen = signing.screen.open("/investigator/sign")
    assert screen.page.locator("[name=summary_id]").count() == 0
    for address in signing.addresses:
        screen.open(address)
    screen.open("/investigator/sign")
    axe.check(screen.page)
    assert signing.words["wrong"] in signing.send("000000", "all")
    axe.check(screen.page)
    assert signing.words["three"] in signing.send(signing.code(), "all")
    assert len(_signatures(signing.store)) == 3


def test_a_signature_is_void_once_a_newer_edition_has_come(signing: Signing) -> None:
    screen = signing.screen.open(signing.addresses[0])
    signing.send(signing.code(), "sign")
    factories.complete_visit(signing.store, signing.participants[0], at=NOW)
    signing.store.commit()
    screen.open(signing.addresses[0])
    assert signing.words["void"] in signing.text
    axe.check(screen.page)
    screen.page.locator(".notice a").first.click()
    assert signing.words["anew"] in signing.text
    axe.check(screen.page)


def _signatures(store: Session) -> list[Signature]:
    store.rollback()  # to see what the portal has written since
    found = list(store.scalars(select(Signature)))
    store.rollback()
    return found
