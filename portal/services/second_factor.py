"""The code of a person's authenticator app: opens once, and after some wrong tries not for a while."""

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.orm import Session

from portal.db.staff import SignInAttempt, Staff
from portal.domain.audit import Deed
from portal.services import actor, audit

WRONG_TRIES = 5
PAUSE = timedelta(minutes=15)
STEP = 30  # seconds that a code lasts, RFC 6238


class SignInRefusedError(Exception):
    """The address, password and code do not open; which of them was wrong is never said."""


class SignInPausedError(SignInRefusedError):
    """Too many wrong tries under this address, known or not; `until` is when the next may be made."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class CodeUsedError(SignInRefusedError):
    """The code is right and has opened once already: the next one will do."""


def confirm(session: Session, staff_id: UUID, code: str, *, at: datetime, code_at: datetime | None = None) -> Staff:
    """Let a person who is signed in say once more that it is she, by the six digits of now; gives her row.

    Wrong codes count like wrong tries at signing in, and every refusal is audited, so the caller must commit also
    then; a right one leaves no record but the deed that it was asked for. `code_at` is as for signing in.
    Raises SignInPausedError, CodeUsedError, or SignInRefusedError.
    """
    staff = hold(session, staff_id)
    digest = digest_of(staff.email)
    if until := paused_until(session, digest, at):
        _record_refusal(session, staff, "paused", at)
        raise SignInPausedError(until)
    step = step_of(staff.totp_secret, code, code_at or at)
    if step is not None and staff.active:
        if not use(session, staff, step):
            _record_refusal(session, staff, "used", at)
            raise CodeUsedError
        session.add(SignInAttempt(email_digest=digest, at=at, succeeded=True))
        session.flush()
        return staff
    session.add(SignInAttempt(email_digest=digest, at=at, succeeded=False))
    session.flush()
    _record_refusal(session, staff, "wrong", at)
    raise SignInRefusedError


def hold(session: Session, staff_id: UUID) -> Staff:
    """Give a person's row, locked: tries made at the same moment are counted one after the other."""
    return session.scalars(select(Staff).where(Staff.id == staff_id).with_for_update()).one()


def digest_of(address: str) -> str:
    """Give the digest under which the tries of an address are kept."""
    return hashlib.sha256(address.encode()).hexdigest()


def paused_until(session: Session, digest: str, at: datetime) -> datetime | None:
    """Give until when an address must wait: the first of its last wrong tries is to be older than PAUSE."""
    wrong: list[datetime] = []
    tries = session.execute(
        select(SignInAttempt.at, SignInAttempt.succeeded)
        .where(SignInAttempt.email_digest == digest, SignInAttempt.at > at - PAUSE)
        .order_by(SignInAttempt.at.desc())
        .limit(WRONG_TRIES)
    )
    for made_at, succeeded in tries:
        if succeeded:
            return None
        wrong.append(made_at)
    return wrong[-1] + PAUSE if len(wrong) == WRONG_TRIES else None


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Give the step whose code this is: now, or one before or after for a clock that goes wrong; None if none."""
    digits = "".join(code.split())
    now = int(at.timestamp()) // STEP
    made = pyotp.TOTP(secret, interval=STEP)
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(made.generate_otp(step).encode(), digits.encode()):
            return step
    return None


def use(session: Session, staff: Staff, step: int) -> bool:
    """Use a code up; False when it, or a later one, was used before."""
    unused = or_(Staff.last_totp_step.is_(None), Staff.last_totp_step < step)
    used = session.execute(update(Staff).where(Staff.id == staff.id, unused).values(last_totp_step=step))
    assert isinstance(used, CursorResult)
    return used.rowcount == 1


def _record_refusal(session: Session, staff: Staff, why: str, at: datetime) -> None:
    event = audit.Event(deed=Deed.SIGNATURE_REFUSED, subject_kind="staff", subject_id=staff.id, reason=why)
    audit.record(session, event, by=actor.staff(staff.id), at=at)
