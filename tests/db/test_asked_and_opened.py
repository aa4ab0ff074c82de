"""A query and a wish for a correction are of the site of their patient: the database sees to it, and counts them."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.db import migrate
from portal.db.correction import CorrectionRequest
from portal.db.engine import open_engine
from portal.db.participant import Participant
from portal.db.query import Query, QueryNote
from portal.db.response import Response
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.services import actor, studies, summaries
from tests import factories
from tests.db import clinic_rows
from tests.db.test_migrations import rows
from tests.factories import AT
from tests.web.staff_people import make_staff

Asked = Query | CorrectionRequest
MAKE: dict[str, Callable[..., Asked]] = {
    "query": clinic_rows.query,
    "wish": lambda response, _by, **other: clinic_rows.wish(response, **other),
}
REFUSED = "it is of the site of its patient"


def answered(session: Session, participant: Participant) -> Response:
    factories.complete_visit(session, participant)
    summary = summaries.find_current(session, factories.get_visit(session, participant).id)
    assert summary is not None
    return clinic_rows.response_of(session, summary)


def somebody(session: Session) -> Staff:
    return make_staff(session, (studies.list_sites(session)[0].site_id, Role.NURSE))


@pytest.mark.parametrize("what", MAKE)
def test_it_is_of_the_site_of_its_patient_and_follows_her(session: Session, what: str) -> None:
    here, elsewhere = factories.load_study(session)[:2]
    participant, by = factories.make_participant(session, here), somebody(session)
    response = answered(session, participant)
    asked = MAKE[what](response, by)
    session.add(asked)
    session.commit()
    session.add(MAKE[what](response, by, link_id="DLQI101", site_id=elsewhere.site_id))
    with pytest.raises(DBAPIError, match=REFUSED):
        session.flush()
    session.rollback()
    asked.site_id = elsewhere.site_id
    with pytest.raises(DBAPIError, match=REFUSED):
        session.flush()
    session.rollback()
    participant.site_id, participant.participant_number = elsewhere.site_id, "02-09999"
    session.commit()
    session.refresh(asked)
    assert asked.site_id == elsewhere.site_id


@pytest.mark.parametrize("what", MAKE)
def test_it_follows_a_visit_that_becomes_another_patient_s(session: Session, what: str) -> None:
    here, elsewhere = factories.load_study(session)[:2]
    participant, by = factories.make_participant(session, here), somebody(session)
    response = answered(session, participant)
    other = factories.make_participant(session, elsewhere)
    factories.get_visit(session, other).code = "left"
    asked = MAKE[what](response, by)
    session.add(asked)
    session.commit()
    response.assignment.visit.participant = other
    session.commit()
    session.refresh(asked)
    assert asked.site_id == elsewhere.site_id


def test_what_was_kept_before_is_given_its_site_and_counted(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    engine = open_engine(empty_database_url)
    kept = _with_a_query_at_each_of_two_sites(engine)
    migrate.downgrade(empty_database_url, revision="0008")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM query_note")).scalar() == len(kept["query_note"]) == 2
    assert [len(kept[name]) for name in ("asked_tally", "opened_summary")] == [4, 1]
    migrate.upgrade(empty_database_url)
    assert rows(engine) == kept
    with engine.connect() as connection:
        for table in ("query", "correction_request"):
            assert len(connection.execute(text(f"SELECT DISTINCT site_id FROM {table}")).all()) == 2
    engine.dispose()


def _with_a_query_at_each_of_two_sites(engine: Engine) -> dict[str, list[str]]:
    with Session(engine) as session:
        for place in factories.load_study(session)[:2]:
            response = answered(session, factories.make_participant(session, place))
            by = session.scalars(select(Staff)).first() or somebody(session)
            query = clinic_rows.query(response, by, notes=[QueryNote(by_staff=by.id, at=AT, text="Is this so?")])
            session.add(query)
            session.flush()
            session.add(clinic_rows.wish(response, query_id=query.id))
            summary = session.scalars(select(Summary).where(Summary.visit_id == response.assignment.visit_id)).one()
            summaries.opened(session, summary, by=actor.staff(by.id), at=AT)
        summaries.seen(session, summary, by=actor.staff(by.id), at=AT)
        session.commit()
    return rows(engine)
