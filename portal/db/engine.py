"""Opens a store so that what is committed stays committed: kill -9 and power cuts included."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text

# A SQLite commit with synchronous=NORMAL can be lost in a power cut; FULL (2) was measured to lose none.
_SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "recursive_triggers": 1,  # or INSERT OR REPLACE would take a row's place unseen by the trigger that refuses it
}


class StoreNotDurableError(Exception):
    """The store would not keep its promises; the text says which."""


def open_engine(url: str) -> Engine:
    """Open the store at `url` (sqlite:///… or postgresql://…), durable and with foreign keys in force."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    # A statement that fails would otherwise be quoted, with the answers in it, wherever its error is written down.
    engine = create_engine(url, pool_pre_ping=url.startswith("postgresql"), hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def assert_durable(engine: Engine) -> None:
    """Refuse a SQLite store whose pragmas did not take.  Raises StoreNotDurableError."""
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        for name, wanted in _SQLITE_PRAGMAS.items():
            found = connection.execute(text(f"PRAGMA {name}")).scalar()
            if found != wanted:
                raise StoreNotDurableError(
                    f"SQLite reports {name}={found}, but {wanted} is needed for durable answers."
                )


def for_writing(engine: Engine) -> Engine:
    """Give the engine for units of work that write.

    On SQLite they take the write lock at once: a reader that turns writer in mid-transaction could be refused.
    """
    return engine.execution_options(sqlite_begin="IMMEDIATE")


def for_snapshots(engine: Engine) -> Engine:
    """Give the engine for units of work that read at length and see one state of the store, whatever is written.

    SQLite's readers do so anyway.
    """
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself; `_begin_sqlite` does
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 10000")
    for name, value in _SQLITE_PRAGMAS.items():
        cursor.execute(f"PRAGMA {name} = {value}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
