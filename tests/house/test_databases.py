"""The tests' own databases keep what they promise: fresh, migrated, apart, and on both kinds of database."""

from sqlalchemy import inspect, text

from portal.db.engine import open_engine
from portal.db.migrate import Store, is_current
from tests.databases import Stores


def test_a_store_is_migrated_and_two_are_strangers(stores: Stores) -> None:
    first, second = (open_engine(stores.migrated(Store.CLINICAL)) for _ in range(2))
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE only_here (number INTEGER)"))
    assert is_current(first)
    assert inspect(first).has_table("only_here")
    assert not inspect(second).has_table("only_here")
    first.dispose()
    second.dispose()


def test_the_contact_store_has_other_tables(database_url: str, contact_database_url: str) -> None:
    assert database_url != contact_database_url
    engine = open_engine(contact_database_url)
    assert is_current(engine, Store.CONTACT)
    engine.dispose()


def test_rows_that_nobody_put_in_order_come_the_other_way_round(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE three (number INTEGER)"))
        connection.execute(text("INSERT INTO three VALUES (1), (2), (3)"))
        assert connection.scalars(text("SELECT number FROM three")).all() == [3, 2, 1]
        assert connection.scalars(text("SELECT number FROM three ORDER BY number")).all() == [1, 2, 3]
    engine.dispose()
