"""Who does a deed: handed to every service as `by`."""

from dataclasses import dataclass
from uuid import UUID

from portal.domain.audit import ActorKind


@dataclass(frozen=True)
class Actor:
    """A patient (participant id), a member of staff (staff id) or the portal itself (no id)."""

    kind: ActorKind
    id: UUID | None = None


SYSTEM = Actor(ActorKind.SYSTEM)


def patient(participant_id: UUID) -> Actor:
    """Give the actor for a participant."""
    return Actor(ActorKind.PATIENT, participant_id)


def staff(staff_id: UUID) -> Actor:
    """Give the actor for a member of staff."""
    return Actor(ActorKind.STAFF, staff_id)
