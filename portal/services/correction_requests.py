"""Wishes for a correction, the patient's own or out of a query: settled by a nurse, with what came of them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from portal.db.asked_tally import Asked
from portal.db.correction import CorrectionRequest, RequestOutcome
from portal.db.participant import Assignment, Participant, Visit
from portal.db.query import Query
from portal.db.response import Response
from portal.db.staff import Staff
from portal.domain.audit import ActorKind, Deed
from portal.domain.states import SENT_STATUSES
from portal.services import audit, studies
from portal.services.actor import Actor
from portal.services.correction_foresight import NotSentError
from portal.services.site_pages import SiteList
from portal.services.studies import StudyAtSite

PAGE = 15  # rows: what a screen holds
AT_ONCE = 50  # rows in memory of a list that is read whole
WHOLE = 500  # rows of a list that is to be printed
LONGEST = 500  # characters of what is wrong, and of why not
MOST_A_DAY = 3  # wishes of one patient in 24 hours: the telephone is nearer then


class RequestNotFoundError(Exception):
    """There is no such wish at these sites."""


class SettledAlreadyError(Exception):
    """The wish was settled before, or is about another response."""


class NothingSaidError(Exception):
    """Neither a wish nor a refusal is without words."""


class TooManyError(Exception):
    """She has told of enough mistakes within a day: the site rings her about them."""


@dataclass(frozen=True)
class RequestLine:
    """A wish as a list shows it; `asked_by` is empty when the patient asked, `settled_by` while it is open."""

    request: CorrectionRequest
    participant_id: UUID
    participant_number: str
    visit_id: UUID
    visit_code: str
    instrument: str
    place: StudyAtSite
    asked_by: str
    settled_by: str


@dataclass(frozen=True)
class RequestList:
    """One page of the wishes, and how many are open in all."""

    rows: list[RequestLine]
    settled: bool
    open: int
    page: int
    pages: int


def ask(
    session: Session,
    response: Response,
    reason: str,
    *,
    link_id: str | None = None,
    query: Query | None = None,
    by: Actor,
    at: datetime,
) -> CorrectionRequest:
    """Note that something in a sent response is wrong: the patient says so, or staff would have her asked.

    The same words about the same response, while it is open, are a second tap and no second wish. Raises
    NothingSaidError, NotSentError, or TooManyError when a patient has asked MOST_A_DAY times within 24 hours.
    """
    said = reason.strip()[:LONGEST]
    if not said:
        raise NothingSaidError
    if response.status not in SENT_STATUSES:
        raise NotSentError
    asked_by = by.id if by.kind is ActorKind.STAFF else None
    same = select(CorrectionRequest).where(
        CorrectionRequest.response_id == response.id,
        CorrectionRequest.reason == said,
        CorrectionRequest.asked_by == asked_by,
        CorrectionRequest.outcome.is_(None),
    )
    if found := session.scalars(same).first():
        return found
    participant = response.assignment.visit.participant
    if asked_by is None and _asked_since(session, participant.id, at - timedelta(days=1)) >= MOST_A_DAY:
        raise TooManyError
    about: dict[str, Any] = {"response_id": response.id, "link_id": link_id, "query_id": query.id if query else None}
    made = CorrectionRequest(
        id=uuid4(), site_id=participant.site_id, asked_by=asked_by, asked_at=at, reason=said, **about
    )
    session.add(made)
    session.flush()
    new = {name: None if value is None else str(value) for name, value in about.items()}
    event = audit.Event(
        deed=Deed.CORRECTION_ASKED,
        subject_kind="correction_request",
        subject_id=made.id,
        participant_id=participant.id,
        new=new,
        reason=said,
    )
    audit.record(session, event, by=by, at=at)
    return made


def decline(session: Session, request: CorrectionRequest, reason: str, *, by: Actor, at: datetime) -> None:
    """Settle a wish without a correction, and say why.  Raises NothingSaidError or SettledAlreadyError."""
    if not reason.strip():
        raise NothingSaidError
    session.refresh(request, with_for_update=True)
    if request.outcome is not None:
        raise SettledAlreadyError
    _settle(session, request, RequestOutcome.DECLINED, reason.strip()[:LONGEST], by=by, at=at)


def check_open(session: Session, request: CorrectionRequest, response: Response) -> None:
    """Refuse a wish that is no longer open, or about something else.  Raises SettledAlreadyError."""
    session.refresh(request, with_for_update=True)
    if request.outcome is not None or request.response_id != response.id:
        raise SettledAlreadyError


def corrected(session: Session, request: CorrectionRequest, *, by: Actor, at: datetime) -> None:
    """Note that the answers were corrected as was wished; for `corrections.correct`, which does it."""
    _settle(session, request, RequestOutcome.CORRECTED, None, by=by, at=at)


def get_for(session: Session, sites: Collection[UUID], request_id: UUID) -> CorrectionRequest:
    """Give a wish of one of `sites`.  Raises RequestNotFoundError, also when it is another site's."""
    found = session.get(CorrectionRequest, request_id)
    if found is None or found.site_id not in sites:
        raise RequestNotFoundError(str(request_id))
    return found


def of_query(session: Session, query_id: UUID) -> list[CorrectionRequest]:
    """Give what a query has had the patient asked, oldest first."""
    found = select(CorrectionRequest).where(CorrectionRequest.query_id == query_id)
    return list(session.scalars(found.order_by(CorrectionRequest.asked_at)))


def count_open(session: Session, sites: Collection[UUID]) -> int:
    """Count the wishes that wait at these sites."""
    return _listed(settled=False).count(session, sites)


def list_requests(
    session: Session, sites: Collection[UUID], *, settled: bool, page: int, size: int = PAGE
) -> RequestList:
    """Give a page of the open wishes, the oldest first, or of the settled ones, the newest first."""
    waiting = count_open(session, sites)
    listed = _listed(settled=settled)
    count = listed.count(session, sites) if settled else waiting
    pages = max(1, -(-count // size))
    page = min(page, pages)
    # What is told of each is read of one page, not of all that are sorted.
    on_page = CorrectionRequest.id.in_(listed.page(session, sites, count=count, page=page, size=size))
    chosen = _whole_lines().where(on_page).order_by(*listed.order)
    return RequestList(list(_lines(session, chosen)), settled, waiting, page, pages)


def request_lines(session: Session, sites: Collection[UUID], *, settled: bool) -> Iterator[RequestLine]:
    """Give every wish of these sites that is open, or settled, a few rows at a time."""
    listed = _listed(settled=settled)
    asked = _whole_lines().where(listed.here(sites)).order_by(*listed.order)
    return _lines(session, asked.execution_options(yield_per=AT_ONCE))


def _lines(session: Session, chosen: Select[Any]) -> Iterator[RequestLine]:
    places = {place.site_id: place for place in studies.list_sites(session)}
    for request, instrument, visit_id, code, of, number, site, asked, by in session.execute(chosen):
        yield RequestLine(request, of, number, visit_id, code, instrument, places[site], asked or "", by or "")


def _listed(*, settled: bool) -> SiteList:
    key = (CorrectionRequest.settled_at, CorrectionRequest.asked_at, CorrectionRequest.id)
    return SiteList(Asked.WISH, settled, CorrectionRequest.site_id, key)


def _whole_lines() -> Select[Any]:
    asker, settler = aliased(Staff), aliased(Staff)
    columns: tuple[Any, ...] = (CorrectionRequest, Assignment.instrument, Visit.id, Visit.code)
    columns += (Participant.id, Participant.participant_number, Participant.site_id, asker.name, settler.name)
    return (
        select(*columns)
        .select_from(CorrectionRequest)
        .join(Response, Response.id == CorrectionRequest.response_id)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .join(Visit, Visit.id == Assignment.visit_id)
        .join(Participant, Participant.id == Visit.participant_id)
        .outerjoin(asker, asker.id == CorrectionRequest.asked_by)
        .outerjoin(settler, settler.id == CorrectionRequest.settled_by)
    )


def _asked_since(session: Session, participant_id: UUID, since: datetime) -> int:
    counted = (
        select(func.count(CorrectionRequest.id))
        .join(Response, Response.id == CorrectionRequest.response_id)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .join(Visit, Visit.id == Assignment.visit_id)
        .where(Visit.participant_id == participant_id, CorrectionRequest.asked_by.is_(None))
    )
    return session.scalar(counted.where(CorrectionRequest.asked_at > since)) or 0


def _settle(
    session: Session,
    request: CorrectionRequest,
    outcome: RequestOutcome,
    reason: str | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    request.settled_by, request.settled_at, request.outcome, request.settled_reason = by.id, at, outcome, reason
    session.flush()
    response = session.get_one(Response, request.response_id)
    about: dict[str, Any] = {"participant_id": response.assignment.visit.participant_id, "field": "outcome"}
    event = audit.Event(
        deed=Deed.CORRECTION_SETTLED,
        subject_kind="correction_request",
        subject_id=request.id,
        **about,
        new=outcome.value,
        reason=reason,
    )
    audit.record(session, event, by=by, at=at)
