"""The list of all patients in a real browser, seen by axe: narrowed, ordered, and on to one of them."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.roles import Role
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

PATIENTS = {"staff/patients.html"}
"""The pages that are shown to axe here."""

WORDS = {
    "fr": {
        "all": "Tous les patients",
        "other": "Autre site, état ou ordre",
        "show": "Afficher",
        "none": "dans cet état",
    },
    "en": {"all": "All patients", "other": "Other site, state or order", "show": "Show", "none": "this state"},
}


@pytest.mark.parametrize(("language", "width"), [("fr", 360), ("en", 1280)])
def test_she_finds_a_patient_among_all(
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    language: str,
    width: int,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    places, words = factories.load_study(store), WORDS[language]
    for place, day in ((places[0], 5), (places[0], 8), (places[1], 9)):
        factories.make_participant(store, place, included_on=date(2027, 2, day))
    person = make_staff(store, *((place.site_id, Role.NURSE) for place in places), language=language)
    store.commit()
    page = new_context(viewport={"width": width, "height": 640}, locale=language).new_page()
    nurse = StaffAtScreen(page, base_url, person).sign_in().press(words["all"])
    axe.check(page)
    assert (nurse.sideways(), nurse.small_targets()) == (0, [])
    page.locator("summary", has_text=words["other"]).click()
    page.select_option("#site", label=places[0].site.name)
    page.select_option("#sort", "last")
    nurse.press(words["show"])
    assert page.locator("tbody th").all_inner_texts() == ["01-002", "01-001"]
    page.select_option("#state", "withdrawn")
    nurse.press(words["show"])
    assert words["none"] in nurse.text
    axe.check(page)
    page.go_back()
    nurse.press("01-002")
    assert page.locator("h1").inner_text() == "Patient 01-002"
