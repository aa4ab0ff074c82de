"""Paper in a real browser: a day's pack and one visit's questionnaires, chosen, made, saved, and said to be printed."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page
from pypdf import PdfReader
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.roles import Role
from tests import factories
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

SLOW = 60_000  # milliseconds: a busy machine makes a pack in many seconds
WORDS = {
    "fr": {
        "day": "Dossier du jour",
        "slip": "Fiche d’appel · vierge : DLQI, SHAQ",
        "make": "Préparer le dossier",
        "printed": "J’ai imprimé le dossier",
        "said": "● Imprimé le 3 mars 2027, 10 h 00 (Paris), par Ada Byron",
        "paper": "Imprimer le papier",
        "large": "Grands, sur plus de pages",
        "pdf": "Préparer le PDF",
        "none": "Choisissez au moins un questionnaire.",
        "expected": "son retour est attendu",
    },
    "en": {
        "day": "Pack for the day",
        "slip": "Slip for the call · blank: DLQI, SHAQ",
        "make": "Make the pack",
        "printed": "I have printed the pack",
        "said": "● Printed 3 March 2027, 10:00 (Paris), by Ada Byron",
        "paper": "Print paper",
        "large": "Large, on more pages",
        "pdf": "Make the PDF",
        "none": "Choose at least one questionnaire.",
        "expected": "is expected back",
    },
}


@pytest.mark.parametrize(("language", "width"), [("fr", 360), ("en", 1280)])
def test_a_nurse_makes_the_pack_of_a_day_and_paper_for_one_visit(
    base_url: str,
    new_context: Callable[..., BrowserContext],
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    width: int,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place, words = factories.load_study(store)[0], WORDS[language]
    people = [factories.make_participant(store, place, included_on=date(2027, 3, 5)) for _ in range(2)]
    factories.complete_visit(store, people[0], at=NOW - timedelta(days=1))
    person = make_staff(store, (place.site_id, Role.NURSE), language=language)
    store.commit()
    store.expunge(person)  # so that reading its address does not hold the one writer's place
    page = new_context(locale=language, viewport={"width": width, "height": 800}).new_page()
    nurse = StaffAtScreen(page, base_url, person).sign_in()
    nurse.press(words["day"])
    assert words["slip"] in shown(nurse)
    assert nurse.sideways() <= 0
    assert nurse.small_targets() == []
    pack = saved(page, words["make"])
    titles = [str(entry.title) for entry in pack.outline if not isinstance(entry, list)]
    assert [title[:6] for title in titles][1:] == ["01-001", "01-002"]
    nurse.press(words["printed"])  # the page was not loaded again since
    assert words["said"] in shown(nurse)
    nurse.open(f"/clinic/participants/{people[1].id}").press(words["paper"])
    for box in page.locator("input[type=checkbox]").all():
        box.uncheck()
    nurse.press(words["pdf"])
    assert words["none"] in shown(nurse)
    page.locator("input[type=checkbox]").first.check()
    page.get_by_label(words["large"]).check()
    paper = saved(page, words["pdf"])
    assert all("01-002" in each.extract_text() for each in paper.pages)
    page.reload()
    assert words["expected"] in shown(nurse)
    assert nurse.sideways() <= 0


def shown(nurse: StaffAtScreen) -> str:
    return nurse.text.replace("\u00a0", " ").replace("\u202f", " ")


def saved(page: Page, words: str) -> PdfReader:
    """Press the button that says these words, and read the file that comes."""
    with page.expect_download(timeout=SLOW) as coming:
        page.get_by_role("button", name=words).click(timeout=SLOW)
    return PdfReader(io.BytesIO(Path(coming.value.path()).read_bytes()))
