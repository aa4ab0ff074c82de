"""Brings a store's tables to what this version of the portal needs."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config

from portal.db.engine import for_writing, open_engine
from portal.db.revision import Store, folder, is_current

__all__ = ["Store", "alembic_config", "downgrade", "is_current", "upgrade"]


def upgrade(url: str, store: Store = Store.CLINICAL, revision: str = "head") -> None:
    """Bring the store at `url` up to `revision`; doing it again changes nothing."""
    with _connected(url, store) as config:
        command.upgrade(config, revision)


def downgrade(url: str, store: Store = Store.CLINICAL, revision: str = "base") -> None:
    """Take the store at `url` down to `revision`; used by tests and by a failed update."""
    with _connected(url, store) as config:
        command.downgrade(config, revision)


def alembic_config(store: Store) -> Config:
    """Give Alembic's configuration for `store`, with its migrations inside the package."""
    config = Config()
    config.set_main_option("script_location", str(folder(store)))
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
