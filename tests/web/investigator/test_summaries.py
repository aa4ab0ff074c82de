"""The investigator's two minutes: what waits, what stands out, and what comes next."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.services import actor, summaries
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def place(store: Session, at: object) -> StudyAtSite:
    """Site 01, the clock stopped at NOW."""
    return factories.load_study(store)[0]


@pytest.fixture
def investigator(app: Flask, store: Session, place: StudyAtSite) -> StaffBrowser:
    """An investigator of site 01, signed in, in English."""
    person = make_staff(store, (place.site_id, Role.INVESTIGATOR), name="Dr Grace Hopper")
    store.commit()
    return StaffBrowser(app, person)


def test_the_soonest_visit_comes_first_with_what_stands_out(
    investigator: StaffBrowser, store: Session, place: StudyAtSite
) -> None:
    later = factories.make_participant(store, place, included_on=date(2027, 3, 8))
    _make(store, later)
    sooner = factories.make_participant(store, place, included_on=date(2027, 2, 4))
    factories.complete_visit(store, sooner, level=1)
    factories.complete_visit(store, sooner, "M1", level=2, at=NOW - timedelta(days=1))
    store.commit()
    rows = investigator.get("/investigator/").rows()
    # Ten questions at 1 make a DLQI of 10, at 2 of 20: +10, past the study's threshold of 4.
    assert "01-002 Month 1 Thu 4 March tomorrow DLQI total worse" in rows[0]
    assert "+10 since Inclusion (threshold 4)" in rows[0]
    assert rows[1].startswith("01-001 Inclusion Mon 8 March in 5 days Nothing received ○ Not seen")


def test_nothing_waiting_is_a_quiet_page(investigator: StaffBrowser) -> None:
    assert "Nothing waits for you." in investigator.get("/investigator/").text
    assert "There is no summary yet." in investigator.get("/investigator/?shown=all").text


def test_from_one_summary_to_the_next_and_back(investigator: StaffBrowser, store: Session, place: StudyAtSite) -> None:
    first, last = (
        _make(store, factories.make_participant(store, place, included_on=date(2027, 3, day))) for day in (4, 5)
    )
    assert "Next: 01-002" in investigator.get(first).text
    assert f"{last}?among=waiting" in investigator.links()
    assert "Previous: 01-001" in investigator.get(last).text
    assert f"{first}?among=waiting" in investigator.links()


def test_the_neighbours_of_what_waits_are_those_that_wait_too(
    investigator: StaffBrowser, store: Session, place: StudyAtSite
) -> None:
    past, soon, seen, later = (
        _make(store, factories.make_participant(store, place, included_on=date(2027, month, day)))
        for month, day in ((2, 26), (3, 4), (3, 5), (3, 8))
    )
    summaries.seen(store, store.get_one(Summary, UUID(seen[-36:])), by=actor.staff(_person(store).id), at=NOW)
    store.commit()
    assert "Next: 01-004" in investigator.get(soon).text  # not 01-003, which was seen
    assert "Previous" not in investigator.text  # nor 01-001: what lies behind comes last
    assert "Next: 01-001" in investigator.get(later).text
    assert "Previous: 01-004" in investigator.get(past).text
    assert "Previous: 01-002 Next: 01-004" not in investigator.get(seen).text
    assert f"{later}?among=waiting" in investigator.get(f"{seen}?among=waiting").links()


def test_a_superseded_summary_says_so_and_leads_to_the_newer(
    investigator: StaffBrowser, store: Session, place: StudyAtSite
) -> None:
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    older = _make(store, participant)
    factories.complete_visit(store, participant, at=NOW)
    newer = _make(store, participant)
    assert older != newer
    assert "A newer edition has replaced this page. Open edition 2" in investigator.get(older).text
    assert newer in investigator.links()
    assert "A newer edition" not in investigator.get(newer).text


def _make(store: Session, participant: Participant) -> str:
    visit = factories.get_visit(store, participant)
    summary = summaries.make(store, visit.id, by=actor.SYSTEM, at=NOW)
    store.commit()
    return f"/investigator/summaries/{summary.id}"


def _person(store: Session) -> Staff:
    return store.scalars(select(Staff)).one()
