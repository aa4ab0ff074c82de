"""Fixtures that every test may ask for: stores with the demonstration study, a session, an app and its client."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as drawn
from sqlalchemy.orm import Session

from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.migrate import Store
from tests.web.page_checks import CheckedClient

if TYPE_CHECKING:
    from tests.databases import Stores  # a plugin: pytest must be the first to import it

pytest_plugins = ["tests.databases", "tests.remembered", "tests.unordered"]

# How long an example takes says how busy the machine is, and nothing of what is tried. All else is as Hypothesis has
# it: where `CI` is set, it draws the same examples each time.
drawn.register_profile(
    "unhurried",
    parent=drawn.get_profile(drawn.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
drawn.load_profile("unhurried")

NOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
"""The instant at which tests live unless they say otherwise: Wednesday 3 March 2027, 10:00 in Paris."""


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A writing session on an empty clinical store; the test runs on SQLite and on PostgreSQL."""
    yield from _opened(database_url)


@pytest.fixture
def sqlite_session(sqlite_url: str) -> Iterator[Session]:
    """A writing session on an empty SQLite store, for tests that are about something else than the database."""
    yield from _opened(sqlite_url)


@pytest.fixture
def settings(sqlite_url: str, sqlite_stores: "Stores", tmp_path: Path) -> Settings:
    """Settings of an app on fresh SQLite stores, with mails kept in a folder."""
    return Settings(
        secret_key="a secret key for tests, long enough",
        database_url=sqlite_url,
        contact_database_url=sqlite_stores.migrated(Store.CONTACT),
        contact_key="3xwCWlC2zmY9KqHhSXlm2lhfoyL7aHnEKm8pUtlo0hI=",
        base_url="http://localhost",
        mailbox=tmp_path / "mailbox",
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The portal on `settings`."""
    made = create_app(settings)
    made.testing = True
    made.test_client_class = CheckedClient  # every page that any test fetches is inspected too
    yield made
    for engine in vars(made.extensions["stores"]).values():
        engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def store(settings: Settings) -> Iterator[Session]:
    """A session on the app's own clinical store; the test commits what the app shall see."""
    yield from _opened(settings.database_url)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Stop the edges' clock at NOW, and give that instant."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW


def _opened(url: str) -> Iterator[Session]:
    engine = for_writing(open_engine(url))
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()
