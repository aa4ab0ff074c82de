"""All patients of one's sites as a list: who takes part, who pauses, who has withdrawn, and the next visit of each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import Session

from portal.db.participant import Participant, Visit
from portal.services import studies
from portal.services.site_pages import page_of
from portal.services.studies import StudyAtSite

PAGE = 20  # rows
WHOLE = 500  # rows of a list that is to be printed
_AT_ONCE = 200  # rows in memory
_KEY: tuple[Any, ...] = (Participant.participant_number, Participant.site_id)


class Standing(StrEnum):
    """How a patient stands to the study."""

    TAKES_PART = "takes-part"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


class Order(StrEnum):
    """By number, the first or the last number first: what is found without sorting thousands."""

    NUMBER = "number"
    LAST = "last"


@dataclass(frozen=True)
class PatientChoice:
    """What is listed; None = whatever it is."""

    site_id: UUID | None = None
    standing: Standing | None = None
    order: Order = Order.NUMBER

    def rows(self, asked: Select[Any], site_ids: Collection[UUID]) -> Select[Any]:
        """Narrow a statement that asks for participants to what is listed of these sites."""
        return asked.where(Participant.site_id.in_(self._sites(site_ids)), self._stands())

    def page(self, site_ids: Collection[UUID], *, count: int, page: int, size: int) -> Select[Any]:
        """Ask for the patients of a page, of `count` in all; which ones is found by what an index of each site has."""
        of_sites = [self.rows(select(*_KEY), [each]) for each in self._sites(site_ids)]
        on_page = page_of(of_sites, backwards=self._is_backwards, count=count, page=page, size=size)
        is_on_page = and_(*(column == on_page.c[column.key] for column in _KEY))
        return select(*_COLUMNS).join_from(on_page, Participant, is_on_page)

    def sorted(self) -> tuple[ColumnElement[Any], ...]:
        """Give what the list is sorted by."""
        return tuple(each.desc() if self._is_backwards else each.asc() for each in _KEY)

    @property
    def _is_backwards(self) -> bool:
        return self.order is Order.LAST

    def _sites(self, site_ids: Collection[UUID]) -> list[UUID]:
        return [self.site_id] if self.site_id else list(site_ids)

    def _stands(self) -> ColumnElement[bool]:
        withdrawn, paused = Participant.withdrawn_on.is_not(None), Participant.paused_on.is_not(None)
        conditions = {Standing.TAKES_PART: and_(~withdrawn, ~paused), Standing.PAUSED: and_(~withdrawn, paused)}
        conditions |= {Standing.WITHDRAWN: withdrawn}
        return conditions[self.standing] if self.standing else true()


@dataclass(frozen=True)
class PatientRow:
    """One patient; `since` is the day of her pause or withdrawal, `next_visit` a code and a day, None without one."""

    participant_id: UUID
    participant_number: str
    language: str
    included_on: date
    place: StudyAtSite
    standing: Standing
    since: date | None
    next_visit: tuple[str, date] | None


@dataclass(frozen=True)
class PatientList:
    """One page of patients, and how many there are of what was chosen."""

    choice: PatientChoice
    rows: tuple[PatientRow, ...]
    total: int
    page: int
    pages: int
    sites: tuple[StudyAtSite, ...]


def list_patients(
    session: Session, site_ids: Collection[UUID], *, choice: PatientChoice, page: int, size: int = PAGE, at: datetime
) -> PatientList:
    """Give page `page` (from 1) of the patients of these sites; four queries, whatever their number."""
    places = studies.some_sites(session, site_ids)
    total = session.scalar(choice.rows(select(func.count()).select_from(Participant), site_ids)) or 0
    pages = max(1, -(-total // size))
    page = min(page, pages)
    found: Sequence[Any] = ()
    if total:
        asked = choice.page(site_ids, count=total, page=page, size=size).order_by(*choice.sorted())
        found = session.execute(asked).all()
    rows = _rows(session, found, {place.site_id: place for place in places}, at)
    return PatientList(choice, tuple(rows), total, page, pages, tuple(places))


def patient_lines(
    session: Session, site_ids: Collection[UUID], *, choice: PatientChoice, at: datetime
) -> Iterator[PatientRow]:
    """Give every patient of the list in its order, a few hundred at a time."""
    places = {place.site_id: place for place in studies.some_sites(session, site_ids)}
    asked = choice.rows(select(*_COLUMNS), site_ids).order_by(*choice.sorted())
    for some in session.execute(asked.execution_options(yield_per=_AT_ONCE)).partitions():
        yield from _rows(session, some, places, at)


def _rows(
    session: Session, found: Sequence[Any], places: Mapping[UUID, StudyAtSite], at: datetime
) -> Iterator[PatientRow]:
    coming = _next_visits(session, found, places, at)
    for row in found:
        since = row.withdrawn_on or row.paused_on
        stands = Standing.WITHDRAWN if row.withdrawn_on else Standing.PAUSED if row.paused_on else Standing.TAKES_PART
        yield PatientRow(
            row.id,
            row.participant_number,
            row.language,
            row.included_on,
            places[row.site_id],
            stands,
            since,
            None if row.withdrawn_on else coming.get(row.id),
        )


def _next_visits(
    session: Session, found: Sequence[Any], places: Mapping[UUID, StudyAtSite], at: datetime
) -> dict[UUID, tuple[str, date]]:
    """Give each one's first visit from her site's today on."""
    site_of = {row.id: row.site_id for row in found}
    today = {site_id: place.today(at) for site_id, place in places.items()}
    visits = session.execute(
        select(Visit.participant_id, Visit.code, Visit.planned_on)
        .where(Visit.participant_id.in_(site_of))
        .order_by(Visit.planned_on.desc(), Visit.code.desc())
    )
    return {
        row.participant_id: (row.code, row.planned_on)
        for row in visits
        if row.planned_on >= today[site_of[row.participant_id]]
    }


_COLUMNS: tuple[Any, ...] = (
    Participant.id,
    Participant.participant_number,
    Participant.language,
    Participant.included_on,
    Participant.site_id,
    Participant.withdrawn_on,
    Participant.paused_on,
)
