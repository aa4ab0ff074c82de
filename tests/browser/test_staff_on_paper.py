"""Staff's pages as they are printed: what was listed and when, and nothing to press; and on a phone, words that fit."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.response import Response
from portal.domain.roles import Role
from portal.services import actor, correction_requests, queries
from tests import factories
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

AS_OF = {"fr": "au 3 mars 2027, 10 h 00 (Paris)", "en": "as of 3 March 2027, 10:00 (Paris)"}
USELESS = "main :is(button, .button, textarea, input, select):visible, nav:visible, main p > a:only-child:visible"
NARROW = """() => [...document.querySelectorAll('main .button')]
    .filter(e => e.getClientRects().length && (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight))
    .map(e => e.textContent)"""


@pytest.fixture
def nurse_at(
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
) -> Callable[[str, int], StaffAtScreen]:
    """Put the nurse of site 01 before a screen; one visit was sent and asked about, one is open."""
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place = factories.load_study(store)[0]
    sent = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    factories.complete_visit(store, sent, at=NOW - timedelta(hours=3))
    factories.make_participant(store, place, included_on=date(2027, 3, 6))
    person = make_staff(store, (place.site_id, Role.NURSE))
    response = store.scalars(select(Response)).first()
    assert response is not None
    queries.open_on(store, response, "Is this so?", by=actor.staff(person.id), at=NOW)
    correction_requests.ask(store, response, "A slip.", by=actor.patient(sent.id), at=NOW)
    store.commit()

    def make(language: str, width: int) -> StaffAtScreen:
        page = new_context(viewport={"width": width, "height": 800}, locale=language).new_page()
        screen = StaffAtScreen(page, base_url, person).sign_in()
        if page.locator(f"html[lang={language}]").count() == 0:
            screen.press("Français")
        return screen

    return make


@pytest.mark.parametrize("language", ["fr", "en"])
def test_lists_say_on_paper_what_they_show_and_when_without_what_nobody_can_press_there(
    nurse_at: Callable[[str, int], StaffAtScreen], language: str
) -> None:
    nurse = nurse_at(language, 1280)
    nurse.page.emulate_media(media="print")
    for address in ("/clinic/", "/staff/queries", "/staff/correction-requests", "/staff/promises?shown=all"):
        assert AS_OF[language] in nurse.open(address).text, address
        assert nurse.page.locator(USELESS).all_inner_texts() == [], address
    nurse.open("/clinic/packs?day=2027-03-05")
    assert nurse.page.locator(USELESS).all_inner_texts() == []
    assert nurse.page.locator("h2:visible").count() == 0
    shown = nurse.page.locator(".hours thead th:visible").all_inner_texts()
    assert len(shown) == 4
    nurse.open("/staff/notices")  # whose last column is no act, and stays with its heading
    assert nurse.page.locator(".notices thead th:visible").count() == 4


def test_on_a_phone_no_button_is_narrower_than_its_words(nurse_at: Callable[[str, int], StaffAtScreen]) -> None:
    nurse = nurse_at("fr", 360)
    for number in ("01-001", "01-002"):
        nurse.open(f"/staff/patients?number={number}")
        assert "Imprimer le papier" in nurse.text
        assert nurse.page.evaluate(NARROW) == []
        assert nurse.sideways() == 0
