"""Scans and photographs of paper: kept as they came, beside the response that was keyed in from it."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.paper import Attachment
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response, Source
from portal.db.staff import Staff
from portal.domain.audit import Deed
from portal.services import audit
from portal.services.actor import Actor

LARGEST = 8 * 1024 * 1024  # bytes

ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf"}
_FIRST_BYTES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"%PDF-": "application/pdf"}


class ScanNotFoundError(Exception):
    """There is no such scan, or no such paper, at these sites."""


class NoScanError(Exception):
    """A file that is neither a PNG, a JPEG nor a PDF, whatever its name says, or one that is too large."""


class KeptAlreadyError(Exception):
    """The very same file is kept with this response already."""


@dataclass(frozen=True)
class Scan:
    """One scan as a page lists it."""

    id: UUID
    mimetype: str
    size: int
    sha256: str
    name: str
    at: datetime


def get_response_for(session: Session, site_ids: Collection[UUID], response_id: UUID) -> Response:
    """Give a response that came on paper, of these sites.  Raises ScanNotFoundError, also for another site's."""
    found = session.scalar(
        select(Response)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .join(Visit, Visit.id == Assignment.visit_id)
        .join(Participant, Participant.id == Visit.participant_id)
        .where(Response.id == response_id, Participant.site_id.in_(site_ids))
    )
    if found is None:
        raise ScanNotFoundError(str(response_id))
    return found


def can_hold(response: Response) -> bool:
    """Whether there is paper to be scanned."""
    return response.source is Source.PAPER


def keep(session: Session, response: Response, content: bytes, *, by: Actor, at: datetime) -> Attachment:
    """Keep a file as it is, with its SHA-256.  Raises NoScanError or KeptAlreadyError."""
    mimetype = next((kind for first, kind in _FIRST_BYTES.items() if content.startswith(first)), None)
    if mimetype is None or len(content) > LARGEST or not can_hold(response):
        raise NoScanError
    digest = hashlib.sha256(content).hexdigest()
    # Two presses at once wait for each other, so that the second one is told and does not fail.
    session.execute(select(Response.id).where(Response.id == response.id).with_for_update())
    kept = select(Attachment.id).where(Attachment.response_id == response.id, Attachment.sha256 == digest)
    if session.scalar(kept):
        raise KeptAlreadyError
    assert by.id is not None
    scan = Attachment(
        id=uuid4(),
        response_id=response.id,
        mimetype=mimetype,
        content=content,
        sha256=digest,
        attached_by=by.id,
        at=at,
    )
    session.add(scan)
    session.flush()
    new = {"mimetype": mimetype, "size": len(content), "sha256": digest}
    audit.record(session, _event(session, Deed.ATTACHMENT_KEPT, scan, new), by=by, at=at)
    return scan


def count_by_response(session: Session, response_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count the scans of each of these responses that has any."""
    counted = (
        select(Attachment.response_id, func.count().label("scans"))
        .where(Attachment.response_id.in_(response_ids))
        .group_by(Attachment.response_id)
    )
    return {row.response_id: row.scans for row in session.execute(counted)}


def list_of(session: Session, response_id: UUID) -> list[Scan]:
    """List the scans of a response, oldest first, without their bytes."""
    rows = session.execute(
        select(
            Attachment.id,
            Attachment.mimetype,
            func.length(Attachment.content).label("size"),
            Attachment.sha256,
            Staff.name,
            Attachment.at,
        )
        .join(Staff, Staff.id == Attachment.attached_by)
        .where(Attachment.response_id == response_id)
        .order_by(Attachment.at, Attachment.id)
    )
    return [Scan(*row) for row in rows]


def open_for(
    session: Session, site_ids: Collection[UUID], attachment_id: UUID, *, by: Actor, at: datetime
) -> Attachment:
    """Give a scan of these sites with its bytes, and record the look.  Raises ScanNotFoundError."""
    scan = session.get(Attachment, attachment_id)
    if scan is None:
        raise ScanNotFoundError(str(attachment_id))
    get_response_for(session, site_ids, scan.response_id)
    audit.record(session, _event(session, Deed.ATTACHMENT_OPENED, scan, None), by=by, at=at)
    return scan


def _event(session: Session, deed: Deed, scan: Attachment, new: dict[str, object] | None) -> audit.Event:
    of_whom = select(Visit.participant_id).join(Assignment).join(Response).where(Response.id == scan.response_id)
    return audit.Event(
        deed=deed,
        subject_kind="attachment",
        subject_id=scan.id,
        participant_id=session.scalar(of_whom),
        new=new,
    )
