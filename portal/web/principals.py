"""Who is asking: read once a request from the signed session cookie and checked against the store."""

from dataclasses import dataclass
from uuid import UUID

from flask import g, session
from sqlalchemy import bindparam, select

from portal.db.door import AccessLink, Device
from portal.db.participant import Participant
from portal.db.staff import Staff, StaffRole
from portal.db.study import Site
from portal.domain.roles import Role
from portal.services import actor
from portal.services.actor import Actor
from portal.web import lent_session, staff_session, stores


@dataclass(frozen=True)
class PatientPrincipal:
    """A participant on a phone that was enrolled with her code."""

    participant_id: UUID
    participant_number: str
    site_id: UUID
    language: str
    device_id: UUID

    @property
    def actor(self) -> Actor:
        """Give her as the doer of a deed."""
        return actor.patient(self.participant_id)


@dataclass(frozen=True)
class StaffPrincipal:
    """A member of staff who has signed in; `roles` are pairs of site id and role, `site_names` for the reader."""

    id: UUID
    name: str
    email: str
    roles: frozenset[tuple[UUID, Role]]
    site_names: tuple[str, ...]

    @property
    def actor(self) -> Actor:
        """Give this person as the doer of a deed."""
        return actor.staff(self.id)

    @property
    def all_roles(self) -> frozenset[Role]:
        """The roles held at any site."""
        return frozenset(role for _, role in self.roles)

    def sites_as(self, *roles: Role) -> frozenset[UUID]:
        """The ids of the sites at which this person has one of `roles`."""
        return frozenset(site_id for site_id, role in self.roles if role in roles)


def find_patient() -> PatientPrincipal | None:
    """Give the participant whose enrolled phone asks, or None; a forgotten phone or a revoked door is nobody's."""
    if "patient" not in g:
        g.patient = _load_patient()
    return g.patient  # type: ignore[no-any-return] # g is untyped


def current_patient() -> PatientPrincipal:
    """Give the participant who asks; only for views that declare `patients_only`."""
    patient = find_patient()
    assert patient is not None
    return patient


def find_staff() -> StaffPrincipal | None:
    """Give the member of staff who asks, or None."""
    if "staff" not in g:
        g.staff = _load_staff()
    return g.staff  # type: ignore[no-any-return] # g is untyped


def current_staff() -> StaffPrincipal:
    """Give the member of staff who asks; only for views that declare roles."""
    staff = find_staff()
    assert staff is not None
    return staff


# Built once: every answer that a phone sends asks this first.
_PATIENT = (
    select(Participant.id, Participant.participant_number, Participant.site_id, Participant.language, Device.id)
    .join(AccessLink, AccessLink.participant_id == Participant.id)
    .join(Device, Device.access_link_id == AccessLink.id)
    .where(Device.id == bindparam("device_id"), Device.forgotten_at.is_(None), AccessLink.revoked_at.is_(None))
)


def _load_patient() -> PatientPrincipal | None:
    lent_session.find()  # a device that was lent for too long is nobody's any more
    device_id = session.get("device")
    if device_id is None:
        return None
    row = stores.session().execute(_PATIENT, {"device_id": UUID(device_id)}).first()
    return PatientPrincipal(*row) if row else None


def _load_staff() -> StaffPrincipal | None:
    staff_id = staff_session.find_staff_id()
    if staff_id is None:
        return None
    rows = (
        stores.session()
        .execute(
            select(Staff.name, Staff.email, StaffRole.site_id, StaffRole.role, Site.name.label("site_name"))
            .join(StaffRole, StaffRole.staff_id == Staff.id)
            .join(Site, StaffRole.site_id == Site.id)
            .where(Staff.id == staff_id, Staff.active)
            .order_by(Site.code)
        )
        .all()
    )
    if not rows:
        return None
    roles = frozenset((row.site_id, row.role) for row in rows)
    return StaffPrincipal(staff_id, rows[0].name, rows[0].email, roles, tuple(dict.fromkeys(r.site_name for r in rows)))
