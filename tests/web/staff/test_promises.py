"""The page of promises: kept, due, broken and why, with what to do; and a breach that reaches the nurse.

The clock stands at Wednesday 3 March 2027, 10:00 in Paris. A visit on Thursday 4 March had its summary due on the 2nd.
"""

import csv
import io
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.audit_event import AuditEvent
from portal.db.message import Message, MessageStatus
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import promises, pulse, shortfalls, summaries
from portal.services.actor import SYSTEM
from portal.services.message_plan import recipient_of
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.services.statements import statements_of
from tests.web.staff_people import StaffBrowser, make_staff

PAGE = "/staff/promises"


@pytest.fixture
def places(store: Session, at: object) -> list[StudyAtSite]:
    """Sites 01 and 02, a worker at work, the clock stopped at NOW."""
    places = factories.load_study(store)
    pulse.beat(store, "worker", at=NOW)
    return places


def _reader(app: Flask, store: Session, place: StudyAtSite, role: Role = Role.NURSE) -> StaffBrowser:
    person = make_staff(store, (place.site_id, role), email=f"{role}@example.org")
    store.commit()
    return StaffBrowser(app, person)


def _announced(
    store: Session, place: StudyAtSite, day: date, *, at: datetime, status: MessageStatus, reason: str | None = None
) -> Participant:
    """A participant whose summary was made and announced at this instant, or not."""
    participant = factories.make_participant(store, place, included_on=day)
    visit = factories.get_visit(store, participant)
    summaries.make(store, visit.id, by=SYSTEM, at=at)
    store.add(
        Message(
            visit_id=visit.id,
            kind="summary",
            recipient=recipient_of(participant.id),
            status=status,
            reason=reason,
            due_at=at,
            sent_at=at if status is MessageStatus.SENT else None,
        )
    )
    store.flush()
    return participant


def test_only_what_needs_somebody_is_shown_at_first_with_why_and_what_to_do(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    site = places[0]
    _announced(store, site, date(2027, 3, 4), at=NOW - timedelta(days=1), status=MessageStatus.SENT)
    factories.make_participant(store, site, included_on=date(2027, 3, 4))
    _announced(
        store, site, date(2027, 3, 5), at=NOW - timedelta(hours=2), status=MessageStatus.FAILED, reason="no-recipient"
    )
    factories.make_participant(store, site, included_on=date(2027, 3, 25))
    nurse = _reader(app, store, site).get(PAGE)
    broken, endangered = nurse.rows()
    assert broken.startswith("01-002 Inclusion Thu 4 March Due on Tue 2 March ○ Broken: The summary has not been made")
    assert "Tell the administrator, and have paper ready for the visit." in broken
    assert "◐ In danger: No investigator to write to Print the summary for the visit" in endangered
    assert endangered.endswith("Open the summary of 01-003")
    assert "1 broken 1 in danger 1 due 1 kept in time 4 all states" in nurse.text
    (kept,) = nurse.get(f"{PAGE}?shown=kept").rows()
    assert "● Kept At the site since" in kept
    assert "Nothing received" in kept


def test_it_is_quiet_when_all_is_kept(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    _announced(store, places[0], date(2027, 3, 4), at=NOW - timedelta(days=1), status=MessageStatus.SENT)
    for role in (Role.NURSE, Role.INVESTIGATOR, Role.DATA_MANAGER):
        reader = _reader(app, store, places[0], role).get(PAGE)
        assert "Every promise of these days is kept or on its way." in reader.text
        assert reader.rows() == []


def test_each_sees_her_own_sites_and_may_choose_site_and_days(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    for place in places:
        factories.make_participant(store, place, included_on=date(2027, 3, 4))
    person = make_staff(store, *[(place.site_id, Role.NURSE) for place in places])
    store.commit()
    both = StaffBrowser(app, person)
    assert [row[:6] for row in both.get(PAGE).rows()] == ["01-001", "02-001"]
    assert [row[:6] for row in both.get(f"{PAGE}?site={places[1].site_id}").rows()] == ["02-001"]
    assert both.get(f"{PAGE}?from=2027-03-05").rows() == []
    wrong = both.get(f"{PAGE}?from=tomorrow")
    assert wrong.page.status_code == 422
    assert "This is no day. Write it as 2027-03-05." in wrong.text
    one = _reader(app, store, places[0], Role.DATA_MANAGER).get(PAGE)
    assert [row[:6] for row in one.rows()] == ["01-001"]


def test_a_breach_stands_above_the_nurses_list_and_in_its_row(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    factories.make_participant(store, places[0], included_on=date(2027, 3, 4))
    factories.make_participant(store, places[0], included_on=date(2027, 3, 5))
    nurse = _reader(app, store, places[0]).get("/clinic/")
    assert "1 summary is not at the site in time, 1 is in danger" in nurse.text
    assert any(link.startswith(PAGE) for link in nurse.links())
    late, endangered = (row for row in nurse.rows() if row.startswith("01-"))
    assert "Promise broken: The summary has not been made" in late
    assert "Promise in danger: The summary has not been made" in endangered


def test_the_nurses_list_says_nothing_when_nothing_is_amiss(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    factories.make_participant(store, places[0], included_on=date(2027, 3, 25))
    assert "not at the site" not in _reader(app, store, places[0]).get("/clinic/").text


def test_a_worker_that_stands_still_is_said_on_the_page(app: Flask, store: Session, at: object) -> None:
    (place, _) = factories.load_study(store)
    nurse = _reader(app, store, place)
    assert "The portal has not made or sent anything yet." in nurse.get(PAGE).text
    pulse.beat(store, "worker", at=NOW - timedelta(minutes=20))
    store.commit()
    assert "The portal has made and sent nothing since 3 March 2027, 09:40 (Paris)" in nurse.get(PAGE).text
    assert "the worker must be started again" in nurse.text
    assert "The portal has made and sent nothing since 3 March 2027, 09:40 (Paris)" in nurse.get("/clinic/").text
    pulse.beat(store, "worker", at=NOW)
    store.commit()
    for address in (PAGE, "/clinic/"):
        assert "has made and sent nothing" not in nurse.get(address).text


def test_what_the_daily_check_missed_stands_above_all(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    factories.make_participant(store, places[0], included_on=date(2027, 3, 5))
    shortfalls.check(store, is_public_holiday, by=SYSTEM, at=NOW)
    nurse = _reader(app, store, places[0]).get(PAGE)
    assert "3 things should have left and did not" in nurse.text
    assert "01-001, Inclusion, Opening message, due on Fri 26 February Telephone or write to 01-001" in nurse.text
    assert sum(link.endswith("/reach") for link in nurse.links()) == 3
    other = _reader(app, store, places[1], Role.INVESTIGATOR).get(PAGE)
    assert "should have left" not in other.text
    manager = _reader(app, store, places[0], Role.DATA_MANAGER).get(PAGE)
    assert "3 things should have left and did not" in manager.text
    assert not [link for link in manager.links() if link.endswith("/reach")]  # a nurse's page


def test_the_promises_are_taken_along_as_files_and_that_is_recorded(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    factories.make_participant(store, places[0], included_on=date(2027, 3, 4))
    _announced(store, places[0], date(2027, 3, 4), at=NOW - timedelta(hours=1), status=MessageStatus.SENT)
    nurse = _reader(app, store, places[0]).get(f"{PAGE}?shown=all&from=2027-03-01&to=2027-03-10")
    (address,) = [link for link in nurse.links() if "format=csv" in link]
    page = nurse.get(address).page
    assert page.headers["Content-Disposition"] == "attachment; filename=previsit_promises_2027-03-03.csv"
    broken, late = csv.DictReader(io.StringIO(page.data.decode("utf-8-sig"), newline=""))
    assert (broken["Patient"], broken["Promise"], broken["Why"]) == (
        "01-001",
        "Broken",
        "The summary has not been made",
    )
    assert (late["Promise"], late["At the site"], late["Received"]) == (
        "Kept late",
        "2027-03-03 09:00",
        "Nothing received",
    )
    told = store.scalars(select(AuditEvent.new).where(AuditEvent.deed == Deed.LIST_EXPORTED)).one()
    store.rollback()
    assert told["rows"] == 2
    assert told["shown"].startswith("promises shown=all")
    (address,) = [
        link for link in nurse.get(f"{PAGE}?shown=all&from=2027-03-01&to=2027-03-10").links() if "xlsx" in link
    ]
    assert nurse.get(address).page.data[:2] == b"PK"


def test_the_page_costs_the_same_for_any_number(
    app: Flask, store: Session, places: list[StudyAtSite], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promises, "PAGE", 3)
    nurse = _reader(app, store, places[0])
    engine = store.get_bind().engine
    costs = []
    for _ in range(2):
        for _ in range(4):
            factories.make_participant(store, places[0], included_on=date(2027, 3, 4))
        store.commit()
        with statements_of(engine) as sent:
            nurse.get(PAGE)
        costs.append(len(sent))
    assert costs[0] == costs[1]
    assert "Page 1 of 3" in nurse.text
