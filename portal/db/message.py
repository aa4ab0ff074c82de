"""A message that should go, went, or did not; its address and words are never kept here."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, code_of
from portal.db.delivery import Delivery, MessageStatus

__all__ = ["Bounce", "BounceKind", "BounceSource", "Channel", "Message", "MessageStatus"]


class Channel(StrEnum):
    """By what a message left."""

    MAIL = "mail"
    SMS = "sms"


class BounceKind(StrEnum):
    """What came back: `permanent` = this address takes no mail; `delayed` = the mail is still on its way."""

    PERMANENT = "permanent"
    DELAYED = "delayed"


class BounceSource(StrEnum):
    """How a bounce was learnt of."""

    MAILBOX = "mailbox"
    WEBHOOK = "webhook"


class Message(Delivery, Base):
    """One message for one visit and one recipient ("participant" or "staff:<id>"), sent once.

    `edition` is 1, or the number of the summary that the message announces. `channel`, and for an SMS how many `parts`
    it was charged as and the provider's own name for it, are known once it has left.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("visit_id", "kind", "recipient", "edition"),
        CheckConstraint("status <> 'sent' OR sent_at IS NOT NULL", name="sent_has_time"),
        Index("ix_message_status_due_at", "status", "due_at"),
        Index("ix_message_provider_id", "provider_id"),
    )

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    kind: Mapped[str] = mapped_column(String(32))
    recipient: Mapped[str] = mapped_column(String(64))
    edition: Mapped[int] = mapped_column(default=1)
    channel: Mapped[Channel | None] = mapped_column(code_of(Channel))
    parts: Mapped[int | None]
    provider_id: Mapped[str | None] = mapped_column(String(128))


class Bounce(Base):
    """A report that a message which had left did not arrive; appended. `code` is RFC 3463's, such as 5.1.1.

    `report` is the SHA-256 of what was reported, so that a report read twice is kept once.
    """

    __tablename__ = "bounce"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), index=True)
    kind: Mapped[BounceKind] = mapped_column(code_of(BounceKind))
    code: Mapped[str] = mapped_column(String(16))
    source: Mapped[BounceSource] = mapped_column(code_of(BounceSource))
    at: Mapped[datetime]
    report: Mapped[str] = mapped_column(String(64), unique=True)
