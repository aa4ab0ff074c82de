"""The daily check: what the protocol expected of each visit, against what there is.

It imports nothing of what plans, foresees or sends, and reckons days by itself, so that it finds what they lose.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.participant import Participant, Visit
from portal.db.planning import unindexed
from portal.db.study import Site
from portal.db.watch import Shortfall
from portal.domain import expectation
from portal.domain.audit import Deed
from portal.services import audit, shortfall_facts, studies, turns
from portal.services.actor import Actor
from portal.services.studies import StudyAtSite

LOOKED_BACK = timedelta(days=14)
"""For how long after a visit's window closed it is still checked: a worker may have stood still meanwhile."""

HOUR = time(4)
"""UTC; before anybody is at work at a site between Montréal and La Réunion, and before the day's mails."""

_AT_ONCE = 500  # visits
_NAME = "shortfalls"

Lost = tuple[UUID, str, date]
"""A visit, what of it, and by which day."""


@dataclass(frozen=True)
class OpenShortfall:
    """Something that should have left for a visit and did not, as staff are shown it."""

    visit_id: UUID
    participant_id: UUID
    participant_number: str
    place: StudyAtSite
    code: str
    what: str
    due_on: date
    found_at: datetime

    def label(self, language: str) -> str:
        """Name the visit in the reader's language."""
        return self.place.definition.get_visit(self.code).label(language)


@dataclass(frozen=True)
class Checked:
    """What a check found that the one before had not, and what it found again or no longer expected."""

    found: int
    cleared: int


def check_once_a_day(
    session: Session, is_public_holiday: expectation.IsPublicHoliday, holder: str, *, by: Actor, at: datetime
) -> Checked | None:
    """Check when it has not been done since HOUR; None when it has, by whichever worker."""
    if not turns.take(session, _NAME, holder, until=turns.next_at(HOUR, at), at=at):
        return None
    return check(session, is_public_holiday, by=by, at=at)


def check(session: Session, is_public_holiday: expectation.IsPublicHoliday, *, by: Actor, at: datetime) -> Checked:
    """Find what is missing, and keep it until it is found or no longer expected."""
    return _keep(session, find(session, is_public_holiday, at=at), by=by, at=at)


def find(session: Session, is_public_holiday: expectation.IsPublicHoliday, *, at: datetime) -> set[Lost]:
    """Give what is missing now, of the visits of now and of the last two weeks, and keep nothing."""
    missing: set[Lost] = set()
    for place in studies.list_sites(session):
        visits = iter(_visits(session, place, at))
        while some := list(islice(visits, _AT_ONCE)):
            missing.update(_missing(session, place, some, is_public_holiday, at))
    return missing


def list_open(session: Session, site_ids: Collection[UUID], *, limit: int) -> list[OpenShortfall]:
    """Give up to `limit` of what is missing at these sites, the latest due first; one query and the sites'."""
    places = {place.site_id: place for place in studies.some_sites(session, site_ids)}
    rows = session.execute(
        select(Shortfall, Visit.code, Participant.id, Participant.participant_number, Participant.site_id)
        .join(Visit, Visit.id == Shortfall.visit_id)
        .join(Participant, Participant.id == Visit.participant_id)
        # Few messages are missing, many people take part: what is missing is looked through, not who is there.
        .where(Shortfall.cleared_at.is_(None), unindexed(Participant.site_id).in_(places))
        .order_by(Shortfall.due_on.desc(), Participant.participant_number, Shortfall.id)
        .limit(limit)
    )
    return [
        OpenShortfall(
            lost.visit_id, participant_id, number, places[site_id], code, lost.what, lost.due_on, lost.found_at
        )
        for lost, code, participant_id, number, site_id in rows
    ]


def count_open(session: Session, site_ids: Collection[UUID] | None = None) -> int:
    """Count what is missing at these sites, or at all of them."""
    asked = select(func.count()).select_from(Shortfall).where(Shortfall.cleared_at.is_(None))
    if site_ids is not None:
        asked = asked.join(Visit, Visit.id == Shortfall.visit_id).join(Participant)
        asked = asked.where(unindexed(Participant.site_id).in_(site_ids))
    return session.scalar(asked) or 0


def _visits(session: Session, place: StudyAtSite, at: datetime) -> Sequence[Any]:
    rules = [visit.window for visit in place.definition.visits]
    today = place.today(at)
    first = today - LOOKED_BACK - timedelta(max(rule.closes_days_after for rule in rules))
    last = today + timedelta(max(rule.opens_days_before for rule in rules) + 31)
    return session.execute(
        select(
            Visit.id,
            Visit.code,
            Visit.planned_on,
            Visit.participant_id,
            Participant.enrolled_at,
            Participant.withdrawn_on,
            Participant.paused_on,
        )
        .join(Participant)
        .join(Site)
        .where(Participant.site_id == place.site_id, Visit.planned_on.between(first, last))
        .order_by(Visit.planned_on, Visit.id)
    ).all()


def _missing(
    session: Session,
    place: StudyAtSite,
    visits: Sequence[Any],
    is_public_holiday: expectation.IsPublicHoliday,
    at: datetime,
) -> Iterator[Lost]:
    today = place.today(at)
    known = shortfall_facts.read(session, place, visits)
    for row in visits:
        visit = place.definition.get_visit(row.code)
        closes_on = row.planned_on + timedelta(visit.window.closes_days_after)
        if closes_on < today - LOOKED_BACK:
            continue
        for each in expectation.expected_of(place.definition, place.site, visit, row.planned_on, is_public_holiday):
            days = expectation.Days(row.planned_on, closes_on, today)
            if expectation.is_missing(each, known[row.id], days):
                yield row.id, each.what, each.on


def _keep(session: Session, missing: set[Lost], *, by: Actor, at: datetime) -> Checked:
    """Note what is new, and clear what is not missing any more; each with its event."""
    kept = {(row.visit_id, row.what, row.due_on): row for row in session.scalars(select(Shortfall))}
    events, found, cleared = [], 0, 0
    for lost in sorted(missing, key=str):
        row = kept.get(lost)
        if row is not None and row.cleared_at is None:
            continue
        if row is None:
            visit_id, what, due_on = lost
            session.add(Shortfall(visit_id=visit_id, what=what, due_on=due_on, found_at=at))
        else:
            row.found_at, row.cleared_at = at, None
        events.append(_event(session, Deed.SHORTFALL_FOUND, lost))
        found += 1
    for lost, row in kept.items():
        if row.cleared_at is None and lost not in missing:
            row.cleared_at = at
            events.append(_event(session, Deed.SHORTFALL_CLEARED, lost))
            cleared += 1
    session.flush()
    audit.record(session, *events, by=by, at=at)
    return Checked(found, cleared)


def _event(session: Session, deed: Deed, lost: Lost) -> audit.Event:
    visit_id, what, due_on = lost
    return audit.Event(
        deed=deed,
        subject_kind="visit",
        subject_id=visit_id,
        participant_id=session.scalar(select(Visit.participant_id).where(Visit.id == visit_id)),
        field=what,
        new=due_on.isoformat(),
    )
