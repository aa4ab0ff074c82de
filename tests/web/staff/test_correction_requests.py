"""A patient's wish, from her receipt to the nurse who corrects or declines it."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.correction import CorrectionRequest, RequestOutcome
from portal.domain.roles import Role
from tests import factories
from tests.conftest import NOW
from tests.web.patients import Patient
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A participant who has sent her inclusion visit, on her phone, in English."""
    made = Patient(app, store, language="en")
    factories.complete_visit(store, made.participant, at=NOW)
    store.commit()
    return made.come_in()


@pytest.fixture
def nurse(app: Flask, store: Session, patient: Patient) -> StaffBrowser:
    person = make_staff(store, (patient.participant.site_id, Role.NURSE))
    store.commit()
    return StaffBrowser(app, person)


def wish_of(store: Session) -> CorrectionRequest:
    found = store.scalars(select(CorrectionRequest)).one()
    store.commit()
    return found


def test_she_tells_and_is_told_that_the_site_rings(patient: Patient, store: Session) -> None:
    address = f"/answer/{patient.assignment()}/mistake"
    receipt = patient.get(f"/answer/{patient.assignment()}/receipt")
    assert "I made a mistake: tell the site" in receipt.text
    patient.get(address).post(address, {"words": "Question 3, I meant a little."})
    assert "Someone from your study site rings you" in patient.text
    wish = wish_of(store)
    assert (wish.asked_by, wish.reason) == (None, "Question 3, I meant a little.")


def test_without_words_she_is_asked_for_some(patient: Patient) -> None:
    address = f"/answer/{patient.assignment()}/mistake"
    patient.get(address).post(address, {"words": "  "})
    assert (patient.page.status_code, "Write a few words first" in patient.text) == (422, True)


def test_after_a_few_a_day_the_telephone_is_nearer_and_her_words_stay(patient: Patient, store: Session) -> None:
    address = f"/answer/{patient.assignment()}/mistake"
    for words in ("one", "two", "three", "four"):
        patient.get(address).post(address, {"words": words})
    assert (patient.page.status_code, "please ring your study site" in patient.text) == (422, True)
    assert "four" in patient.text


def test_what_is_not_sent_yet_leads_to_its_questions(patient: Patient, store: Session) -> None:
    address = f"/answer/{patient.assignment(visit='M1')}/mistake"
    assert patient.phone.get(address).location == address.removesuffix("/mistake")


def test_the_nurse_finds_it_and_corrects_it(patient: Patient, nurse: StaffBrowser, store: Session) -> None:
    address = f"/answer/{patient.assignment()}/mistake"
    patient.get(address).post(address, {"words": "Question 1, I meant a lot."})
    wish = wish_of(store)
    nurse.get("/clinic/")
    assert "Corrections (1)" in nurse.page.text
    nurse.get("/staff/correction-requests")
    assert "Question 1, I meant a lot. by the patient, 3 March 2027, 10:00 (Paris)" in nurse.text
    correct = f"/staff/responses/{wish.response_id}/correct"
    assert f"{correct}?request={wish.id}" in nurse.links()
    nurse.get(f"{correct}?request={wish.id}")
    assert "The patient wrote: Question 1, I meant a lot." in nurse.text
    nurse.press(correct, DLQI101="3", reason="she said so", deed="show").press(correct, deed="do")
    store.refresh(wish)
    assert (wish.outcome, wish.settled_at) == (RequestOutcome.CORRECTED, NOW)
    store.rollback()
    assert "Corrections (" not in nurse.get("/clinic/").page.text
    assert "Corrected by Ada Byron" in nurse.get("/staff/correction-requests?state=settled").text


def test_she_declines_it_for_a_reason(patient: Patient, nurse: StaffBrowser, store: Session) -> None:
    address = f"/answer/{patient.assignment()}/mistake"
    patient.get(address).post(address, {"words": "All of it"})
    decline = f"/staff/correction-requests/{wish_of(store).id}/decline"
    nurse.get("/staff/correction-requests").press(decline, reason="")
    assert (nurse.page.status_code, "Say why: a refusal has a reason." in nurse.text) == (422, True)
    nurse.press(decline, reason="She had read it aright.").follow()
    assert "No wish is waiting." in nurse.text
    settled = nurse.get("/staff/correction-requests?state=settled").text
    assert "Declined by Ada Byron on 3 March 2027, 10:00 (Paris): She had read it aright." in settled


def test_wishes_are_chosen_by_site_and_leave_as_a_file(app: Flask, store: Session, patient: Patient) -> None:
    here, elsewhere = factories.load_study(store)[:2]
    address = f"/answer/{patient.assignment()}/mistake"
    patient.get(address).post(address, {"words": "=Question 3, I meant a little."})
    person = make_staff(store, (here.site_id, Role.NURSE), (elsewhere.site_id, Role.NURSE))
    store.commit()
    nurse = StaffBrowser(app, person).get("/staff/correction-requests")
    assert ["All my sites" in nurse.text, "I meant a little" in nurse.text] == [True, True]
    assert "No wish is waiting." in nurse.get(f"/staff/correction-requests?site={elsewhere.site_id}").text
    nurse.get(f"/staff/correction-requests?site={here.site_id}")
    (link,) = [each for each in nurse.links() if "format=csv" in each]
    assert str(here.site_id) in link
    file = nurse.get(link).page.data.decode("utf-8-sig")
    number = patient.participant.participant_number
    assert number in file
    assert "'=Question 3, I meant a little." in file
