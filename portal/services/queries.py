"""Queries: a question among staff about a sent answer or a whole response, with its thread, closed for a reason."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.db.asked_tally import Asked
from portal.db.participant import Assignment
from portal.db.query import Query, QueryNote
from portal.db.response import Response
from portal.db.staff import Staff
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.states import SENT_STATUSES
from portal.services import audit
from portal.services.actor import Actor
from portal.services.correction_foresight import NotSentError
from portal.services.site_pages import SiteList

LONGEST = 1000  # characters of a note


class QueryNotFoundError(Exception):
    """There is no such query at these sites."""


class NothingSaidError(Exception):
    """A note, and a reason for closing, have words."""


class ClosedError(Exception):
    """The query is closed: what is still to be asked is a new one."""


class OpenAlreadyError(Exception):
    """A query on the same thing is open: `query_id` leads to it."""

    def __init__(self, query_id: UUID) -> None:
        super().__init__(str(query_id))
        self.query_id = query_id


@dataclass(frozen=True)
class Note:
    """What one person said, and when."""

    name: str
    at: datetime
    text: str


@dataclass(frozen=True)
class Thread:
    """A query with all that was said; `closed_by` is empty while it is open."""

    query: Query
    notes: tuple[Note, ...]
    closed_by: str


@dataclass(frozen=True)
class OpenQuery:
    """An open query of a visit; `link_id` None = about the whole questionnaire."""

    query_id: UUID
    instrument: str
    link_id: str | None


def open_on(
    session: Session, response: Response, text: str, *, link_id: str | None = None, by: Actor, at: datetime
) -> Query:
    """Open a query on one item of a sent response, or, without `link_id`, on all of it, with its first note.

    Raises NothingSaidError, NotSentError, UnknownItem, or OpenAlreadyError when one on the same thing is open.
    """
    said = text.strip()[:LONGEST]
    if not said:
        raise NothingSaidError
    if response.status not in SENT_STATUSES:
        raise NotSentError
    if link_id is not None:
        instruments.get(response.assignment.instrument).item(link_id)
    if already := _find_open(session, response.id, link_id):
        raise OpenAlreadyError(already)
    assert by.id is not None
    site_id = response.assignment.visit.participant.site_id
    about: dict[str, Any] = {"response_id": response.id, "site_id": site_id, "link_id": link_id}
    query = Query(id=uuid4(), opened_by=by.id, opened_at=at, **about)
    query.notes = [QueryNote(by_staff=by.id, at=at, text=said)]
    try:
        with session.begin_nested():
            session.add(query)
            session.flush()
    except IntegrityError:  # somebody else opened one on the same thing at the same moment
        already = _find_open(session, response.id, link_id)
        if already is None:
            raise
        raise OpenAlreadyError(already) from None
    _record(session, query, Deed.QUERY_OPENED, said, by=by, at=at)
    return query


def answer(session: Session, query: Query, text: str, *, by: Actor, at: datetime) -> None:
    """Add a note.  Raises NothingSaidError or ClosedError."""
    said = _said_in(session, query, text)
    assert by.id is not None
    session.add(QueryNote(query_id=query.id, by_staff=by.id, at=at, text=said))
    session.flush()
    _record(session, query, Deed.QUERY_ANSWERED, said, by=by, at=at)


def close(session: Session, query: Query, reason: str, *, by: Actor, at: datetime) -> None:
    """Close a query for good.  Raises NothingSaidError or ClosedError."""
    said = _said_in(session, query, reason)
    query.closed_by, query.closed_at, query.close_reason = by.id, at, said
    session.flush()
    _record(session, query, Deed.QUERY_CLOSED, said, by=by, at=at)


def get_for(session: Session, sites: Collection[UUID], query_id: UUID) -> Query:
    """Give a query of one of `sites`.  Raises QueryNotFoundError, also when it is another site's."""
    found = session.scalar(select(Query).where(Query.id == query_id, Query.site_id.in_(sites)))
    if found is None:
        raise QueryNotFoundError(str(query_id))
    return found


def thread_of(session: Session, query: Query) -> Thread:
    """Give a query with its notes, oldest first."""
    notes = session.execute(
        select(Staff.name, QueryNote.at, QueryNote.text)
        .join(Staff, Staff.id == QueryNote.by_staff)
        .where(QueryNote.query_id == query.id)
        .order_by(QueryNote.id)
    )
    closed_by = session.scalar(select(Staff.name).where(Staff.id == query.closed_by)) if query.closed_by else None
    return Thread(query, tuple(Note(*row) for row in notes), closed_by or "")


def open_at_visit(session: Session, visit_id: UUID) -> list[OpenQuery]:
    """Give the open queries on a visit's questionnaires, oldest first."""
    rows = session.execute(
        select(Query.id, Assignment.instrument, Query.link_id)
        .join(Response, Response.id == Query.response_id)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .where(Assignment.visit_id == visit_id, Query.closed_at.is_(None))
        .order_by(Query.opened_at, Query.id)
    )
    return [OpenQuery(*row) for row in rows]


def count_open(session: Session, sites: Collection[UUID]) -> int:
    """Count the open queries of these sites."""
    return listed(closed=False).count(session, sites)


def listed(*, closed: bool) -> SiteList:
    """Give the list of the open queries, the oldest first, or of the closed ones, the newest first."""
    return SiteList(Asked.QUERY, closed, Query.site_id, (Query.closed_at, Query.opened_at, Query.id))


def _find_open(session: Session, response_id: UUID, link_id: str | None) -> UUID | None:
    found = select(Query.id).where(Query.response_id == response_id, Query.closed_at.is_(None))
    return session.scalar(found.where(Query.link_id.is_(None) if link_id is None else Query.link_id == link_id))


def _said_in(session: Session, query: Query, text: str) -> str:
    """Give what is said in an open query, which stays as it is until the commit."""
    said = text.strip()[:LONGEST]
    if not said:
        raise NothingSaidError
    session.refresh(query, with_for_update=True)
    if query.closed_at is not None:
        raise ClosedError
    return said


def _record(session: Session, query: Query, deed: Deed, said: str, *, by: Actor, at: datetime) -> None:
    response = session.get_one(Response, query.response_id)
    about: dict[str, Any] = {"response": str(query.response_id), "item": query.link_id, "said": said}
    event = audit.Event(
        deed=deed,
        subject_kind="query",
        subject_id=query.id,
        participant_id=response.assignment.visit.participant_id,
        field=query.link_id,
        new=about,
    )
    audit.record(session, event, by=by, at=at)
