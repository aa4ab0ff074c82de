"""In which order summaries are read: those that wait, the soonest visit first; or all of them, by day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, select, tuple_
from sqlalchemy.orm import Session, aliased

from portal.db.participant import Participant, Visit
from portal.db.signature import Signature
from portal.db.summary import LifeEvent, Summary, SummaryEvent
from portal.services import signatures


@dataclass(frozen=True)
class Neighbour:
    """The current summary before or after another one."""

    summary_id: UUID
    participant_number: str
    planned_on: date


@dataclass(frozen=True)
class ToSign:
    """A summary that waits: of one that this person has opened, `opened` is true, and it can be signed."""

    summary_id: UUID
    participant_number: str
    planned_on: date
    content: dict[str, Any]
    opened: bool


def waits(session: Session, summary: Summary) -> bool:
    """Whether nobody has seen or signed it, and no newer edition has taken its place."""
    return session.scalar(select(Summary.id).where(Summary.id == summary.id, _waiting())) is not None


def neighbours(
    session: Session, site_ids: Collection[UUID], summary: Summary, *, waiting: bool, today: date
) -> tuple[Neighbour | None, Neighbour | None]:
    """Give the summaries before and after this one at these sites.

    `waiting`: among those nobody has seen yet, coming visits first and the soonest before the others, as on the
    investigator's list; else among the current ones of all visits, by day and participant number.
    """
    place = _place(today) if waiting else _place(date.min)
    here = tuple(session.execute(_joined(*place).where(Summary.id == summary.id)).one())
    others = _joined(Summary.id, Participant.participant_number, Visit.planned_on).where(
        Participant.site_id.in_(site_ids), Summary.id != summary.id, _waiting() if waiting else _is_current()
    )
    before = others.where(tuple_(*place) < here).order_by(*(column.desc() for column in place))
    after = others.where(tuple_(*place) > here).order_by(*place)
    found = (session.execute(way.limit(1)).first() for way in (before, after))
    first, second = (Neighbour(row.id, row.participant_number, row.planned_on) if row else None for row in found)
    return first, second


def to_sign(session: Session, site_ids: Collection[UUID], staff_id: UUID, *, today: date, limit: int) -> list[ToSign]:
    """Give up to `limit` summaries that wait, in the order of the list, and whether this person has opened each."""
    columns = (Summary.id, Participant.participant_number, Visit.planned_on, Summary.content)
    own = select(Signature.id).where(Signature.summary_id == Summary.id, Signature.signed_by == staff_id).exists()
    rows = session.execute(
        _joined(*columns, signatures.was_opened_by(staff_id).label("opened"))
        .where(Participant.site_id.in_(site_ids), _waiting(), ~own)
        .order_by(*_place(today))
        .limit(limit)
    )
    return [ToSign(*row) for row in rows]


def _place(today: date) -> tuple[Any, ...]:
    is_past = case((Visit.planned_on < today, 1), else_=0)
    return is_past, Visit.planned_on, Participant.participant_number, Summary.id


def _joined(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(Summary).join(Visit).join(Participant)


def _waiting() -> ColumnElement[bool]:
    seen = select(SummaryEvent.id).where(SummaryEvent.summary_id == Summary.id, SummaryEvent.kind == LifeEvent.SEEN)
    return _is_current() & ~seen.exists()


def _is_current() -> ColumnElement[bool]:
    newer = aliased(Summary)
    return ~select(newer.id).where(newer.visit_id == Summary.visit_id, newer.number > Summary.number).exists()
