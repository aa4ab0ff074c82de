"""What a site's own copy is written with: tables whose rows are read while they are asked for, and cells for CSV."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.db.base import Base
from portal.db.participant import Participant, Visit

AT_ONCE = 100  # rows in memory; those with a trace or a form are some 10 KB each
WHOSE = (Participant.participant_number, Visit.code.label("visit"))
BY_VISIT = (Participant.participant_number, Visit.planned_on, Visit.code)
Cell = str | int | float | date | None


@dataclass(frozen=True)
class Table:
    """One table of a copy: a name, its headings, and rows that are read while they are asked for."""

    name: str
    headings: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]


def of_site(site_id: UUID) -> Select[Any]:
    """Choose a site's participants, to be joined with what is theirs."""
    return select(Participant.id).select_from(Participant).where(Participant.site_id == site_id)


def table(
    session: Session,
    kind: type[Base],
    query: Select[Any],
    before: Sequence[Any],
    *,
    name: str,
    without: Collection[str] = (),
) -> Table:
    """Give `before` and every column of `kind` that is not left out: a column added later is in the copy by itself."""
    columns = [column for column in kind.__table__.columns if column.name not in without]
    headings = tuple(each.name for each in (*before, *columns))
    chosen = query.with_only_columns(*before, *columns).execution_options(yield_per=AT_ONCE)
    return Table(name, headings, plain_rows(session.execute(chosen)))


def plain_rows(rows: Iterable[Any]) -> Iterator[Sequence[Cell]]:
    for row in rows:
        yield [plain(value) for value in row]


def plain(value: Any) -> Cell:
    """Give a value of the store as a cell: ids, codes and instants (UTC, ISO 8601) as text, JSON in canonical form."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bool | dict | list):
        return canonical(value)
    assert value is None or isinstance(value, str | int | float | date)
    return value


def typed(value: Any) -> tuple[Cell, str | None]:
    """Give an answer as a cell, and what it is: number, text, tick (true or false), or several (a list as JSON)."""
    kinds: dict[type, str] = {bool: "tick", str: "text", list: "several", int: "number", float: "number"}
    return plain(value), None if value is None else kinds[type(value)]


def canonical(value: Any) -> str:
    """Give JSON with sorted keys and no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
