"""An interview in a real browser: read aloud question by question, stopped, gone on with, looked back at and sent."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.roles import Role
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

INTERVIEW = {"clinic/interview.html", "clinic/interview_closed.html", "clinic/interview_review.html"}
"""The pages that are shown to axe here."""

WORDS = {
    "fr": {
        "first": "Question 1 sur 30",
        "no-answer": "Ce n’est pas encore une réponse",
        "skipped": "N’a pas souhaité répondre",
        "sent": "Interrogé par téléphone par Claire Fontaine",
        "closed": "Pas d’entretien pour l’instant",
    },
    "en": {
        "first": "Question 1 of 30",
        "no-answer": "This is no answer to the question yet.",
        "skipped": "Did not want to answer",
        "sent": "Asked on the telephone by Claire Fontaine",
        "closed": "No interview now",
    },
}


@pytest.mark.parametrize(("language", "width"), [("fr", 360), ("en", 1280)])
def test_a_nurse_asks_on_the_telephone(
    app: Flask,
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    language: str,
    width: int,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place, words = factories.load_study(store)[0], WORDS[language]
    participant = factories.make_participant(store, place, language=language)
    visit, assignment = (
        factories.get_visit(store, participant).id,
        factories.get_assignment(store, participant, "SHAQ").id,
    )
    person = make_staff(store, (place.site_id, Role.NURSE), name="Claire Fontaine", language=language)
    store.commit()
    store.expunge_all()
    page = new_context(locale=language, viewport={"width": width, "height": 800}).new_page()
    nurse = StaffAtScreen(page, base_url, person)
    with axe.pages_of(app) as rendered:
        nurse.sign_in().open(f"/clinic/visits/{visit}/keying")
        nurse.page.locator("tr", has_text="SHAQ").locator("a", has_text=words_of(language)).click()
        nurse.page.wait_for_url("**/interview")
        assert words["first"] in plain(nurse)
        assert nurse.sideways() <= 0
        axe.check(page)
        press(nurse, "[name=skip]")
        for _ in range(8):
            press(nurse, ".answers button >> nth=0")
        press(nurse, ".spoken > button.first")  # nothing was ticked
        assert words["no-answer"] in plain(nurse)
        page.check("[name=none]")
        press(nurse, ".spoken > button.first")
        nurse.open(f"/clinic/assignments/{assignment}/interview")  # gone on with later
        page.check("[name=none]")
        press(nurse, ".spoken > button.first")
        for _ in range(11):
            press(nurse, ".answers button >> nth=1")
        for _ in range(2):
            page.check("[name=none]")
            press(nurse, ".spoken > button.first")
        axe.check(page)
        for mark in ("0", "50", "100", "7", "33", "61"):
            page.fill("#answer", mark)
            press(nurse, ".spoken > button.first")
        assert words["skipped"] in plain(nurse)
        assert nurse.sideways() <= 0
        axe.check(page)
        press(nurse, "main form.form button")
        assert words["sent"] in plain(nurse)
        nurse.open(f"/clinic/assignments/{assignment}/interview")
        assert words["closed"] in plain(nurse)
        axe.check(page)
    assert rendered >= INTERVIEW


def words_of(language: str) -> str:
    """The words of the way in."""
    return "Entretien par téléphone" if language == "fr" else "Interview by telephone"


def press(person: StaffAtScreen, selector: str) -> None:
    """Press a button that leads on."""
    with person.page.expect_navigation():
        person.page.locator(selector).first.click()


def plain(person: StaffAtScreen) -> str:
    """The words on the page with plain spaces."""
    return person.text.replace("\u00a0", " ").replace("\u202f", " ")
