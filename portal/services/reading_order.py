"""In which order summaries are read: those that wait, the soonest visit first; or all of them, by day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, true, tuple_
from sqlalchemy.orm import Session

from portal.db.summary import Summary
from portal.db.visit_listing import Reading, VisitListing
from portal.services import visit_index


@dataclass(frozen=True)
class Neighbour:
    """The current summary before or after another one."""

    summary_id: UUID
    participant_number: str
    planned_on: date


def waits(session: Session, summary: Summary) -> bool:
    """Whether nobody has seen or signed it, and no newer edition has taken its place."""
    line = select(VisitListing.visit_id).where(
        VisitListing.visit_id == summary.visit_id, VisitListing.summary_id == summary.id, _IS_WAITING
    )
    return session.scalar(line) is not None


def neighbours(
    session: Session, site_ids: Collection[UUID], summary: Summary, *, waiting: bool, today: date
) -> tuple[Neighbour | None, Neighbour | None]:
    """Give the summaries before and after this one at these sites.

    `waiting`: among those nobody has seen yet, coming visits first and the soonest before the others, as on the
    investigator's list; else among the current ones of all visits, by day and participant number.
    """
    here = tuple(session.execute(select(*_PLACE).where(VisitListing.visit_id == summary.visit_id)).one())
    runs = [VisitListing.planned_on >= today, VisitListing.planned_on < today] if waiting else [true()]
    run = int(waiting and here[0] < today)
    listed = select(VisitListing.summary_id, VisitListing.participant_number, VisitListing.planned_on).where(
        VisitListing.site_id.in_(site_ids), _IS_WAITING if waiting else visit_index.has_summary(VisitListing)
    )

    def first(*chosen: ColumnElement[bool], backwards: bool) -> Neighbour | None:
        order = [column.desc() if backwards else column for column in _PLACE]
        row: Any = session.execute(listed.where(*chosen).order_by(*order).limit(1)).first()
        return Neighbour(*row) if row else None

    before = first(runs[run], tuple_(*_PLACE) < here, backwards=True)
    if before is None and run:
        before = first(runs[0], backwards=True)
    after = first(runs[run], tuple_(*_PLACE) > here, backwards=False)
    if after is None and run + 1 < len(runs):
        after = first(runs[1], backwards=False)
    return before, after


_PLACE: tuple[Any, ...] = (VisitListing.planned_on, VisitListing.participant_number, VisitListing.visit_id)
_IS_WAITING = VisitListing.reading == Reading.WAITING
