"""SQLite gives rows that nobody put in order the other way round, so that what counts on their order fails at once.

A query without ORDER BY has its rows as they happen to lie: on SQLite the oldest first, on PostgreSQL mostly so, until
one day it is not. A test or a page that means "the last of them" says by what.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event


@pytest.fixture(scope="session", autouse=True)
def _unordered() -> Iterator[None]:
    """Turn the rows of every store that is opened in this process."""
    event.listen(Engine, "connect", _turn)
    yield
    event.remove(Engine, "connect", _turn)


def _turn(connection: Any, _record: Any) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.execute("PRAGMA reverse_unordered_selects = ON")
