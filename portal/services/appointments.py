"""The hours at which patients are expected on a day: set by the nurse; a day's pack is in their order."""

from collections.abc import Collection, Mapping
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.participant import Appointment, Visit
from portal.domain.audit import Deed
from portal.services import audit
from portal.services.actor import Actor


def set_hours(session: Session, wanted: Mapping[UUID, time | None], *, by: Actor, at: datetime) -> None:
    """Set the hours of visits on the days for which they are planned now; None takes one away.

    What is the same already changes nothing.
    """
    visits = session.scalars(select(Visit).where(Visit.id.in_(wanted)).order_by(Visit.id)).all()
    kept = _kept(session, wanted)
    events = []
    for visit in visits:
        row, hour = kept.get(visit.id), wanted[visit.id]
        old = row.hour if row and row.on == visit.planned_on else None
        if old == hour:
            continue
        if hour is None:
            session.delete(row)
        else:
            session.merge(Appointment(visit_id=visit.id, on=visit.planned_on, hour=hour))
        events.append(
            audit.Event(
                deed=Deed.VISIT_APPOINTED,
                subject_kind="visit",
                subject_id=visit.id,
                participant_id=visit.participant_id,
                field="hour",
                old=_plain(old),
                new=_plain(hour),
            )
        )
    session.flush()
    audit.record(session, *events, by=by, at=at)


def _kept(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, Appointment]:
    rows = session.scalars(select(Appointment).where(Appointment.visit_id.in_(visit_ids)))
    return {row.visit_id: row for row in rows}


def _plain(hour: time | None) -> str | None:
    return f"{hour:%H:%M}" if hour else None
