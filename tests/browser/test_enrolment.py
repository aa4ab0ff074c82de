"""Enrolling, moving a visit and leaving the study, as a French nurse does it in a real browser."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.message import Message, MessageStatus
from portal.db.participant import Visit
from portal.domain.roles import Role
from tests import factories
from tests.browser.probes import faint_words
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}


@pytest.fixture
def nurse(
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
) -> Callable[..., StaffAtScreen]:
    """Put a nurse of site 01 before a screen, signed in; the site has a participant whose visit is on Friday."""
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place = factories.load_study(store)[0]
    factories.make_participant(store, place, included_on=date(2027, 3, 5))
    person = make_staff(store, (place.site_id, Role.NURSE), name="Claire Fontaine", language="fr")
    store.commit()
    return lambda **options: StaffAtScreen(new_context(**options).new_page(), base_url, person).sign_in()


def said(reader: StaffAtScreen) -> str:
    """The words on the page, with plain spaces."""
    return " ".join(reader.text.replace("\u00a0", " ").replace("\u202f", " ").split())


def assert_readable(reader: StaffAtScreen) -> None:
    assert reader.sideways() <= 0, reader.page.url
    assert faint_words(reader.page) == [], reader.page.url
    assert reader.small_targets() == [], reader.page.url


def fill(reader: StaffAtScreen, **fields: str) -> None:
    for name, value in fields.items():
        reader.page.fill(f"#{name}", value)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_she_enrols_after_seeing_the_whole_year(nurse: Callable[..., StaffAtScreen], viewport: object) -> None:
    reader = nurse(viewport=viewport).press("Inclure un patient")
    assert reader.page.input_value("#participant_number") == "01-002"
    fill(reader, included_on="2027-03-12", email="elle@example.org", email_again="ele@example.org")
    reader.press("Voir toute l’année")
    assert "Les deux adresses sont différentes." in said(reader)
    assert "Choisissez la langue des questionnaires." in said(reader)
    assert reader.page.input_value("#email_again") == "ele@example.org"
    assert_readable(reader)
    fill(reader, email_again="elle@example.org")
    reader.page.check("[name=language][value=fr]")
    reader.press("Voir toute l’année")
    assert "L’année de 01-002" in said(reader)
    assert "Message d’ouverture 5 mars 2027, " in said(reader)
    assert "Fermeture des questionnaires 14 mars 2027, 23 h 59 (Paris)" in said(reader)
    assert_readable(reader)
    reader.press("Commencer")
    assert "Coordonnées de 01-002" in said(reader)
    reader.press("Retour au patient")
    assert "Patient 01-002" in said(reader)
    assert_readable(reader)


def test_the_year_is_printed_without_address_and_buttons(nurse: Callable[..., StaffAtScreen]) -> None:
    reader = nurse(viewport=DESK).press("Inclure un patient")
    fill(reader, email="elle@example.org", email_again="elle@example.org")
    reader.page.check("[name=language][value=fr]")
    reader.press("Voir toute l’année")
    reader.page.emulate_media(media="print")
    assert "elle@example.org" not in reader.text
    assert "Commencer" not in reader.text
    assert "Jour et heure" in reader.text
    assert reader.page.pdf(format="A4").count(b"/Type /Page\n") <= 3


def test_a_number_typed_in_the_header_leads_to_her_page(nurse: Callable[..., StaffAtScreen]) -> None:
    reader = nurse()
    reader.page.fill("[name=number]", "001")
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url("**/clinic/participants/*")
    assert "Patient 01-001" in said(reader)
    assert_readable(reader)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_she_moves_a_visit_after_seeing_what_changes(nurse: Callable[..., StaffAtScreen], viewport: object) -> None:
    reader = nurse(viewport=viewport).open("/staff/patients?number=001").press("Déplacer")
    fill(reader, day="2027-03-19", reason="patient absent")
    reader.press("Voir ce qui va changer")
    assert "Voici ce qui va changer" in said(reader)
    rows = " ".join(reader.page.locator("table.change").inner_text().split())
    assert "ven. 5 mars" in rows
    assert "ven. 19 mars" in rows
    assert "21 mars 2027, 23 h 59 (Paris)" in rows
    assert_readable(reader)
    reader.press("Déplacer la visite")
    assert "Inclusion 19 mars 2027" in said(reader)


@pytest.mark.parametrize(
    ("language", "viewport", "move", "see", "told", "kind"),
    [
        ("fr", PHONE, "Déplacer", "Voir ce qui va changer", "il ne remplace pas votre appel", "Visite déplacée"),
        ("en", DESK, "Move", "Show what will change", "it does not replace your call", "Visit moved"),
    ],
)
def test_she_sees_that_a_patient_who_knows_another_day_will_be_told_of_the_move(
    nurse: Callable[..., StaffAtScreen],
    store: Session,
    language: str,
    viewport: object,
    move: str,
    see: str,
    told: str,
    kind: str,
) -> None:
    visit = store.scalars(select(Visit).where(Visit.code == "INC")).one()
    opening = Message(visit_id=visit.id, kind="opening", recipient="participant", status=MessageStatus.SENT)
    opening.due_at = opening.sent_at = NOW - timedelta(days=4)
    store.add(opening)
    store.commit()
    reader = nurse(viewport=viewport)
    if language == "en":
        reader.press("English")
    reader.open("/staff/patients?number=001").press(move)
    fill(reader, day="2027-03-08", reason="away")
    reader.press(see)
    assert told in said(reader)
    assert_readable(reader)
    reader.page.locator("button.first").click()
    reader.page.wait_for_url("**/clinic/participants/*")
    assert kind in said(reader)
    assert_readable(reader)


def test_she_pauses_takes_in_again_and_notes_a_withdrawal(nurse: Callable[..., StaffAtScreen]) -> None:
    reader = nurse().open("/staff/patients?number=001").press("Mettre en pause")
    assert_readable(reader)
    fill(reader, reason="patient absent")
    reader.press("Mettre en pause")
    assert "◐ En pause depuis le 3 mars 2027 : rien n’est envoyé" in said(reader)
    reader.press("Reprendre la participation")
    fill(reader, reason="de retour")
    reader.press("Reprendre la participation")
    assert "● Participe" in said(reader)
    reader.press("Noter une sortie d’étude")
    reader.page.check("[name=extent][value=study]")
    fill(reader, reason="son souhait")
    assert_readable(reader)
    reader.press("Noter la sortie d’étude")
    assert "– Hors étude depuis le 3 mars 2027" in said(reader)
