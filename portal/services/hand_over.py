"""Handing over: a nurse lends the clinic's own device to one participant, and vouches for who holds it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.door import AccessLink, Device
from portal.db.participant import Participant, Visit
from portal.domain import schedule
from portal.domain.audit import Deed
from portal.services import audit, doors, sittings, studies
from portal.services.actor import Actor
from portal.services.doors import DoorKeys
from portal.services.studies import StudyAtSite


class VisitNotFoundError(Exception):
    """There is no such visit at these sites."""


class NothingToAnswerError(Exception):
    """The visit's questionnaires are not open today, or all of them were sent."""


@dataclass(frozen=True)
class HandOver:
    """A device about to be lent for a visit: to whom, and the door that her short code opens."""

    visit_id: UUID
    visit_code: str
    planned_on: date
    participant: Participant
    place: StudyAtSite
    link: AccessLink

    def label(self, language: str) -> str:
        """Name the visit in the reader's language."""
        return self.place.definition.get_visit(self.visit_code).label(language)


def prepare(
    session: Session, site_ids: Collection[UUID], visit_id: UUID, keys: DoorKeys, *, by: Actor, at: datetime
) -> HandOver:
    """Give what is handed over for a visit of one of `site_ids`; a participant without a door gets one.

    Raises VisitNotFoundError, also when it is another site's, or NothingToAnswerError.
    """
    found = session.execute(
        select(Visit, Participant)
        .join(Visit.participant)
        .where(Visit.id == visit_id, Participant.site_id.in_(site_ids))
    ).one_or_none()
    if found is None:
        raise VisitNotFoundError(str(visit_id))
    visit, participant = found
    place = studies.for_site(session, participant.site_id)
    window = schedule.window(place.definition.get_visit(visit.code), visit.planned_on)
    today = sittings.today(session, participant.id, at=at)
    if place.today(at) not in window or today.sitting is None or today.sitting.next_task is None:
        raise NothingToAnswerError(str(visit_id))
    link = doors.find_open(session, participant.id) or doors.issue(session, participant, keys, by=by, at=at)
    return HandOver(visit.id, visit.code, visit.planned_on, participant, place, link)


def note(session: Session, handed_over: HandOver, *, by: Actor, at: datetime) -> None:
    """Note in the trail that the device left the nurse's hands."""
    event = audit.Event(
        deed=Deed.DEVICE_HANDED_OVER,
        subject_kind="visit",
        subject_id=handed_over.visit_id,
        participant_id=handed_over.participant.id,
    )
    audit.record(session, event, by=by, at=at)


def open_door(
    session: Session, keys: DoorKeys, participant_id: UUID, staff_id: UUID, typed: str, *, at: datetime
) -> Device:
    """Let the participant in on the device that `staff_id` lent her, by her short code alone.

    The device is not remembered: nobody is told the secret by which it would be known again.
    Raises doors.CodeRefusedError, doors.TooManyCodesError or doors.WithdrawnError.
    """
    link = doors.check_short_code(session, keys, participant_id, typed, at=at)
    device, _untold = doors.enrol_device(session, link, at=at)
    device.handed_over_by = staff_id
    session.flush()
    return device
