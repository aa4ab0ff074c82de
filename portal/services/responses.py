"""Responses as they stand: each item's current answer, out of all that was ever sent for it."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment
from portal.db.response import Answer, Response
from portal.domain.instruments.model import Instrument


@dataclass(frozen=True)
class Current:
    """The answer that counts for one item: a value, or empty = "skipped", with the words it was given to.

    `id` is its row's, which orders by receipt.
    """

    id: int
    link_id: str
    value: Any
    empty: str | None
    at: datetime
    language: str
    wording: str


# Built once, and rows rather than objects: every page of a patient reads her answers.
_COUNTING = (
    select(
        Answer.id,
        Answer.device,
        Answer.seq,
        Answer.link_id,
        Answer.value,
        Answer.empty,
        Answer.at,
        Answer.language,
        Answer.wording,
    )
    .where(Answer.response_id == bindparam("response_id"), Answer.set_apart.is_(None))
    .order_by(Answer.id)
)


def current_answers(
    session: Session, response_id: UUID | None, *, among: Callable[[Answer], bool] | None = None
) -> dict[str, Current]:
    """Give the answer that counts for each item that has one, by link id; no response has none.

    `among` narrows the rows that are asked, for what counted on a page that had been shown only some of them.
    """
    if response_id is None:
        return {}
    rows: list[Any] = list(session.execute(_COUNTING, {"response_id": response_id}))
    if among:
        rows = [row for row in rows if among(row)]
    return {
        link_id: Current(row.id, link_id, row.value, row.empty, row.at, row.language, row.wording)
        for link_id, row in latest_by_item(rows).items()
    }


def count_set_apart(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count, by visit, the answers that came too late to count, so that staff can be told; none = no entry."""
    rows = session.execute(
        select(Assignment.visit_id, func.count().label("answers"))
        .join(Response, Response.assignment_id == Assignment.id)
        .join(Answer, Answer.response_id == Response.id)
        .where(Assignment.visit_id.in_(visit_ids), Answer.set_apart.is_not(None))
        .group_by(Assignment.visit_id)
    )
    return {row.visit_id: row.answers for row in rows}


def latest_by_item(rows: Iterable[Answer]) -> dict[str, Answer]:
    """Choose one answer for each item from `rows` in order of receipt.

    One device's answers follow each other by seq, whenever they arrived; between devices the later receipt counts.
    """
    of_device: dict[tuple[str, str], Answer] = {}
    for row in rows:
        held = of_device.get((row.link_id, row.device))
        if held is None or row.seq > held.seq:
            of_device[row.link_id, row.device] = row
    latest: dict[str, Answer] = {}
    for row in sorted(of_device.values(), key=lambda row: row.id):
        latest[row.link_id] = row
    return latest


def without_hidden(instrument: Instrument, current: dict[str, Current]) -> dict[str, Current]:
    """Leave out answers to items that a later answer hid again, as on a screen (paper can hold such strays)."""
    answers = values(current)
    hidden = {item.link_id for item in instrument.items if item.shown_when and not item.shown_when.holds(answers)}
    return {link_id: answer for link_id, answer in current.items() if link_id not in hidden}


def values(current: dict[str, Current]) -> dict[str, Any]:
    """Give the values alone, as scoring takes them."""
    return {link_id: answer.value for link_id, answer in current.items() if answer.value is not None}


def skipped(current: dict[str, Current]) -> frozenset[str]:
    """Give the items that were skipped on purpose."""
    return frozenset(link_id for link_id, answer in current.items() if answer.empty)
