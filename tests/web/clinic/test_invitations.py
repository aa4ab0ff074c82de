"""The nurse opens a patient's invitation sheet, which is told to the trail, and replaces it when it was lost."""

import re
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.door import AccessLink
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor, doors, enrolment
from tests.conftest import NOW
from tests.web.patients import Patient
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A French-speaking participant of site 01 with a door."""
    made = Patient(app, store)
    store.expunge_all()  # so that reading her codes does not hold the one writer's place
    return made


@pytest.fixture
def nurse(app: Flask, store: Session, patient: Patient) -> StaffBrowser:
    """A nurse of site 01 who reads English, signed in."""
    person = make_staff(store, (patient.participant.site_id, Role.NURSE))
    store.commit()
    return StaffBrowser(app, person)


def sheet_of(patient: Patient) -> str:
    return f"/clinic/participants/{patient.participant.id}/invitation"


def spoken(store: Session, deed: Deed) -> list[AuditEvent]:
    found = list(store.scalars(select(AuditEvent).where(AuditEvent.deed == deed).order_by(AuditEvent.id)))
    store.rollback()
    return found


def open_doors(store: Session, patient: Patient) -> list[AccessLink]:
    wanted = select(AccessLink).where(
        AccessLink.participant_id == patient.participant.id, AccessLink.revoked_at.is_(None)
    )
    found = list(store.scalars(wanted))
    store.expunge_all()
    store.rollback()
    return found


def test_the_sheet_speaks_the_patients_language_and_opens_her_door(nurse: StaffBrowser, patient: Patient) -> None:
    nurse.get(f"/clinic/participants/{patient.participant.id}")
    assert sheet_of(patient) in nurse.links()
    nurse.get(sheet_of(patient))
    assert 'class="sheet" lang="fr"' in nurse.page.text
    assert "Invitation sheet 01-001" in nurse.text  # what is for the nurse is in hers
    for said in (
        "Vos questionnaires avant chaque visite",
        f"http://localhost{patient.address}",
        "http://localhost/code",
    ):
        assert said in nurse.text
    assert f"{patient.code[:3]} {patient.code[3:]}" in nurse.text
    assert "Back to" not in nurse.page.text.split('class="sheet"')[1]


def test_a_look_at_the_codes_is_in_the_trail_and_the_codes_are_not(
    nurse: StaffBrowser, patient: Patient, store: Session
) -> None:
    nurse.get(sheet_of(patient))
    (event,) = spoken(store, Deed.INVITATION_OPENED)
    assert (event.participant_id, event.subject_id) == (patient.participant.id, patient.link.id)
    assert event.actor_id is not None
    assert (event.old, event.new, event.reason) == (None, None, None)


def test_who_has_no_door_yet_gets_one_with_her_first_sheet(
    nurse: StaffBrowser, patient: Patient, store: Session
) -> None:
    store.merge(patient.link).revoked_at = NOW
    store.commit()
    assert nurse.get(f"{sheet_of(patient)}/new").page.location.endswith(sheet_of(patient))
    nurse.get(sheet_of(patient))
    (link,) = open_doors(store, patient)
    assert doors.short_code(patient.keys, link) in nurse.text


def test_before_it_is_replaced_the_nurse_reads_what_ends(nurse: StaffBrowser, patient: Patient) -> None:
    patient.come_in()
    nurse.get(f"{sheet_of(patient)}/new")
    for said in ("The old link and QR code", "the old personal code", "1 remembered phone is forgotten"):
        assert said in nurse.text
    assert "Avant votre visite" in patient.get("/visit").text  # reading ends nothing


def test_the_old_sheet_and_the_phones_it_let_in_are_dead_and_the_new_one_opens(
    nurse: StaffBrowser, patient: Patient, store: Session
) -> None:
    patient.come_in()
    nurse.get(f"{sheet_of(patient)}/new").press(f"{sheet_of(patient)}/new").follow()
    (link,) = open_doors(store, patient)
    assert link.id != patient.link.id
    assert doors.token(patient.keys, link) in nurse.text
    assert "Avant votre visite" not in patient.get("/visit").text
    assert patient.take_new_phone().come_in().page.status_code == 422
    patient.link = link
    assert "Avant votre visite" in patient.take_new_phone().come_in().text
    assert len(spoken(store, Deed.LINK_REVOKED)) == 1


def test_two_taps_make_one_new_sheet(nurse: StaffBrowser, patient: Patient, store: Session) -> None:
    address = f"{sheet_of(patient)}/new"
    nurse.get(address)
    first = re.search(r'name="csrf_token" value="([^"]+)"', nurse.page.text.split("<main")[1])
    assert first
    sent = {"csrf_token": first[1], "replaced": str(patient.link.id)}
    for _ in range(2):
        assert nurse.client.post(address, data=sent).status_code == 303
    assert len(open_doors(store, patient)) == 1
    assert len(spoken(store, Deed.LINK_ISSUED)) == 2  # her first one, and one new


@pytest.mark.parametrize("replaced", ["", "no id", "00000000-0000-0000-0000-000000000000"])
def test_a_form_that_names_another_door_ends_nothing(
    nurse: StaffBrowser, patient: Patient, store: Session, replaced: str
) -> None:
    address = f"{sheet_of(patient)}/new"
    nurse.get(address).press(address, replaced=replaced)
    assert [link.id for link in open_doors(store, patient)] == [patient.link.id]


def test_who_has_withdrawn_is_invited_no_more(nurse: StaffBrowser, patient: Patient, store: Session) -> None:
    gone = store.merge(patient.participant)
    enrolment.withdraw(store, gone, on=date(2027, 3, 2), reason="moved away", by=actor.SYSTEM, at=NOW)
    store.commit()
    for address in (sheet_of(patient), f"{sheet_of(patient)}/new"):
        assert nurse.get(address).page.status_code == 409
        assert "has withdrawn from the study" in nurse.text
    assert sheet_of(patient) not in nurse.get(f"/clinic/participants/{patient.participant.id}").links()
    assert spoken(store, Deed.INVITATION_OPENED) == []
