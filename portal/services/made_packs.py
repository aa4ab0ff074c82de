"""Packs that were made: kept in the trail alone, each with what was in it; that one was printed, a person says."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain.audit import Deed
from portal.services import audit, paper_issues, summary_life
from portal.services.actor import Actor
from portal.services.packs import KeptDocument, PackVisit
from portal.services.paper_issues import Issue

_SUBJECT = "pack"
_SHOWN = 50  # of a site, the newest


class PackNotFoundError(Exception):
    """No such pack was made at these sites."""


@dataclass(frozen=True)
class Made:
    """A pack that was made, of a day of a site: the file's SHA-256, its pages and its language."""

    pack_id: UUID
    site_id: UUID
    on: date
    sha256: str
    pages: int
    language: str


@dataclass(frozen=True)
class MadePack:
    """A pack of one day as the trail knows it; `printed_at` when somebody has said so."""

    pack_id: UUID
    at: datetime
    by: str
    visits: int
    pages: int
    summaries: tuple[UUID, ...]
    printed_at: datetime | None
    printed_by: str


def note_made(
    session: Session,
    made: Made,
    visits: Sequence[PackVisit],
    documents: dict[UUID, KeptDocument],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Note that a pack left the portal: the file, each summary in it at its edition, and the paper now expected."""
    printed = [visit for visit in visits if visit.has_summary]
    told = {"pack": str(made.pack_id), "day": made.on.isoformat(), "sha256": made.sha256, "pages": made.pages}
    told |= {"language": made.language, "visits": [str(visit.visit_id) for visit in visits]}
    told["summaries"] = [str(visit.summary.summary_id) for visit in printed if visit.summary]
    events = [audit.Event(deed=Deed.PACK_MADE, subject_kind=_SUBJECT, subject_id=made.site_id, new=told)]
    events += [_exported(visit, documents, made) for visit in printed]
    audit.record(session, *events, by=by, at=at)
    issues = [
        Issue(visit.visit_id, visit.participant_id, visit.language, False, visit.blanks)
        for visit in visits
        if visit.blanks
    ]
    paper_issues.note(session, issues, by=by, at=at)


def list_made(session: Session, site_id: UUID, on: date) -> list[MadePack]:
    """Give the packs made for a day of a site, the newest first; one query."""
    rows = session.execute(
        select(AuditEvent.deed, AuditEvent.at, AuditEvent.new, Staff.name)
        .outerjoin(Staff, Staff.id == AuditEvent.actor_id)
        .where(AuditEvent.subject_kind == _SUBJECT, AuditEvent.subject_id == site_id)
        .order_by(AuditEvent.id.desc())
        .limit(2 * _SHOWN)
    ).all()
    printed = {row.new["pack"]: row for row in rows if row.deed == Deed.PACK_PRINTED}
    of_day = [row for row in rows if row.deed == Deed.PACK_MADE and row.new["day"] == on.isoformat()]
    return [_made(row, printed.get(row.new["pack"])) for row in of_day]


def note_printed(
    session: Session, site_ids: Collection[UUID], pack_id: UUID, *, by: Actor, at: datetime
) -> tuple[UUID, date]:
    """Note that a person says she printed a pack, and with it each summary at the edition that was in it.

    Gives its site and day; a repeat changes nothing.  Raises PackNotFoundError, also for another site's.
    """
    events: Sequence[Any] = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject_kind == _SUBJECT, AuditEvent.subject_id.in_(site_ids))
        .order_by(AuditEvent.id.desc())
    ).all()
    of_pack = [event for event in events if event.new["pack"] == str(pack_id)]
    made = next((event for event in of_pack if event.deed == Deed.PACK_MADE), None)
    if made is None or made.subject_id is None:
        raise PackNotFoundError(str(pack_id))
    if not any(event.deed == Deed.PACK_PRINTED for event in of_pack):
        wanted = [UUID(each) for each in made.new["summaries"]]
        for summary in session.scalars(select(Summary).where(Summary.id.in_(wanted)).order_by(Summary.id)):
            summary_life.printed(session, summary, by=by, at=at)
        told = {"pack": str(pack_id), "day": made.new["day"], "sha256": made.new["sha256"]}
        event = audit.Event(deed=Deed.PACK_PRINTED, subject_kind=_SUBJECT, subject_id=made.subject_id, new=told)
        audit.record(session, event, by=by, at=at)
    return made.subject_id, date.fromisoformat(made.new["day"])


def _exported(visit: PackVisit, documents: dict[UUID, KeptDocument], made: Made) -> audit.Event:
    assert visit.summary is not None
    kept = documents.get(visit.summary.summary_id)
    told = {"pack": str(made.pack_id)} | ({"sha256": kept.sha256} if kept else {})
    return audit.Event(
        deed=Deed.SUMMARY_EXPORTED,
        subject_kind="summary",
        subject_id=visit.summary.summary_id,
        participant_id=visit.participant_id,
        field=made.language,
        new=told,
    )


def _made(row: Any, printed: Any) -> MadePack:
    return MadePack(
        pack_id=UUID(row.new["pack"]),
        at=row.at,
        by=row.name or "",
        visits=len(row.new["visits"]),
        pages=row.new["pages"],
        summaries=tuple(UUID(each) for each in row.new["summaries"]),
        printed_at=printed.at if printed else None,
        printed_by=(printed.name or "") if printed else "",
    )
