"""Nurse and investigator in a real browser, on a phone and at a desk, in both languages, by day and by night."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pyotp
import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.participant import Participant, Visit
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.services import actor, summaries
from portal.services.summary_documents import keep_document
from tests import factories
from tests.browser.probes import faint_words
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
LOOKS = [
    {"locale": language, "color_scheme": scheme, "viewport": viewport}
    for language, scheme in (("fr", "light"), ("fr", "dark"), ("en", "light"))
    for viewport in (PHONE, DESK)
]
AtScreen = Callable[..., StaffAtScreen]


@pytest.fixture
def at_screen(base_url: str, new_context: Callable[..., BrowserContext]) -> AtScreen:
    """Put a person before a screen of her own."""
    return lambda person, **options: StaffAtScreen(new_context(**options).new_page(), base_url, person)


@pytest.fixture
def people(store: Session, at: object, monkeypatch: pytest.MonkeyPatch) -> dict[str, Staff]:
    """A nurse and an investigator at a site with a visit sent, one late and one to come."""
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place = factories.load_study(store)[0]
    sent = factories.make_participant(store, place, included_on=date(2027, 2, 5))
    factories.complete_visit(store, sent, level=1)
    factories.complete_visit(store, sent, "M1", level=2, at=NOW - timedelta(days=1))
    summary = summaries.find_current(store, factories.get_visit(store, sent, "M1").id)
    assert summary is not None
    for language in ("fr", "en"):
        keep_document(store, summary, language, b"%PDF-1.7", by=actor.SYSTEM, at=NOW)
    for day in (3, 20):
        factories.make_participant(store, place, included_on=date(2027, 3, day))
    both = (place.site_id, Role.NURSE), (place.site_id, Role.INVESTIGATOR)
    found = {
        "nurse": make_staff(store, both[0], name="Claire Fontaine"),
        "investigator": make_staff(store, both[1], name="Dr Hélène Roux", email="roux@example.org", language="fr"),
    }
    store.commit()
    return found


def test_the_investigator_comes_by_the_mails_link_and_signs(
    people: dict[str, Staff], at_screen: AtScreen, store: Session
) -> None:
    address = f"/investigator/summaries/{_summary_of(store, '01-001').id}"
    reader = at_screen(people["investigator"]).sign_in_by_keyboard(address)
    assert reader.page.url.endswith(address)
    assert "01-001 · Mois 1" in reader.text
    reader.page.fill("#code", pyotp.TOTP(reader.person.totp_secret).at(NOW + timedelta(seconds=30)))
    reader.press("Signer l’édition 1")
    signed = "Signée électroniquement par Dr Hélène Roux le 3 mars 2027, 10 h 00 (Paris) : vue"
    assert signed in reader.text.replace("\u00a0", " ")
    reader.open("/investigator/")
    assert "● Vue par Dr Hélène Roux Ouvrir" in reader.text


def test_the_nurse_finds_what_was_sent_and_says_printed(people: dict[str, Staff], at_screen: AtScreen) -> None:
    nurse = at_screen(people["nurse"], viewport=DESK, locale="en").sign_in_by_keyboard()
    assert "01-001 Month 1 French ● Sent ○ Made Print the summary" in nurse.text
    nurse.press("Open the summary").press("I have printed it")
    assert "Printed by Claire Fontaine on 3 March 2027, 10:00 (Paris)" in nurse.text


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_fits_and_can_be_read(
    people: dict[str, Staff], at_screen: AtScreen, store: Session, look: dict[str, Any]
) -> None:
    for person in people.values():
        store.merge(person).language = look["locale"]
    store.commit()
    for role, first in (("nurse", "/clinic/"), ("investigator", "/investigator/")):
        reader = at_screen(people[role], **look)
        _assert_readable(reader.open("/staff/sign-in"))
        reader.sign_in_by_keyboard()
        for address in (first, f"{first}?period=past&shown=all", f"{first}nothing-here"):
            _assert_readable(reader.open(address))
        reader.open(first).press("Ouvrir" if look["locale"] == "fr" else "Open")
        assert reader.sideways() <= 0


def test_a_printed_list_shows_no_buttons(people: dict[str, Staff], at_screen: AtScreen) -> None:
    nurse = at_screen(people["nurse"], viewport=DESK).sign_in_by_keyboard()
    nurse.page.emulate_media(media="print")
    assert "Sign out" not in nurse.text
    assert "Print" not in nurse.text
    assert "01-002" in nurse.text


def _assert_readable(reader: StaffAtScreen) -> None:
    assert reader.sideways() <= 0, reader.page.url
    assert faint_words(reader.page) == [], reader.page.url
    assert reader.small_targets() == [], reader.page.url


def _summary_of(store: Session, participant_number: str) -> Summary:
    """The newest summary of a participant."""
    with_visit = select(Summary).join(Visit).join(Participant).order_by(Visit.planned_on.desc()).limit(1)
    found = store.scalars(with_visit.where(Participant.participant_number == participant_number)).one()
    store.commit()  # a session that writes holds SQLite's lock for as long as it is open
    return found
