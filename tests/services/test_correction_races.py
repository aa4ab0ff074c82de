"""Two people correct one response at the same moment: the second waits, and neither correction is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.db.correction import RequestedBy
from portal.db.engine import for_writing, open_engine
from portal.db.response import Response
from portal.db.summary import Summary
from portal.services import actor, answered_forms, audit, corrections
from tests import factories
from tests.services.test_races import Deed, meet
from tests.web.staff_people import make_staff

LATER = datetime(2027, 3, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = for_writing(open_engine(database_url))
    yield engine
    engine.dispose()


def test_two_corrections_at_once_both_count(engine: Engine) -> None:
    with Session(engine, expire_on_commit=False) as session:
        participant = factories.make_participant(session, factories.load_study(session)[0])
        factories.complete_visit(session, participant)
        nurse = make_staff(session)
        assignment_id = factories.get_assignment(session, participant, "DLQI").id
        session.commit()

    def correcting(**changes: Any) -> Deed:
        def correct(session: Session) -> None:
            response = session.scalars(select(Response).where(Response.assignment_id == assignment_id)).one()
            given: dict[str, Any] = {"requested_by": RequestedBy.STAFF, "reason": "misread", "at": LATER}
            corrections.correct(session, response, changes, **given, by=actor.staff(nurse.id))

        return correct

    meet(engine, correcting(DLQI101=3), correcting(DLQI102=0))
    with Session(engine) as session:
        response = session.scalars(select(Response).where(Response.assignment_id == assignment_id)).one()
        form = answered_forms.read(session, [response])[response.id]
        assert [each.number for each in form.corrections] == [1, 2]
        assert (form.now["DLQI101"]["value"], form.now["DLQI102"]["value"]) == (3, 0)
        editions = session.scalars(select(Summary.number).order_by(Summary.number)).all()
        assert editions == [1, 2, 3]
        assert audit.first_broken(session) is None
