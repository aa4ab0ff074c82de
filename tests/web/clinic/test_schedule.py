"""Moving a visit as the nurse does it: told first, moved then, and only as it was told."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.db.message import Message, MessageStatus
from portal.db.participant import Visit
from portal.domain.roles import Role
from portal.services import actor, withdrawing
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
def visit(store: Session, place: StudyAtSite) -> Visit:
    """A visit on Saturday 20 March 2027."""
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 20))
    store.commit()
    return factories.get_visit(store, participant)


def ask(nurse: StaffBrowser, address: str, **fields: str) -> StaffBrowser:
    """Send the page's form of the move."""
    token = nurse.page.text.split('name="csrf_token" value="')[1].split('"')[0]
    nurse.page = nurse.client.post(address, data={"csrf_token": token, **fields})
    return nurse


def test_what_changes_is_told_before_it_moves(nurse: StaffBrowser, store: Session, visit: Visit) -> None:
    address = f"/clinic/visits/{visit.id}/move"
    page = f"/clinic/participants/{visit.participant_id}"
    store.commit()
    assert address in nurse.get(page).links()
    ask(nurse.get(address), address, day="2027-03-28", reason="away")
    assert "This is what will change" in nurse.text
    assert "The new day is no working day of the site." in nurse.text
    rows = nurse.rows()
    assert rows[0] == "Visit Until now Sat 20 March From now on Sun 28 March"
    opens = "Until now 13 March 2027, 00:00 (Paris) From now on 21 March 2027, 00:00 (Paris)"
    assert f"Questionnaires open {opens}" in rows
    assert any(row.endswith("From now on 30 March 2027, 23:59 (Paris)") for row in rows)
    assert planned_on(store, visit) == date(2027, 3, 20)
    ask(nurse, address, day="2027-03-28", reason="away", shown="2027-03-28").follow()
    assert nurse.rows()[0].startswith("Inclusion 28 March 2027")
    assert planned_on(store, visit) == date(2027, 3, 28)


def test_a_pause_is_told_with_what_changes(nurse: StaffBrowser, store: Session, visit: Visit) -> None:
    withdrawing.pause(store, visit.participant, reason="away", by=actor.SYSTEM, at=NOW)
    store.commit()
    address = f"/clinic/visits/{visit.id}/move"
    ask(nurse.get(address), address, day="2027-03-30", reason="away")
    assert "Messages to this patient are paused since 3 March 2027." in nurse.text
    paused = "not sent during the pause"
    assert f"Opening message Until now – {paused} From now on – {paused}" in nurse.rows()


def test_another_day_than_the_one_told_is_told_first(nurse: StaffBrowser, store: Session, visit: Visit) -> None:
    address = f"/clinic/visits/{visit.id}/move"
    store.commit()
    ask(nurse.get(address), address, day="2027-03-30", reason="away", shown="2027-03-28")
    assert "From now on Tue 30 March" in nurse.text.replace("\u00a0", " ")
    assert planned_on(store, visit) == date(2027, 3, 20)


@pytest.mark.parametrize(
    ("day", "reason", "words"),
    [
        ("", "away", "Give the new day."),
        ("2127-03-20", "away", "more than a year away"),
        ("2027-03-20", "away", "planned on this day already"),
        ("2027-03-28", "", "Say why"),
    ],
)
def test_what_is_missing_stands_at_its_field(
    nurse: StaffBrowser, store: Session, visit: Visit, day: str, reason: str, words: str
) -> None:
    address = f"/clinic/visits/{visit.id}/move"
    store.commit()
    ask(nurse.get(address), address, day=day, reason=reason, shown=day)
    assert nurse.page.status_code == 422
    assert words in nurse.text
    assert f'value="{day}"' in nurse.page.text
    assert f'value="{reason}"' in nurse.page.text
    assert planned_on(store, visit) == date(2027, 3, 20)


def planned_on(store: Session, visit: Visit) -> date:
    """The visit's day as the store has it now."""
    store.expire_all()
    day = store.get_one(Visit, visit.id).planned_on
    store.commit()  # a session that writes holds SQLite's lock for as long as it is open
    return day


def test_a_patient_who_was_told_of_another_day_will_be_told_of_the_move(
    nurse: StaffBrowser, store: Session, place: StudyAtSite
) -> None:
    she = factories.make_participant(store, place, included_on=date(2027, 3, 8))
    visit = factories.get_visit(store, she)
    opening = Message(visit_id=visit.id, kind="opening", recipient="participant", status=MessageStatus.SENT)
    opening.due_at = opening.sent_at = NOW - timedelta(days=2)
    store.add(opening)
    store.commit()
    address = f"/clinic/visits/{visit.id}/move"
    ask(nurse.get(address), address, day="2027-03-09", reason="away")
    assert "A message will say that the visit is moved; it does not replace your call." in nurse.text
    assert any(row.startswith("Message that the visit is moved Until now – From now on") for row in nurse.rows())
    ask(nurse, address, day="2027-03-09", reason="away", shown="2027-03-09").follow()
    assert "Visit moved Inclusion ○ Planned, 3 March 2027, 10:00 (Paris)" in nurse.rows()
    assert "Opening message Inclusion ● Sent, 1 March 2027, 10:00 (Paris)" in nurse.rows()
