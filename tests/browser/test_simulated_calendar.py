"""The calendar of a simulation in a browser: a file that asks for nothing, filtered by links and boxes, no script."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import BrowserContext, Page, expect

from portal.cli.main import main
from tests.browser import axe

SIMULATION = {"simulation/calendar.html"}
"""The page that is shown to axe here."""

WORDS = {
    "fr": {
        "all": "Montrer tous les patients",
        "mails": "Messages",
        "mail": "Message d’ouverture",
        "patient": "Patient",
    },
    "en": {"all": "Show every patient", "mails": "Messages", "mail": "Opening message", "patient": "Patient"},
}
FILES = {"fr": "calendar.html", "en": "calendar-en.html"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulate two patients' first weeks once."""
    out = tmp_path_factory.mktemp("simulated") / "out"
    study = str(files("portal.studies") / "demonstration.toml")
    call = ["simulate", study, "--from", "2027-02-15", "--months", "2", "--participants", "2", "--out", str(out)]
    said = CliRunner().invoke(main, call)
    assert said.exit_code == 0, said.output
    return out


@pytest.fixture
def open_calendar(folder: Path, new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Open it from the disk, as whoever simulated does."""

    def make(language: str, width: int = 1280, **options: object) -> Page:
        page = new_context(viewport={"width": width, "height": 800}, locale=language, **options).new_page()
        page.goto((folder / FILES[language]).as_uri())
        return page

    return make


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_is_accessible_and_fits(open_calendar: Callable[..., Page], language: str, width: int) -> None:
    page = open_calendar(language, width)
    axe.check(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("language", ["fr", "en"])
def test_one_patient_alone_and_then_all_again_by_keyboard_and_without_a_script(
    open_calendar: Callable[..., Page], language: str
) -> None:
    page, words = open_calendar(language, java_script_enabled=False), WORDS[language]
    articles = page.locator("article[id^=p]")
    expect(articles).to_have_count(2)
    expect(page.get_by_role("link", name=words["all"])).to_be_hidden()
    page.get_by_role("link", name="02-001").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"{words['patient']} 02-001")).to_be_visible()
    expect(page.get_by_role("heading", name=f"{words['patient']} 01-001")).to_be_hidden()
    page.get_by_role("link", name=words["all"]).click()
    expect(page.get_by_role("heading", name=f"{words['patient']} 01-001")).to_be_visible()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_box_hides_the_lines_of_its_kind(open_calendar: Callable[..., Page], language: str) -> None:
    page, words = open_calendar(language, java_script_enabled=False), WORDS[language]
    mail = page.locator("tr.mails", has_text=words["mail"]).first
    expect(mail).to_be_visible()
    page.get_by_role("checkbox", name=words["mails"]).press("Space")
    expect(mail).to_be_hidden()
    expect(page.locator("tr.days").first).to_be_visible()


def test_each_language_leads_to_the_other(open_calendar: Callable[..., Page]) -> None:
    page = open_calendar("fr")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(page.url.rpartition("/")[0] + "/calendar-en.html")
    page.get_by_role("link", name="Français").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Simulation de PREVISIT-DEMO")


def test_printed_it_shows_every_patient_and_no_box(open_calendar: Callable[..., Page]) -> None:
    page = open_calendar("fr")
    page.emulate_media(media="print")
    expect(page.locator("fieldset")).to_be_hidden()
    expect(page.locator("article[id^=p]")).to_have_count(2)
