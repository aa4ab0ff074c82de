"""Brings a store's tables to what this version of the portal needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from portal.db.engine import for_writing, open_engine


class Store(StrEnum):
    """The two stores; the value is the folder of their migrations."""

    CLINICAL = "migrations"
    CONTACT = "contact_migrations"


def upgrade(url: str, store: Store = Store.CLINICAL, revision: str = "head") -> None:
    """Bring the store at `url` up to `revision`; doing it again changes nothing."""
    with _connected(url, store) as config:
        command.upgrade(config, revision)


def downgrade(url: str, store: Store = Store.CLINICAL, revision: str = "base") -> None:
    """Take the store at `url` down to `revision`; used by tests and by a failed update."""
    with _connected(url, store) as config:
        command.downgrade(config, revision)


def is_current(engine: Engine, store: Store = Store.CLINICAL) -> bool:
    """Tell whether the store's tables are what this version of the portal needs."""
    head = ScriptDirectory.from_config(alembic_config(store)).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def alembic_config(store: Store) -> Config:
    """Give Alembic's configuration for `store`, with its migrations inside the package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / store.value))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _connected(url: str, store: Store) -> Iterator[Config]:
    config = alembic_config(store)
    engine = for_writing(open_engine(url))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            yield config
    finally:
        engine.dispose()
