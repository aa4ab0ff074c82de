"""What happens to a summary after it was made: delivered, opened, printed, seen, each appended and audited."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.participant import Visit
from portal.db.signature import Signature
from portal.db.staff import Staff
from portal.db.summary import LifeEvent, Summary, SummaryEvent
from portal.domain.audit import ActorKind, Deed
from portal.domain.summary import DIGEST_DIGITS
from portal.domain.summary_answers import Replaced
from portal.services import audit
from portal.services.actor import Actor

DEEDS = {
    LifeEvent.DELIVERED: Deed.SUMMARY_DELIVERED,
    LifeEvent.OPENED: Deed.SUMMARY_OPENED,
    LifeEvent.PRINTED: Deed.SUMMARY_PRINTED,
    LifeEvent.SEEN: Deed.SUMMARY_SEEN,
}


class Mishap(StrEnum):
    """What becomes of a summary without anybody of the site.

    BOUNCED     a mail that announces it came back
    HELD_UP     another server was still trying to deliver one
    UNKNOWN     a mail may not have arrived
    FAILED      a mail could not be delivered
    NOBODY      there was nobody to write to
    SUPERSEDED  a newer edition took its place
    """

    BOUNCED = "bounced"
    HELD_UP = "held-up"
    UNKNOWN = "unknown"
    FAILED = "failed"
    NOBODY = "nobody"
    SUPERSEDED = "superseded"


_IN_A_ROW = (LifeEvent.OPENED, LifeEvent.DELIVERED, Mishap.HELD_UP)


@dataclass(frozen=True)
class LifeLine:
    """One event of a summary's life; `name` is the person's, empty when the portal did it.

    `times` > 1 = several looks of one person, or mails taken over, in a row, the last of them `at`. `number` is the
    edition that took its place.
    """

    kind: LifeEvent | Mishap
    at: datetime
    name: str
    times: int = 1
    number: int = 0


def delivered(session: Session, summary: Summary, *, by: Actor, at: datetime) -> None:
    """Note that a mail with the link to this summary was accepted for the site."""
    _note(session, summary, LifeEvent.DELIVERED, by, at)


def listed(session: Session, summary_ids: Collection[UUID], *, by: Actor, at: datetime) -> None:
    """Note that a person read what stands out in these summaries on a list: one event, and none when it was empty."""
    if summary_ids:
        shown = {"summaries": [str(each) for each in summary_ids]}
        audit.record(session, audit.Event(deed=Deed.SUMMARY_LISTED, subject_kind="summary", new=shown), by=by, at=at)


def exported(session: Session, summary: Summary, language: str, pdf: bytes, *, by: Actor, at: datetime) -> None:
    """Note that a summary left the portal as a file, with the file's hash."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    audit.record(session, _event(session, summary, Deed.SUMMARY_EXPORTED, language, {"sha256": sha256}), by=by, at=at)


def opened(session: Session, summary: Summary, *, by: Actor, at: datetime) -> None:
    """Note that a person looked at it, on screen or as a document; each look is an event."""
    _note(session, summary, LifeEvent.OPENED, by, at)


def printed(session: Session, summary: Summary, *, by: Actor, at: datetime) -> None:
    """Note that a person says she printed it."""
    _note(session, summary, LifeEvent.PRINTED, by, at)


def seen(session: Session, summary: Summary, *, by: Actor, at: datetime) -> None:
    """Note that an investigator says he has seen it; once for each person, a repeat changes nothing."""
    already = session.scalar(
        select(SummaryEvent.id).where(
            SummaryEvent.summary_id == summary.id,
            SummaryEvent.kind == LifeEvent.SEEN,
            SummaryEvent.by_staff == by.id,
        )
    )
    if already is None:
        _note(session, summary, LifeEvent.SEEN, by, at)


def life(session: Session, summary_ids: Collection[UUID]) -> dict[UUID, list[LifeLine]]:
    """Give the events of these summaries, oldest first; one query whatever their number."""
    found: dict[UUID, list[LifeLine]] = {summary_id: [] for summary_id in summary_ids}
    rows = session.execute(
        select(SummaryEvent.summary_id, SummaryEvent.kind, SummaryEvent.at, Staff.name)
        .outerjoin(Staff, Staff.id == SummaryEvent.by_staff)
        .where(SummaryEvent.summary_id.in_(summary_ids))
        .order_by(SummaryEvent.at)
    )
    for row in rows:
        found[row.summary_id].append(LifeLine(row.kind, row.at, row.name or ""))
    return found


def replaced(session: Session, summary: Summary) -> Replaced:
    """Give an edition as the next one names it: made when, and printed and signed last when and by whom."""
    printed_last = session.execute(
        select(SummaryEvent.at, Staff.name)
        .join(Staff, Staff.id == SummaryEvent.by_staff)
        .where(SummaryEvent.summary_id == summary.id, SummaryEvent.kind == LifeEvent.PRINTED)
        .order_by(SummaryEvent.at.desc())
        .limit(1)
    ).first()
    signed_last = session.execute(
        select(Signature.signed_at, Signature.printed_name)
        .where(Signature.summary_id == summary.id)
        .order_by(Signature.signed_at.desc())
        .limit(1)
    ).first()
    digest = summary.content_hash[:DIGEST_DIGITS]
    nobody = (None, None)
    return Replaced(summary.number, summary.made_at, digest, *(printed_last or nobody), *(signed_last or nobody))


def told(lines: Sequence[LifeLine]) -> list[LifeLine]:
    """Give a life as it is read: looks of one person, or mails, that nothing came between are one line."""
    made: list[LifeLine] = []
    for line in lines:
        last = made[-1] if made else None
        if last and line.kind in _IN_A_ROW and (last.kind, last.name) == (line.kind, line.name):
            made[-1] = replace(line, times=last.times + 1)
        else:
            made.append(line)
    return made


def first_events(session: Session, summary_ids: Collection[UUID]) -> dict[UUID, Mapping[LifeEvent, datetime]]:
    """Give when each kind of event first happened to these summaries; one query whatever their number."""
    found: dict[UUID, dict[LifeEvent, datetime]] = {}
    rows = session.execute(
        select(SummaryEvent.summary_id, SummaryEvent.kind, func.min(SummaryEvent.at).label("at"))
        .where(SummaryEvent.summary_id.in_(summary_ids))
        .group_by(SummaryEvent.summary_id, SummaryEvent.kind)
    )
    for row in rows:
        found.setdefault(row.summary_id, {})[row.kind] = row.at
    return dict(found)


def _note(session: Session, summary: Summary, kind: LifeEvent, by: Actor, at: datetime) -> None:
    staff_id = by.id if by.kind is ActorKind.STAFF else None
    session.add(SummaryEvent(summary_id=summary.id, kind=kind, at=at, by_staff=staff_id))
    session.flush()
    audit.record(session, _event(session, summary, DEEDS[kind]), by=by, at=at)


def _event(
    session: Session, summary: Summary, deed: Deed, field: str | None = None, new: dict[str, str] | None = None
) -> audit.Event:
    return audit.Event(
        deed=deed,
        subject_kind="summary",
        subject_id=summary.id,
        participant_id=session.scalar(select(Visit.participant_id).where(Visit.id == summary.visit_id)),
        field=field,
        new=new,
    )
