"""A participant's page and the search by number, as the nurse meets them."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.message import Message, MessageStatus
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def places(store: Session, at: object) -> list[StudyAtSite]:
    """Sites 01 and 02, the clock stopped at NOW."""
    return factories.load_study(store)


@pytest.fixture
def nurse(app: Flask, store: Session, places: list[StudyAtSite]) -> StaffBrowser:
    """A nurse of site 01, signed in, in English."""
    person = make_staff(store, (places[0].site_id, Role.NURSE))
    store.commit()
    return StaffBrowser(app, person)


def test_the_number_on_the_list_leads_to_her_page(
    nurse: StaffBrowser, store: Session, places: list[StudyAtSite]
) -> None:
    participant = factories.make_participant(store, places[0], included_on=date(2027, 3, 5))
    factories.complete_visit(store, participant, at=NOW - timedelta(days=1))
    store.commit()
    address = f"/clinic/participants/{participant.id}"
    assert address in nurse.get("/clinic/").links()
    nurse.get(address)
    assert "Patient 01-001 State● Takes part LanguageFrench Inclusion5 March 2027" in nurse.text
    assert nurse.rows()[0].startswith(
        "Inclusion 5 March 2027 Questionnaires open 26 February 2027 to 7 March 2027 "
        "● Sent Summary ○ Made Open the summary"
    )
    assert "○ Not open yet" in nurse.rows()[1]
    assert "Nothing was sent yet." in nurse.text


def test_a_message_that_nobody_needs_and_one_that_failed_have_words_of_their_own(
    nurse: StaffBrowser, store: Session, places: list[StudyAtSite]
) -> None:
    participant = factories.make_participant(store, places[0], included_on=date(2027, 3, 5))
    visit_id = factories.get_visit(store, participant).id
    whose: dict[str, Any] = {"visit_id": visit_id, "recipient": "participant", "due_at": NOW}
    store.add(Message(**whose, kind="reminder-1", status=MessageStatus.CANCELLED, reason="answered"))
    store.add(Message(**whose, kind="reminder-2", status=MessageStatus.CANCELLED, reason="paused"))
    store.add(Message(**whose, kind="last-call", status=MessageStatus.FAILED))
    store.commit()
    said = nurse.get(f"/clinic/participants/{participant.id}").text
    assert "– Not needed (everything had been answered)" in said
    assert "– Not sent (in a pause)" in said
    assert "! Could not be sent" in said
    said = nurse.press("/language", language="fr").follow().text
    assert "– Sans objet (" in said
    assert "– Non envoyé (pendant une pause)" in said
    assert "! N’a pas pu être envoyé" in said


@pytest.mark.parametrize("typed", ["01-002", " 01-002 ", "-002", "01 -002"])
def test_a_number_typed_anywhere_leads_to_her(
    nurse: StaffBrowser, store: Session, places: list[StudyAtSite], typed: str
) -> None:
    _first, second = (factories.make_participant(store, places[0]) for _ in range(2))
    store.commit()
    page = nurse.client.get("/staff/patients", query_string={"number": typed})
    assert page.location == f"/clinic/participants/{second.id}"


def test_several_are_listed_and_another_sites_are_not(
    nurse: StaffBrowser, store: Session, places: list[StudyAtSite]
) -> None:
    for place in (places[0], places[0], places[1]):
        factories.make_participant(store, place)
    store.commit()
    nurse.get("/staff/patients?number=00")
    assert "2 numbers hold “00”." in nurse.text
    assert "01-001 01-002" in nurse.text
    assert "No patient of your site has the number “02-001”." in nurse.get("/staff/patients?number=02-001").text
    assert nurse.get("/staff/patients").follow().rows()[0].startswith("01-001")
    assert "“%”" in nurse.get("/staff/patients?number=%25").text  # no wildcard


def test_the_search_stands_in_the_header_of_every_role_and_leads_readers_to_her_summaries(
    app: Flask, nurse: StaffBrowser, store: Session, places: list[StudyAtSite]
) -> None:
    participant = factories.make_participant(store, places[0], included_on=date(2027, 3, 5))
    factories.complete_visit(store, participant, at=NOW - timedelta(days=1))
    readers = [
        make_staff(store, (places[0].site_id, role), email=f"{role}@example.org")
        for role in (Role.INVESTIGATOR, Role.DATA_MANAGER)
    ]
    store.commit()
    assert 'action="/staff/patients"' in nurse.get("/clinic/").page.text
    for reader, opens in zip((StaffBrowser(app, person) for person in readers), (True, False), strict=True):
        assert 'action="/staff/patients"' in reader.get("/staff/site-copy").page.text
        reader.get("/staff/patients?number=01-001").follow()
        assert reader.rows()[0].startswith("Inclusion Edition 1 5 March 2027")
        assert "○ Not seen" in reader.rows()[0]
        assert "No summary yet" in reader.rows()[1]
        assert any("/investigator/summaries/" in link for link in reader.links()) is opens
    store.expire_all()
    listed = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SUMMARY_LISTED)).all()
    assert [len(event.new["summaries"]) for event in listed if event.new] == [1, 1]


def test_nobody_reads_another_sites_patient(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    participant = factories.make_participant(store, places[1])
    other = make_staff(store, (places[0].site_id, Role.INVESTIGATOR), email="i@example.org")
    store.commit()
    reader = StaffBrowser(app, other)
    assert reader.get(f"/staff/patients/{participant.id}").page.status_code == 404
    assert "No patient of your site has the number" in reader.get("/staff/patients?number=02-001").text
