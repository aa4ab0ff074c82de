"""Doors: how a participant comes in, by link or short code and with her personal code, on a phone that is remembered.

Whatever is wrong (no such door, a revoked one, a withdrawn participant, a wrong code) is refused in the same way; only
the trail knows the reason.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.door import AccessLink, CodeAttempt, Device
from portal.db.participant import Participant
from portal.domain import codes
from portal.domain.audit import Deed
from portal.domain.states import ParticipantStatus
from portal.services import actor, audit
from portal.services.actor import Actor

WRONG_CODES = 10
WITHIN = timedelta(hours=1)


class CodeRefusedError(Exception):
    """The code does not open this door; why not is nobody's business but the trail's."""


class TooManyCodesError(Exception):
    """Too many wrong codes within the hour: for now even the right one is refused."""


@dataclass(frozen=True)
class DoorKeys:
    """The secret from which every door's codes are derived."""

    secret_key: str = field(repr=False)


def issue(session: Session, participant: Participant, keys: DoorKeys, *, by: Actor, at: datetime) -> AccessLink:
    """Give a participant a new door; the one she had dies, and with it every phone that it had let in."""
    events = []
    for old in session.scalars(
        select(AccessLink).where(AccessLink.participant_id == participant.id, AccessLink.revoked_at.is_(None))
    ):
        old.revoked_at = at
        events.append(_event(Deed.LINK_REVOKED, old))
    session.flush()
    link = AccessLink(id=uuid4(), participant_id=participant.id, issued_at=at)
    link.short_code_digest = codes.short_code_digest(keys.secret_key, short_code(keys, link))
    session.add(link)
    session.flush()
    audit.record(session, *events, _event(Deed.LINK_ISSUED, link), by=by, at=at)
    return link


def token(keys: DoorKeys, link: AccessLink) -> str:
    """Give what follows /o/ in the door's link."""
    return codes.token(keys.secret_key, link.id)


def short_code(keys: DoorKeys, link: AccessLink) -> str:
    """Give the door's short code, XXXX-XXXX."""
    return codes.short_code(keys.secret_key, link.id)


def personal_code(keys: DoorKeys, link: AccessLink) -> str:
    """Give the door's personal code, six digits."""
    return codes.personal_code(keys.secret_key, link.id)


def read_token(keys: DoorKeys, text: str) -> UUID:
    """Give the id of the door that a token leads to; a made-up token leads to a door that is nobody's."""
    return codes.find_door(keys.secret_key, text) or codes.phantom(keys.secret_key, text)


def read_short_code(session: Session, keys: DoorKeys, text: str) -> UUID:
    """Give the id of the door that a short code leads to; a made-up code leads to a door that is nobody's."""
    code = codes.read_short_code(text) or text
    digest = codes.short_code_digest(keys.secret_key, code)
    found = session.scalar(select(AccessLink.id).where(AccessLink.short_code_digest == digest))
    return found or codes.phantom(keys.secret_key, code)


def check_personal_code(session: Session, keys: DoorKeys, door_id: UUID, typed: str, *, at: datetime) -> AccessLink:
    """Give the door when the code opens it; every refusal is counted and in the trail.

    Raises CodeRefusedError, or TooManyCodesError after WRONG_CODES wrong ones WITHIN the hour.
    """
    link = session.scalar(select(AccessLink).where(AccessLink.id == door_id).with_for_update())
    if _count_wrong(session, door_id, link, since=at - WITHIN) >= WRONG_CODES:
        _refuse(session, door_id, link, "too-many", at)
        raise TooManyCodesError
    right = hmac.compare_digest(codes.personal_code(keys.secret_key, door_id).encode(), typed.encode())
    reason = _why_not(link, right)
    if link is not None:
        session.add(CodeAttempt(access_link_id=link.id, at=at, succeeded=reason is None))
    if link is None or reason is not None:
        _refuse(session, door_id, link, reason or "unknown", at)
        raise CodeRefusedError
    session.flush()
    return link


def enrol_device(session: Session, link: AccessLink, *, at: datetime) -> tuple[Device, str]:
    """Remember a phone that was opened with the code; gives the secret for its cookie, which is kept as a digest."""
    cookie = secrets.token_urlsafe(32)
    device = Device(id=uuid4(), access_link_id=link.id, token_digest=_digest(cookie), enrolled_at=at)
    session.add(device)
    session.flush()
    event = _device_event(Deed.DEVICE_ENROLLED, device, link.participant_id)
    audit.record(session, event, by=actor.patient(link.participant_id), at=at)
    return device, cookie


def find_device(session: Session, cookie: str) -> Device | None:
    """Give the phone that a cookie belongs to, unless it was forgotten or its door has died."""
    return session.scalar(
        select(Device)
        .join(AccessLink)
        .where(Device.token_digest == _digest(cookie), Device.forgotten_at.is_(None), AccessLink.revoked_at.is_(None))
    )


def note_opened(session: Session, device: Device, *, at: datetime) -> None:
    """Note in the trail that a remembered phone came in."""
    link = session.get_one(AccessLink, device.access_link_id)
    event = _device_event(Deed.DOOR_OPENED, device, link.participant_id)
    audit.record(session, event, by=actor.patient(link.participant_id), at=at)


def forget_device(session: Session, device: Device, *, by: Actor, at: datetime) -> None:
    """Forget a phone: it will be asked for the code again."""
    device.forgotten_at = at
    session.flush()
    link = session.get_one(AccessLink, device.access_link_id)
    audit.record(session, _device_event(Deed.DEVICE_FORGOTTEN, device, link.participant_id), by=by, at=at)


def _why_not(link: AccessLink | None, right: bool) -> str | None:
    if link is None:
        return "unknown"
    if link.revoked_at is not None:
        return "revoked"
    if link.participant.status is ParticipantStatus.WITHDRAWN:
        return "withdrawn"
    return None if right else "wrong-code"


def _count_wrong(session: Session, door_id: UUID, link: AccessLink | None, *, since: datetime) -> int:
    """Count wrong codes; a door that is nobody's has no rows of its own, so the trail counts for it."""
    if link is not None:
        query = select(func.count()).where(
            CodeAttempt.access_link_id == link.id, CodeAttempt.at > since, CodeAttempt.succeeded.is_(False)
        )
    else:
        query = select(func.count()).where(
            AuditEvent.subject_kind == "access_link",
            AuditEvent.subject_id == door_id,
            AuditEvent.deed == Deed.DOOR_REFUSED,
            AuditEvent.reason == "unknown",
            AuditEvent.at > since,
        )
    return session.scalar(query) or 0


def _refuse(session: Session, door_id: UUID, link: AccessLink | None, reason: str, at: datetime) -> None:
    session.flush()
    event = audit.Event(
        deed=Deed.DOOR_REFUSED,
        subject_kind="access_link",
        subject_id=door_id,
        participant_id=link.participant_id if link else None,
        reason=reason,
    )
    audit.record(session, event, by=actor.SYSTEM, at=at)


def _event(deed: Deed, link: AccessLink) -> audit.Event:
    return audit.Event(deed=deed, subject_kind="access_link", subject_id=link.id, participant_id=link.participant_id)


def _device_event(deed: Deed, device: Device, participant_id: UUID) -> audit.Event:
    return audit.Event(deed=deed, subject_kind="device", subject_id=device.id, participant_id=participant_id)


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
