"""From her mistake to the corrected page, and a query across three people: in real Chromium, in both languages."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.participant import Assignment
from portal.db.response import Response
from portal.db.staff import Staff
from portal.domain.roles import Role
from portal.services import summaries
from tests import factories
from tests.browser import axe
from tests.browser.navigators import PatientOnPhone
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

CORRECTIONS = {
    "patient/mistake.html",
    "patient/mistake_told.html",
    "staff/correct.html",
    "staff/correct_told.html",
    "staff/correction_requests.html",
    "staff/open_query.html",
    "staff/queries.html",
    "staff/query.html",
}
"""The pages that are shown to axe here."""

NewPatient = Callable[..., PatientOnPhone]
WORDS = {
    "en": {
        "wrong": "Question 1, I meant a lot.",
        "waits": "Corrections (1)",
        "sent": "Corrected; sent was:",
        "replaced": "Replaces edition 1",
        "older": "A newer edition has replaced this page.",
        "closed": "Closed by Bea Data",
    },
    "fr": {
        "wrong": "Question 1, je voulais dire beaucoup.",
        "waits": "Corrections (1)",
        "sent": "Corrigé ; envoyé :",
        "replaced": "Remplace l’édition 1",
        "older": "Une édition plus récente a remplacé cette page.",
        "closed": "Close par Bea Data",
    },
}


@dataclass
class Clinic:
    """A patient who has sent, her site's three people each before a screen, and what is looked at."""

    patient: PatientOnPhone
    nurse: StaffAtScreen
    investigator: StaffAtScreen
    manager: StaffAtScreen
    response_id: str
    summary_id: str
    assignment_id: str
    words: dict[str, str]


@pytest.fixture(params=["fr", "en"])
def clinic(
    request: pytest.FixtureRequest,
    store: Session,
    new_patient: NewPatient,
    new_context: Callable[..., BrowserContext],
    monkeypatch: pytest.MonkeyPatch,
) -> Clinic:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    language = str(request.param)
    patient = new_patient(language)
    participant = patient.person.participant
    factories.complete_visit(store, participant, at=NOW)
    visit = factories.get_visit(store, participant)
    summary = summaries.find_current(store, visit.id)
    of_visit = select(Response).join(Assignment).where(Assignment.visit_id == visit.id)
    response = store.scalars(of_visit.where(Assignment.instrument == "DLQI")).one()
    assert summary
    ids = str(response.id), str(summary.id), str(response.assignment_id)
    people = [
        make_staff(store, (participant.site_id, role), email=f"{role}@example.org", name=name, language=language)
        for role, name in ((Role.NURSE, "Ada Nurse"), (Role.INVESTIGATOR, "Dr Cleo"), (Role.DATA_MANAGER, "Bea Data"))
    ]
    store.commit()
    store.expunge_all()

    def screen(person: Staff) -> StaffAtScreen:
        return StaffAtScreen(new_context(locale=language).new_page(), patient.base_url, person)

    nurse, investigator, manager = (screen(person) for person in people)
    return Clinic(patient, nurse, investigator, manager, *ids, WORDS[language])


def press(screen: StaffAtScreen, selector: str) -> None:
    """Press a button or link, and have axe look at the page that comes."""
    with screen.page.expect_navigation():
        screen.page.locator(selector).first.click()
    axe.check(screen.page)
    assert screen.sideways() <= 0, screen.page.url


def test_her_mistake_is_corrected_and_the_older_page_says_so(clinic: Clinic, app: Flask) -> None:
    phone, nurse, reader = clinic.patient.come_in().page, clinic.nurse, clinic.investigator
    with axe.pages_of(app) as rendered:
        phone.goto(f"{clinic.patient.base_url}/answer/{clinic.assignment_id}/receipt")
        with phone.expect_navigation():
            phone.tap(f"a[href$='{clinic.assignment_id}/mistake']")
        axe.check(phone)
        phone.fill("#words", clinic.words["wrong"])
        with phone.expect_navigation():
            phone.tap("main form .go")
        axe.check(phone)
        nurse.sign_in()
        assert clinic.words["waits"] in nurse.text
        press(nurse, f"a:has-text('{clinic.words['waits']}')")
        assert clinic.words["wrong"] in nurse.text
        press(nurse, "td.act a[href*='/correct?']")
        assert clinic.words["wrong"] in nurse.text
        nurse.page.select_option("#DLQI101", "3")
        nurse.page.fill("#reason", "Au téléphone")
        press(nurse, "button[value=show]")
        press(nurse, "button[value=do]")
    assert clinic.words["sent"] in plain(nurse)
    assert rendered >= {name for name in CORRECTIONS if "query" not in name and "queries" not in name}
    reader.sign_in(f"/investigator/summaries/{clinic.summary_id}")
    assert clinic.words["older"] in plain(reader)
    press(reader, ".notice.alert a")
    assert clinic.words["replaced"] in plain(reader)
    assert clinic.words["sent"] in plain(reader)
    assert "12" in reader.page.locator(".dlqi .total").inner_text()


def test_a_query_goes_from_one_to_the_next_and_is_closed(clinic: Clinic, app: Flask) -> None:
    reader, nurse, manager = clinic.investigator, clinic.nurse, clinic.manager
    with axe.pages_of(app) as rendered:
        reader.sign_in(f"/investigator/summaries/{clinic.summary_id}")
        press(reader, f"a[href*='{clinic.response_id}/query']")
        reader.page.select_option("#item", "DLQI103")
        reader.page.fill("#text", "Est-ce bien cela ?")
        press(reader, "main form button.first")
        query = reader.page.url
        nurse.sign_in()
        press(nurse, "header a[href='/staff/queries']")
        press(nurse, "td.act a")
        nurse.page.fill("#text", "Elle l’a dit.")
        press(nurse, "button[value=answer]")
        assert "Elle l’a dit." in nurse.text
        manager.sign_in()
        assert manager.page.url.endswith("/staff/queries")
        press(manager, "td.act a")
        manager.page.fill("#text", "Confirmé.")
        press(manager, "button[value=close]")
        assert clinic.words["closed"] in plain(manager)
        press(manager, "main a[href='/staff/queries']")
        press(manager, "a[href*='state=closed']")
        assert manager.page.locator(f"a[href='{query.removeprefix(clinic.patient.base_url)}']").count() == 1
    assert rendered >= {"staff/open_query.html", "staff/queries.html", "staff/query.html"}


def plain(screen: StaffAtScreen) -> str:
    """The words on the page with plain spaces."""
    return screen.text.replace("\u00a0", " ").replace("\u202f", " ")
