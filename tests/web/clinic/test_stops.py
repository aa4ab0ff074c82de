"""Staff see who wishes no messages, since when, how it was said and what to do, and lift it when the patient wishes."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.db.stop import StopWay
from portal.domain.roles import Role
from portal.services import actor, stops
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def participant(store: Session) -> Participant:
    """Somebody whose visit is in two days."""
    return factories.make_participant(store, factories.load_study(store)[0], included_on=date(2027, 3, 5))


@pytest.fixture
def nurse(app: Flask, store: Session, at: object, participant: Participant) -> StaffBrowser:
    """The nurse of the patient's site."""
    person = make_staff(store, (participant.site_id, Role.NURSE))
    stops.ask(store, participant, StopWay.MAIL_PROGRAM, by=actor.patient(participant.id), at=NOW)
    store.commit()
    return StaffBrowser(app, person)


def test_the_list_and_her_page_say_it_and_the_nurse_lifts_it(nurse: StaffBrowser, participant: Participant) -> None:
    listed = nurse.get("/clinic/").text.replace("\u00a0", " ")
    assert "Wishes no messages since Wed 3 March: telephone, or give paper" in listed
    address = f"/clinic/participants/{participant.id}"
    told = nurse.get(address).text.replace("\u00a0", " ")
    assert "wished for no messages since 3 March 2027, 10:00 (Paris). The patient’s mail program asked for it." in told
    assert "● Takes part" in told
    nurse.press(f"{address}/stop/lift").follow()
    assert "no messages since" not in nurse.text
    assert "Wishes no messages" not in nurse.get("/clinic/").text


def test_who_has_sent_everything_or_withdrawn_needs_no_telephone_call(
    nurse: StaffBrowser, participant: Participant, store: Session
) -> None:
    factories.complete_visit(store, participant, at=NOW)
    store.commit()
    assert "Wishes no messages" not in " ".join(nurse.get("/clinic/?shown=all").rows())


def test_a_moved_visit_says_that_nothing_will_leave(
    nurse: StaffBrowser, participant: Participant, store: Session
) -> None:
    visit_id = factories.get_visit(store, participant).id
    store.rollback()
    moved = nurse.get(f"/clinic/visits/{visit_id}/move").press(
        f"/clinic/visits/{visit_id}/move", day="2027-03-12", reason="away"
    )
    assert "– not sent: the patient wishes no messages" in moved.text
