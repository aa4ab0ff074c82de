"""What every command starts from: the settings, open stores, and errors of one line with exit code 2."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal import clock
from portal.cli.faults import first_line
from portal.config import Settings, SettingsError
from portal.db.engine import StoreNotDurableError, assert_durable, for_writing, open_engine
from portal.db.revision import Store, is_current
from portal.services import studies

_URLS = {Store.CLINICAL: "DATABASE_URL", Store.CONTACT: "CONTACT_DATABASE_URL"}


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


def open_store(url: str, store: Store) -> Engine:
    """Open the store at `url`, durable and with every table.  Raises Refused, naming the store and its setting."""
    engine = open_engine(url)
    with store_faults(store):
        assert_durable(engine)
        current = is_current(engine, store)
    if not current:
        raise Refused(f"The {store.name.lower()} store is not up to date: run `portal migrate` first.")
    return engine


@contextmanager
def store_faults(store: Store) -> Iterator[None]:
    """Turn what a store cannot do into one line that names its setting."""
    try:
        yield
    except (SQLAlchemyError, StoreNotDurableError) as error:
        name = store.name.lower()
        raise Refused(f"The {name} store ({_URLS[store]}) cannot be used: {first_line(error)}") from None


def refuse_pretence(settings: Settings) -> None:
    """Refuse a demonstration's settings where a live study is loaded.  Raises Refused."""
    if settings.demonstration_only:
        with unit_of_work(settings.database_url) as session:
            try:
                studies.check_settings(session, settings.demonstration_only)
            except studies.NotForLiveError as error:
                raise Refused(str(error)) from None


@contextmanager
def unit_of_work(url: str, store: Store = Store.CLINICAL) -> Iterator[Session]:
    """Open a session on the store at `url`, commit at the end, roll back on an error."""
    engine = for_writing(open_store(url, store))
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()
    finally:
        engine.dispose()
