"""The nurse's list: coming visits, and recent ones with something missing, a page at a time."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import Subquery, and_, select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.db.visit_listing import VisitListing, VisitTally
from portal.domain.schedule import IsPublicHoliday
from portal.domain.states import ResponseStatus, VisitState
from portal.services import studies, visit_rows
from portal.services.reckoning import Reckoner
from portal.services.runs import cut
from portal.services.studies import StudyAtSite
from portal.services.visit_choice import Choice, Sort
from portal.services.visit_index import DayCount, Stretches
from portal.services.visit_rows import Found, VisitRow

PAGE = 15  # rows: what a screen holds
WHOLE = 500  # rows of a list that is to be printed


@dataclass(frozen=True)
class VisitList:
    """One page of the list, and how many visits of these days are in each state, whichever of them is chosen."""

    choice: Choice
    today: date
    rows: tuple[VisitRow, ...]
    counts: dict[VisitState, int]
    page: int
    size: int
    sites: tuple[StudyAtSite, ...]

    @property
    def total(self) -> int:
        """The number of visits on all pages."""
        return self.counts.get(self.choice.state, 0) if self.choice.state else sum(self.counts.values())

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, -(-self.total // self.size))


def list_visits(
    session: Session,
    site_ids: Collection[UUID],
    *,
    choice: Choice,
    page: int,
    size: int | None = None,
    is_public_holiday: IsPublicHoliday,
    at: datetime,
) -> VisitList:
    """Give page `page` (from 1) of the visits of these sites; as many queries, whatever the number of participants.

    A page has `size` rows, or PAGE. Days are counted from the local day of the first of the sites; each state is exact
    for its own site.
    """
    places = {place.site_id: place for place in studies.some_sites(session, site_ids)}
    today = min((place.today(at) for place in places.values()), default=at.date())
    stretches = Stretches(places, is_public_holiday, at)
    by_day = stretches.count(session, choice.days(VisitTally, today))
    counts = _sum(by_day)
    listed = VisitList(choice, today, (), counts, page, size or PAGE, tuple(places.values()))
    found = _page_of(session, stretches, listed, by_day)
    reckoner = Reckoner(places, is_public_holiday, at)
    return replace(listed, rows=visit_rows.beside(session, found, places, reckoner, at=at))


_current_response = and_(Response.assignment_id == Assignment.id, Response.status != ResponseStatus.ENTERED_IN_ERROR)


def _sum(by_day: Sequence[DayCount]) -> dict[VisitState, int]:
    counts: Counter[VisitState] = Counter()
    for each in by_day:
        counts[each.state] += each.visits
    return {state: counts[state] for state in VisitState if counts[state]}


def _page_of(session: Session, stretches: Stretches, listed: VisitList, by_day: Sequence[DayCount]) -> list[Found]:
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
    choice, rows = listed.choice, listed.size
    offset = (listed.page - 1) * rows
    order = choice.order(stretches)
    places = [each.label(f"place_{number}") for number, each in enumerate(order)]
    found = choice.lines(
        select(VisitListing.visit_id, VisitListing.paper, *places), stretches, listed.today, total=listed.total
    )
    if choice.sort is not Sort.NUMBER:
        lie = cut(choice.runs(by_day), page=listed.page, size=rows)
        if not lie.keys:
            return None
        found, offset = found.where(choice.within(stretches, lie.keys)), lie.offset
    elif offset > listed.total // 2:
        # From the end, which is nearer.
        rows = min(rows, listed.total - offset)
        if rows <= 0:
            return None
        offset, order = listed.total - offset - rows, tuple(each.desc() for each in order)
    return found.order_by(*order).offset(offset).limit(rows).subquery()
