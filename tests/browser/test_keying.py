"""Paper keyed in by the keyboard alone, again by another person, and settled; axe looks at each page on the way."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, FilePayload
from sqlalchemy.orm import Session

from portal import clock
from portal.domain import instruments
from portal.domain.instruments.model import QuestionType
from portal.domain.roles import Role
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

KEYING = {"clinic/keying.html", "clinic/keying_form.html", "clinic/keying_settle.html", "staff/scans.html"}
"""The pages that are shown to axe here."""

WORDS = {
    "fr": {
        "once": "◐ Saisi une fois",
        "differ": "2 questions ont été saisies différemment.",
        "settled": "● Saisi deux fois, et réglé",
        "by": "par Claire Fontaine",
        "twice": "Ce fichier est déjà joint.",
    },
    "en": {
        "once": "◐ Keyed in once",
        "differ": "2 questions were keyed in differently.",
        "settled": "● Keyed in twice, and settled",
        "by": "by Claire Fontaine",
        "twice": "This very file is attached already.",
    },
}


@pytest.mark.parametrize(("language", "width"), [("fr", 360), ("en", 1280)])
def test_two_people_key_one_paper_in(
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
    visit = factories.get_visit(store, participant).id
    nurse, other = (
        make_staff(store, (place.site_id, role), name=name, email=f"{role}@example.org", language=language)
        for role, name in ((Role.NURSE, "Claire Fontaine"), (Role.INVESTIGATOR, "Dr Hélène Roux"))
    )
    store.commit()
    store.expunge_all()

    def at_screen(person: object) -> StaffAtScreen:
        page = new_context(locale=language, viewport={"width": width, "height": 800}).new_page()
        return StaffAtScreen(page, base_url, person).sign_in().open(f"/clinic/visits/{visit}/keying")  # type: ignore[arg-type] # a row of staff

    with axe.pages_of(app) as rendered:
        first = at_screen(nurse)
        follow(first, "SHAQ")
        in_rows(first)
        first.page.fill("#filled_on", "2027-03-02")
        key_in(first, "2", "73.5")
        seen(first, words["once"], words["by"])
        second = at_screen(other)
        follow(second, "SHAQ")
        key_in(second, "2", "73.5", {"HAQ0101": "3", "SHAQ02": "80"})
        seen(second, words["differ"])
        for name, choice in (("HAQ0101", "first"), ("SHAQ02", "second")):
            second.page.check(f"[name=right-{name}][value={choice}]")
        second.page.fill("#reason", "relu")
        press(second)
        seen(second, words["settled"])
        first.open(f"/clinic/visits/{visit}/keying")
        first.page.locator("tr", has_text="SHAQ").locator("a.button").press("Enter")
        photograph = FilePayload(name="photo.png", mimeType="image/png", buffer=b"\x89PNG\r\n\x1a\n photograph")
        for fault in ("", words["twice"]):
            first.page.set_input_files("#scan", photograph)
            with first.page.expect_navigation():
                first.page.locator("form.form button").press("Enter")
            seen(first, words["by"], fault)
        with first.page.expect_download() as saved:
            first.page.locator("table a.button").press("Enter")
        assert saved.value.suggested_filename.endswith(".png")
    assert rendered >= KEYING


def key_in(person: StaffAtScreen, digit: str, millimetres: str, other: dict[str, str] | None = None) -> None:
    """Answer every question with a digit and Enter, as the page's help says, and press the button with Enter."""
    axe.check(person.page)
    keyboard, questions = person.page.keyboard, instruments.get("SHAQ").questions
    person.page.locator(f"[name={questions[0].code}]").first.focus()
    for question in questions:
        wanted = (other or {}).get(question.code)
        if question.type is QuestionType.VAS:
            keyboard.type(wanted or millimetres)
        elif question.type is QuestionType.CHOICE:
            keyboard.press(wanted or digit)
        else:  # the last box of a list is "none of these"
            boxes = person.page.locator(f"fieldset:has([name={question.code}-none]) input[type=checkbox]").count()
            keyboard.press(str(boxes)) if boxes < 10 else person.page.check(f"[name={question.code}-none]")
        if question.type is QuestionType.TICKS and boxes >= 10:
            person.page.locator(f"[name={question.code}-none]").focus()
        keyboard.press("Enter")
    press(person)


def in_rows(person: StaffAtScreen) -> None:
    """On a desk the answers to a question stand in one row, as on the sheet, in French, too, which needs more room."""
    if person.page.evaluate("innerWidth") < 1280:
        return
    address = person.page.url
    person.page.goto(f"{address}?language=fr")
    rows = person.page.locator(".keyed:has([name^=HAQ010])").evaluate_all(
        "all => all.map(each => new Set([...each.querySelectorAll('.choice')].map(box => box.offsetTop)).size)"
    )
    assert rows == [1] * 9
    person.page.goto(address)


def press(person: StaffAtScreen) -> None:
    """Press the form's button."""
    with person.page.expect_navigation():
        person.page.locator("form.keying > button").press("Enter")


def follow(person: StaffAtScreen, instrument: str) -> None:
    """Follow the act beside a questionnaire."""
    axe.check(person.page)
    with person.page.expect_navigation():
        person.page.locator("tr", has_text=instrument).locator("a.first").press("Enter")


def seen(person: StaffAtScreen, *words: str) -> None:
    """The page says these words, fits the screen, and axe finds nothing."""
    for each in words:
        assert each in person.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert person.sideways() <= 0
    axe.check(person.page)
