"""Writes the trail: each event in the transaction of its deed, bound by hash to the event before it."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.domain.audit import GENESIS, Deed, chained
from portal.services.actor import Actor

# Any number would do, as long as nothing else in the database takes the same advisory lock.
_CHAIN_LOCK = 7_091_994


@dataclass(frozen=True, kw_only=True)
class Event:
    """One deed to be recorded; `subject_kind` is the table's name, `field` what of it was changed."""

    deed: Deed
    subject_kind: str
    subject_id: UUID | None = None
    participant_id: UUID | None = None
    field: str | None = None
    old: Any = None
    new: Any = None
    reason: str | None = None
    device_at: datetime | None = None


def record(session: Session, *events: Event, by: Actor, at: datetime) -> None:
    """Append `events` to the trail, in order, in the caller's transaction."""
    if not events:
        return
    hold(session)
    previous = session.scalar(_LAST_HASH) or GENESIS
    session.execute(_INSERT, list(_rows(events, by, at, previous)))


def hold(session: Session) -> None:
    """Hold the trail's end until the transaction ends, as whoever appends to it does: others who record wait."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer anyway
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})


def first_broken(session: Session) -> int | None:
    """Check the whole chain; give the id of the first event that does not fit, or None when all do."""
    previous = GENESIS
    ordered = select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=1000)
    with closing(session.scalars(ordered)) as events:
        for event in events:
            if event.previous_hash != previous or event.hash != chained(previous, as_hashed(event)):
                return event.id
            previous = event.hash
    return None


def as_hashed(event: AuditEvent) -> dict[str, Any]:
    """Give what an event's hash binds to the one before it, as plain JSON values (portal.domain.audit.chained)."""
    return _plain({name: getattr(event, name) for name in _HASHED})


# Built once, and on the bare table: most deeds leave a single event, and nobody wants its row as an object.
_TRAIL = AuditEvent.metadata.tables["audit_event"]
_LAST_HASH = select(_TRAIL.c.hash).order_by(_TRAIL.c.id.desc()).limit(1)
_INSERT = insert(_TRAIL)

_HASHED = (
    "at",
    "device_at",
    "actor_kind",
    "actor_id",
    "deed",
    "subject_kind",
    "subject_id",
    "participant_id",
    "field",
    "old",
    "new",
    "reason",
)


def _rows(events: Sequence[Event], by: Actor, at: datetime, previous: str) -> Iterator[dict[str, Any]]:
    for event in events:
        values = vars(event) | {"at": at, "actor_kind": by.kind, "actor_id": by.id}
        digest = chained(previous, _plain(values))
        yield values | {"previous_hash": previous, "hash": digest}
        previous = digest


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Give the record as JSON values, the same before and after it went through either database."""
    return {
        name: value.astimezone(UTC).isoformat(timespec="microseconds")
        if isinstance(value, datetime)
        else str(value)
        if isinstance(value, UUID)
        else value
        for name, value in values.items()
    }
