"""Correcting a sent questionnaire as staff do it: told first, done then, and nothing typed is lost."""

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.correction import Correction
from portal.db.participant import Participant
from portal.db.response import Response, Source
from portal.domain.roles import Role
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def place(store: Session, at: object) -> StudyAtSite:
    """Site 01, the clock stopped at NOW."""
    return factories.load_study(store)[0]


@pytest.fixture
def participant(store: Session, place: StudyAtSite) -> Participant:
    """A patient who has sent her inclusion visit."""
    made = factories.make_participant(store, place)
    factories.complete_visit(store, made, at=NOW)
    store.commit()
    return made


@pytest.fixture
def nurse(app: Flask, store: Session, place: StudyAtSite) -> StaffBrowser:
    person = make_staff(store, (place.site_id, Role.NURSE), name="Claire Fontaine")
    store.commit()
    return StaffBrowser(app, person)


def response_of(store: Session, participant: Participant, instrument: str = "DLQI") -> Response:
    assignment = factories.get_assignment(store, participant, instrument)
    found = store.scalars(select(Response).where(Response.assignment_id == assignment.id)).one()
    store.commit()
    return found


def address_of(store: Session, participant: Participant, instrument: str = "DLQI") -> str:
    return f"/staff/responses/{response_of(store, participant, instrument).id}/correct"


def corrections_made(store: Session) -> int:
    count = store.scalar(select(func.count()).select_from(Correction)) or 0
    store.rollback()
    return count


def test_what_will_change_is_told_and_then_done(nurse: StaffBrowser, store: Session, participant: Participant) -> None:
    address = address_of(store, participant)
    nurse.get(address).press(address, DLQI101="3", reason="misread", requested_by="patient", deed="show")
    assert any(row.endswith("Yes, a lot") or "After the correction" in row for row in nurse.rows())
    assert "DLQI total Stands now 10 After the correction 12" in nurse.rows()
    assert "Edition 2 of the summary is made." in nurse.text
    assert corrections_made(store) == 0
    nurse.press(address, deed="do").follow()
    assert "edition 2" in nurse.text
    assert "Corrected; sent was:" in nurse.text
    assert "Replaces edition 1, made 3 March 2027, 10:00 (Paris): that edition is no longer current." in nurse.text
    assert "asked for by the patient, entered by Claire Fontaine, question 1. Reason: misread" in nurse.text
    assert corrections_made(store) == 1


def test_a_second_press_changes_nothing_more(nurse: StaffBrowser, store: Session, participant: Participant) -> None:
    address = address_of(store, participant)
    nurse.get(address).press(address, DLQI101="3", reason="misread", requested_by="staff", deed="show")
    told = nurse.page
    nurse.press(address, deed="do")
    nurse.page = told
    nurse.press(address, deed="do").follow()
    assert corrections_made(store) == 1


def test_every_fault_is_named_and_nothing_typed_is_lost(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    address = address_of(store, participant, "SHAQ")
    nurse.get(address).press(address, SHAQ01="101", SHAQ02="many", HAQ0101="3", deed="show")
    assert nurse.page.status_code == 422
    assert nurse.text.count("Give a whole number from 0 to 100.") == 2
    for said in (
        "Choose who found it wrong.",
        "Say why: nothing is corrected without a reason.",
    ):
        assert said in nurse.text
    assert [each for each in nurse.links() if each.startswith("#q-")] == ["#q-SHAQ01", "#q-SHAQ02"]
    assert 'value="101"' in nurse.page.text
    assert 'value="many"' in nurse.page.text
    assert corrections_made(store) == 0


def test_a_form_that_differs_in_nothing_is_refused_kindly(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    address = address_of(store, participant)
    nurse.get(address).press(address, reason="why", requested_by="staff", deed="show")
    assert (nurse.page.status_code, "Nothing differs from how it stands." in nurse.text) == (422, True)


def test_one_may_go_back_and_change_more(nurse: StaffBrowser, store: Session, participant: Participant) -> None:
    address = address_of(store, participant)
    nurse.get(address).press(address, DLQI101="skipped", reason="misread", requested_by="staff", deed="show")
    nurse.press(address, deed="again").press(address, DLQI102="", deed="show")
    assert nurse.rows()[0].endswith("After the correction skipped")
    assert nurse.rows()[1].endswith("After the correction no answer")


def test_what_somebody_else_corrected_meanwhile_is_not_written_over(
    app: Flask, nurse: StaffBrowser, store: Session, participant: Participant, place: StudyAtSite
) -> None:
    address = address_of(store, participant)
    other = StaffBrowser(app, make_staff(store, (place.site_id, Role.INVESTIGATOR), email="other@example.org"))
    store.commit()
    other.get(address)
    nurse.get(address).press(address, DLQI101="3", reason="misread", requested_by="patient", deed="show")
    nurse.press(address, deed="do")
    other.press(address, DLQI102="3", reason="misread", requested_by="patient", deed="show")
    assert other.page.status_code == 422
    assert "Somebody corrected this questionnaire in the meantime." in other.text
    assert corrections_made(store) == 1


def test_on_paper_a_question_may_hold_several_ticks(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    response = response_of(store, participant)
    response.source = Source.PAPER
    store.commit()
    address = address_of(store, participant)
    token = nurse.get(address).page.text.split('name="csrf_token" value="')[1].split('"')[0]
    sent = {"csrf_token": token, "DLQI101": ["", "2", "1"], "reason": "two ticks", "requested_by": "staff"}
    nurse.page = nurse.client.post(address, data={**sent, "deed": "show"})
    assert " + " in nurse.rows()[0]
    nurse.page = nurse.client.post(address, data={**sent, "deed": "do"})
    assert nurse.page.status_code == 303


def test_a_form_that_was_not_sent_is_not_there(nurse: StaffBrowser, store: Session) -> None:
    assert nurse.get(f"/staff/responses/{UUID(int=1)}/correct").page.status_code == 404
