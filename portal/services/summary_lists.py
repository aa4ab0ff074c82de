"""The investigator's list: current summaries, those nobody has seen first, a page at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.summary import LifeEvent, Summary
from portal.db.visit_listing import VisitListing, VisitTally
from portal.domain import summary_json
from portal.domain.instruments.wording import Wording
from portal.domain.summary import Content
from portal.services import studies, summaries, summary_life, visit_index
from portal.services.runs import Cut, cut
from portal.services.summary_choice import SummaryChoice
from portal.services.summary_life import LifeLine
from portal.services.visit_index import SummaryCount

PAGE = 25  # rows; each carries the content it is read from


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

    choice: SummaryChoice
    rows: tuple[SummaryRow, ...]
    waiting: int
    total: int
    page: int

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, -(-self.total // PAGE))


def list_summaries(
    session: Session, site_ids: Collection[UUID], *, choice: SummaryChoice, page: int, language: str, at: datetime
) -> SummaryList:
    """Give page `page` (from 1) of the summaries of these sites; four queries, whatever their number.

    Days are counted from the local day of the first of the sites.
    """
    places = [place for place in studies.list_sites(session) if place.site_id in site_ids]
    today = min((place.today(at) for place in places), default=at.date())
    counted = visit_index.count_summaries(session, site_ids, choice.days(VisitTally, today))
    lie = cut(choice.runs(counted, today), page=page, size=PAGE)
    found = _page_of(session, site_ids, choice, lie, today) if lie.keys else []
    life = summary_life.life(session, [row.id for row in found])
    return SummaryList(
        choice=choice,
        rows=tuple(_row(session, row, _seen(life[row.id]), language, today) for row in found),
        waiting=sum(each.summaries for each in counted if each.waits),
        total=sum(each.summaries for each in counted),
        page=page,
    )


def _page_of(
    session: Session, site_ids: Collection[UUID], choice: SummaryChoice, lie: Cut[SummaryCount], today: date
) -> Sequence[Any]:
    order = choice.order(today)
    asked = choice.lines(select(VisitListing.summary_id), site_ids, today).where(choice.within(lie.keys, today))
    lines = asked.order_by(*order).offset(lie.offset).limit(PAGE).subquery()
    rows = select(Summary.id, Summary.content, *_PLACE).join(VisitListing, VisitListing.summary_id == Summary.id)
    return session.execute(rows.where(Summary.id.in_(select(lines.c.summary_id))).order_by(*order)).all()


_PLACE = (VisitListing.planned_on, VisitListing.participant_number)


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
