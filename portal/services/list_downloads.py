"""Whole lists, to be kept as files: the rows of every page of what was chosen, read as they are written."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Answer, AnswerConflict, Response
from portal.db.staff import Staff
from portal.db.summary import LifeEvent, Summary, SummaryEvent
from portal.db.visit_listing import VisitListing
from portal.domain import summary_json
from portal.domain.audit import Deed
from portal.domain.instruments.wording import Wording
from portal.domain.schedule import IsPublicHoliday, Window
from portal.domain.states import SENT_STATUSES, ResponseStatus, VisitProgress
from portal.domain.summary import Content
from portal.services import audit, studies, summaries
from portal.services.actor import Actor
from portal.services.reckoning import Reckoner
from portal.services.studies import StudyAtSite
from portal.services.summary_choice import SummaryChoice
from portal.services.visit_choice import Choice
from portal.services.visit_index import Stretches

_AT_ONCE = 200  # rows in memory


@dataclass(frozen=True)
class VisitLine:
    """One visit as the nurse's file tells it; `edition` and what happened are the current summary's."""

    participant_number: str
    language: str
    place: StudyAtSite
    code: str
    planned_on: date
    window: Window
    progress: VisitProgress
    edition: int | None
    delivered_at: datetime | None
    printed_at: datetime | None
    seen_at: datetime | None
    set_apart: int
    conflicts: int


@dataclass(frozen=True)
class SummaryLine:
    """One summary as the investigator's file tells it, with the words that its observations quote."""

    participant_number: str
    planned_on: date
    content: Content
    language: str
    wordings: dict[str, Wording]
    seen_at: datetime | None
    seen_by: str | None


def visit_lines(
    session: Session, site_ids: Collection[UUID], *, choice: Choice, is_public_holiday: IsPublicHoliday, at: datetime
) -> Iterator[VisitLine]:
    """Give every visit of the nurse's list in its order; two queries, whatever the number."""
    places, today = _places(session, site_ids, at)
    reckoner, stretches = Reckoner(places, is_public_holiday, at), Stretches(places, is_public_holiday, at)
    if not places:
        return
    asked = (
        select(*_VISIT)
        .select_from(VisitListing)
        .join(Visit, Visit.id == VisitListing.visit_id)
        .join(Participant)
        .outerjoin(Summary, Summary.id == VisitListing.summary_id)
    )
    found = session.execute(
        choice.lines(asked, stretches, today).order_by(*choice.order(stretches)).execution_options(yield_per=_AT_ONCE)
    )
    for row in found:
        yield VisitLine(
            row.participant_number,
            row.language,
            places[row.site_id],
            row.code,
            row.planned_on,
            reckoner.window(row),
            reckoner.progress(row, _statuses(row.expected, row.begun, row.sent)),
            row.edition,
            row.delivered_at,
            row.printed_at,
            row.seen_at,
            row.set_apart,
            row.conflicts,
        )


def summary_lines(
    session: Session, site_ids: Collection[UUID], *, choice: SummaryChoice, language: str, at: datetime
) -> Iterator[SummaryLine]:
    """Give every summary of the investigator's list in its order; two queries, and one for each wording, once."""
    _, today = _places(session, site_ids, at)
    asked = select(
        VisitListing.participant_number,
        VisitListing.planned_on,
        Summary.content,
        _first(LifeEvent.SEEN).label("seen_at"),
        _SEEN_BY.label("seen_by"),
    ).join(Summary, Summary.id == VisitListing.summary_id)
    found = session.execute(
        choice.lines(asked, site_ids, today).order_by(*choice.order(today)).execution_options(yield_per=_AT_ONCE)
    )
    for row in found:
        content = summary_json.from_json(row.content)
        words = summaries.wordings_of(session, content, language)
        yield SummaryLine(
            row.participant_number, row.planned_on, content, language, words, row.seen_at, row.seen_by or None
        )


def exported(
    session: Session,
    kind: str,
    shown: str,
    file: dict[str, Any],
    site_ids: Collection[UUID],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Note that a list (`kind` = the table listed) left the portal; `file` tells its form, rows and SHA-256."""
    told = {"shown": shown, "sites": sorted(str(each) for each in site_ids), **file}
    audit.record(session, audit.Event(deed=Deed.LIST_EXPORTED, subject_kind=kind, new=told), by=by, at=at)


def _places(session: Session, site_ids: Collection[UUID], at: datetime) -> tuple[dict[UUID, StudyAtSite], date]:
    """Give the sites by id, and the first one's local day, from which lists count."""
    places = {place.site_id: place for place in studies.some_sites(session, site_ids)}
    return places, min((place.today(at) for place in places.values()), default=at.date())


def _statuses(expected: int, begun: int, sent: int) -> list[ResponseStatus | None]:
    statuses: list[ResponseStatus | None] = [ResponseStatus.COMPLETED] * sent
    statuses += [ResponseStatus.IN_PROGRESS] * (begun - sent)
    return statuses + [None] * (expected - begun)


def _first(kind: LifeEvent) -> ScalarSelect[Any]:
    """When this first happened to the summary."""
    first = select(func.min(SummaryEvent.at)).where(SummaryEvent.summary_id == Summary.id, SummaryEvent.kind == kind)
    return first.scalar_subquery()


_OF_VISIT = select(func.count()).select_from(Assignment).where(Assignment.visit_id == Visit.id)
_RESPONSES = _OF_VISIT.join(Response, Response.assignment_id == Assignment.id)
_SEEN_BY = (
    select(Staff.name)
    .join(SummaryEvent, SummaryEvent.by_staff == Staff.id)
    .where(SummaryEvent.summary_id == Summary.id, SummaryEvent.kind == LifeEvent.SEEN)
    .order_by(SummaryEvent.at)
    .limit(1)
    .scalar_subquery()
)
_VISIT = (
    Participant.participant_number,
    Participant.language,
    Participant.site_id,
    Participant.withdrawn_on,
    VisitListing.paper,
    Visit.code,
    Visit.planned_on,
    _OF_VISIT.scalar_subquery().label("expected"),
    _RESPONSES.where(Response.status != ResponseStatus.ENTERED_IN_ERROR).scalar_subquery().label("begun"),
    _RESPONSES.where(Response.status.in_(SENT_STATUSES)).scalar_subquery().label("sent"),
    Summary.number.label("edition"),
    _first(LifeEvent.DELIVERED).label("delivered_at"),
    _first(LifeEvent.PRINTED).label("printed_at"),
    _first(LifeEvent.SEEN).label("seen_at"),
    _RESPONSES.join(Answer, Answer.response_id == Response.id)
    .where(Answer.set_apart.is_not(None))
    .scalar_subquery()
    .label("set_apart"),
    _RESPONSES.join(AnswerConflict, AnswerConflict.response_id == Response.id).scalar_subquery().label("conflicts"),
)
