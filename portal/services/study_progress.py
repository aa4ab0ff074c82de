"""How a study is doing: whose figures a reader is shown, and how complete the questionnaires are."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response, Source
from portal.db.study import Site
from portal.domain import schedule
from portal.domain.completion import Outcome, Tally, outcome
from portal.domain.schedule import ONE_DAY, IsPublicHoliday
from portal.domain.states import SENT_STATUSES, ResponseStatus, visit_progress
from portal.domain.study import Study
from portal.services import studies
from portal.services.studies import StudyAtSite

AT_ONCE = 1000  # rows in memory


@dataclass(frozen=True)
class Scope:
    """One study as a reader is shown it: `places` are the reader's own sites, `pool` every site of the study."""

    definition: Study
    places: tuple[StudyAtSite, ...]
    pool: frozenset[UUID]

    @cached_property
    def by_code(self) -> dict[str, StudyAtSite]:
        """The reader's own sites by code."""
        return {place.site.code: place for place in self.places}

    @property
    def site_ids(self) -> list[UUID]:
        """The ids of the reader's own sites."""
        return [place.site_id for place in self.places]


@dataclass(frozen=True)
class Completion:
    """What became of the visits of each of the reader's sites, and from where the questionnaires came.

    `cells` has a tally by (site code, visit code), `sources` a number by (visit code, source).
    """

    cells: Mapping[tuple[str, str], Tally]
    sources: Mapping[tuple[str, Source], int]

    def of_visit(self, code: str) -> Tally:
        """Count a visit at all sites together."""
        return sum((tally for (_, visit), tally in self.cells.items() if visit == code), Tally({}))

    def of_site(self, code: str) -> Tally:
        """Count all visits of a site together."""
        return sum((tally for (site, _), tally in self.cells.items() if site == code), Tally({}))

    @property
    def whole(self) -> Tally:
        """Count everything together."""
        return sum(self.cells.values(), Tally({}))


def scopes(session: Session, site_ids: Collection[UUID]) -> list[Scope]:
    """Give the studies of a reader's sites, by code; one query."""
    by_study: dict[str, list[StudyAtSite]] = defaultdict(list)
    for place in studies.list_sites(session):
        by_study[place.definition.code].append(place)
    found = []
    for places in by_study.values():
        own = tuple(place for place in places if place.site_id in site_ids)
        if own:
            found.append(Scope(own[0].definition, own, frozenset(place.site_id for place in places)))
    return found


def completion(session: Session, scope: Scope, is_public_holiday: IsPublicHoliday, *, at: datetime) -> Completion:
    """Tell what became of every visit of the reader's sites; two queries, whatever the number of participants."""
    counts: dict[tuple[str, str], Counter[Outcome]] = defaultdict(Counter)
    days = _Days(scope, is_public_holiday, at)
    for row in session.execute(_visits(scope, at).execution_options(yield_per=AT_ONCE)):
        became = days.outcome(row)
        if became:
            counts[row.site, row.code][became] += 1
    return Completion({cell: Tally(counted) for cell, counted in counts.items()}, dict(_sources(session, scope)))


class _Days:
    """Reckons what became of visits; those planned alike share their days."""

    def __init__(self, scope: Scope, is_public_holiday: IsPublicHoliday, at: datetime) -> None:
        self._scope, self._is_public_holiday = scope, is_public_holiday
        self._today = {code: place.today(at) for code, place in scope.by_code.items()}
        self._known: dict[tuple[str, str, date], tuple[schedule.Window, date]] = {}

    def outcome(self, row: Any) -> Outcome | None:
        """Say what became of one visit, a row of `_visits`."""
        place, today = self._scope.by_code[row.site], self._today[row.site]
        window, summary_due_on = self._of(place, row.code, row.planned_on)
        statuses: list[ResponseStatus | None] = [ResponseStatus.COMPLETED] * row.sent
        statuses += [ResponseStatus.IN_PROGRESS] * (row.begun - row.sent) + [None] * (row.expected - row.begun)
        progress = visit_progress(
            today=today,
            opens_on=window.opens_on,
            closes_on=window.closes_on,
            summary_due_on=summary_due_on,
            responses=statuses,
            withdrawn_on=row.withdrawn_on,
        )
        sent_on = schedule.local_day(row.last_at, place.site.zone) if row.last_at else None
        return outcome(
            progress, today=today, closes_on=window.closes_on, summary_due_on=summary_due_on, sent_on=sent_on
        )

    def _of(self, place: StudyAtSite, code: str, planned_on: date) -> tuple[schedule.Window, date]:
        key = place.site.code, code, planned_on
        if key not in self._known:
            window = schedule.window(place.definition.get_visit(code), planned_on)
            due_on = schedule.summary_due_on(place.definition, place.site, planned_on, self._is_public_holiday)
            self._known[key] = window, due_on
        return self._known[key]


IS_SENT = Response.status.in_(SENT_STATUSES)
_CURRENT = and_(Response.assignment_id == Assignment.id, Response.status != ResponseStatus.ENTERED_IN_ERROR)


def visits(*columns: Any) -> Select[Any]:
    """Ask for each visit once: how many questionnaires were expected, begun and sent, and when the last one was."""
    return (
        select(
            Site.code.label("site"),
            Visit.code,
            Visit.planned_on,
            Participant.withdrawn_on,
            func.count(Assignment.id).label("expected"),
            func.count(Response.id).label("begun"),
            func.sum(case((IS_SENT, 1), else_=0)).label("sent"),
            func.max(case((IS_SENT, Response.completed_at))).label("last_at"),
            *columns,
        )
        .select_from(Visit)
        .join(Participant)
        .join(Site, Site.id == Participant.site_id)
        .join(Assignment, Assignment.visit_id == Visit.id)
        .outerjoin(Response, _CURRENT)
        .group_by(Visit.id, Site.code, Visit.code, Visit.planned_on, Participant.withdrawn_on)
    )


def _visits(scope: Scope, at: datetime) -> Select[Any]:
    """Ask for the visits that have opened, or of which something was sent."""
    ahead = max(visit.window.opens_days_before for visit in scope.definition.visits)
    last = max(place.today(at) for place in scope.places) + ahead * ONE_DAY
    has_opened = or_(Visit.planned_on <= last, func.count(Response.id) > 0)
    return visits().where(Participant.site_id.in_(scope.site_ids)).having(has_opened)


def _sources(session: Session, scope: Scope) -> Iterator[tuple[tuple[str, Source], int]]:
    """Count the questionnaires that were sent, by visit and by where they were filled in."""
    counted = session.execute(
        select(Visit.code, Response.source, func.count().label("number"))
        .select_from(Response)
        .join(Assignment)
        .join(Visit)
        .join(Participant)
        .where(Participant.site_id.in_(scope.site_ids), IS_SENT)
        .group_by(Visit.code, Response.source)
    )
    return (((row.code, row.source), row.number) for row in counted)
