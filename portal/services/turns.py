"""Whose turn it is: work that is done once, whatever the number of workers, by the one that takes its row first."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.db import inserting
from portal.db.watch import Lease


def take(session: Session, name: str, holder: str, *, until: datetime, at: datetime) -> bool:
    """Take the turn until then; False when it was taken and is not over. A rollback gives it back."""
    insert = inserting.of_dialect(session)
    first = insert(Lease).values(name=name, holder=holder, until=until).on_conflict_do_nothing().returning(Lease.name)
    if session.execute(first).first():
        return True
    again = update(Lease).where(Lease.name == name, Lease.until <= at).values(holder=holder, until=until)
    return session.execute(again.returning(Lease.name).execution_options(synchronize_session=False)).first() is not None


def next_at(hour: time, at: datetime) -> datetime:
    """Give when this hour of UTC comes next after an instant."""
    day = at.astimezone(UTC).date()
    today = datetime.combine(day, hour, UTC)
    return today if today > at else today + timedelta(days=1)
