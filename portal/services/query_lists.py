"""The list of queries: the open ones first asked about, page by page, whatever their number."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from portal.db.participant import Assignment, Participant, Visit
from portal.db.query import Query, QueryNote
from portal.db.response import Response
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain.states import SENT_STATUSES
from portal.services import queries, studies
from portal.services.queries import OpenQuery
from portal.services.studies import StudyAtSite

PAGE = 15  # rows: what a screen holds
AT_ONCE = 50  # rows in memory of a list that is read whole
WHOLE = 500  # rows of a list that is to be printed


@dataclass(frozen=True)
class QueryLine:
    """A query as a list shows it: on what, opened by whom, and what was said last by whom."""

    query: Query
    participant_number: str
    visit_code: str
    instrument: str
    place: StudyAtSite
    opened_by: str
    notes: int
    last_by: str
    last_at: datetime
    last_text: str


@dataclass(frozen=True)
class QueryList:
    """One page of queries, and how many are open in all."""

    rows: list[QueryLine]
    closed: bool
    open: int
    page: int
    pages: int


def list_queries(session: Session, sites: Collection[UUID], *, closed: bool, page: int, size: int = PAGE) -> QueryList:
    """Give a page of the open queries, the oldest first, or of the closed ones, the newest first."""
    waiting = queries.count_open(session, sites)
    listed = queries.listed(closed=closed)
    count = listed.count(session, sites) if closed else waiting
    pages = max(1, -(-count // size))
    page = min(page, pages)
    # Which ones is found first: what is told of each is then read of one page, not of all that are sorted.
    on_page = Query.id.in_(listed.page(session, sites, count=count, page=page, size=size))
    found = session.execute(_whole_lines().where(on_page).order_by(*listed.order)).all()
    places = {place.site_id: place for place in studies.list_sites(session)}
    rows = [_line(row, places) for row in found]
    return QueryList(rows, closed, waiting, page, pages)


def query_lines(session: Session, sites: Collection[UUID], *, closed: bool) -> Iterator[QueryLine]:
    """Give every query of these sites that is open, or closed, a few rows at a time."""
    places = {place.site_id: place for place in studies.list_sites(session)}
    listed = queries.listed(closed=closed)
    asked = _whole_lines().where(listed.here(sites)).order_by(*listed.order)
    for row in session.execute(asked.execution_options(yield_per=AT_ONCE)):
        yield _line(row, places)


def _line(row: Any, places: Mapping[UUID, StudyAtSite]) -> QueryLine:
    query, last, number, code, instrument, site, opened_by, last_by, notes = row
    return QueryLine(query, number, code, instrument, places[site], opened_by, notes, last_by, last.at, last.text)


def _whole_lines() -> Select[Any]:
    last, opener, speaker = aliased(QueryNote), aliased(Staff), aliased(Staff)
    newest = select(func.max(QueryNote.id)).where(QueryNote.query_id == Query.id).scalar_subquery()
    notes = select(func.count(QueryNote.id)).where(QueryNote.query_id == Query.id).scalar_subquery()
    whose = (Participant.participant_number, Visit.code, Assignment.instrument, Participant.site_id)
    return (
        select(Query, last, *whose, opener.name, speaker.name, notes)
        .select_from(Query)
        .join(last, last.id == newest)
        .join(opener, opener.id == Query.opened_by)
        .join(speaker, speaker.id == last.by_staff)
        .join(Response, Response.id == Query.response_id)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .join(Visit, Visit.id == Assignment.visit_id)
        .join(Participant, Participant.id == Visit.participant_id)
    )


@dataclass(frozen=True)
class Answered:
    """What of a summary's visit can be asked about: the sent responses by instrument, and the open queries on them."""

    responses: Mapping[str, UUID]
    queries: tuple[OpenQuery, ...]

    def on(self, instrument: str, link_ids: Collection[str]) -> OpenQuery | None:
        """Give an open query on one of these items."""
        found = (each for each in self.queries if each.instrument == instrument and each.link_id in link_ids)
        return next(found, None)


def answered_of(session: Session, summary_id: UUID) -> Answered:
    """Give what of a summary's visit can be asked about; three queries."""
    visit_id = session.scalars(select(Summary.visit_id).where(Summary.id == summary_id)).one()
    sent = (
        select(Assignment.instrument, Response.id)
        .join(Response, Response.assignment_id == Assignment.id)
        .where(Assignment.visit_id == visit_id, Response.status.in_(SENT_STATUSES))
        .order_by(Assignment.position)
    )
    responses = {row.instrument: row.id for row in session.execute(sent)}
    return Answered(responses, tuple(queries.open_at_visit(session, visit_id)))
