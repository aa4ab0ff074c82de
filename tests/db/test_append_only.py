"""What was recorded stays: on both databases, every table of records refuses to change, to delete and to be emptied."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.db.models import Base
from portal.db.participant import Participant
from portal.domain.instruments import wordings as shipped
from portal.domain.roles import Role
from portal.services import actor, answering, summaries, wordings
from portal.services.answering import Seen
from portal.services.wordings import Licence
from tests import factories
from tests.db import clinic_rows
from tests.web.staff_people import make_staff

RECORDS = (
    "answer",
    "answer_conflict",
    "attachment",
    "audit_event",
    "blank_form",
    "bounce",
    "corrected_answer",
    "correction",
    "keying",
    "keying_settlement",
    "licence",
    "paper_issue",
    "query_note",
    "score",
    "scoring",
    "signed_document",
    "summary",
    "summary_document",
    "summary_event",
    "wording",
)


def contradict(session: Session, participant: Participant) -> None:
    """Answer one question on two phones that know nothing of each other."""
    assignment = factories.get_assignment(session, participant, "DLQI")
    at = datetime.combine(factories.get_visit(session, participant).planned_on, time(9), UTC)
    for device, value in (("phone-1", 1), ("phone-2", 2)):
        given = factories.given("DLQI", {"DLQI101": value}, device=device)
        by = actor.patient(participant.id)
        answering.save(session, participant.id, assignment.id, given, seen=Seen(0, {}), by=by, at=at)


@pytest.fixture
def recorded(session: Session) -> Session:
    """A store with a row in each table of records."""
    place = factories.load_study(session)[0]
    participant = factories.make_participant(session, place)
    contradict(session, factories.make_participant(session, place))
    factories.complete_visit(session, participant)
    summary = summaries.find_current(session, factories.get_visit(session, participant).id)
    assert summary is not None
    summaries.keep_document(session, summary, "fr", b"%PDF", by=actor.SYSTEM, at=factories.AT)
    reader = make_staff(session, (place.site_id, Role.INVESTIGATOR))
    summaries.opened(session, summary, by=actor.staff(reader.id), at=factories.AT)
    licensed = replace(shipped.demonstration("DLQI", "fr"), demonstration=False)
    licence = Licence("holder", "this study", "no. 1", None)
    wordings.keep_licensed(session, licensed, licence, by=actor.SYSTEM, at=factories.AT)
    session.add_all(clinic_rows.of(session, summary, reader))
    session.add(clinic_rows.bounce(session, summary))
    session.commit()
    return session


def test_every_table_of_records_refuses_to_change(recorded: Session) -> None:
    for name in RECORDS:
        table = Base.metadata.tables[name]
        key = next(iter(table.primary_key.columns)).name
        assert recorded.execute(select(table)).first(), name
        deeds = [f"UPDATE {name} SET {key} = {key}", f"DELETE FROM {name}"]
        if recorded.get_bind().dialect.name == "postgresql":
            deeds.append(f"TRUNCATE {name} CASCADE")
        else:
            deeds.append(f"INSERT OR REPLACE INTO {name} SELECT * FROM {name}")
        recorded.rollback()
        for deed in deeds:
            with pytest.raises(DBAPIError, match="is append-only"):
                recorded.execute(text(deed))
            recorded.rollback()
