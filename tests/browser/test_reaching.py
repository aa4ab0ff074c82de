"""A French-speaking nurse rings a patient and writes again, at a desk and on a phone, in real Chromium."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.message import Message
from portal.db.staff import Staff
from portal.domain.roles import Role
from portal.services import actor
from portal.services.contacts import Contacts
from tests import factories
from tests.browser.probes import faint_words
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
AtScreen = Callable[..., StaffAtScreen]


@pytest.fixture
def at_screen(base_url: str, new_context: Callable[..., BrowserContext]) -> AtScreen:
    """Put a person before a screen of her own."""
    return lambda person, **options: StaffAtScreen(new_context(**options).new_page(), base_url, person)


@pytest.fixture
def nurse(store: Session, settings: Settings, at: object, monkeypatch: pytest.MonkeyPatch) -> Staff:
    """A nurse whose list holds one late visit, of a patient with an address and a number."""
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place = factories.load_study(store)[0]
    late = factories.make_participant(store, place, included_on=date(2027, 3, 3))
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as kept:
        known = {"email": "she@example.org", "telephone": "+33 6 99 00 11 22"}
        Contacts(kept, settings.contact_key).keep(store, late.id, **known, by=actor.SYSTEM, at=factories.AT)
        kept.commit()
    engine.dispose()
    person = make_staff(store, (place.site_id, Role.NURSE), language="fr")
    store.commit()
    store.expunge(person)  # so that reading its address does not hold the one writer's place
    return person


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_she_rings_notes_it_in_one_tap_and_writes_again(
    at_screen: AtScreen, nurse: Staff, store: Session, viewport: dict[str, Any]
) -> None:
    screen = at_screen(nurse, viewport=viewport).sign_in().press("Appeler ou écrire")
    assert "+33 6 99 00 11 22" in screen.text
    assert screen.sideways() <= 0
    assert screen.small_targets() == []
    assert faint_words(screen.page) == []
    said = "Appel mer. 3 mars, 10 h 00 : pas de réponse"
    assert said in screen.press("Pas de réponse").text.replace("\u00a0", " ")
    assert "part une nouvelle fois. Il part tout de suite." in screen.text
    screen.press("Envoyer de nouveau")
    assert "Un message à ce patient est en cours d’envoi." in screen.text
    assert said in screen.press("Retour").text.replace("\u00a0", " ")
    assert screen.sideways() <= 0
    assert store.scalars(select(Message.kind)).all() == ["resent"]


def test_two_quick_taps_write_once(at_screen: AtScreen, nurse: Staff, store: Session) -> None:
    screen = at_screen(nurse).sign_in().press("Appeler ou écrire")
    screen.page.get_by_role("button", name="Envoyer de nouveau").dblclick()
    screen.page.wait_for_selector("text=en cours d’envoi")
    assert store.scalars(select(Message.edition)).all() == [1]
