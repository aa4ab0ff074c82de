"""The investigator's list: current summaries, those nobody has seen first, a page at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.summary import LifeEvent, Summary
from portal.db.visit_listing import VisitListing, VisitTally
from portal.domain import summary_json
from portal.domain.instruments.wording import Wording
from portal.domain.summary import Content
from portal.services import studies, summaries, summary_life, visit_index
from portal.services.runs import Cut, cut
from portal.services.studies import StudyAtSite
from portal.services.summary_choice import SummaryChoice
from portal.services.summary_life import LifeLine
from portal.services.visit_index import SummaryCount

WHOLE = 200  # rows of a list that is to be printed
PAGE = 10  # rows: what a phone shows in two or three screens; each carries the content it is read from


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
    size: int
    sites: tuple[StudyAtSite, ...]

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, -(-self.total // self.size))


def list_summaries(
    session: Session,
    site_ids: Collection[UUID],
    *,
    choice: SummaryChoice,
    page: int,
    size: int | None = None,
    language: str,
    at: datetime,
) -> SummaryList:
    """Give page `page` (from 1) of the summaries of these sites; four queries, whatever their number.

    A page has `size` rows, or PAGE. Days are counted from the local day of the first of the sites.
    """
    places = studies.some_sites(session, site_ids)
    today = min((place.today(at) for place in places), default=at.date())
    counted = visit_index.count_summaries(session, site_ids, choice.days(VisitTally, today))
    size = size or PAGE
    lie = cut(choice.runs(counted, today), page=page, size=size)
    found = _page_of(session, site_ids, choice, lie, today=today, size=size) if lie.keys else []
    life = summary_life.life(session, [row.id for row in found])
    return SummaryList(
        choice=choice,
        rows=tuple(row_of(session, row, life[row.id], language=language, today=today) for row in found),
        waiting=sum(each.summaries for each in counted if each.waits),
        total=sum(each.summaries for each in counted),
        page=page,
        size=size,
        sites=tuple(places),
    )


def _page_of(
    session: Session,
    site_ids: Collection[UUID],
    choice: SummaryChoice,
    lie: Cut[SummaryCount],
    *,
    today: date,
    size: int,
) -> Sequence[Any]:
    order = choice.order(today)
    place = func.row_number().over(order_by=order).label("place")
    line = (VisitListing.summary_id, VisitListing.planned_on, VisitListing.participant_number, place)
    asked = choice.lines(select(*line), site_ids, today).where(choice.within(lie.keys, today))
    lines = asked.order_by(place).offset(lie.offset).limit(size).subquery()
    rows = select(Summary.id, Summary.content, lines.c.planned_on, lines.c.participant_number).select_from(lines)
    return session.execute(rows.join(Summary, Summary.id == lines.c.summary_id).order_by(lines.c.place)).all()


def row_of(session: Session, row: Any, life: Sequence[LifeLine], *, language: str, today: date) -> SummaryRow:
    """Give a summary's row; `row` has id, content, planned_on and participant_number."""
    content = summary_json.at_a_glance(row.content)
    return SummaryRow(
        summary_id=row.id,
        participant_number=row.participant_number,
        planned_on=row.planned_on,
        days_to_go=(row.planned_on - today).days,
        content=content,
        language=language,
        wordings=summaries.wordings_of(session, content, language),
        seen=next((line for line in reversed(life) if line.kind is LifeEvent.SEEN), None),
    )
