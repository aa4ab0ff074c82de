"""The investigator's list: what nobody has seen comes first, the soonest visit before the others."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.services import actor, staff, summaries, summary_lists
from portal.services.studies import StudyAtSite
from portal.services.summary_choice import Shown, SummaryChoice
from portal.services.summary_lists import SummaryList
from tests import factories

NOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    """Site 01."""
    return factories.load_study(session)[0]


def test_what_waits_comes_first_soonest_visit_first(session: Session, place: StudyAtSite) -> None:
    for day in (date(2027, 3, 5), date(2027, 3, 3), date(2027, 2, 26), date(2027, 3, 4)):
        _summary(session, place, day)
    _see(session, _list(session, place).rows[1].summary_id)  # the visit of the 4th
    listed = _list(session, place)
    assert [(row.planned_on, row.seen and row.seen.name) for row in listed.rows] == [
        (date(2027, 3, 3), None),
        (date(2027, 3, 5), None),
        (date(2027, 2, 26), None),
        (date(2027, 3, 4), "Grace"),
    ]
    assert (listed.waiting, listed.total) == (3, 4)


def test_a_seen_summary_of_long_ago_is_on_the_list_of_all_only(session: Session, place: StudyAtSite) -> None:
    _see(session, _summary(session, place, date(2027, 1, 15)).id)
    assert _list(session, place).rows == ()
    assert [row.planned_on for row in _list(session, place, Shown.ALL).rows] == [date(2027, 1, 15)]


def test_an_unseen_summary_never_falls_off_the_list(session: Session, place: StudyAtSite) -> None:
    _summary(session, place, date(2026, 11, 2))
    assert [row.days_to_go for row in _list(session, place).rows] == [-121]


def test_only_the_current_edition_is_listed_and_it_waits_again(session: Session, place: StudyAtSite) -> None:
    participant = factories.make_participant(session, place, included_on=date(2027, 3, 5))
    visit = factories.get_visit(session, participant)
    first = summaries.make(session, visit.id, by=actor.SYSTEM, at=NOW - timedelta(hours=2))
    _see(session, first.id)
    factories.complete_visit(session, participant, at=NOW - timedelta(hours=1))
    (row,) = _list(session, place).rows
    assert (row.content.number, row.seen) == (2, None)


def test_another_sites_summaries_are_not_there(session: Session, place: StudyAtSite) -> None:
    _summary(session, factories.load_study(session)[1], date(2027, 3, 5))
    assert _list(session, place).total == 0


def _summary(session: Session, place: StudyAtSite, planned_on: date) -> Summary:
    participant = factories.make_participant(session, place, included_on=planned_on)
    visit = factories.get_visit(session, participant)
    return summaries.make(session, visit.id, by=actor.SYSTEM, at=NOW - timedelta(days=1))


def _see(session: Session, summary_id: object) -> None:
    grace = staff.add(
        session,
        email=f"{summary_id}@example.org",
        name="Grace",
        password="correct horse battery",
        roles=[(factories.load_study(session)[0].site_id, Role.INVESTIGATOR)],
        by=actor.SYSTEM,
        at=NOW,
    )
    summaries.seen(session, session.get_one(Summary, summary_id), by=actor.staff(grace.id), at=NOW)


def _list(session: Session, place: StudyAtSite, shown: Shown = Shown.WAITING) -> SummaryList:
    return summary_lists.list_summaries(
        session, [place.site_id], choice=SummaryChoice(shown), page=1, language="en", at=NOW
    )
