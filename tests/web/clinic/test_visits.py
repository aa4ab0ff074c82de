"""The nurse reads her list and knows whom to call, and prints what is there."""

import threading
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.cli.work import open_worker
from portal.config import Settings
from portal.domain.roles import Role
from portal.services import actor, answering, doors, summaries
from portal.services.answering import Seen
from portal.services.studies import StudyAtSite
from portal.services.summary_documents import keep_document
from tests import factories
from tests.conftest import NOW
from tests.web.patients import Patient
from tests.web.staff_people import StaffBrowser, make_staff

PDF = b"%PDF-1.7 a page"


@pytest.fixture
def place(store: Session, at: object) -> StudyAtSite:
    """Site 01, the clock stopped at NOW."""
    return factories.load_study(store)[0]


@pytest.fixture
def nurse(app: Flask, store: Session, place: StudyAtSite) -> StaffBrowser:
    """A nurse of site 01, signed in, in English."""
    person = make_staff(store, (place.site_id, Role.NURSE))
    store.commit()
    return StaffBrowser(app, person)


@pytest.fixture
def sent(store: Session, place: StudyAtSite) -> str:
    """Where the summary of a visit on Friday, sent yesterday, is to be found."""
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    factories.complete_visit(store, participant, at=NOW - timedelta(days=1))
    summary = summaries.find_current(store, factories.get_visit(store, participant).id)
    assert summary is not None
    store.commit()
    return f"/clinic/summaries/{summary.id}"


def test_each_visit_stands_under_its_day_with_its_state(
    nurse: StaffBrowser, store: Session, place: StudyAtSite
) -> None:
    factories.make_participant(store, place, included_on=date(2027, 3, 3))
    factories.make_participant(store, place, included_on=date(2027, 3, 20), language="en")
    store.commit()
    nurse.get("/clinic/")
    assert [row for row in nurse.rows() if "Month" not in row] == [
        "Wed 3 March · today Pack for the day",
        "01-001 Inclusion French ○ Late Hand over this device to 01-001 More for 01-001 "
        "Telephone or write to 01-001 Interview by telephone with 01-001 Print paper for 01-001 Key in paper of 01-001",
        "Sat 20 March · in 17 days Pack for the day",
        "01-002 Inclusion English ○ Not open yet Opens Sat 13 March More for 01-002 Print paper for 01-002",
    ]


def test_what_was_sent_can_be_opened_and_printed(nurse: StaffBrowser, sent: str) -> None:
    nurse.get("/clinic/")
    assert nurse.rows()[1].startswith("01-001 Inclusion French ● Sent Summary ○ Made Print the summary of 01-001")
    assert {sent, f"{sent}.pdf"} <= set(nurse.links())


def test_nothing_to_do_is_a_quiet_page(nurse: StaffBrowser) -> None:
    assert "No visit in these days." in nurse.get("/clinic/?period=week").text


@pytest.mark.parametrize("query", ["?period=never", "?page=0", "?page=x", "?period=&page=-3"])
def test_an_address_that_makes_no_sense_shows_the_first_page(nurse: StaffBrowser, query: str) -> None:
    assert nurse.get(f"/clinic/{query}").page.status_code == 200


def test_the_list_speaks_french(app: Flask, store: Session, place: StudyAtSite) -> None:
    person = make_staff(store, (place.site_id, Role.NURSE), language="fr", email="c@example.org")
    factories.make_participant(store, place, included_on=date(2027, 3, 3))
    store.commit()
    rows = StaffBrowser(app, person).get("/clinic/").rows()
    assert rows[:2] == [
        "mer. 3 mars · aujourd’hui Dossier du jour",
        "01-001 Inclusion français ○ En retard Prêter cet appareil à 01-001 Plus pour 01-001 "
        "Appeler ou écrire à 01-001 Entretien par téléphone avec 01-001 Imprimer le papier pour 01-001 "
        "Saisir le papier de 01-001",
    ]


def test_guessing_at_a_door_is_told_beside_the_visit(
    app: Flask, nurse: StaffBrowser, store: Session, place: StudyAtSite
) -> None:
    patient = Patient(app, store)
    patient.get(patient.address)
    for _ in range(5):
        patient.post("/door", {"code": f"{999999 - int(patient.code):06}"})
    row = next(row for row in nurse.get("/clinic/").rows() if row.startswith("01-001"))
    assert "5 wrong codes were typed for this patient on Wed 3 March: ring the patient, or give a new paper" in row
    patient.link = doors.issue(store, patient.participant, patient.keys, by=actor.SYSTEM, at=NOW)
    store.commit()
    assert "wrong codes" not in nurse.get("/clinic/").text


def test_answers_given_differently_on_two_phones_are_told_beside_the_visit(
    nurse: StaffBrowser, store: Session, place: StudyAtSite
) -> None:
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    assignment, by = factories.get_assignment(store, participant, "DLQI"), actor.patient(participant.id)
    for device, value in (("phone-1", 1), ("phone-2", 2)):
        given = factories.given("DLQI", {"DLQI101": value}, device=device, at=NOW)
        answering.save(store, participant.id, assignment.id, given, seen=Seen(0, {}), by=by, at=NOW)
    store.commit()
    row = next(row for row in nurse.get("/clinic/").rows() if row.startswith("01-001"))
    assert "1 answer was given differently on two devices at once: the later one counts" in row


def test_who_asked_for_a_fresh_link_and_has_no_address_is_to_be_rung(
    app: Flask, nurse: StaffBrowser, store: Session, settings: Settings
) -> None:
    patient = Patient(app, store)
    patient.get(patient.address).post("/door/fresh-link")
    worker = open_worker(settings, threading.Event())
    worker.now = lambda: NOW
    worker.answer_requests()
    worker.send()
    worker.clinical.dispose()
    worker.contact.dispose()
    row = next(row for row in nurse.get("/clinic/").rows() if row.startswith("01-001"))
    assert "Asked for a fresh link, and has no e-mail address: ring the patient" in row


def test_opening_a_summary_is_recorded_each_time(nurse: StaffBrowser, sent: str, store: Session) -> None:
    nurse.get(sent).get(sent)
    assert "01-001 · Inclusion" in nurse.text
    assert "Opened by Ada Byron 2 times" in nurse.text
    assert _kinds(store, sent) == ["opened", "opened"]


def test_a_pdf_that_is_not_rendered_yet_asks_for_patience(nurse: StaffBrowser, sent: str, store: Session) -> None:
    nurse.get(f"{sent}.pdf")
    assert (nurse.page.status_code, nurse.page.headers["Refresh"]) == (202, "3")
    assert "This takes a few seconds." in nurse.text
    assert _kinds(store, sent) == []


def test_the_pdf_opens_in_the_language_asked_for(nurse: StaffBrowser, sent: str, store: Session) -> None:
    summary = summaries.get_for(store, [_site(store)], _id(sent))
    keep_document(store, summary, "fr", PDF, by=actor.SYSTEM, at=NOW)
    store.commit()
    page = nurse.get(f"{sent}.pdf?language=fr").page
    assert (page.mimetype, page.data) == ("application/pdf", PDF)
    assert page.headers["Content-Disposition"] == "inline; filename=PREVISIT_01-001_INC_1.pdf"
    assert page.headers["Cache-Control"] == "no-store"
    assert nurse.get(f"{sent}.pdf").page.status_code == 202  # her own language is English
    assert _kinds(store, sent) == ["opened"]


def test_she_says_that_she_printed_it_and_her_list_shows_it(nurse: StaffBrowser, sent: str) -> None:
    nurse.get(sent).press(f"{sent}/printed").follow()
    assert "Printed by Ada Byron on 3 March 2027, 10:00 (Paris)" in nurse.text
    assert "I have printed it again" in nurse.page.text
    assert "Summary ◐ Printed" in nurse.get("/clinic/").rows()[1]


def _kinds(store: Session, address: str) -> list[str]:
    store.expire_all()
    return [line.kind.value for line in summaries.life(store, [_id(address)])[_id(address)]]


def _id(address: str) -> UUID:
    return UUID(address.rsplit("/", 1)[1])


def _site(store: Session) -> UUID:
    return factories.load_study(store)[0].site_id
