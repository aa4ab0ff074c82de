"""The stores keep their promises: durable, with foreign keys, one writer at a time, instants aware."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from portal.db.engine import StoreNotDurableError, assert_durable, for_writing, open_engine
from portal.db.participant import Participant
from portal.db.response import Response
from portal.db.study import Study
from portal.domain.states import Mode
from tests import factories


def test_sqlite_is_opened_durable(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    assert_durable(engine)
    with engine.connect() as connection:
        found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
        assert found == ["wal", 2]
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_a_store_that_would_lose_commits_is_refused(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
    with pytest.raises(StoreNotDurableError, match="synchronous=1"):
        assert_durable(engine)
    engine.dispose()


def test_a_reader_sees_what_was_committed_while_a_writer_writes(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with Session(for_writing(engine)) as writer, Session(engine) as reader:
        factories.load_study(writer)
        assert reader.query(Study).count() == 0
        writer.commit()
        reader.rollback()
        assert reader.query(Study).count() == 1
    engine.dispose()


def test_an_instant_comes_back_aware_and_the_same(session: Session) -> None:
    montreal = timezone(timedelta(hours=-4))
    loaded = datetime(2027, 7, 1, 20, 30, 15, 123456, tzinfo=montreal)
    session.add(Study(code="X", mode=Mode.DEMONSTRATION, definition={}, definition_hash="h", loaded_at=loaded))
    session.flush()
    session.expire_all()
    kept = session.query(Study).one().loaded_at
    assert kept == loaded
    assert kept.tzinfo is UTC


def test_a_naive_instant_is_refused(session: Session) -> None:
    naive = datetime(2027, 7, 1)  # noqa: DTZ001 - the point of the test
    session.add(Study(code="X", mode=Mode.DEMONSTRATION, definition={}, definition_hash="h", loaded_at=naive))
    with pytest.raises(StatementError, match="must be aware"):
        session.flush()


def test_impossible_states_are_refused_by_the_database(session: Session) -> None:
    participant = factories.make_participant(session, factories.load_study(session)[0])
    assignment = factories.get_assignment(session, participant, "DLQI")
    session.commit()
    first = Response(assignment_id=assignment.id, started_at=factories.AT)
    session.add(first)
    session.commit()
    for statement in (
        "UPDATE participant SET status = 'withdrawn'",  # without the day
        "UPDATE response SET status = 'completed'",  # without time and hash
        "UPDATE response SET status = 'lost'",  # no such state
        "UPDATE participant SET site_id = assignment_id FROM response",  # no such site
    ):
        with pytest.raises(IntegrityError):
            session.execute(text(statement))
        session.rollback()
    session.add(Response(assignment_id=assignment.id, started_at=factories.AT))  # a second one to the same
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    assert session.get_one(Participant, participant.id).withdrawn_on is None
