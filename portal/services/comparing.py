"""Which summaries of a participant can stand beside one another, and the record that two of them were read so."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.db.participant import Visit
from portal.db.summary import Summary
from portal.domain.audit import Deed
from portal.services import audit
from portal.services.actor import Actor


@dataclass(frozen=True)
class Candidate:
    """A summary of the same participant: the current one of another visit, or another edition of the same one."""

    summary_id: UUID
    visit: str
    planned_on: date
    number: int
    is_other_edition: bool


def candidates(session: Session, summary: Summary) -> list[Candidate]:
    """Give what a summary can be compared with, by day of visit; then the other editions of its own visit."""
    newer = aliased(Summary)
    has_newer = select(newer.id).where(newer.visit_id == Summary.visit_id, newer.number > Summary.number).exists()
    own = select(Visit.participant_id).where(Visit.id == summary.visit_id).scalar_subquery()
    rows = session.execute(
        select(Summary.id, Visit.id.label("visit_id"), Visit.code, Visit.planned_on, Summary.number)
        .join(Visit)
        .where(
            Visit.participant_id == own,
            Summary.id != summary.id,
            (Summary.visit_id == summary.visit_id) | ~has_newer,
        )
        .order_by(Visit.planned_on, Visit.code, Summary.number)
    )
    found = [Candidate(r.id, r.code, r.planned_on, r.number, r.visit_id == summary.visit_id) for r in rows]
    return sorted(found, key=lambda each: each.is_other_edition)


def choose(found: list[Candidate], here: date, wanted: str) -> Candidate | None:
    """Give the one asked for by visit code or summary id; unasked, the visit before, else the first there is.

    None when there is nothing to compare with.  Raises KeyError when what was asked for is not there.
    """
    if wanted:
        named = [each for each in found if wanted in (each.visit, str(each.summary_id))]
        if not named:
            raise KeyError(wanted)
        return named[0]
    before = [each for each in found if each.planned_on < here and not each.is_other_edition]
    return before[-1] if before else (found[0] if found else None)


def compared(session: Session, summary: Summary, other: Summary, *, by: Actor, at: datetime) -> None:
    """Note that a person read two summaries side by side."""
    event = audit.Event(
        deed=Deed.SUMMARY_COMPARED,
        subject_kind="summary",
        subject_id=summary.id,
        participant_id=session.scalar(select(Visit.participant_id).where(Visit.id == summary.visit_id)),
        new={"with": str(other.id)},
    )
    audit.record(session, event, by=by, at=at)
