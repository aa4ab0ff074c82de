"""What every command starts from: the settings, an open store, and errors of one line with exit code 2."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings, SettingsError
from portal.db.engine import assert_durable, for_writing, open_engine
from portal.db.migrate import Store, is_current


class Refused(click.ClickException):
    """What the person asked for cannot be done; shown as one line."""

    exit_code = 2


def read_settings() -> Settings:
    """Read the settings from the environment and set this process's clock; one clear line when one is wrong."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        raise Refused(str(error)) from None
    clock.set_shift(settings.clock_shift)
    return settings


@contextmanager
def unit_of_work(url: str, store: Store = Store.CLINICAL) -> Iterator[Session]:
    """Open a session on the store at `url`, commit at the end, roll back on an error."""
    engine = for_writing(open_engine(url))
    try:
        assert_durable(engine)
        if not is_current(engine, store):
            raise Refused(f"The {store.name.lower()} store is not up to date: run `portal migrate` first.")
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()
    finally:
        engine.dispose()
