"""Documents that would not come out: when each is tried again, and from when on staff are shown it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.db.participant import Participant, Visit
from portal.db.signature import Signature
from portal.db.summary import Summary
from portal.db.watch import RenderFault, RenderSubject

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""How long after each failed try the next one comes; when the last has failed too, staff are shown it."""
LATER = timedelta(hours=6)
"""How long between the tries after that: a newer release of the portal may print what this one could not."""
_LONGEST = 64


@dataclass(frozen=True)
class Wanted:
    """One document to be made: of what, and in which language."""

    kind: RenderSubject
    subject: str
    language: str


def note(session: Session, wanted: Wanted, fault: str, *, at: datetime) -> RenderFault:
    """Count one more failed try, and settle when the next one comes."""
    row = _find(session, wanted)
    if row is None:
        row = RenderFault(kind=wanted.kind, subject=wanted.subject, language=wanted.language, attempts=0)
        session.add(row)
    row.attempts += 1
    row.fault, row.last_at = fault[:_LONGEST], at
    row.next_at = at + (WAITS[row.attempts - 1] if row.attempts <= len(WAITS) else LATER)
    if row.attempts > len(WAITS) and row.given_up_at is None:
        row.given_up_at = at
    session.flush()
    return row


def clear(session: Session, wanted: Wanted) -> None:
    """Forget the failed tries of a document that has come out."""
    row = _find(session, wanted)
    if row is not None:
        session.delete(row)
        session.flush()


def tried(session: Session) -> dict[Wanted, datetime]:
    """Give each document that failed and when it is tried next."""
    return {Wanted(row.kind, row.subject, row.language): row.next_at for row in session.scalars(select(RenderFault))}


def given_up(session: Session) -> dict[RenderSubject, int]:
    """Count the documents that staff are shown as unprintable, by what they are of."""
    rows = session.execute(
        select(RenderFault.kind, func.count()).where(RenderFault.given_up_at.is_not(None)).group_by(RenderFault.kind)
    )
    return {row.kind: row[1] for row in rows}


def unprintable(session: Session, summary_ids: Collection[UUID]) -> frozenset[UUID]:
    """Give those of the summaries of which a page, or a signed copy, could not be printed."""
    failed = {
        (row.kind, row.subject)
        for row in session.execute(
            select(RenderFault.kind, RenderFault.subject).where(RenderFault.given_up_at.is_not(None))
        )
    }
    if not failed:
        return frozenset()
    found = {each for each in summary_ids if (RenderSubject.SUMMARY, str(each)) in failed}
    copies = session.execute(select(Signature.id, Signature.summary_id).where(Signature.summary_id.in_(summary_ids)))
    found |= {row.summary_id for row in copies if (RenderSubject.SIGNATURE, str(row.id)) in failed}
    return frozenset(found)


def unprintable_visits(session: Session, visit_ids: Collection[UUID]) -> frozenset[UUID]:
    """Give those of the visits whose latest summary could not be printed; nothing failed = one query."""
    if not given_up(session):
        return frozenset()
    rows = session.execute(
        select(Summary.visit_id, Summary.id).where(Summary.visit_id.in_(visit_ids)).order_by(Summary.number)
    )
    latest = {row.visit_id: row.id for row in rows}
    failed = unprintable(session, latest.values())
    return frozenset(visit_id for visit_id, summary_id in latest.items() if summary_id in failed)


def count_since(session: Session, site_id: UUID, *, since: datetime) -> int:
    """Count the summaries of a site of which a page, or a signed copy, was given up since an instant."""
    rows = session.execute(
        select(RenderFault.kind, RenderFault.subject).where(
            RenderFault.kind != RenderSubject.BLANK_FORM, RenderFault.given_up_at >= since
        )
    )
    ids: dict[RenderSubject, set[UUID]] = {}
    for row in rows:
        ids.setdefault(row.kind, set()).add(UUID(row.subject))
    if not ids:
        return 0
    signed = select(Signature.summary_id).where(Signature.id.in_(ids.get(RenderSubject.SIGNATURE, ())))
    of_site = (
        select(func.count())
        .select_from(Summary)
        .join(Visit, Visit.id == Summary.visit_id)
        .join(Participant, Participant.id == Visit.participant_id)
        .where(
            Participant.site_id == site_id,
            or_(Summary.id.in_(ids.get(RenderSubject.SUMMARY, ())), Summary.id.in_(signed)),
        )
    )
    return session.scalar(of_site) or 0


def _find(session: Session, wanted: Wanted) -> RenderFault | None:
    return session.get(RenderFault, (wanted.kind, wanted.subject, wanted.language))
