"""Migrations: what they make is what the models say, up and down and up again, on both databases."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.db import migrate, models, revision
from portal.db.base import ContactBase
from portal.db.contact import Contact
from portal.db.engine import open_engine
from portal.db.migrate import Store
from tests import factories


def differences(url: str, metadata: MetaData) -> list[object]:
    engine = open_engine(url)
    with engine.connect() as connection:
        found: list[object] = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), metadata
        )
    engine.dispose()
    return found


def tables(url: str) -> set[str]:
    engine = open_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_the_head_is_what_the_models_say(database_url: str, contact_database_url: str) -> None:
    assert differences(database_url, models.Base.metadata) == []
    assert differences(contact_database_url, ContactBase.metadata) == []


def test_partial_indices_have_the_conditions_that_the_models_name(database_url: str) -> None:
    engine = open_engine(database_url)
    is_sqlite = engine.dialect.name == "sqlite"
    asked = "SELECT name, sql FROM sqlite_master" if is_sqlite else "SELECT indexname, indexdef FROM pg_indexes"
    with engine.connect() as connection:
        made = {row[0]: row[1].partition(" WHERE ")[2] for row in connection.execute(text(asked)) if row[1]}
    engine.dispose()
    named = {
        str(index.name): index.info["where"]
        for table in models.Base.metadata.tables.values()
        for index in table.indexes
        if "where" in index.info
    }
    assert len(named) == 8
    assert {name: re.sub(r"[()]|::[a-z ]+?(?=\W|$)", "", made[name]) for name in named} == named


def test_up_down_and_up_again(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    assert "answer" in tables(empty_database_url)
    migrate.downgrade(empty_database_url)
    assert tables(empty_database_url) == {"alembic_version"}
    migrate.upgrade(empty_database_url)
    migrate.upgrade(empty_database_url)
    engine = open_engine(empty_database_url)
    assert migrate.is_current(engine)
    engine.dispose()


def test_the_newest_file_is_alembic_s_head() -> None:
    for store in Store:
        assert revision.head(store) == ScriptDirectory.from_config(migrate.alembic_config(store)).get_current_head()


def test_an_empty_store_is_not_current(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    assert not migrate.is_current(engine)
    assert not migrate.is_current(engine, Store.CONTACT)
    engine.dispose()


def test_contacts_stand_apart_from_answers() -> None:
    assert Contact.__tablename__ not in models.Base.metadata.tables
    assert set(ContactBase.metadata.tables) == {"contact", "site_passphrase"}


def test_what_was_kept_before_the_clinic_s_day_is_kept_through_it(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    engine = open_engine(empty_database_url)
    with Session(engine) as session:
        factories.complete_visit(session, factories.make_participant(session, factories.load_study(session)[0]))
        session.commit()
    kept = rows(engine)
    assert all(kept[name] for name in ("response", "scoring", "score", "answer"))
    migrate.downgrade(empty_database_url, revision="0004")
    migrate.upgrade(empty_database_url)
    assert rows(engine) == kept
    for name in ("scoring", "score"):
        with pytest.raises(DBAPIError, match="is append-only"), engine.begin() as connection:
            connection.execute(text(f"DELETE FROM {name}"))
    engine.dispose()


def rows(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with engine.connect() as connection:
        tables = models.Base.metadata.tables
        return {name: sorted(str(row) for row in connection.execute(select(tables[name]))) for name in tables}
