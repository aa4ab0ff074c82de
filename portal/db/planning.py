"""How a database is to go about a question, where it would choose badly by itself."""

from typing import Any

from sqlalchemy import ColumnElement, func


def unindexed(column: Any) -> ColumnElement[Any]:
    """Give the column's value in words that no index is kept of, so that rows are found by something else first.

    SQLite knows no numbers of rows: it takes "every message that was sent" for as few as "every message of a visit".
    """
    return func.coalesce(column, column)
