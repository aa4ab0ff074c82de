"""Long lists in a real browser: a state, other days, pages, any patient by number, the next act, and paper."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.db.staff import Staff
from portal.domain.roles import Role
from portal.services import visit_lists
from tests import factories
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

WORDS = {
    "fr": {
        "next": "Page suivante",
        "pages": "Page 2 sur 2",
        "late": "en retard",
        "other": "Autres jours ou ordre",
        "show": "Afficher",
        "find": "Chercher",
        "patient": "Patient 01-003",
        "act": "Appeler ou écrire",
        "whole": "Toute la liste sur une page",
        "stands": "Rien de particulier",
    },
    "en": {
        "next": "Next page",
        "pages": "Page 2 of 2",
        "late": "late",
        "other": "Other days or order",
        "show": "Show",
        "find": "Find",
        "patient": "Patient 01-003",
        "act": "Telephone or write",
        "whole": "Whole list on one page",
        "stands": "Nothing stands out",
    },
}
PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
Screens = Callable[..., StaffAtScreen]


@pytest.fixture
def screens(
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
) -> Screens:
    """Put a person of site 01 before a screen: two of its visits are sent, two late, one to come; three fill a page."""
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    monkeypatch.setattr(visit_lists, "PAGE", 3)
    place = factories.load_study(store)[0]
    days = (date(2027, 3, 3), date(2027, 3, 4), date(2027, 3, 5), date(2027, 3, 5), date(2027, 3, 20))
    made = [factories.make_participant(store, place, included_on=day) for day in days]
    for participant in made[2:4]:
        factories.complete_visit(store, participant, level=0, at=NOW - timedelta(days=1))

    def sit(role: Role, language: str, **options: object) -> StaffAtScreen:
        person: Staff = make_staff(store, (place.site_id, role), language=language)
        store.commit()
        store.expunge(person)
        page = new_context(locale=language, **options).new_page()
        return StaffAtScreen(page, base_url, person).sign_in()

    return sit


@pytest.mark.parametrize(("language", "viewport"), [("fr", PHONE), ("en", DESK)])
def test_the_nurse_finds_her_way_through_a_long_list(screens: Screens, language: str, viewport: dict[str, int]) -> None:
    words, nurse = WORDS[language], screens(Role.NURSE, language, viewport=viewport)
    assert numbers(nurse) == ["01-001", "01-002", "01-003"]
    nurse.press(words["next"])
    assert words["pages"] in nurse.text
    assert numbers(nurse) == ["01-004", "01-005"]
    nurse.open("/clinic/").press(words["late"])
    assert numbers(nurse) == ["01-001", "01-002"]
    assert nurse.sideways() == 0
    nurse.unfold().press(words["act"])
    assert "/reach" in nurse.page.url
    nurse.open("/clinic/").page.locator("summary", has_text=words["other"]).click()
    nurse.page.fill("#from", "2027-03-04")
    nurse.page.fill("#to", "2027-03-05")
    nurse.page.select_option("#sort", "state")
    nurse.press(words["show"])
    assert numbers(nurse) == ["01-002", "01-003", "01-004"]
    nurse.page.fill(".find input", "003")
    with nurse.page.expect_navigation():
        nurse.page.click(".find button")
    assert words["patient"] in nurse.text
    assert nurse.small_targets() == []


@pytest.mark.parametrize(("language", "viewport"), [("fr", DESK), ("en", PHONE)])
def test_the_investigator_finds_a_patient_by_number_from_any_page(
    screens: Screens, language: str, viewport: dict[str, int]
) -> None:
    words, reader = WORDS[language], screens(Role.INVESTIGATOR, language, viewport=viewport)
    reader.open("/staff/site-copy").page.fill(".find input", " 01-003 ")
    with reader.page.expect_navigation():
        reader.page.click(".find button")
    assert words["patient"] in reader.text
    assert words["stands"] in reader.text
    assert reader.sideways() == 0
    reader.page.locator("td.act a").first.click()
    assert "/investigator/summaries/" in reader.page.url


def test_the_whole_list_is_printed_in_black_and_white_without_buttons(screens: Screens) -> None:
    nurse = screens(Role.NURSE, "fr", viewport=DESK)
    nurse.press(WORDS["fr"]["whole"])
    assert len(numbers(nurse)) == 5
    nurse.page.emulate_media(media="print")
    assert nurse.page.locator("button:visible, .button:visible, details:visible, nav:visible").count() == 0
    assert nurse.page.locator(".list thead").evaluate("e => getComputedStyle(e).display") == "table-header-group"
    colours = nurse.page.evaluate(
        """() => [...new Set([...document.querySelectorAll('main *')].filter(e => e.getClientRects().length)
            .map(e => getComputedStyle(e).color))]"""
    )
    assert [colour for colour in colours if _is_coloured(colour)] == []


def _is_coloured(colour: str) -> bool:
    """Whether red, green and blue differ by more than an ink does."""
    parts = [int(part) for part in re.findall(r"\d+", colour)[:3]]
    return max(parts) - min(parts) > 24


def numbers(staff: StaffAtScreen) -> list[str]:
    """The patients of the rows, in their order."""
    return [each.strip() for each in staff.page.locator(".list tbody th[scope=row]").all_inner_texts()]
