"""A message that should go, went, or did not; its address and words are never kept here."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, code_of


class MessageStatus(StrEnum):
    """Where a message stands; `unknown` = the mail server's answer never came."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Message(Base):
    """One message for one visit and one recipient ("participant" or "staff:<id>"), sent once.

    `edition` is 1, or the number of the summary that the message announces.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("visit_id", "kind", "recipient", "edition"),
        CheckConstraint("status <> 'sent' OR sent_at IS NOT NULL", name="sent_has_time"),
        Index("ix_message_status_due_at", "status", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    kind: Mapped[str] = mapped_column(String(32))
    recipient: Mapped[str] = mapped_column(String(64))
    edition: Mapped[int] = mapped_column(default=1)
    status: Mapped[MessageStatus] = mapped_column(code_of(MessageStatus), default=MessageStatus.PLANNED)
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
