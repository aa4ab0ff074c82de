"""The trail: one row for each deed, appended in the deed's own transaction and chained by hash."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Json, code_of
from portal.domain.audit import ActorKind


class AuditEvent(Base):
    """Who did what to what, old and new, when on the device and when on the server, and why.

    No foreign keys: the trail must outlive, and can never be held back by, what it tells of.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    device_at: Mapped[datetime | None]
    actor_kind: Mapped[ActorKind] = mapped_column(code_of(ActorKind))
    actor_id: Mapped[UUID | None]
    deed: Mapped[str] = mapped_column(String(32))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[UUID | None]
    participant_id: Mapped[UUID | None] = mapped_column(index=True)
    field: Mapped[str | None] = mapped_column(String(64))
    old: Mapped[Any | None] = mapped_column(Json)
    new: Mapped[Any | None] = mapped_column(Json)
    reason: Mapped[str | None]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
