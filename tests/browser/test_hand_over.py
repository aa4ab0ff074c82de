"""The clinic's tablet, played whole: a nurse lends it, a patient answers, and it comes back with nothing on it."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy.orm import Session

from portal import clock
from portal.db.staff import Staff
from portal.domain.roles import Role
from portal.services import doors
from portal.web import lent_session
from tests.browser.navigators import PatientOnPhone
from tests.browser.probes import faint_words
from tests.browser.staff_navigator import StaffAtScreen
from tests.browser.switches import PATIENCE, QUIET
from tests.conftest import NOW
from tests.web.staff_people import make_staff

TABLET = {"width": 768, "height": 1024}
PHONE = {"width": 360, "height": 640}

NewContext = Callable[..., BrowserContext]
NewPatient = Callable[..., PatientOnPhone]


@pytest.fixture
def nurse(store: Session, new_patient: NewPatient, monkeypatch: pytest.MonkeyPatch) -> tuple[Staff, PatientOnPhone]:
    """A nurse who reads English, and a French-speaking patient of her site with a visit open today."""
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    patient = new_patient("fr")
    made = make_staff(store, (patient.person.participant.site_id, Role.NURSE))
    store.commit()
    store.expunge(made)
    return made, patient


@pytest.fixture
def tablet(browser: Browser) -> Iterator[Page]:
    """The clinic's tablet, whose browser keeps whole pages for its Back button: Playwright's own would not."""
    path = shutil.which("chromium")
    kept = ["--disable-back-forward-cache"]
    own = browser.browser_type.launch(executable_path=path, args=list(QUIET), ignore_default_args=kept)
    page = own.new_context(viewport={"width": 768, "height": 1024}, has_touch=True, locale="en").new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    own.close()


def lend(page: Page, nurse: Staff, patient: PatientOnPhone) -> str:
    """Sign in, choose the patient's row and hand the tablet over; gives the code that the nurse was shown."""
    screen = StaffAtScreen(page, patient.base_url, nurse).sign_in_by_keyboard()
    screen.press("Hand over this device")
    told = page.inner_text(".told b")
    page.get_by_role("button", name="Sign me out and hand over").tap()
    page.wait_for_url("**/code")
    return told


def come_in(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.tap(".code .go")
    page.wait_for_url("**/visit")


def open_questionnaire(page: Page, patient: PatientOnPhone) -> PatientOnPhone:
    page.goto(f"{patient.base_url}/answer/{patient.person.assignment()}")
    page.locator(".h:focus").wait_for()
    return PatientOnPhone(page, patient.base_url, patient.person)


def shown(page: Page) -> str:
    return " ".join(page.locator("body").inner_text().split())


def test_from_the_nurses_hands_to_the_patients_and_back(
    nurse: tuple[Staff, PatientOnPhone], tablet: Page, store: Session
) -> None:
    (person, patient), page = nurse, tablet
    told = lend(page, person, patient)
    assert told == doors.short_code(patient.person.keys, patient.person.link)
    store.rollback()
    expect(page.locator("h1")).to_contain_text("Cet appareil vous est prêté")
    come_in(page, told)
    sheet = open_questionnaire(page, patient).choose_number(1)
    question = sheet.question.inner_text()
    sheet.next()
    page.locator("#saved.ok").wait_for()
    page.goto(patient.base_url + "/visit")
    assert "1 réponse sur 10" in shown(page)
    page.get_by_role("button", name="Rendre l’appareil").tap()
    page.wait_for_url("**/given-back*")
    assert "Merci de rendre l’appareil" in shown(page)
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert names <= {"previsit"}
    for _ in range(5):
        page.go_back(wait_until="load")
        for secret in (question.splitlines()[-1], "Avant votre visite", "01-001", told, "Ada Byron"):
            assert secret not in shown(page), page.url
        assert page.locator("#code").count() == 0 or page.input_value("#code") == ""
    page.goto(patient.base_url + "/clinic/")
    assert page.url.endswith("/staff/sign-in")


def test_after_half_an_hour_back_shows_nothing(
    nurse: tuple[Staff, PatientOnPhone], tablet: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person, patient), page = nurse, tablet
    page.clock.install()
    come_in(page, lend(page, person, patient))
    open_questionnaire(page, patient)
    later = clock.now() + lent_session.INACTIVITY
    monkeypatch.setattr(clock, "now", lambda: later)
    with page.expect_navigation():
        page.clock.run_for(31 * 60 * 1000)  # nobody touches it
    page.wait_for_url("**/code")
    for _ in range(5):
        page.go_back(wait_until="load")
        assert "Avant votre visite" not in shown(page)
        assert page.locator(".q").count() == 0
    page.goto(patient.base_url + "/clinic/")
    assert page.url.endswith("/staff/sign-in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, TABLET])
def test_each_page_of_it_can_be_read_and_touched(
    nurse: tuple[Staff, PatientOnPhone], new_context: NewContext, viewport: dict[str, int], scheme: str
) -> None:
    person, patient = nurse
    page = new_context(viewport=viewport, locale="en", color_scheme=scheme).new_page()
    screen = StaffAtScreen(page, patient.base_url, person).sign_in_by_keyboard()

    def look() -> None:
        assert screen.sideways() <= 0, page.url
        assert screen.small_targets() == [], page.url
        assert faint_words(page) == [], page.url

    look()
    screen.press("Hand over this device")
    look()
    code = page.inner_text(".told b")
    page.get_by_role("button", name="Sign me out and hand over").tap()
    page.wait_for_url("**/code")
    look()
    come_in(page, code)
    look()
    page.get_by_role("button", name="Rendre l’appareil").tap()
    page.wait_for_url("**/given-back*")
    look()
