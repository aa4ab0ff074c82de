"""Which tables a store has, and which this version of the portal needs; asked by every process, without Alembic.

Alembic alone would add 11 MB to each web worker, which never migrates anything.
"""

from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine, inspect, text


class Store(StrEnum):
    """The two stores; the value is the folder of their migrations."""

    CLINICAL = "migrations"
    CONTACT = "contact_migrations"


def head(store: Store) -> str:
    """Give the newest revision: migrations stand in a row, and each file's name begins with its revision's number."""
    return max(path.name for path in (folder(store) / "versions").glob("[0-9]*.py")).partition("_")[0]


def is_current(engine: Engine, store: Store = Store.CLINICAL) -> bool:
    """Tell whether the store's tables are what this version of the portal needs."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == head(store))


def folder(store: Store) -> Path:
    """Give the folder of a store's migrations, inside the package."""
    return Path(__file__).parent / store.value
