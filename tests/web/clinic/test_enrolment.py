"""Enrolling as the nurse does it: typed, looked at, changed, started; and nothing typed is lost."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db.engine import open_engine
from portal.db.participant import Participant
from portal.domain.roles import Role
from portal.services.contacts import Contacts
from portal.services.studies import StudyAtSite
from tests import factories
from tests.web.staff_people import StaffBrowser, make_staff

ENROL = "/clinic/enrol"
RIGHT = {
    "participant_number": "01-007",
    "language": "fr",
    "included_on": "2027-03-12",
    "email": "she@example.org",
    "email_again": "she@example.org",
    "telephone": "+33 1 99 00 21 35",
    "telephone_again": "+33 1 99 00 21 35",
}


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


def send(nurse: StaffBrowser, act: str, **fields: str) -> StaffBrowser:
    """Send the form that is on the page, whose token goes with it."""
    forms = nurse.page.text
    token = forms.split('name="csrf_token" value="')[1].split('"')[0]
    nurse.page = nurse.client.post(ENROL, data={"csrf_token": token, "act": act, **fields})
    return nurse


def test_the_whole_year_comes_before_the_start(nurse: StaffBrowser, store: Session) -> None:
    send(nurse.get(ENROL), "look", **RIGHT)
    assert nurse.page.status_code == 200
    assert "Nothing has started yet." in nurse.text
    rows = nurse.rows()
    assert "Inclusion · visit on Fri 12 March 2027" in rows[0]
    assert rows[1] == "Questionnaires open 5 March 2027, 00:00 (Paris)"
    assert rows[2].startswith("Opening message 5 March 2027, ")
    assert any(row.startswith("Summary at the site, at the latest 10 March 2027") for row in rows)
    assert "Questionnaires close 14 March 2027, 23:59 (Paris)" in rows
    assert store.scalar(select(Participant.id)) is None


def test_start_enrols_and_keeps_the_contact_apart(nurse: StaffBrowser, store: Session, settings: Settings) -> None:
    send(send(nurse.get(ENROL), "look", **RIGHT), "start", **RIGHT).follow()
    assert "How to reach 01-007" in nurse.text
    participant = store.scalars(select(Participant)).one()
    assert (participant.language, participant.included_on) == ("fr", date(2027, 3, 12))
    engine = open_engine(settings.contact_database_url)
    with Session(engine) as opened:
        assert Contacts(opened, settings.contact_key).find_email(participant.id) == "she@example.org"
    engine.dispose()
    assert "she@example.org" not in nurse.page.text


def test_change_gives_back_what_was_typed(nurse: StaffBrowser) -> None:
    send(send(nurse.get(ENROL), "look", **RIGHT), "change", **RIGHT)
    for value in RIGHT.values():
        assert f'value="{value}"' in nurse.page.text


def test_an_empty_number_is_the_next_one_and_no_contact_is_needed(
    nurse: StaffBrowser, store: Session, places: list[StudyAtSite]
) -> None:
    factories.make_participant(store, places[0])
    store.commit()
    assert 'value="01-002"' in nurse.get(ENROL).page.text
    send(nurse, "look", language="en", included_on="2027-03-12")
    assert "The year of 01-002" in nurse.text
    assert "Opening message – not sent: no address to write to" in nurse.rows()


def test_a_mobile_number_alone_is_written_to_where_the_study_sends_text_messages(nurse: StaffBrowser) -> None:
    number = {"telephone": "06 12 34 56 78", "telephone_again": "06 12 34 56 78"}
    send(nurse.get(ENROL), "look", language="en", included_on="2027-03-12", **number)
    assert "none: messages go to the telephone, as text messages" in nurse.text
    assert not [row for row in nurse.rows() if "not sent" in row]


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("participant_number", "02-001", "This is no number of the site. They look like 01-001."),
        ("language", "", "Choose the language of the questionnaires."),
        ("included_on", "12 March", "Give the day of inclusion."),
        ("included_on", "2127-03-12", "more than a year away"),
        ("email", "she@", "This is no e-mail address."),
        ("email_again", "he@example.org", "The two addresses differ."),
        ("telephone", "ring me", "This is no telephone number."),
        ("telephone_again", "", "The two telephone numbers differ."),
    ],
)
@pytest.mark.parametrize("act", ["look", "start"])
def test_each_fault_stands_at_its_field_and_nothing_typed_is_lost(
    nurse: StaffBrowser, store: Session, field: str, typed: str, words: str, act: str
) -> None:
    send(nurse.get(ENROL), act, **{**RIGHT, field: typed})
    assert nurse.page.status_code == 422
    assert words in nurse.text
    assert f'href="#{field}"' in nurse.page.text
    kept = {name: value for name, value in RIGHT.items() if name not in {field, "language"}}
    assert all(f'value="{value}"' in nurse.page.text for value in kept.values())
    assert store.scalar(select(Participant.id)) is None


def test_a_number_given_meanwhile_is_told(nurse: StaffBrowser, store: Session, places: list[StudyAtSite]) -> None:
    number = factories.make_participant(store, places[0]).participant_number
    store.commit()
    send(nurse.get(ENROL), "start", **{**RIGHT, "participant_number": number})
    assert "Another patient has this number." in nurse.text


def test_who_works_at_two_sites_chooses_one(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    person = make_staff(store, *((place.site_id, Role.NURSE) for place in places), email="two@example.org")
    store.commit()
    nurse = StaffBrowser(app, person)
    right = {**RIGHT, "participant_number": ""}
    send(nurse.get(ENROL), "look", **right)
    assert "Choose the site." in nurse.text
    send(nurse, "look", **right, site=str(places[1].site_id))
    assert "The year of 02-001" in nurse.text


def test_another_sites_patients_are_not_enrolled(
    nurse: StaffBrowser, store: Session, places: list[StudyAtSite]
) -> None:
    send(nurse.get(ENROL), "start", **{**RIGHT, "participant_number": ""}, site=str(places[1].site_id))
    assert store.scalars(select(Participant.site_id)).all() == [places[0].site_id]
