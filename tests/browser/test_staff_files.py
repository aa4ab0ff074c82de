"""What staff take along in a real browser: the whole list, and the site's own copy in at most three clicks."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl  # type: ignore[import-untyped] # ships no types
import pytest
from playwright.sync_api import BrowserContext, Page
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.roles import Role
from tests import factories
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

WORDS = {
    "fr": ("Copie du site", "Télécharger la copie", "Toute la liste pour un tableur (XLSX)", "01-001;"),
    "en": ("Site’s copy", "Download the copy", "Whole list for a spreadsheet (XLSX)", "01-001,"),
}


def saved(page: Page, words: str, folder: Path) -> Path:
    """Press what says these words, and give the file that comes."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=words).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("role", [Role.NURSE, Role.INVESTIGATOR])
def test_the_list_and_the_sites_copy_are_saved_as_files(
    base_url: str,
    new_context: Callable[..., BrowserContext],
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    role: Role,
    language: str,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place = factories.load_study(store)[0]
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    factories.complete_visit(store, participant, at=NOW)
    person = make_staff(store, (place.site_id, role), language=language)
    store.commit()
    store.expunge(person)  # so that reading its address does not hold the one writer's place
    page = new_context(locale=language, viewport={"width": 360, "height": 640}).new_page()
    screen = StaffAtScreen(page, base_url, person).sign_in()
    to_copies, download, whole_list, first_cells = WORDS[language]
    sheet = openpyxl.load_workbook(saved(page, whole_list, tmp_path)).active
    assert "01-001" in [row[0].value for row in sheet.iter_rows(min_row=2)]
    page.get_by_role("link", name=to_copies).click()
    copy = saved(page, download, tmp_path)
    assert copy.name == "PREVISIT_01_2027-03-03_1000.zip"
    assert first_cells in zipfile.ZipFile(copy).read("answers.csv").decode()
    assert screen.sideways() <= 0
