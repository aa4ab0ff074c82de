"""The list of all patients: by number, by state, with each one's next visit, in constant queries."""

from datetime import date, datetime
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from portal.domain.states import ParticipantStatus
from portal.services import patient_lists
from portal.services.patient_lists import Order, PatientChoice, PatientList, Standing
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.services.statements import statements_of

BEFORE_ALL = datetime(2027, 1, 31, 23, 30, tzinfo=NOW.tzinfo)


@pytest.fixture
def places(session: Session) -> list[StudyAtSite]:
    """Site 01 with one who takes part, one who pauses and one who has withdrawn; site 02 with one."""
    places = factories.load_study(session)
    days = (date(2027, 2, 5), date(2027, 2, 1), date(2027, 2, 9))
    _first, pausing, gone = (factories.make_participant(session, places[0], included_on=day) for day in days)
    pausing.paused_on = date(2027, 2, 20)
    gone.status, gone.withdrawn_on = ParticipantStatus.WITHDRAWN, date(2027, 2, 21)
    factories.make_participant(session, places[1], included_on=date(2027, 2, 5))
    session.flush()
    return places


def listed(session: Session, places: list[StudyAtSite], at: datetime = NOW, **choice: object) -> PatientList:
    ids = [place.site_id for place in places]
    chosen = PatientChoice(**choice)  # type: ignore[arg-type] # by name
    return patient_lists.list_patients(session, ids, choice=chosen, page=1, at=at)


def numbers(page: PatientList) -> list[str]:
    return [row.participant_number for row in page.rows]


def test_each_stands_with_her_state_and_next_visit(session: Session, places: list[StudyAtSite]) -> None:
    page = listed(session, places[:1])
    assert [(row.participant_number, row.standing, row.since) for row in page.rows] == [
        ("01-001", Standing.TAKES_PART, None),
        ("01-002", Standing.PAUSED, date(2027, 2, 20)),
        ("01-003", Standing.WITHDRAWN, date(2027, 2, 21)),
    ]
    assert [row.next_visit for row in page.rows] == [("M1", date(2027, 3, 5)), ("M3", date(2027, 5, 1)), None]


def test_today_is_the_sites_own(session: Session, places: list[StudyAtSite]) -> None:
    """In Paris it is 1 February already, the day of the inclusion."""
    assert listed(session, places[:1], BEFORE_ALL).rows[1].next_visit == ("INC", date(2027, 2, 1))


def test_what_is_chosen_is_listed(session: Session, places: list[StudyAtSite]) -> None:
    assert numbers(listed(session, places)) == ["01-001", "01-002", "01-003", "02-001"]
    assert numbers(listed(session, places, site_id=places[1].site_id)) == ["02-001"]
    assert numbers(listed(session, places, order=Order.LAST)) == ["02-001", "01-003", "01-002", "01-001"]
    of_state = {each: numbers(listed(session, places[:1], standing=each)) for each in Standing}
    assert of_state == {
        Standing.TAKES_PART: ["01-001"],
        Standing.PAUSED: ["01-002"],
        Standing.WITHDRAWN: ["01-003"],
    }
    stranger = patient_lists.list_patients(session, [uuid4()], choice=PatientChoice(), page=1, at=NOW)
    assert (stranger.rows, stranger.total) == ((), 0)


def test_pages_and_the_file_hold_everyone_once_in_as_many_queries(session: Session, places: list[StudyAtSite]) -> None:
    ids = [place.site_id for place in places]
    asked = partial(patient_lists.list_patients, session, ids, choice=PatientChoice(), size=2, at=NOW)
    pages = [asked(page=page) for page in (1, 2, 9)]
    assert [numbers(page) for page in pages] == [["01-001", "01-002"], ["01-003", "02-001"], ["01-003", "02-001"]]
    assert {page.pages for page in pages} == {2}
    lines = patient_lists.patient_lines(session, ids, choice=PatientChoice(), at=NOW)
    assert [line.participant_number for line in lines] == ["01-001", "01-002", "01-003", "02-001"]
    engine = session.connection().engine
    with statements_of(engine) as few:
        listed(session, places)
    for _ in range(5):
        factories.make_participant(session, places[0])
    with statements_of(engine) as many:
        listed(session, places)
    assert len(many) == len(few)


def test_nobody_is_listed_where_there_is_no_site(session: Session) -> None:
    page = listed(session, [])
    assert (page.rows, page.total, page.pages) == ((), 0, 1)
