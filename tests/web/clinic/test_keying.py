"""Keying in as staff do it: the code on the paper leads to it, the form, the second person, the differences."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.db.participant import Participant
from portal.domain import instruments
from portal.domain.instruments.model import ItemType
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
def people(app: Flask, store: Session, place: StudyAtSite) -> tuple[StaffBrowser, StaffBrowser]:
    """A nurse and an investigator of site 01, signed in, in English."""
    nurse = make_staff(store, (place.site_id, Role.NURSE), name="Claire Fontaine")
    other = make_staff(store, (place.site_id, Role.INVESTIGATOR), email="roux@example.org", name="Dr Hélène Roux")
    store.commit()
    return StaffBrowser(app, nurse), StaffBrowser(app, other)


@pytest.fixture
def participant(store: Session, place: StudyAtSite) -> Participant:
    """A participant whose inclusion visit is on 5 March 2027."""
    made = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    store.commit()
    return made


def addresses(store: Session, participant: Participant, instrument: str = "DLQI") -> tuple[str, str]:
    """Where the visit's papers stand, and where one is keyed in."""
    visit, assignment = factories.get_visit(store, participant).id, _assignment(store, participant, instrument)
    store.commit()
    return f"/clinic/visits/{visit}/keying", f"/clinic/assignments/{assignment}/keying"


def _assignment(store: Session, participant: Participant, instrument: str) -> UUID:
    return factories.get_assignment(store, participant, instrument).id


def fields(instrument: str, level: int = 1) -> dict[str, Any]:
    """Give the fields of a full form, each question at `level`, each line at 30 mm."""
    filled: dict[str, Any] = {}
    for question in instruments.get(instrument).questions:
        for item in question.items:
            if item.type is ItemType.CHOICE:
                codes = [option.code for option in item.options if isinstance(option.code, int)]
                filled[item.link_id] = str(min(level, max(codes))) if codes else "N"
            elif item.type is ItemType.VAS:
                filled[item.link_id] = "30"
        if question.boxes:
            filled[f"{question.code}-none"] = "yes"
    return filled


def send(person: StaffBrowser, address: str, sent: Mapping[str, Any]) -> StaffBrowser:
    """Send the page's form with these fields."""
    token = person.page.text.split('name="csrf_token" value="')[1].split('"')[0]
    person.page = person.client.post(address, data={"csrf_token": token, "language": "fr", **sent})
    return person


def test_from_the_paper_s_code_to_a_scored_response(
    people: tuple[StaffBrowser, StaffBrowser], store: Session, participant: Participant
) -> None:
    nurse, other = people
    start, form = addresses(store, participant)
    assert form in nurse.get(start).links()
    assert "DLQI ○ Not keyed in yet" in nurse.rows()[0]
    assert form not in other.get(start).links()
    nurse.get(form)
    assert "Two ticks in one question: tick both." in nurse.text
    send(nurse, form, fields("DLQI") | {"filled_on": "2027-03-02", "DLQI101": ["1", "3"]}).follow()
    assert "◐ Keyed in once Keyed in by Claire Fontaine on 3 March 2027, 10:00 (Paris)" in nurse.rows()[0]
    assert "The second keying is another person’s" in nurse.rows()[0]
    assert nurse.get(form).page.status_code == 303


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"filled_on": ""}, "Give the day."),
        ({"filled_on": "2027-03-04"}, "This day is still to come."),
        ({"filled_on": "2027-02-01"}, "On this day the questionnaire was not open: 26 February 2027 to 7 March 2027."),
        ({"SHAQ03": "151"}, "Give millimetres from 0 to 150"),
        ({"HAQ0101": "7"}, "This is not an answer to this question."),
    ],
)
def test_what_cannot_be_stands_at_its_field_and_nothing_typed_is_lost(
    people: tuple[StaffBrowser, StaffBrowser],
    store: Session,
    participant: Participant,
    changed: dict[str, str],
    words: str,
) -> None:
    nurse, _ = people
    start, form = addresses(store, participant, "SHAQ")
    typed = fields("SHAQ") | {"filled_on": "2027-03-02", "SHAQ01": "73,5"} | changed
    send(nurse.get(form), form, typed)
    assert nurse.page.status_code == 422
    assert words in nurse.text.replace("\u00a0", " ")
    assert 'value="73,5"' in nurse.page.text
    assert f'value="{typed["filled_on"]}"' in nurse.page.text
    (wrong,) = changed
    assert [f"#on-paper-{wrong}"] * (wrong != "filled_on") == [each for each in nurse.links() if "on-paper" in each]
    assert "Not keyed in yet" in nurse.get(start).text


def test_an_empty_form_is_no_questionnaire(
    people: tuple[StaffBrowser, StaffBrowser], store: Session, participant: Participant
) -> None:
    nurse, _ = people
    _, form = addresses(store, participant)
    send(nurse.get(form), form, {"filled_on": "2027-03-02"})
    assert nurse.page.status_code == 422
    assert "Nothing is marked at all" in nurse.text


def test_another_person_keys_again_and_settles(
    people: tuple[StaffBrowser, StaffBrowser], store: Session, participant: Participant
) -> None:
    nurse, other = people
    start, form = addresses(store, participant, "SHAQ")
    send(nurse.get(form), form, fields("SHAQ") | {"filled_on": "2027-03-02"})
    assert nurse.get(f"{form}/again").page.status_code == 303
    again = other.get(start).links()
    assert f"{form}/again" in again
    other.get(f"{form}/again")
    assert 'value="30"' not in other.page.text  # nothing of the first keying shows
    send(other, f"{form}/again", fields("SHAQ") | {"SHAQ03": "60", "HAQ0101": "3"}).follow()
    assert "2 questions were keyed in differently." in other.text
    assert "30.0 mm, 20 of 100 keyed in by Claire Fontaine" in other.text
    assert "60.0 mm, 40 of 100 keyed in by Dr Hélène Roux" in other.text
    send(other, f"{form}/settle", {"right-HAQ0101": "first", "reason": ""})
    assert other.page.status_code == 422
    assert "Choose what the paper says." in other.text
    assert "This is not an answer" not in other.text  # nothing was answered yet: one fault, said once
    assert [each for each in other.links() if each.startswith("#q-")] == ["#q-SHAQ03"]
    assert "Say why" in other.text
    settled = {"right-HAQ0101": "first", "right-SHAQ03": "other", "SHAQ03": "61,5", "reason": "read again"}
    send(other, f"{form}/settle", settled).follow()
    assert "● Keyed in twice, and settled" in other.text
    assert "Settled by Dr Hélène Roux" in other.text


def test_the_code_on_the_paper_leads_here_after_signing_in_whoever_may_key(
    app: Flask, store: Session, place: StudyAtSite, participant: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    manager = make_staff(store, (place.site_id, Role.DATA_MANAGER), email="dm@example.org")
    start, _ = addresses(store, participant)
    person = StaffBrowser(app)
    assert person.get(start).page.location == "/staff/sign-in"
    assert person.sign_in(manager).page.location == start
    person.client = app.test_client()
    person.get("/clinic/")  # which is closed to a data manager
    later = NOW + timedelta(minutes=1)
    monkeypatch.setattr(clock, "machine_now", lambda: later)
    code = pyotp.TOTP(manager.totp_secret).at(later)
    assert person.sign_in(manager, code=code).page.location == "/staff/queries"
