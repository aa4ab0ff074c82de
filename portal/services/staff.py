"""Members of staff: added with their roles, signed in with a password and a code that opens once, deactivated."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.db.staff import SignInAttempt, Staff, StaffRole
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor, audit, second_factor
from portal.services.actor import SYSTEM, Actor
from portal.services.second_factor import SignInPausedError, SignInRefusedError

__all__ = [
    "SHORTEST_PASSWORD",
    "EmailTakenError",
    "SignInPausedError",
    "SignInRefusedError",
    "StaffNotFoundError",
    "WeakPasswordError",
    "add",
    "deactivate",
    "investigators_of",
    "list_all",
    "nurses_of",
    "provisioning_uri",
    "sign_in",
    "sign_out",
]

SHORTEST_PASSWORD = 12  # characters, beside a second factor (NIST SP 800-63B asks for 8)

# OWASP's smaller profile: the default asks for 64 MiB, and a web worker has 90 MB in all.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Verified for an address that nobody has, so that the answer takes as long as for one that somebody has.
_NOBODYS_HASH = _hasher.hash("nobody has this password")


class EmailTakenError(Exception):
    """Somebody with this address is there already; the text names the address."""


class WeakPasswordError(Exception):
    """The password is shorter than SHORTEST_PASSWORD characters."""


class StaffNotFoundError(Exception):
    """Nobody has this address; the text names it."""


def add(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    roles: Collection[tuple[UUID, Role]],
    language: str = "fr",
    by: Actor,
    at: datetime,
) -> Staff:
    """Add a person with `roles` (site id, role) and a fresh TOTP secret (`totp_secret`, base 32).

    Raises EmailTakenError or WeakPasswordError.
    """
    address = _normal(email)
    if session.scalar(select(Staff.id).where(Staff.email == address)):
        raise EmailTakenError(address)
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPasswordError
    staff = Staff(
        email=address,
        name=name.strip(),
        language=language,
        password_hash=_hasher.hash(password),
        totp_secret=pyotp.random_base32(),
        created_at=at,
        roles=[StaffRole(site_id=site_id, role=role) for site_id, role in roles],
    )
    session.add(staff)
    session.flush()
    given = sorted([str(site_id), role.value] for site_id, role in roles)
    new = {"email": address, "name": staff.name, "roles": given}
    audit.record(session, _event(Deed.STAFF_ADDED, staff.id, new=new), by=by, at=at)
    return staff


def deactivate(session: Session, email: str, *, by: Actor, at: datetime) -> Staff:
    """Close a person's way in, at once and for sessions already open; again changes nothing.

    Raises StaffNotFoundError.
    """
    staff = session.scalar(select(Staff).where(Staff.email == _normal(email)))
    if staff is None:
        raise StaffNotFoundError(_normal(email))
    if staff.active:
        staff.active = False
        session.flush()
        event = _event(Deed.STAFF_DEACTIVATED, staff.id, field="active", old=True, new=False)
        audit.record(session, event, by=by, at=at)
    return staff


def list_all(session: Session) -> list[Staff]:
    """Give everyone with roles and sites, by address."""
    with_sites = selectinload(Staff.roles).selectinload(StaffRole.site)
    return list(session.scalars(select(Staff).order_by(Staff.email).options(with_sites)))


def investigators_of(session: Session, site_id: UUID) -> list[Staff]:
    """Give the active investigators of a site, by address."""
    return _of_site(session, site_id, Role.INVESTIGATOR)


def nurses_of(session: Session, site_id: UUID) -> list[Staff]:
    """Give the active nurses of a site, by address."""
    return _of_site(session, site_id, Role.NURSE)


def _of_site(session: Session, site_id: UUID, role: Role) -> list[Staff]:
    return list(
        session.scalars(
            select(Staff)
            .join(StaffRole)
            .where(StaffRole.site_id == site_id, StaffRole.role == role, Staff.active)
            .order_by(Staff.email)
        )
    )


def sign_in(
    session: Session, email: str, password: str, code: str, *, at: datetime, code_at: datetime | None = None
) -> Staff:
    """Let a person in by address, password and the six digits of now, the step before or the step after.

    `code_at` is the instant that authenticator apps go by, where a demonstration's clock has moved `at` away from it.
    Every try is kept and audited; the caller must commit also when it is refused.
    Raises SignInPausedError after second_factor.WRONG_TRIES wrong ones within PAUSE, else SignInRefusedError.
    """
    address = _normal(email)
    digest = second_factor.digest_of(address)
    # Locked, so that tries made at the same moment are counted one after the other.
    staff = session.scalar(select(Staff).where(Staff.email == address).with_for_update())
    if until := second_factor.paused_until(session, digest, at):
        _record_refusal(session, staff, digest, "paused", at)
        raise SignInPausedError(until)
    knows_password = _matches(staff.password_hash if staff else _NOBODYS_HASH, password)
    step = second_factor.step_of(staff.totp_secret if staff else pyotp.random_base32(), code, code_at or at)
    opens = (
        staff is not None
        and staff.active
        and bool(staff.roles)
        and knows_password
        and step is not None
        and second_factor.use(session, staff, step)
    )
    session.add(SignInAttempt(email_digest=digest, at=at, succeeded=opens))
    session.flush()
    if staff is None or not opens:
        _record_refusal(session, staff, digest, "wrong", at)
        raise SignInRefusedError
    audit.record(session, _event(Deed.STAFF_SIGNED_IN, staff.id), by=actor.staff(staff.id), at=at)
    return staff


def sign_out(session: Session, *, by: Actor, at: datetime) -> None:
    """Record that a person signed out."""
    audit.record(session, _event(Deed.STAFF_SIGNED_OUT, by.id), by=by, at=at)


def provisioning_uri(staff: Staff) -> str:
    """Give the otpauth:// address that an authenticator app takes in."""
    uri: str = pyotp.TOTP(staff.totp_secret).provisioning_uri(name=staff.email, issuer_name="Previsit")
    return uri


def _normal(email: str) -> str:
    return email.strip().casefold().replace("\0", "")  # which PostgreSQL would not even compare


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except VerifyMismatchError:
        return False


def _record_refusal(session: Session, staff: Staff | None, digest: str, why: str, at: datetime) -> None:
    event = _event(Deed.STAFF_SIGN_IN_REFUSED, staff.id if staff else None, new={"email_digest": digest}, reason=why)
    audit.record(session, event, by=SYSTEM, at=at)


def _event(deed: Deed, staff_id: UUID | None, **what: object) -> audit.Event:
    return audit.Event(deed=deed, subject_kind="staff", subject_id=staff_id, **what)  # type: ignore[arg-type] # field, old, new and reason pass through
