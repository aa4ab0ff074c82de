"""The nurse prints blank questionnaires for one visit, and the visit then waits for paper."""

import io
import re
from datetime import date

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.paper import PaperIssue
from portal.db.participant import Participant
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor, completing, enrolment
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


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
def participant(store: Session, place: StudyAtSite) -> Participant:
    """A patient whose language is French, with a visit on Friday."""
    made = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    store.commit()
    return made


def address(store: Session, participant: Participant) -> str:
    visit_id = factories.get_visit(store, participant).id
    store.commit()
    return f"/clinic/visits/{visit_id}/paper"


def pages(nurse: StaffBrowser) -> list[str]:
    assert (nurse.page.status_code, nurse.page.mimetype) == (200, "application/pdf"), nurse.page.status
    reader = PdfReader(io.BytesIO(nurse.page.data))
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]


def test_the_patients_language_and_all_that_is_missing_are_chosen_already(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    where = address(store, participant)
    printed = pages(nurse.get(where).press(where))
    first_pages = [page for page in printed if "1 / 3" in page or "1 / 5" in page]
    assert [each[:10] for each in first_pages] == ["Votre peau", "Vos gestes"]  # in the order of the sitting
    assert all("01-001" in page and "Inclusion" in page and "5 mars 2027" in page for page in printed)
    assert nurse.page.headers["Content-Disposition"] == "attachment; filename=PREVISIT_01-001_INC_paper.pdf"


def test_another_language_large_letters_and_one_questionnaire_can_be_chosen(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    where = address(store, participant)
    normal = pages(nurse.get(where).press(where, language="en", instrument="DLQI"))
    large = pages(nurse.get(where).press(where, language="en", instrument="DLQI", letters="large"))
    assert len(large) > len(normal)
    assert "5 March 2027" in large[0]
    assert not any("SHAQ" in page for page in large)


def test_paper_is_expected_from_then_on_and_the_trail_tells(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    where = address(store, participant)
    nurse.get(where).press(where, instrument="SHAQ")
    row = store.scalars(select(PaperIssue)).one()
    assert (row.language, row.large, row.at) == ("fr", False, NOW)
    event = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.PAPER_ISSUED)).one()
    assert (event.subject_id, event.participant_id) == (row.visit_id, participant.id)
    assert event.new == {"language": "fr", "large": False, "instruments": ["SHAQ"]}
    store.rollback()
    assert "Paper was made for this visit on 3 March 2027, 10:00 (Paris)" in nurse.get(where).text
    for page in ("/clinic/", f"/clinic/participants/{participant.id}"):
        assert "Paper expected" in nurse.get(page).text


def test_a_choice_of_nothing_is_shown_again_with_its_fault(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    where = address(store, participant)
    nurse.get(where).press(where, instrument="none of these", language="en", letters="large")
    assert nurse.page.status_code == 422
    assert "Choose at least one questionnaire." in nurse.text
    assert 'value="en" checked' in nurse.page.text
    assert 'value="large" checked' in nurse.page.text
    nurse.get(where).press(where, language="xx")
    assert nurse.page.status_code == 422
    assert "Choose the language of the questionnaires." in nurse.text
    assert store.scalars(select(PaperIssue)).all() == []


def test_what_was_sent_is_not_printed_again(nurse: StaffBrowser, store: Session, participant: Participant) -> None:
    assignment = factories.get_assignment(store, participant, "DLQI")
    answers = factories.given("DLQI", factories.full_answers(instruments.get("DLQI")), at=NOW)
    completing.complete(store, participant.id, assignment.id, answers, by=actor.patient(participant.id), at=NOW)
    where = address(store, participant)
    nurse.get(where)
    assert "DLQI: sent already" in nurse.text
    assert not any("DLQI" in page for page in pages(nurse.press(where)))


def test_whoever_has_sent_all_or_has_withdrawn_needs_no_paper(
    nurse: StaffBrowser, store: Session, place: StudyAtSite, participant: Participant
) -> None:
    gone = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    enrolment.withdraw(store, gone, on=NOW.date(), reason="moved", by=actor.SYSTEM, at=NOW)
    factories.complete_visit(store, participant, at=NOW)
    store.commit()
    assert "No paper is needed" in nurse.get(address(store, participant)).text
    assert "This patient has withdrawn" in nurse.get(address(store, gone)).text


def test_the_way_to_paper_stands_beside_the_visit(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    assert address(store, participant) in nurse.get(f"/clinic/participants/{participant.id}").links()
