"""Letters twice as large on a phone (WCAG 1.4.4): no page grows wider than the screen, no column is a letter wide."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.roles import Role
from portal.services import summaries
from tests import factories
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

TWICE = "html { font-size: 200% !important; }"
SLIVERS = """() => [...document.querySelectorAll('main th, main td, main dd')].filter(cell => {
    const letters = cell.innerText.trim().length, em = parseFloat(getComputedStyle(cell).fontSize);
    return letters > 8 && cell.offsetWidth && cell.offsetWidth < 4 * em && !cell.closest('thead');
}).map(cell => cell.innerText)"""
"""Cells of more than a word that are narrower than four letters."""


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_page_of_staff_grows_wider_than_the_screen(
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
    patient = factories.make_participant(store, place, included_on=date(2027, 2, 5))
    for visit, level in (("INC", 2), ("M1", 1)):
        factories.complete_visit(store, patient, visit, level=level)
    coming = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    summary = summaries.find_current(store, factories.get_visit(store, patient, "M1").id)
    assert summary is not None
    pages = [
        "/clinic/",
        f"/clinic/participants/{patient.id}",
        f"/clinic/assignments/{factories.get_assignment(store, coming, 'SHAQ').id}/keying",
        f"/clinic/visits/{factories.get_visit(store, coming).id}/hand-over",
        f"/clinic/participants/{coming.id}/invitation",
        "/clinic/packs?day=2027-03-05",
        "/staff/promises?shown=all",
        "/staff/queries",
        "/staff/correction-requests",
        "/staff/progress",
        "/staff/all-patients",
        f"/investigator/summaries/{summary.id}",
        f"/investigator/summaries/{summary.id}/compare",
        "/investigator/sign",
    ]
    person = make_staff(store, (place.site_id, Role.NURSE), (place.site_id, Role.INVESTIGATOR), language=language)
    store.commit()
    store.expunge(person)
    phone = new_context(locale=language, bypass_csp=True).new_page()  # the style below is the reader's, not the page's
    staff = StaffAtScreen(phone, base_url, person).sign_in()
    for page in pages:
        staff.open(page).page.add_style_tag(content=TWICE)
        assert staff.sideways() <= 0, page
        assert phone.evaluate(SLIVERS) == [], page
