"""The nurse's list: coming visits, and recent ones with something missing, a page at a time."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, and_, select
from sqlalchemy.orm import Session

from portal.db.message import Message
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.db.visit_listing import VisitListing, VisitTally
from portal.domain import schedule
from portal.domain.schedule import IsPublicHoliday
from portal.domain.states import ResponseStatus, VisitProgress, VisitState
from portal.services import code_attempts, conflicts, messages, responses, studies, summaries, telephone_calls
from portal.services.code_attempts import Guesses
from portal.services.reckoning import Reckoner
from portal.services.runs import cut
from portal.services.studies import StudyAtSite
from portal.services.summaries import SummaryLine
from portal.services.telephone_calls import Call
from portal.services.visit_choice import Choice, Sort
from portal.services.visit_index import DayCount, Stretches

PAGE = 25  # rows


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
    paused_on: date | None
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
    """One page of the list, and how many visits of these days are in each state, whichever of them is chosen."""

    choice: Choice
    today: date
    rows: tuple[VisitRow, ...]
    counts: dict[VisitState, int]
    page: int

    @property
    def total(self) -> int:
        """The number of visits on all pages."""
        return self.counts.get(self.choice.state, 0) if self.choice.state else sum(self.counts.values())

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, -(-self.total // PAGE))


def list_visits(
    session: Session,
    site_ids: Collection[UUID],
    *,
    choice: Choice,
    page: int,
    is_public_holiday: IsPublicHoliday,
    at: datetime,
) -> VisitList:
    """Give page `page` (from 1) of the visits of these sites; as many queries, whatever the number of participants.

    The days are counted from the local day of the first of the sites; each state is exact for its own site.
    """
    places = {place.site_id: place for place in studies.list_sites(session) if place.site_id in site_ids}
    today = min((place.today(at) for place in places.values()), default=at.date())
    stretches = Stretches(places, is_public_holiday, at)
    by_day = stretches.count(session, choice.days(VisitTally, today))
    counts = _sum(by_day)
    listed = VisitList(choice, today, (), counts, page)
    found = _page_of(session, stretches, listed, by_day)
    reckoner = Reckoner(places, is_public_holiday, at)
    return replace(listed, rows=_rows(session, found, places, reckoner, at))


def _rows(
    session: Session,
    found: list[tuple[Any, list[ResponseStatus | None]]],
    places: Mapping[UUID, StudyAtSite],
    reckoner: Reckoner,
    at: datetime,
) -> tuple[VisitRow, ...]:
    """Give the rows of what was found, with all that stands beside them; one query for each kind of it."""
    visit_ids = [row.id for row, _ in found]
    lines = summaries.current_for_visits(session, visit_ids)
    troubled = messages.list_troubled(session, visit_ids)
    apart = responses.count_set_apart(session, visit_ids)
    conflicting = conflicts.count_by_visit(session, visit_ids)
    guessed = code_attempts.guesses_by_visit(session, visit_ids, at=at)
    calls = telephone_calls.last_by_visit(session, visit_ids)
    return tuple(
        VisitRow(
            visit_id=row.id,
            participant_id=row.participant_id,
            participant_number=row.participant_number,
            language=row.language,
            paused_on=row.paused_on,
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


_current_response = and_(Response.assignment_id == Assignment.id, Response.status != ResponseStatus.ENTERED_IN_ERROR)


def _sum(by_day: Sequence[DayCount]) -> dict[VisitState, int]:
    counts: Counter[VisitState] = Counter()
    for each in by_day:
        counts[each.state] += each.visits
    return {state: counts[state] for state in VisitState if counts[state]}


def _page_of(
    session: Session, stretches: Stretches, listed: VisitList, by_day: Sequence[DayCount]
) -> list[tuple[Any, list[ResponseStatus | None]]]:
    """Give the visits of a page, each with one entry per questionnaire, None where none was begun; one query."""
    lines = _lines(stretches, listed, by_day)
    if lines is None:
        return []
    rows = session.execute(
        select(
            Visit.id,
            Visit.participant_id,
            Visit.code,
            Visit.planned_on,
            Participant.participant_number,
            Participant.language,
            Participant.site_id,
            Participant.withdrawn_on,
            Participant.paused_on,
            lines.c.paper,
            Response.status,
        )
        .select_from(lines)
        .join(Visit, Visit.id == lines.c.visit_id)
        .join(Participant)
        .join(Assignment)
        .outerjoin(Response, _current_response)
        .order_by(*(each for each in lines.c if each.name.startswith("place_")))
    )
    by_visit = [list(group) for _, group in groupby(rows, key=lambda row: row.id)]
    return [(group[0], [row.status for row in group]) for group in by_visit]


def _lines(stretches: Stretches, listed: VisitList, by_day: Sequence[DayCount]) -> Subquery | None:
    """Give the lines of a page, and by what they are sorted; None past the end."""
    choice, offset, rows = listed.choice, (listed.page - 1) * PAGE, PAGE
    order = choice.order(stretches)
    places = [each.label(f"place_{number}") for number, each in enumerate(order)]
    found = choice.lines(select(VisitListing.visit_id, VisitListing.paper, *places), stretches, listed.today)
    if choice.sort is not Sort.NUMBER:
        lie = cut(choice.runs(by_day), page=listed.page, size=PAGE)
        if not lie.keys:
            return None
        found, offset = found.where(choice.within(stretches, lie.keys)), lie.offset
    elif offset > listed.total // 2:
        # From the end, which is nearer.
        rows = min(PAGE, listed.total - offset)
        if rows <= 0:
            return None
        offset, order = listed.total - offset - rows, tuple(each.desc() for each in order)
    return found.order_by(*order).offset(offset).limit(rows).subquery()
