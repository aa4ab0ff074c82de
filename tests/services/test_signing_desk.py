"""What a person can sign, having opened it, and what she is to open first, however much waits."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.services import actor, signing_desk, summaries
from portal.services.signing_desk import SigningDesk
from portal.services.studies import StudyAtSite
from portal.services.summary_lists import SummaryRow
from tests import factories
from tests.services.statements import statements_of
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


def test_what_can_be_signed_was_opened_by_this_person(session: Session, place: StudyAtSite, grace: Staff) -> None:
    later, sooner = (_summary(session, place, date(2027, 3, day)) for day in (9, 4))
    _open(session, grace, later)
    ada = make_staff(session, (place.site_id, Role.INVESTIGATOR), email="other@example.org")
    _open(session, ada, sooner)
    found = _desk(session, place, grace)
    assert (_ids(found.opened), _ids(found.unopened)) == ([later.id], [sooner.id])
    assert (found.more_opened, found.more_unopened) == (0, 0)


def test_both_come_in_the_order_of_the_list_and_what_was_seen_is_gone(
    session: Session, place: StudyAtSite, grace: Staff
) -> None:
    days = (date(2027, 2, 20), date(2027, 3, 4), date(2027, 3, 4), date(2027, 3, 9))
    past, seen, sooner, later = (_summary(session, place, day) for day in days)
    _open(session, grace, seen)
    summaries.seen(session, seen, by=actor.staff(grace.id), at=NOW)
    assert _ids(_desk(session, place, grace).unopened) == [sooner.id, later.id, past.id]
    for each in (past, later, sooner):
        _open(session, grace, each)
    found = _desk(session, place, grace)
    assert (_ids(found.opened), _ids(found.unopened)) == ([sooner.id, later.id, past.id], [])


def test_what_she_opened_is_shown_however_much_waits_before_it(
    session: Session, place: StudyAtSite, grace: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_desk, "NEXT", 2)
    monkeypatch.setattr(signing_desk, "MOST", 2)
    made = [_summary(session, place, TODAY + timedelta(days)) for days in range(1, 9)]
    for each in made[-3:]:
        _open(session, grace, each)
    found = _desk(session, place, grace)
    assert _ids(found.opened) == [each.id for each in made[5:7]]
    assert _ids(found.unopened) == [each.id for each in made[:2]]
    assert (found.more_opened, found.more_unopened) == (1, 3)
    found = _desk(session, place, grace, kept=[made[7].id, made[0].id])  # ticked on a page that was shown before
    assert _ids(found.opened) == [each.id for each in made[5:]]
    assert found.more_opened == 0


def test_what_she_opened_at_another_site_stays_there(session: Session, place: StudyAtSite, grace: Staff) -> None:
    there = factories.load_study(session)[1]
    _open(session, grace, _summary(session, there, date(2027, 3, 4)))
    assert _desk(session, place, grace) == SigningDesk((), 0, (), 0)


def test_it_is_asked_as_often_for_many_as_for_one(session: Session, place: StudyAtSite, grace: Staff) -> None:
    counts, engine = [], session.get_bind()
    assert isinstance(engine, Engine)
    for day in (4, 5, 8, 9):
        _open(session, grace, _summary(session, place, date(2027, 3, day)))
        _summary(session, place, date(2027, 3, day))
        session.expire_all()
        with statements_of(engine) as statements:
            _desk(session, place, grace)
        counts.append(len(statements))
    assert len(set(counts[1:])) == 1, "words are read once a process, by the first"


def _desk(session: Session, place: StudyAtSite, person: Staff, kept: Collection[UUID] = ()) -> SigningDesk:
    return signing_desk.desk_of(session, [place.site_id], person.id, today=TODAY, language="en", kept=kept)


def _ids(rows: tuple[SummaryRow, ...]) -> list[UUID]:
    return [row.summary_id for row in rows]


def _open(session: Session, person: Staff, summary: Summary) -> None:
    summaries.opened(session, summary, by=actor.staff(person.id), at=NOW)


def _summary(session: Session, place: StudyAtSite, planned_on: date) -> Summary:
    participant = factories.make_participant(session, place, included_on=planned_on)
    return summaries.make(session, factories.get_visit(session, participant).id, by=actor.SYSTEM, at=NOW)
