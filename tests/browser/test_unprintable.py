"""A summary that does not come out as a PDF, in real Chromium: the nurse is told, and reads it on the screen."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import BrowserContext, ViewportSize
from sqlalchemy.orm import Session

from portal import clock
from portal.db.watch import RenderSubject
from portal.domain.roles import Role
from portal.services import render_faults, summaries
from portal.services.render_faults import WAITS, Wanted
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

UNPRINTABLE = {"staff/document_failed.html"}
"""The page that is shown to axe here."""

WORDS = {
    "fr": {"title": "Le document n’a pas pu être imprimé", "back": "Retour à la synthèse", "total": "DLQI"},
    "en": {"title": "The document could not be printed", "back": "Back to the summary", "total": "DLQI"},
}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_nurse_is_told_and_reads_it_on_the_screen(
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    language: str,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place = factories.load_study(store)[0]
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 4))
    factories.complete_visit(store, participant, at=NOW)
    summary = summaries.find_current(store, factories.get_visit(store, participant).id)
    assert summary is not None
    for _try in (*WAITS, None):
        render_faults.note(store, Wanted(RenderSubject.SUMMARY, str(summary.id), language), "hung", at=NOW)
    nurse = make_staff(store, (place.site_id, Role.NURSE), language=language)
    summary_id = summary.id
    store.commit()
    store.expunge_all()
    page = new_context(viewport=ViewportSize(width=360, height=640), locale=language).new_page()
    StaffAtScreen(page, base_url, nurse).sign_in()
    words = WORDS[language]
    page.goto(f"{base_url}/clinic/")
    row = page.locator("tr", has_text=participant.participant_number)
    assert row.locator(".trouble").count() == 1
    axe.check(page)
    page.goto(f"{base_url}/clinic/summaries/{summary_id}.pdf")
    assert page.locator("h1").inner_text() == words["title"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    axe.check(page)
    page.click(f"text={words['back']}")
    assert words["total"] in page.locator("main").inner_text()
    axe.check(page)
