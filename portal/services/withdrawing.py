"""Pausing and taking a participant in again; withdrawing itself stands in portal.services.enrolment."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.domain.states import ParticipantStatus
from portal.services import audit, openings, studies
from portal.services.actor import Actor


class StateRefusedError(Exception):
    """What was asked does not fit the participant's state: a pause of who is paused, say."""


class ReasonMissingError(Exception):
    """No reason was given."""


def pause(session: Session, participant: Participant, *, reason: str, by: Actor, at: datetime) -> None:
    """Send her nothing until she is taken in again; her link goes on to work.

    Raises ReasonMissingError or StateRefusedError.
    """
    _hold(session, participant, reason)
    if participant.status is not ParticipantStatus.ACTIVE or participant.paused_on:
        raise StateRefusedError
    participant.paused_on = studies.for_site(session, participant.site_id).today(at)
    session.flush()
    old, new = _state(None), _state(participant)
    audit.record(session, _event(Deed.PARTICIPANT_PAUSED, participant, old, new, reason), by=by, at=at)


def reinclude(session: Session, participant: Participant, *, reason: str, by: Actor, at: datetime) -> None:
    """End a pause or undo a withdrawal; a visit that is open and whose opening was held back gets it now.

    Raises ReasonMissingError or StateRefusedError.
    """
    _hold(session, participant, reason)
    if participant.status is ParticipantStatus.ACTIVE and not participant.paused_on:
        raise StateRefusedError
    old = _state(participant)
    participant.status, participant.paused_on = ParticipantStatus.ACTIVE, None
    participant.withdrawn_on, participant.withdrawal_extent = None, None
    session.flush()
    audit.record(
        session, _event(Deed.PARTICIPANT_REINCLUDED, participant, old, _state(participant), reason), by=by, at=at
    )
    openings.send_held_back(session, participant, by=by, at=at)


def _hold(session: Session, participant: Participant, reason: str) -> None:
    if not reason.strip():
        raise ReasonMissingError
    session.refresh(participant, with_for_update=True)


def _state(participant: Participant | None) -> dict[str, str]:
    if participant is None:
        return {"status": ParticipantStatus.ACTIVE}
    days = {"paused_on": participant.paused_on, "withdrawn_on": participant.withdrawn_on}
    extent = {"withdrawal_extent": participant.withdrawal_extent} if participant.withdrawal_extent else {}
    return {"status": participant.status} | {name: day.isoformat() for name, day in days.items() if day} | extent


def _event(deed: Deed, participant: Participant, old: dict[str, str], new: dict[str, str], reason: str) -> audit.Event:
    return audit.Event(
        deed=deed,
        subject_kind="participant",
        subject_id=participant.id,
        participant_id=participant.id,
        field="status",
        old=old,
        new=new,
        reason=reason.strip(),
    )
