"""The worker's pulse: each round renews it, so that staff see when nothing has been made or sent for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.watch import Lease

SILENT_AFTER = timedelta(minutes=15)
"""Rounds follow each other within seconds; the longest, with a mail server that hangs, takes some minutes."""

_NAME = "pulse"
_RENEWED_AFTER = timedelta(minutes=1)  # a row written with each round would be a sync of the disk every two seconds


@dataclass(frozen=True)
class Pulse:
    """When the last round of any worker was made, None = never; and whether that is too long ago."""

    last_at: datetime | None
    is_silent: bool


def beat(session: Session, holder: str, *, at: datetime) -> None:
    """Note that a round is being made, by the worker that calls itself `holder`."""
    until = at + SILENT_AFTER
    lease = session.get(Lease, _NAME)
    if lease is None:
        session.add(Lease(name=_NAME, holder=holder, until=until))
    elif lease.until <= until - _RENEWED_AFTER:
        lease.holder, lease.until = holder, until
    session.flush()


def feel(session: Session, *, at: datetime) -> Pulse:
    """Tell when a worker last made a round."""
    until = session.scalar(select(Lease.until).where(Lease.name == _NAME))
    return Pulse(until - SILENT_AFTER if until else None, until is None or at >= until)
