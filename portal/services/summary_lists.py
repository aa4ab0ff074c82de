"""The investigator's list: current summaries, those nobody has seen first, a page at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.db.participant import Participant, Visit
from portal.db.summary import LifeEvent, Summary, SummaryEvent
from portal.domain import summary_json
from portal.domain.instruments.wording import Wording
from portal.domain.summary import Content
from portal.services import studies, summaries, summary_life
from portal.services.summary_life import LifeLine

PAGE = 25  # rows; each carries the content it is read from
DAYS_BACK = 14


class Shown(StrEnum):
    """Which summaries are listed.

    WAITING  those nobody has seen, soonest visit first; then the seen ones of coming visits and of the last 14 days
    ALL      the current one of every visit, latest visit first
    """

    WAITING = "waiting"
    ALL = "all"


@dataclass(frozen=True)
class SummaryRow:
    """One summary on the list, with the words that its observations quote; `seen` is None while it waits."""

    summary_id: UUID
    participant_number: str
    planned_on: date
    days_to_go: int
    content: Content
    language: str
    wordings: Mapping[str, Wording]
    seen: LifeLine | None


@dataclass(frozen=True)
class SummaryList:
    """One page of the list; `waiting` and `total` count all pages."""

    shown: Shown
    rows: tuple[SummaryRow, ...]
    waiting: int
    total: int
    page: int

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, -(-self.total // PAGE))


def list_summaries(
    session: Session, site_ids: Collection[UUID], *, shown: Shown, page: int, language: str, at: datetime
) -> SummaryList:
    """Give page `page` (from 1) of the summaries of these sites; four queries, whatever their number.

    Days are counted from the local day of the first of the sites.
    """
    places = [place for place in studies.list_sites(session) if place.site_id in site_ids]
    today = min((place.today(at) for place in places), default=at.date())
    chosen, order = choose(site_ids, shown, today)
    query = _joined(Summary.id, Summary.content, *_PLACE).where(chosen).order_by(*order)
    found = session.execute(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    life = summary_life.life(session, [row.id for row in found])
    counted = _joined(func.count(), func.count(case((_is_seen(), None), else_=1))).where(chosen)
    total, waiting = session.execute(counted).one()
    rows = tuple(_row(session, row, _seen(life[row.id]), language, today) for row in found)
    return SummaryList(shown, rows, waiting, total, page)


def choose(site_ids: Collection[UUID], shown: Shown, today: date) -> tuple[ColumnElement[bool], tuple[Any, ...]]:
    """Give the condition that a summary, joined with its visit and participant, is listed, and the list's order."""
    chosen = and_(Participant.site_id.in_(site_ids), _is_current())
    last = (Participant.participant_number, Summary.id)
    if shown is Shown.ALL:
        return chosen, (Visit.planned_on.desc(), *last)
    is_seen, is_past = _is_seen(), Visit.planned_on < today
    chosen = and_(chosen, or_(Visit.planned_on >= today - timedelta(DAYS_BACK), ~is_seen))
    return chosen, (case((is_seen, 1), else_=0), case((is_past, 1), else_=0), Visit.planned_on, *last)


_PLACE = (Visit.planned_on, Participant.participant_number)


def _joined(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(Summary).join(Visit).join(Participant)


def _is_seen() -> ColumnElement[bool]:
    seen = select(SummaryEvent.id).where(SummaryEvent.summary_id == Summary.id, SummaryEvent.kind == LifeEvent.SEEN)
    return seen.exists()


def _is_current() -> ColumnElement[bool]:
    newer = aliased(Summary)
    return ~select(newer.id).where(newer.visit_id == Summary.visit_id, newer.number > Summary.number).exists()


def _row(session: Session, row: Any, seen: LifeLine | None, language: str, today: date) -> SummaryRow:
    content = summary_json.from_json(row.content)
    return SummaryRow(
        summary_id=row.id,
        participant_number=row.participant_number,
        planned_on=row.planned_on,
        days_to_go=(row.planned_on - today).days,
        content=content,
        language=language,
        wordings=summaries.wordings_of(session, content, language),
        seen=seen,
    )


def _seen(life: Sequence[LifeLine]) -> LifeLine | None:
    return next((line for line in reversed(life) if line.kind is LifeEvent.SEEN), None)
