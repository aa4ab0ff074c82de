"""Inserting what may be there already, in the words of the store's own kind of database."""

import sys
from typing import Any

from sqlalchemy.orm import Session


def of_dialect(session: Session) -> Any:
    """Give the `insert` that knows `on_conflict_do_nothing`, which SQLite and PostgreSQL each have of their own.

    The dialect that is in use is loaded already; the other one would take 2 MB of each web worker.
    """
    package = type(session.get_bind().dialect).__module__.rpartition(".")[0]
    return sys.modules[package].insert
