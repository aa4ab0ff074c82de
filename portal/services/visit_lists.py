"""The nurse's list: coming visits, and recent ones with something missing, a page at a time."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.db.message import Message
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.domain import schedule
from portal.domain.schedule import IsPublicHoliday, Window
from portal.domain.states import SENT_STATUSES, ResponseStatus, VisitProgress, VisitState, visit_progress
from portal.services import code_attempts, conflicts, messages, responses, studies, summaries, telephone_calls
from portal.services.code_attempts import Guesses
from portal.services.studies import StudyAtSite
from portal.services.summaries import SummaryLine
from portal.services.telephone_calls import Call

PAGE = 100  # rows
DAYS_BACK = 14
DAYS_AHEAD = 30
_A_WEEK = 7


class Period(StrEnum):
    """Which visits are listed; days are counted from the sites' today.

    COMING  the next 30 days, and before them those of the last 14 days with something missing
    WEEK    today and the next 6 days
    PAST    the last 14 days, whatever was received
    """

    COMING = "coming"
    WEEK = "week"
    PAST = "past"


@dataclass(frozen=True)
class VisitRow:
    """One visit on the list; `days_to_go` is 0 today and negative afterwards.

    `troubles` are the messages that should have gone and did not; `set_apart` counts answers that came too late;
    `conflicts` those that replaced another device's unseen; `guesses` are wrong codes at the participant's door.
    """

    visit_id: UUID
    participant_id: UUID
    participant_number: str
    language: str
    place: StudyAtSite
    code: str
    planned_on: date
    days_to_go: int
    progress: VisitProgress
    opens_on: date
    summary: SummaryLine | None
    troubles: tuple[Message, ...]
    set_apart: int
    conflicts: int
    guesses: Guesses | None
    last_call: Call | None

    def label(self, language: str) -> str:
        """Name the visit in the reader's language."""
        return self.place.definition.get_visit(self.code).label(language)

    @property
    def guessed_on(self) -> date | None:
        """The site's local day of the last wrong code."""
        return schedule.local_day(self.guesses.last_at, self.place.site.zone) if self.guesses else None


@dataclass(frozen=True)
class VisitList:
    """One page of the list, in order of day and participant number, and how many visits it has in each state."""

    period: Period
    today: date
    rows: tuple[VisitRow, ...]
    counts: dict[VisitState, int]
    page: int

    @property
    def total(self) -> int:
        """The number of visits on all pages."""
        return sum(self.counts.values())

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, -(-self.total // PAGE))


def list_visits(
    session: Session,
    site_ids: Collection[UUID],
    *,
    period: Period,
    page: int,
    is_public_holiday: IsPublicHoliday,
    at: datetime,
) -> VisitList:
    """Give page `page` (from 1) of the visits of these sites; eleven queries, whatever the number of participants.

    The period is counted from the local day of the first of the sites; each state is exact for its own site.
    """
    places = {place.site_id: place for place in studies.list_sites(session) if place.site_id in site_ids}
    today = min((place.today(at) for place in places.values()), default=at.date())
    chosen = and_(Participant.site_id.in_(site_ids), in_period(period, today))
    reckoner = Reckoner(places, is_public_holiday, at)
    counts = _count(session, chosen, reckoner)
    found = _page_of(session, chosen, page)
    visit_ids = [row.id for row, _ in found]
    lines = summaries.current_for_visits(session, visit_ids)
    troubled = messages.list_troubled(session, visit_ids)
    apart = responses.count_set_apart(session, visit_ids)
    conflicting = conflicts.count_by_visit(session, visit_ids)
    guessed = code_attempts.guesses_by_visit(session, visit_ids, at=at)
    calls = telephone_calls.last_by_visit(session, visit_ids)
    rows = tuple(
        VisitRow(
            visit_id=row.id,
            participant_id=row.participant_id,
            participant_number=row.participant_number,
            language=row.language,
            place=places[row.site_id],
            code=row.code,
            planned_on=row.planned_on,
            days_to_go=(row.planned_on - places[row.site_id].today(at)).days,
            progress=reckoner.progress(row, statuses),
            opens_on=reckoner.window(row).opens_on,
            summary=lines.get(row.id),
            troubles=tuple(troubled.get(row.id, ())),
            set_apart=apart.get(row.id, 0),
            conflicts=conflicting.get(row.id, 0),
            guesses=guessed.get(row.id),
            last_call=calls.get(row.id),
        )
        for row, statuses in found
    )
    return VisitList(period, today, rows, counts, page)


class Reckoner:
    """Reckons states from dates, each site's days once; `places` are the sites by id."""

    def __init__(self, places: dict[UUID, StudyAtSite], is_public_holiday: IsPublicHoliday, at: datetime) -> None:
        self._places = places
        self._is_public_holiday = is_public_holiday
        self._today = {site_id: place.today(at) for site_id, place in places.items()}
        self._due: dict[tuple[UUID, date], date] = {}

    def progress(self, row: Any, responses: Sequence[ResponseStatus | None]) -> VisitProgress:
        """Give a visit's state; `row` has site_id, code, planned_on and withdrawn_on."""
        place, window = self._places[row.site_id], self.window(row)
        return visit_progress(
            today=self._today[row.site_id],
            opens_on=window.opens_on,
            closes_on=window.closes_on,
            summary_due_on=self._summary_due_on(place, row.planned_on),
            responses=responses,
            withdrawn_on=row.withdrawn_on,
        )

    def window(self, row: Any) -> Window:
        """Give the days on which a visit's questionnaires are open."""
        return schedule.window(self._places[row.site_id].definition.get_visit(row.code), row.planned_on)

    def _summary_due_on(self, place: StudyAtSite, planned_on: date) -> date:
        key = place.site_id, planned_on
        if key not in self._due:
            self._due[key] = schedule.summary_due_on(place.definition, place.site, planned_on, self._is_public_holiday)
        return self._due[key]


_is_sent = Response.status.in_(SENT_STATUSES)
_current_response = and_(Response.assignment_id == Assignment.id, Response.status != ResponseStatus.ENTERED_IN_ERROR)


def in_period(period: Period, today: date) -> ColumnElement[bool]:
    """Give the condition that a visit is on the list of this period."""
    past = Visit.planned_on.between(today - timedelta(DAYS_BACK), today - timedelta(1))
    match period:
        case Period.WEEK:
            return Visit.planned_on.between(today, today + timedelta(_A_WEEK - 1))
        case Period.PAST:
            return past
    ahead = Visit.planned_on.between(today, today + timedelta(DAYS_AHEAD))
    # A range around both keeps the index on planned_on in use.
    around = Visit.planned_on.between(today - timedelta(DAYS_BACK), today + timedelta(DAYS_AHEAD))
    return and_(around, or_(ahead, and_(past, Participant.withdrawn_on.is_(None), _something_is_missing())))


def _something_is_missing() -> ColumnElement[bool]:
    # Aliases, because the counting query joins these tables too.
    due, response = aliased(Assignment), aliased(Response)
    sent = select(response.id).where(response.assignment_id == due.id, response.status.in_(SENT_STATUSES)).exists()
    return select(due.id).where(due.visit_id == Visit.id, ~sent).exists()


def _page_of(session: Session, chosen: ColumnElement[bool], page: int) -> list[tuple[Any, list[ResponseStatus | None]]]:
    """Give the visits of a page, each with one entry per questionnaire, None where none was begun; one query."""
    visits = (
        select(
            Visit.id,
            Visit.participant_id,
            Visit.code,
            Visit.planned_on,
            Participant.participant_number,
            Participant.language,
            Participant.site_id,
            Participant.withdrawn_on,
        )
        .join(Participant)
        .where(chosen)
        .order_by(Visit.planned_on, Participant.participant_number, Visit.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
        .subquery()
    )
    rows = session.execute(
        select(visits, Response.status)
        .join(Assignment, Assignment.visit_id == visits.c.id)
        .outerjoin(Response, _current_response)
        .order_by(visits.c.planned_on, visits.c.participant_number, visits.c.id)
    )
    by_visit = [list(group) for _, group in groupby(rows, key=lambda row: row.id)]
    return [(group[0], [row.status for row in group]) for group in by_visit]


def _count(session: Session, chosen: ColumnElement[bool], reckoner: Reckoner) -> dict[VisitState, int]:
    """Count the visits in each state: the store groups those that are alike, the dates then say their state."""
    alike = (
        select(
            Participant.site_id,
            Visit.code,
            Visit.planned_on,
            Participant.withdrawn_on,
            func.count(Assignment.id).label("expected"),
            func.count(Response.id).label("begun"),
            func.sum(case((_is_sent, 1), else_=0)).label("sent"),
        )
        .select_from(Visit)
        .join(Participant)
        .join(Assignment)
        .outerjoin(Response, _current_response)
        .where(chosen)
        .group_by(Visit.id, Participant.site_id, Visit.code, Visit.planned_on, Participant.withdrawn_on)
        .subquery()
    )
    counted = session.execute(select(alike, func.count().label("visits")).group_by(*alike.c))
    counts: Counter[VisitState] = Counter()
    for row in counted:
        statuses: list[ResponseStatus | None] = [ResponseStatus.COMPLETED] * row.sent
        statuses += [ResponseStatus.IN_PROGRESS] * (row.begun - row.sent)
        statuses += [None] * (row.expected - row.begun)
        counts[reckoner.progress(row, statuses).state] += row.visits
    return {state: counts[state] for state in VisitState if counts[state]}
