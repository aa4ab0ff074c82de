"""An investigator sets the passphrase of her site's attached pages, on a phone, in real Chromium."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.roles import Role
from portal.domain.study import SummaryMail
from portal.services import actor, studies
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

PASSPHRASES = {"staff/passphrase.html"}
"""The page that is shown to axe here."""

WORDS = {
    "fr": {
        "way": "Mot de passe des pages jointes",
        "use": "Je l’ai noté : l’utiliser à partir de maintenant",
        "short": "Donnez au moins 12 signes.",
        "set": "● Défini le 3 mars 2027",
    },
    "en": {
        "way": "Passphrase of the attached pages",
        "use": "I have written it down: use it from now on",
        "short": "Give at least 12 signs.",
        "set": "● Set on 3 March 2027",
    },
}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_she_sets_it_on_her_phone(
    new_context: Callable[..., BrowserContext],
    base_url: str,
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    study, words = factories.demonstration_study(), WORDS[language]
    attaching = replace(study, summary=replace(study.summary, mail=SummaryMail.ATTACHED))
    studies.load(store, attaching, by=actor.SYSTEM, at=factories.AT)
    place = studies.list_sites(store)[0]
    person = make_staff(store, (place.site_id, Role.INVESTIGATOR), language=language)
    store.commit()
    store.expunge(person)  # so that reading its address does not hold the one writer's place
    page = new_context(viewport={"width": 360, "height": 640}).new_page()
    screen = StaffAtScreen(page, base_url, person).sign_in()
    axe.check(page)
    screen.press(words["way"])
    axe.check(page)
    assert (screen.sideways(), screen.small_targets()) == (0, [])
    proposed = page.locator("#passphrase").input_value()
    page.fill("#passphrase", "short")
    screen.press(words["use"])
    assert words["short"] in screen.text
    axe.check(page)
    page.fill("#passphrase", proposed)
    screen.press(words["use"])
    assert words["set"] in " ".join(screen.text.split())
    assert page.locator("#passphrase").input_value() != proposed
