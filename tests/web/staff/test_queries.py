"""Queries as three people use them: opened from a summary, answered, and closed for a reason."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.correction import CorrectionRequest
from portal.db.message import Message
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import summaries
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff.test_corrections import response_of
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
def people(app: Flask, store: Session, place: StudyAtSite) -> dict[Role, StaffBrowser]:
    """One person of each kind at the site."""
    made = {role: make_staff(store, (place.site_id, role), email=f"{role}@example.org", name=role) for role in Role}
    store.commit()
    return {role: StaffBrowser(app, person) for role, person in made.items()}


def opened(people: dict[Role, StaffBrowser], store: Session, participant: Participant) -> str:
    """The investigator asks about question 1; gives the thread's address."""
    asker, response = people[Role.INVESTIGATOR], response_of(store, participant)
    address = f"/staff/responses/{response.id}/query"
    asker.get(f"{address}?item=DLQI101").press(address, text="Is this so?")
    return str(asker.page.location)


def summary_address(store: Session, participant: Participant, who: str) -> str:
    summary = summaries.find_current(store, factories.get_visit(store, participant).id)
    assert summary is not None
    address = f"/{who}/summaries/{summary.id}"
    store.commit()
    return address


def test_three_people_talk_and_the_thread_is_closed(
    people: dict[Role, StaffBrowser], store: Session, participant: Participant
) -> None:
    address = opened(people, store, participant)
    nurse, manager = people[Role.NURSE], people[Role.DATA_MANAGER]
    nurse.get("/staff/queries")
    assert address in nurse.links()
    nurse.get(address).press(address, text="She said so.", deed="answer").follow()
    manager.get(address)
    assert "investigator, 3 March 2027, 10:00 (Paris) Is this so?" in manager.text
    assert "nurse, 3 March 2027, 10:00 (Paris) She said so." in manager.text
    manager.press(address, text="Confirmed.", deed="close").follow()
    assert "Closed by data-manager on 3 March 2027, 10:00 (Paris)" in manager.text
    assert address not in manager.get("/staff/queries").links()
    assert address in manager.get("/staff/queries?state=closed").links()


def test_the_summary_tells_what_is_open_and_marks_the_answer(
    people: dict[Role, StaffBrowser], store: Session, participant: Participant
) -> None:
    asker = people[Role.INVESTIGATOR].get(summary_address(store, participant, "investigator"))
    assert "No query is open on these answers." in asker.text
    address = opened(people, store, participant)
    asker.get(summary_address(store, participant, "investigator"))
    assert "1 query is open:" in asker.text
    assert list(asker.links()).count(address) == 2  # in the list, and beside the question
    nurse = people[Role.NURSE].get(summary_address(store, participant, "clinic"))
    assert list(nurse.links()).count(address) == 2


def test_whoever_asks_the_same_again_is_led_to_the_first(
    people: dict[Role, StaffBrowser], store: Session, participant: Participant
) -> None:
    address, nurse = opened(people, store, participant), people[Role.NURSE]
    again = f"/staff/responses/{response_of(store, participant).id}/query"
    nurse.get(f"{again}?item=DLQI101").press(again, text="Me too?")
    assert (nurse.page.status_code, nurse.page.location) == (303, address)


def test_words_are_wanted_and_kept_when_the_query_was_closed_meanwhile(
    people: dict[Role, StaffBrowser], store: Session, participant: Participant
) -> None:
    address, nurse = opened(people, store, participant), people[Role.NURSE]
    nurse.get(address).press(address, text=" ", deed="close")
    assert (nurse.page.status_code, "Write something first." in nurse.text) == (422, True)
    shown = nurse.page
    people[Role.DATA_MANAGER].get(address).press(address, text="done", deed="close")
    nurse.page = shown
    nurse.press(address, text="But she said", deed="answer")
    assert nurse.page.status_code == 422
    assert "This query was closed in the meantime." in nurse.text
    assert "But she said" in nurse.text


def test_the_patient_is_asked_by_telephone_and_by_no_message(
    people: dict[Role, StaffBrowser], store: Session, participant: Participant
) -> None:
    address = opened(people, store, participant)
    before = len(store.scalars(select(Message)).all())
    store.rollback()
    people[Role.DATA_MANAGER].get(address).press(address, text="Which one did she mean?", deed="ask").follow()
    assert "The patient is to be asked for a correction" in people[Role.DATA_MANAGER].text
    wish = store.scalars(select(CorrectionRequest)).one()
    assert (wish.link_id, wish.reason, str(wish.query_id)) == ("DLQI101", "Which one did she mean?", address[-36:])
    assert len(store.scalars(select(Message)).all()) == before
    store.rollback()
    nurse = people[Role.NURSE].get("/staff/correction-requests")
    assert "Which one did she mean? by data-manager, 3 March 2027, 10:00 (Paris)" in nurse.text
    assert {address, f"/staff/responses/{wish.response_id}/correct?request={wish.id}"} <= set(nurse.links())


def test_the_list_leaves_as_a_file_with_a_record(
    people: dict[Role, StaffBrowser], store: Session, participant: Participant
) -> None:
    opened(people, store, participant)
    manager = people[Role.DATA_MANAGER].get("/staff/queries")
    assert "/staff/lists/queries?format=csv&state=open" in manager.links()
    lines = manager.get("/staff/lists/queries?format=csv&state=open").page.get_data().decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "Is this so?" in lines[1]
    events = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.LIST_EXPORTED)).all()
    assert [event.new["rows"] for event in events if event.new] == [1]
    store.rollback()


def test_queries_are_chosen_by_site(
    app: Flask, store: Session, people: dict[Role, StaffBrowser], participant: Participant
) -> None:
    opened(people, store, participant)
    here, elsewhere = factories.load_study(store)[:2]
    roles = [(each.site_id, Role.DATA_MANAGER) for each in (here, elsewhere)]
    reader = StaffBrowser(app, make_staff(store, *roles, email="both@example.org"))
    store.commit()
    assert participant.participant_number in reader.get(f"/staff/queries?site={here.site_id}").text
    assert "No query is open." in reader.get(f"/staff/queries?site={elsewhere.site_id}").text
    assert "All my sites" not in people[Role.NURSE].get("/staff/queries").text
