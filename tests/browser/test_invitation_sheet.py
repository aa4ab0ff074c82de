"""The invitation sheet on paper: one A4 page in the patient's language, whose code opens her door, in real Chromium."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import segno
from playwright.sync_api import BrowserContext
from pypdf import PdfReader
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.domain.blind import forbidden_words
from portal.domain.roles import Role
from portal.services import actor, doors, studies
from portal.services.doors import DoorKeys
from tests import factories
from tests.browser.probes import faint_words
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

LONG = "https://questionnaires-avant-visite.recherche-clinique.hopital-universitaire.example"
PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
AtScreen = Callable[..., StaffAtScreen]
Invite = Callable[[str], Participant]
MM = 72 / 25.4  # points


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A portal at the longest address that one may meet."""
    return replace(settings, base_url=LONG)


@pytest.fixture
def at_screen(base_url: str, new_context: Callable[..., BrowserContext]) -> AtScreen:
    """Put a person before a screen of her own."""
    return lambda person, **options: StaffAtScreen(new_context(**options).new_page(), base_url, person)


@pytest.fixture
def nurse(store: Session, at: object, monkeypatch: pytest.MonkeyPatch) -> Staff:
    """A nurse of a site whose name, and whose study's contact, are as long as they come."""
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    study = factories.demonstration_study()
    site = replace(
        study.sites[0],
        name="Centre hospitalier régional universitaire de Bretagne-Occidentale, hôpital de la Cavale-Blanche, Brest",
        emergency={
            "fr": "En cas d’urgence, appelez le 15 (Samu) ou le 112 depuis un portable, et dites-le.",
            "en": "In an emergency, ring 15 (ambulance) or 112 from a mobile, and say that you take part in the study.",
        },
    )
    contact = replace(study.contact, name="Délégation à la recherche clinique et à l’innovation, coordination")
    longest = replace(study, sites=(site, *study.sites[1:]), contact=contact)
    studies.load(store, longest, by=actor.SYSTEM, at=factories.AT)
    person = make_staff(store, (studies.list_sites(store)[0].site_id, Role.NURSE), language="fr")
    store.commit()
    store.expunge(person)  # so that reading its address does not hold the one writer's place
    return person


@pytest.fixture
def invite(store: Session, nurse: Staff) -> Invite:
    """Enrol a participant who has a door, and reads a language."""

    def enrol(language: str) -> Participant:
        made = factories.make_participant(store, studies.list_sites(store)[0], language=language)
        doors.issue(store, made, keys(), by=actor.SYSTEM, at=factories.AT)
        store.commit()
        store.expunge(made)  # so that reading its id does not hold the one writer's place
        return made

    return enrol


def keys() -> DoorKeys:
    return DoorKeys("a secret key for tests, long enough")


def sheet_of(participant: Participant) -> str:
    return f"/clinic/participants/{participant.id}/invitation"


def codes(store: Session, participant: Participant) -> dict[str, str]:
    """What the sheet must say, without blanks."""
    link = doors.find_open(store, participant.id)
    assert link is not None
    store.expunge(link)
    store.rollback()  # it holds the one writer's place, which the app wants
    return {
        "link": f"{LONG}/o/{doors.token(keys(), link)}",
        "short code": doors.short_code(keys(), link),
        "personal code": doors.personal_code(keys(), link),
    }


@pytest.mark.parametrize("language", ["fr", "en"])
def test_on_paper_it_is_one_page_in_the_patients_language(
    at_screen: AtScreen,
    nurse: Staff,
    invite: Invite,
    store: Session,
    language: str,
    tmp_path: Path,
) -> None:
    participant = invite(language)
    reader = at_screen(nurse, viewport=DESK, color_scheme="dark").sign_in(sheet_of(participant))
    pdf = reader.page.pdf(format="A4", prefer_css_page_size=True, print_background=False)
    (tmp_path / "sheet.pdf").write_bytes(pdf)
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 1
    assert [round(float(side) / MM) for side in pages[0].mediabox[2:]] == [210, 297]
    said = pages[0].extract_text()
    for what, code in codes(store, participant).items():
        assert code in re.sub(r"\s", "", said), what
    wanted = {
        "fr": ("Vos questionnaires avant chaque visite", "Découpez ici", "N° 01-001", "Personne ne lit vos réponses"),
        "en": ("Your questionnaires before each visit", "Cut here", "No. 01-001", "Nobody reads your answers"),
    }[language]
    plain = " ".join(said.split())
    for words in (*wanted, "+33 1 99 00 21 35", "+33 1 99 00 40 10", "coordination@demo.example"):
        assert words in plain, words
    assert nurse.name not in plain
    assert "Imprimer" not in plain
    assert forbidden_words(plain) == []


def test_the_code_on_paper_is_the_links_and_large_enough(
    at_screen: AtScreen, nurse: Staff, invite: Invite, store: Session
) -> None:
    participant = invite("fr")
    reader = at_screen(nurse, viewport=DESK, color_scheme="dark").sign_in(sheet_of(participant))
    reader.page.emulate_media(media="print", color_scheme="dark")
    link = codes(store, participant)["link"]
    code = segno.make(link, error="q", boost_error=False, micro=False)
    drawn = reader.page.evaluate(_MODULES, code.symbol_size(border=4)[0])
    assert drawn["modules"] == [[bool(dark) for dark in row] for row in code.matrix_iter(border=4)]
    assert drawn["height"] <= 285  # mm: room for a browser that keeps margins of its own
    of_code = len(code.matrix) / code.symbol_size(border=4)[0]
    assert drawn["width"] * of_code / 96 * 25.4 >= 35  # mm, without the white around it
    assert drawn["above_cut"]
    assert min(drawn["how"]) >= 16  # points


def test_the_nurse_prints_by_a_button_and_replaces_the_sheet_after_reading_what_ends(
    at_screen: AtScreen, nurse: Staff, invite: Invite, store: Session
) -> None:
    participant = invite("fr")
    old = codes(store, participant)
    reader = at_screen(nurse).sign_in(sheet_of(participant))
    reader.page.evaluate("window.print = () => { document.title = 'imprimé' }")
    reader.page.get_by_role("button", name="Imprimer").click()
    assert reader.page.title() == "imprimé"
    reader.press("Remplacer cette feuille")
    assert "L’ancien lien et l’ancien code QR n’ouvrent plus rien" in reader.text
    assert "Aucun téléphone n’est encore reconnu" in reader.text
    reader.press("Mettre fin à l’ancienne")
    assert reader.page.url.endswith(sheet_of(participant))
    new = codes(store, participant)
    assert not set(old.values()) & set(new.values())
    assert new["short code"] in reader.text
    assert old["short code"] not in reader.text


@pytest.mark.parametrize("look", [{"viewport": PHONE}, {"viewport": DESK}, {"viewport": PHONE, "color_scheme": "dark"}])
def test_on_a_screen_it_fits_and_can_be_read(
    at_screen: AtScreen, nurse: Staff, invite: Invite, look: dict[str, Any]
) -> None:
    participant = invite("fr")
    reader = at_screen(nurse, **look).sign_in(sheet_of(participant))
    for address in (sheet_of(participant), f"{sheet_of(participant)}/new"):
        reader.open(address)
        assert reader.sideways() <= 0, address
        assert faint_words(reader.page) == [], address
        assert reader.small_targets() == [], address


_MODULES = """async size => {
  const image = document.querySelector('.qr'), canvas = document.createElement('canvas'), scale = 8;
  await image.decode();
  canvas.width = canvas.height = size * scale;
  const paint = canvas.getContext('2d');
  paint.drawImage(image, 0, 0, size * scale, size * scale);
  const dark = (row, column) => paint.getImageData((column + .5) * scale, (row + .5) * scale, 1, 1).data[0] < 128;
  const line = [...Array(size).keys()], box = image.getBoundingClientRect();
  return {
    modules: line.map(row => line.map(column => dark(row, column))),
    width: box.width,
    height: document.querySelector('.sheet').getBoundingClientRect().height / 96 * 25.4,
    above_cut: box.bottom < document.querySelector('.tear-off').getBoundingClientRect().top,
    how: [...document.querySelectorAll('.how li')].map(each => parseFloat(getComputedStyle(each).fontSize) * .75),
  };
}"""
