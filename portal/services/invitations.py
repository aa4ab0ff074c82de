"""Invitations: the sheet by which a participant first comes in, and a new one in place of one that was lost."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.door import AccessLink, Device
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.domain.states import ParticipantStatus
from portal.services import audit, doors, participants, studies
from portal.services.actor import Actor
from portal.services.doors import DoorKeys
from portal.services.studies import StudyAtSite


class NotInvitedError(Exception):
    """The participant has withdrawn: nobody is asked in any more."""


@dataclass(frozen=True)
class Invitation:
    """Whom a sheet is for, at which site, and the door that is open for her now; None before the first."""

    participant: Participant
    place: StudyAtSite
    link: AccessLink | None


def find(session: Session, site_ids: Collection[UUID], participant_id: UUID) -> Invitation:
    """Give the invitation of a participant of one of `site_ids`, with the door that is open now.

    Raises participants.ParticipantNotFoundError or NotInvitedError.
    """
    participant = participants.get_for(session, site_ids, participant_id)
    if participant.status is ParticipantStatus.WITHDRAWN:
        raise NotInvitedError(str(participant_id))
    place = studies.for_site(session, participant.site_id)
    return Invitation(participant, place, doors.find_open(session, participant.id))


def open_sheet(
    session: Session, site_ids: Collection[UUID], participant_id: UUID, keys: DoorKeys, *, by: Actor, at: datetime
) -> tuple[Invitation, AccessLink]:
    """Give what stands on the sheet, and note that it was looked at; a participant without a door gets one.

    Raises as find does.
    """
    found = find(session, site_ids, participant_id)
    link = found.link or doors.issue(session, found.participant, keys, by=by, at=at)
    event = audit.Event(
        deed=Deed.INVITATION_OPENED,
        subject_kind="access_link",
        subject_id=link.id,
        participant_id=found.participant.id,
    )
    audit.record(session, event, by=by, at=at)
    return found, link


def replace(
    session: Session,
    site_ids: Collection[UUID],
    participant_id: UUID,
    keys: DoorKeys,
    *,
    replaced_id: UUID | None,
    by: Actor,
    at: datetime,
) -> None:
    """Give a new door in place of `replaced_id`; when that is dead already, somebody has just done so: nothing more.

    Raises as find does.
    """
    found = find(session, site_ids, participant_id)
    still_open = session.scalar(
        select(AccessLink.id)
        .where(AccessLink.participant_id == participant_id, AccessLink.revoked_at.is_(None))
        .with_for_update()  # of two taps, the second finds that the first has replaced it
    )
    if still_open is not None and still_open == replaced_id:
        doors.issue(session, found.participant, keys, by=by, at=at)


def count_phones(session: Session, link: AccessLink) -> int:
    """Count the phones that a door remembers; a lent device is none."""
    remembered = select(func.count()).where(
        Device.access_link_id == link.id, Device.forgotten_at.is_(None), Device.handed_over_by.is_(None)
    )
    return session.scalar(remembered) or 0
