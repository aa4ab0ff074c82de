"""Who is told, chosen with the keyboard alone on a phone and at a desk, in both languages; in real Chromium."""

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize

from portal import clock
from portal.domain.roles import Role
from tests.browser import axe
from tests.browser.navigators import PatientOnPhone
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

NOTICES = {"staff/notices.html"}
"""The page that is shown to axe here."""

PHONE, DESK = ViewportSize(width=360, height=640), ViewportSize(width=1280, height=800)
WORDS = {
    "fr": {
        "way": "Qui est prévenu par courriel",
        "keep": "Enregistrer",
        "kept": "Enregistré. Cela compte dès le prochain courriel.",
    },
    "en": {"way": "Who is told by mail", "keep": "Keep", "kept": "Kept. It counts from the next mail on."},
}


@pytest.mark.parametrize(("language", "screen"), [("fr", PHONE), ("en", DESK)])
def test_a_nurse_chooses_who_is_told(
    new_patient: Callable[..., PatientOnPhone], monkeypatch: pytest.MonkeyPatch, language: str, screen: ViewportSize
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    patient, words = new_patient(language), WORDS[language]
    store, site_id = patient.person.store, patient.person.participant.site_id
    nurse = make_staff(store, (site_id, Role.NURSE), email="nurse@example.org", name="Nora Nurse", language=language)
    make_staff(store, (site_id, Role.INVESTIGATOR), email="d@example.org", name="Dora Doctor", language=language)
    store.commit()
    page = patient.page
    page.set_viewport_size(screen)
    at_screen = StaffAtScreen(page, patient.base_url, nurse).sign_in()
    at_screen.press(words["way"])
    axe.check(page)
    assert at_screen.sideways() == 0
    assert at_screen.small_targets() == []
    for box in page.locator("tr:has-text('Dora Doctor') input").all():
        box.focus()
        page.keyboard.press("Space")
    at_screen.press(words["keep"])
    assert words["kept"] in at_screen.text.replace("\u202f", " ")
    assert page.locator("tr:has-text('Dora Doctor') input:checked").count() == 2
    assert page.locator("tr:has-text('Nora Nurse') input:checked").count() == 0
    axe.check(page)
