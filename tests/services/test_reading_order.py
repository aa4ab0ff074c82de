"""Which summary comes before and after: of those that wait, as on the list, else of all."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.services import actor, reading_order, summaries
from portal.services.studies import StudyAtSite
from tests import factories
from tests.web.staff_people import make_staff

NOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
TODAY = date(2027, 3, 3)


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    """Site 01."""
    return factories.load_study(session)[0]


@pytest.fixture
def grace(session: Session, place: StudyAtSite) -> Staff:
    return make_staff(session, (place.site_id, Role.INVESTIGATOR))


def test_what_waits_goes_on_with_the_past_after_the_last_coming_visit(
    session: Session, place: StudyAtSite, grace: Staff
) -> None:
    older, recent, today, seen, last = (
        _summary(session, place, day)
        for day in (date(2027, 2, 1), date(2027, 2, 20), TODAY, date(2027, 3, 4), date(2027, 3, 9))
    )
    _summary(session, factories.load_study(session)[1], date(2027, 3, 4))  # another site's
    summaries.seen(session, seen, by=actor.staff(grace.id), at=NOW)
    assert _around(session, place, today) == (None, last.id)
    assert _around(session, place, seen) == (today.id, last.id)
    assert _around(session, place, last) == (today.id, older.id)
    assert _around(session, place, older) == (last.id, recent.id)
    assert _around(session, place, recent) == (older.id, None)
    assert [reading_order.waits(session, each) for each in (today, seen)] == [True, False]


def test_all_of_them_follow_each_other_by_day(session: Session, place: StudyAtSite, grace: Staff) -> None:
    first, middle, last = (_summary(session, place, date(2027, month, 5)) for month in (2, 3, 4))
    _summary(session, factories.load_study(session)[1], date(2027, 3, 5))
    summaries.seen(session, first, by=actor.staff(grace.id), at=NOW)
    assert _around(session, place, middle, waiting=False) == (first.id, last.id)
    assert _around(session, place, first, waiting=False) == (None, middle.id)
    assert _around(session, place, last, waiting=False) == (middle.id, None)


def test_a_newer_edition_takes_its_place_in_the_row(session: Session, place: StudyAtSite) -> None:
    participant = factories.make_participant(session, place, included_on=date(2027, 3, 5))
    visit = factories.get_visit(session, participant)
    older = summaries.make(session, visit.id, by=actor.SYSTEM, at=NOW)
    other = _summary(session, place, date(2027, 3, 8))
    factories.complete_visit(session, participant, at=NOW)
    newer = summaries.find_current(session, visit.id)
    assert newer is not None
    assert not reading_order.waits(session, older)
    assert _around(session, place, other) == (newer.id, None)


def _summary(session: Session, place: StudyAtSite, planned_on: date) -> Summary:
    participant = factories.make_participant(session, place, included_on=planned_on)
    return summaries.make(session, factories.get_visit(session, participant).id, by=actor.SYSTEM, at=NOW)


def _around(session: Session, place: StudyAtSite, summary: Summary, *, waiting: bool = True) -> tuple[object, object]:
    found = reading_order.neighbours(session, [place.site_id], summary, waiting=waiting, today=TODAY)
    before, after = (each.summary_id if each else None for each in found)
    return before, after
