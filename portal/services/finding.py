"""Finds participants by number for whoever of the staff asks, and tells every visit's current summary of one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.participant import Participant, Visit
from portal.db.summary import Summary
from portal.db.visit_listing import VisitListing
from portal.services import studies, summary_life
from portal.services.studies import StudyAtSite
from portal.services.summary_lists import SummaryRow, row_of

MOST_FOUND = 50  # rows of a search


@dataclass(frozen=True)
class Hit:
    """A participant whose number was found."""

    id: UUID
    participant_number: str
    site_id: UUID


@dataclass(frozen=True)
class VisitOfHers:
    """One visit of a participant, and its current summary, None before there is one."""

    code: str
    planned_on: date
    summary: SummaryRow | None


@dataclass(frozen=True)
class Readings:
    """A participant's visits, as those who read summaries see her."""

    participant: Participant
    place: StudyAtSite
    visits: tuple[VisitOfHers, ...]

    def label(self, code: str, language: str) -> str:
        """Name a visit in the reader's language."""
        return self.place.definition.get_visit(code).label(language)


def search(session: Session, site_ids: Collection[UUID], typed: str) -> list[Hit]:
    """Find participants of these sites by number: the one who has it, else those whose number holds what was typed.

    Capitals and blanks play no part.  At most MOST_FOUND, by number.
    """
    wanted = "".join(typed.split()).upper()
    if not wanted:
        return []
    number = Participant.participant_number
    of_sites = select(Participant.id, number, Participant.site_id).where(Participant.site_id.in_(site_ids))
    exact = session.execute(of_sites.where(number == wanted)).all()
    holding = of_sites.where(func.upper(number).contains(wanted, autoescape=True)).order_by(number).limit(MOST_FOUND)
    return [Hit(*row) for row in exact or session.execute(holding)]


def readings(session: Session, participant: Participant, *, language: str, at: datetime) -> Readings:
    """Give a participant's visits with their current summaries, in order of day; four queries."""
    place = studies.for_site(session, participant.site_id)
    rows = session.execute(
        select(
            Visit.code,
            Visit.planned_on,
            Summary.id,
            Summary.content,
            VisitListing.participant_number,
        )
        .join(VisitListing, VisitListing.visit_id == Visit.id)
        .outerjoin(Summary, Summary.id == VisitListing.summary_id)
        .where(Visit.participant_id == participant.id)
        .order_by(Visit.planned_on, Visit.code)
    ).all()
    life = summary_life.life(session, [row.id for row in rows if row.id])
    today = place.today(at)
    visits = (
        VisitOfHers(
            row.code,
            row.planned_on,
            row_of(session, row, life[row.id], language=language, today=today) if row.id else None,
        )
        for row in rows
    )
    return Readings(participant, place, tuple(visits))
