"""axe on every page of staff and of a demonstration, in both languages; and no page that neither list knows."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import ViewportSize

from portal import clock
from portal.adapters.letters import compose
from portal.adapters.local_mailbox import LocalMailbox
from portal.cli.demonstration import doors
from portal.cli.demonstration.folder import SignIn
from portal.cli.demonstration.staff import COLLEAGUES
from portal.config import Settings
from portal.domain.roles import Role
from portal.services import actor, enrolment, summaries
from portal.services.letters import Letter
from tests import factories
from tests.browser import axe
from tests.browser.navigators import PatientOnPhone
from tests.browser.staff_navigator import StaffAtScreen
from tests.browser.test_accessibility import OTHER_DAYS, QUESTIONS, WAYS_IN
from tests.browser.test_accessibility_of_enrolling import ENROLLING
from tests.browser.test_corrections import CORRECTIONS
from tests.browser.test_interviewing import INTERVIEW
from tests.browser.test_keying import KEYING
from tests.browser.test_notice_choices import NOTICES
from tests.browser.test_passphrases import PASSPHRASES
from tests.browser.test_patient_lists import PATIENTS
from tests.browser.test_promises import PROMISES
from tests.browser.test_simulated_calendar import SIMULATION
from tests.browser.test_stopping import STOPPING
from tests.browser.test_unprintable import UNPRINTABLE
from tests.conftest import NOW
from tests.house.sources import TEMPLATES
from tests.web.staff_people import make_staff

NewPatient = Callable[..., PatientOnPhone]

PHONE, DESK = ViewportSize(width=360, height=640), ViewportSize(width=1280, height=800)

STAFF = {
    "clinic/enrol.html",
    "clinic/enrol_year.html",
    "clinic/hand_over.html",
    "clinic/invitation.html",
    "clinic/invitation_again.html",
    "clinic/not_invited.html",
    "clinic/packs.html",
    "clinic/paper.html",
    "clinic/reach.html",
    "clinic/nothing_to_hand_over.html",
    "clinic/participant.html",
    "clinic/schedule_move.html",
    "clinic/withdraw.html",
    "clinic/summary.html",
    "clinic/visits.html",
    "investigator/compare.html",
    "investigator/item_history.html",
    "investigator/sign_many.html",
    "investigator/summaries.html",
    "investigator/summary.html",
    "investigator/trace.html",
    "patient/lent_code.html",
    "staff/document_awaited.html",
    "staff/found.html",
    "staff/patient.html",
    "staff/progress.html",
    "staff/sign_in.html",
    "staff/site_copy.html",
}
DEMONSTRATION = {"demonstration/mailbox.html", "demonstration/mailbox_mail.html", "demonstration/start.html"}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SKELETONS = {"layout.html", "patient/page.html", "staff/page.html", "staff/summary.html"}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A portal that has the demonstration's pages, too."""
    return replace(settings, demonstration=tmp_path / "demo.json")


@pytest.fixture
def rendered(app: Flask) -> Iterator[set[str]]:
    """The templates of the pages that were asked for."""
    with axe.pages_of(app) as names:
        yield names


def test_every_page_is_on_a_list() -> None:
    whole = set()
    for path in TEMPLATES.rglob("*.html"):
        text, name = path.read_text(encoding="utf-8"), path.relative_to(TEMPLATES).as_posix()
        if not name.startswith(("pdf/", "mail/")) and ("{% extends" in text or "<html" in text):
            whole.add(name)
    staffs = STAFF | ENROLLING | KEYING | INTERVIEW | CORRECTIONS | PROMISES | PASSPHRASES | NOTICES
    staffs |= UNPRINTABLE | PATIENTS
    assert whole - SKELETONS == WAYS_IN | QUESTIONS | OTHER_DAYS | STOPPING | staffs | DEMONSTRATION | SIMULATION


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pages_of_staff(
    new_patient: NewPatient, rendered: set[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    patient = new_patient(language)
    store, of_patient = patient.person.store, patient.person.participant
    done = factories.make_participant(store, factories.load_study(store)[0], included_on=date(2027, 2, 5))
    for visit in ("INC", "M1"):
        factories.complete_visit(store, done, visit, level=2)
    summary = summaries.find_current(store, factories.get_visit(store, done, "M1").id)
    assert summary is not None
    visits = [str(factories.get_visit(store, each).id) for each in (done, of_patient)]
    people = [
        make_staff(store, (of_patient.site_id, role), email=f"{role}@example.org", language=language)
        for role in (Role.NURSE, Role.INVESTIGATOR)
    ]
    done_id = done.id
    gone = factories.make_participant(store, factories.load_study(store)[0])
    enrolment.withdraw(store, gone, on=NOW.date(), reason="moved", by=actor.SYSTEM, at=NOW)
    invitations = [f"participants/{each}/invitation" for each in (done_id, gone.id)]
    store.commit()
    for person, address in zip(people, ("/clinic/", "/investigator/"), strict=True):
        store.expunge(person)  # so that reading its address does not hold the one writer's place
        patient.page.context.clear_cookies()
        screen = StaffAtScreen(patient.page, patient.base_url, person)
        look(patient, "/staff/sign-in")
        for field in ("#email", "#password", "#code"):
            patient.page.fill(field, "a@b.example" if field == "#email" else "000000")
        press(patient, "main button")
        screen.sign_in_by_keyboard()
        pages = ["", "?period=past&shown=all", f"summaries/{summary.id}", f"summaries/{summary.id}.pdf"]
        if person is people[0]:
            pages += [
                f"participants/{done_id}",
                "enrol",
                f"participants/{done_id}/withdraw",
                f"visits/{visits[1]}/move",
            ]
            pages += [*invitations, f"{invitations[0]}/new", "packs?day=2027-03-05"]
            pages += [f"visits/{visit}/{act}" for visit in visits for act in ("reach", "paper")]
            pages += [f"visits/{visit}/hand-over" for visit in visits]
        if person is people[1]:
            look(patient, f"/staff/patients/{done_id}")
            pages += [f"summaries/{summary.id}/scores/total", f"summaries/{summary.id}/items/DLQI101", "sign"]
            pages += [f"summaries/{summary.id}/compare"]
        for each in pages:
            patient.page.set_viewport_size(PHONE)
            look(patient, address + each)
            patient.page.set_viewport_size(DESK)
            axe.check(patient.page, by_night=False)  # the colours are those of the narrow page
        look(patient, "/staff/progress?part=scores")
        look(patient, "/staff/patients?number=0")
        look(patient, "/staff/site-copy")
        patient.page.go_back()
        if person is people[0]:
            patient.page.goto(f"{patient.base_url}/clinic/enrol")
            patient.page.check(f"[name=language][value={language}]")
            press(patient, "main form button")
            patient.page.go_back()
            patient.page.goto(f"{patient.base_url}/clinic/visits/{visits[1]}/hand-over")
            press(patient, "main form button")
    assert rendered >= STAFF


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pages_of_a_demonstration(
    new_patient: NewPatient, settings: Settings, rendered: set[str], language: str
) -> None:
    patient = new_patient(language)
    sign_ins = {each.email: SignIn("a password", SECRET) for each in COLLEAGUES}
    assert settings.demonstration
    doors.write(settings.demonstration, patient.person.store, settings, sign_ins, NOW)
    patient.person.store.rollback()
    look(patient, "/demonstration")
    look(patient, "/demonstration/mailbox")
    values: dict[str, str | int | date] = {
        "visit_on": date(2027, 3, 5),
        "site_name": "Tilleuls",
        "telephone": "15",
        "emergency": "",
    }
    letter = Letter(UUID(int=1), "opening", language, "she@example.org", "/o/TOKEN", values, "/stop/T")
    LocalMailbox(settings.mailbox).send(
        compose(letter, base_url="http://localhost", sender="Previsit <p@example.org>", at=NOW)
    )
    look(patient, "/demonstration/mailbox")
    press(patient, "main td a, main li a")
    assert rendered >= DEMONSTRATION


def look(patient: PatientOnPhone, address: str) -> None:
    """Go to a page and have axe look at it."""
    patient.page.goto(patient.base_url + address)
    axe.check(patient.page)


def press(patient: PatientOnPhone, selector: str) -> None:
    """Press a button or link, and have axe look at the page that comes."""
    with patient.page.expect_navigation():
        patient.page.locator(selector).first.click()
    axe.check(patient.page)
