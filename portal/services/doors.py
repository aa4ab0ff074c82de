"""Doors: how a participant comes in, by link or short code and with her personal code, on a phone that is remembered.

Whatever is wrong (no such door, a revoked one, a wrong code, a participant who has withdrawn or not) is refused in the
same words and with the same statements to the store; only the trail knows the reason.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, contains_eager

from portal.db.door import AccessLink, Device
from portal.db.participant import Participant
from portal.domain import codes
from portal.domain.audit import Deed
from portal.domain.states import ParticipantStatus
from portal.services import actor, audit, code_attempts
from portal.services.actor import Actor

WRONG_CODES = 10
WITHIN = timedelta(hours=1)


class CodeRefusedError(Exception):
    """The code does not open this door; why not is nobody's business but the trail's."""


class TooManyCodesError(Exception):
    """Too many wrong codes within the hour: for now even the right one is refused."""


class WithdrawnError(CodeRefusedError):
    """The code is right, and its participant has withdrawn: she may be thanked, and no phone is let in."""

    def __init__(self, participant: Participant) -> None:
        super().__init__()
        self.participant = participant


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


def find_open(session: Session, participant_id: UUID) -> AccessLink | None:
    """Give a participant's door, None when she has none that is open."""
    return session.scalar(_OPEN, {"participant_id": participant_id})


def check_personal_code(session: Session, keys: DoorKeys, door_id: UUID, typed: str, *, at: datetime) -> AccessLink:
    """Give the door when the code opens it; every refusal is counted and in the trail.

    Raises CodeRefusedError (WithdrawnError for the right code of a participant who has withdrawn), or
    TooManyCodesError after WRONG_CODES wrong ones WITHIN the hour.
    """
    link = session.scalar(_DOOR, {"door_id": door_id})
    right = hmac.compare_digest(codes.personal_code(keys.secret_key, door_id).encode(), typed.encode())
    return _admitted(session, door_id, link, right, at)


def check_short_code(session: Session, keys: DoorKeys, participant_id: UUID, typed: str, *, at: datetime) -> AccessLink:
    """Give a participant's door when the short code is that door's, for a device that staff lent to her.

    Wrong ones count as wrong personal codes do.  Raises as check_personal_code does.
    """
    link = session.scalar(_OPEN.with_for_update(), {"participant_id": participant_id})
    if link is None:
        raise CodeRefusedError
    right = hmac.compare_digest(short_code(keys, link).encode(), (codes.read_short_code(typed) or "").encode())
    return _admitted(session, link.id, link, right, at)


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


_WITHDRAWN = "withdrawn"

_OPEN = select(AccessLink).where(
    AccessLink.participant_id == bindparam("participant_id"), AccessLink.revoked_at.is_(None)
)
# With its participant, so that a door that is somebody's takes no statement more than one that is nobody's.
_DOOR = (
    select(AccessLink)
    .join(AccessLink.participant)
    .options(contains_eager(AccessLink.participant))
    .where(AccessLink.id == bindparam("door_id"))
    .with_for_update(of=AccessLink)
)


def _admitted(session: Session, door_id: UUID, link: AccessLink | None, right: bool, at: datetime) -> AccessLink:
    """Give the door when the code was right and nothing else speaks against it; count and note every refusal."""
    if code_attempts.count_wrong(session, door_id, since=at - WITHIN) >= WRONG_CODES:
        _refuse(session, door_id, link, "too-many", at)
        raise TooManyCodesError
    reason = _why_not(link, right)
    code_attempts.keep(session, door_id, succeeded=reason in (None, _WITHDRAWN), at=at)
    if link is None or reason is not None:
        _refuse(session, door_id, link, reason or "unknown", at)
        if link and reason == _WITHDRAWN:
            raise WithdrawnError(link.participant)
        raise CodeRefusedError
    return link


def _why_not(link: AccessLink | None, right: bool) -> str | None:
    if link is None:
        return "unknown"
    if link.revoked_at is not None:
        return "revoked"
    if not right:
        return "wrong-code"
    return _WITHDRAWN if link.participant.status is ParticipantStatus.WITHDRAWN else None


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
