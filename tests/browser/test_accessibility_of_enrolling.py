"""axe on the pages of enrolling many and of reaching a patient, in both languages; staff's other pages stand beside."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, FilePayload, Page
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.message import MessageStatus
from portal.domain.roles import Role
from portal.services import actor, contact_tests
from portal.services.contacts import Contacts
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

ENROLLING = {
    "clinic/contact.html",
    "clinic/contact_change.html",
    "clinic/enrol_many.html",
    "clinic/enrol_many_done.html",
    "clinic/enrol_many_faults.html",
    "clinic/enrol_many_look.html",
    "clinic/enrol_many_sheets.html",
}
"""The pages that are shown to axe here."""


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pages_of_reaching_a_patient(
    app: Flask,
    store: Session,
    settings: Settings,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    language: str,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place = factories.load_study(store)[0]
    known = factories.make_participant(store, place)
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as opened:
        kept = Contacts(opened, settings.contact_key)
        kept.keep(store, known.id, email="she@example.org", by=actor.SYSTEM, at=NOW)
        opened.commit()
    engine.dispose()
    contact_tests.send(store, known, has_address=True, by=actor.SYSTEM, at=NOW)
    test = contact_tests.find_last(store, known.id)
    assert test
    test.message.status, test.message.sent_at = MessageStatus.SENT, NOW
    person = make_staff(store, (place.site_id, Role.NURSE), language=language)
    address = f"/clinic/participants/{known.id}/contact"
    store.commit()
    store.expunge_all()
    page = new_context(locale=language).new_page()
    with axe.pages_of(app) as rendered:
        StaffAtScreen(page, base_url, person).sign_in()
        for each in ("", "/in-full", "/change"):
            look(page, base_url + address + each)
        press(page, "main form button")
        look(page, base_url + address)
        page.locator("summary").click()
        axe.check(page)
        press(page, "main form button[value=no]")
    assert rendered >= {"clinic/contact.html", "clinic/contact_change.html"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pages_of_enrolling_many(
    app: Flask,
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    language: str,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place = factories.load_study(store)[0]
    person = make_staff(store, (place.site_id, Role.NURSE), language=language)
    store.commit()
    store.expunge_all()
    page = new_context(locale=language).new_page()
    with axe.pages_of(app) as rendered:
        StaffAtScreen(page, base_url, person).sign_in()
        look(page, f"{base_url}/clinic/enrol/many")
        press(page, "main form button")
        for day in ("03/04/2027", "2027-04-03"):
            content = f"langue;inclusion\nfr;{day}\n".encode()
            page.set_input_files("#file", FilePayload(name="list.csv", mimeType="text/csv", buffer=content))
            press(page, "main form button")
        press(page, "main form button.first")
        press(page, "main a.first")
    assert rendered >= {name for name in ENROLLING if "enrol_many" in name}


def look(page: Page, address: str) -> None:
    """Go to a page and have axe look at it."""
    page.goto(address)
    axe.check(page)


def press(page: Page, selector: str) -> None:
    """Press a button, and have axe look at the page that comes."""
    with page.expect_navigation():
        page.locator(selector).first.click()
    axe.check(page)
