"""A patient's wish to be written to no more: noted, told to staff, lifted when she wishes it back; no withdrawal."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.participant import Participant, Visit
from portal.db.stop import Stop, StopWay
from portal.domain import codes
from portal.domain.audit import ActorKind, Deed
from portal.services import audit, openings
from portal.services.actor import Actor
from portal.services.doors import DoorKeys


def token(keys: DoorKeys, participant_id: UUID) -> str:
    """Give what follows /stop/ in her messages' link."""
    return codes.stop_token(keys.secret_key, participant_id)


def find_participant(session: Session, keys: DoorKeys, text: str) -> Participant | None:
    """Give whose link to stop this is; None when it is nobody's."""
    participant_id = codes.find_stopper(keys.secret_key, text)
    return session.get(Participant, participant_id) if participant_id else None


def find_open(session: Session, participant_id: UUID) -> Stop | None:
    """Give her wish for no messages while it holds."""
    return session.scalar(select(Stop).where(Stop.participant_id == participant_id, Stop.lifted_at.is_(None)))


def find_last(session: Session, participant_id: UUID) -> Stop | None:
    """Give her last wish for no messages, whether it holds or was lifted."""
    stops = select(Stop).where(Stop.participant_id == participant_id)
    return session.scalar(stops.order_by(Stop.asked_at.desc(), Stop.lifted_at.is_not(None)).limit(1))


def open_by_visit(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Give, by visit, since when its participant wishes no messages; one query."""
    rows = session.execute(
        select(Visit.id, Stop.asked_at)
        .join(Stop, Stop.participant_id == Visit.participant_id)
        .where(Visit.id.in_(visit_ids), Stop.lifted_at.is_(None))
    )
    return {row.id: row.asked_at for row in rows}


def ask(session: Session, participant: Participant, way: StopWay, *, by: Actor, at: datetime) -> None:
    """Note that she wishes no messages from now on; once said, a repeat changes nothing."""
    session.refresh(participant, with_for_update=True)
    if find_open(session, participant.id):
        return
    stop = Stop(participant_id=participant.id, way=way, asked_at=at)
    session.add(stop)
    session.flush()
    audit.record(session, _event(Deed.STOP_ASKED, stop, way), by=by, at=at)


def lift(session: Session, participant: Participant, *, by: Actor, at: datetime) -> None:
    """Write to her again; a visit that is open and whose opening was held back gets it now."""
    session.refresh(participant, with_for_update=True)
    stop = find_open(session, participant.id)
    if stop is None:
        return
    stop.lifted_at, stop.lifted_by = at, by.id if by.kind is ActorKind.STAFF else None
    session.flush()
    audit.record(session, _event(Deed.STOP_LIFTED, stop), by=by, at=at)
    openings.send_held_back(session, participant, by=by, at=at)


def _event(deed: Deed, stop: Stop, way: StopWay | None = None) -> audit.Event:
    return audit.Event(
        deed=deed,
        subject_kind="stop",
        subject_id=stop.id,
        participant_id=stop.participant_id,
        new={"way": way.value} if way else None,
    )
