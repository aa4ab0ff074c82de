"""Leases of the workers that send: who may, and who is alive; each runs out unless its worker renews it.

PostgreSQL shares the rows out among any number of workers, and each has a lease of its own. On SQLite there is one,
and whoever holds it sends alone; another takes it over once it has run out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from portal.db.watch import Lease

LASTS = timedelta(seconds=60)
_SENDING = "sending"
_FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Hold:
    """Who holds the lease now, and who held it before when that was another (and had let it run out)."""

    holder: str
    until: datetime
    before: str | None = None


def take(session: Session, worker: str, *, at: datetime) -> Hold:
    """Take or renew the lease for `worker`, whose name ends in eight digits of its own; give who holds it now."""
    name = _SENDING
    if session.get_bind().dialect.name == "postgresql":
        name = f"{_SENDING} {worker[-8:]}"
    lease = session.get(Lease, name, with_for_update=True, populate_existing=True)
    if lease is None:
        session.add(Lease(name=name, holder=worker, until=at + LASTS))
        session.flush()
        return Hold(worker, at + LASTS)
    if lease.holder != worker and _is_valid(lease, at):
        return Hold(lease.holder, lease.until)
    before, lease.holder, lease.until = lease.holder, worker, at + LASTS
    session.flush()
    return Hold(worker, lease.until, before if before != worker else None)


def renew(session: Session, worker: str, *, at: datetime) -> Hold | None:
    """Renew the lease that `worker` holds; None when it holds none any more."""
    lease = session.scalar(_sending().where(Lease.holder == worker).with_for_update())
    if lease is None:
        return None
    lease.until = at + LASTS
    session.flush()
    return Hold(worker, lease.until)


def give_back(session: Session, worker: str) -> None:
    """End the lease of a worker that stops, so that another need not wait for it to run out."""
    session.execute(delete(Lease).where(Lease.name.startswith(_SENDING), Lease.holder == worker))


def alive(session: Session, *, at: datetime) -> set[str]:
    """Give the workers whose leases have not run out; those that ran out a day ago are forgotten."""
    leases = list(session.scalars(_sending()))
    for lease in leases:
        if lease.until <= at - _FORGOTTEN_AFTER:
            session.delete(lease)
    return {lease.holder for lease in leases if _is_valid(lease, at)}


def _sending() -> Select[Lease]:
    return select(Lease).where(Lease.name.startswith(_SENDING))


def _is_valid(lease: Lease, at: datetime) -> bool:
    """A lease that runs on for long was taken by a clock that has been put right since: it holds nobody up."""
    return at < lease.until <= at + 2 * LASTS
