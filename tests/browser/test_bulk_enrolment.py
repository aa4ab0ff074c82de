"""Many are enrolled from a file with faults and then from a clean one, in real Chromium, in French and in English."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl  # type: ignore[import-untyped] # ships no types
import pytest
from playwright.sync_api import BrowserContext, FilePayload
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.participant import Participant
from portal.domain.roles import Role
from tests import factories
from tests.browser.probes import faint_words
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(*rows: list[object]) -> FilePayload:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return FilePayload(name="patients.xlsx", mimeType=XLSX, buffer=out.getvalue())


def csv_of_windows(text: str) -> FilePayload:
    return FilePayload(name="patients.csv", mimeType="text/csv", buffer=text.replace("\n", "\r\n").encode("cp1252"))


FAULTY = {
    "fr": csv_of_windows("Numéro;Langue;Date d'inclusion\n;français;03/04/2027\n01-001;français;2027-03-12\n"),
    "en": workbook(["Language", "Inclusion date"], ["English", "03/04/2027"], ["=A2", date(2027, 3, 12)]),
}
CLEAN = {
    "fr": csv_of_windows("Numéro;Langue;Date d'inclusion\n;français;31/03/2027\n;anglais;03/04/2027\n"),
    "en": workbook(["Language", "Inclusion date"], ["French", date(2027, 3, 31)], ["English", date(2027, 4, 3)]),
}
WORDS: dict[str, dict[str, Any]] = {
    "fr": {
        "enrol": "Inclure un patient",
        "many": "Inclure plusieurs patients",
        "look": "Vérifier ligne par ligne",
        "faults": [
            "2 erreurs dans le fichier",
            "Ligne 2, Jour de l’inclusion : Cela peut",
            "Un autre patient a ce numéro",
        ],
        "all": "Inclure les 2 patients",
        "lines": ["31 mars 2027", "3 avril 2027"],
        "done": "2 patients sont inclus",
        "sheets": "Feuilles d’invitation",
        "back": "Retour à la liste",
    },
    "en": {
        "enrol": "Enrol a patient",
        "many": "Enrol many",
        "look": "Look at it line by line",
        "faults": [
            "2 faults in the file",
            "Line 2, Day of inclusion: This could",
            "Line 3, Language: The cell is calculated",
        ],
        "all": "Enrol all 2",
        "lines": ["31 March 2027", "3 April 2027"],
        "done": "2 patients are enrolled",
        "sheets": "Invitation sheets",
        "back": "Back to the list",
    },
}


@pytest.mark.parametrize(("language", "viewport"), [("fr", PHONE), ("en", DESK)], ids=["fr-csv-phone", "en-xlsx-desk"])
def test_a_file_is_mended_and_then_enrolled_whole(
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    language: str,
    viewport: dict[str, int],
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    said, place = WORDS[language], factories.load_study(store)[0]
    factories.make_participant(store, place)
    person = make_staff(store, (place.site_id, Role.NURSE), language=language)
    store.commit()
    store.expunge(person)
    page = new_context(viewport=viewport, locale=language).new_page()
    screen = StaffAtScreen(page, base_url, person).sign_in().press(said["enrol"]).press(said["many"])
    look(screen)
    page.set_input_files("#file", FAULTY[language])
    screen.press(said["look"])
    for words in said["faults"]:
        assert words in plain(screen)
    look(screen)
    page.emulate_media(media="print")
    assert page.locator("#line-2").is_visible()
    assert not page.locator("#file").is_visible()  # who mends the file is given the faults alone
    page.emulate_media(media="null")
    page.set_input_files("#file", CLEAN[language])
    screen.press(said["look"])
    for words in said["lines"]:
        assert words in plain(screen)
    look(screen)
    page.emulate_media(media="print")
    assert page.locator(".many thead th").last.is_visible()
    assert page.locator(".many tbody").evaluate("body => getComputedStyle(body).breakInside") == "auto"
    page.emulate_media(media="null")
    page.locator("main form button.first").dblclick()
    page.wait_for_selector(f"text={said['done']}")
    look(screen)
    screen.press(said["sheets"])
    assert page.locator(".sheet").count() == 2
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 2
    assert screen.sideways() <= 0
    assert said["done"] in screen.press(said["back"]).text
    store.rollback()
    numbers = store.scalars(select(Participant.participant_number).order_by(Participant.participant_number)).all()
    assert numbers == ["01-001", "01-002", "01-003"]


def look(screen: StaffAtScreen) -> None:
    assert screen.sideways() <= 0
    assert screen.small_targets() == []
    assert faint_words(screen.page) == []


def plain(screen: StaffAtScreen) -> str:
    return " ".join(screen.text.replace("\u00a0", " ").replace("\u202f", " ").split())
