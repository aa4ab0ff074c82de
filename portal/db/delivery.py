"""What every message on its way carries, to a patient or to staff: where it stands, since when, and why."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import code_of


class MessageStatus(StrEnum):
    """Where a message stands; `unknown` = the mail server's answer never came."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Delivery:
    """Columns of a message; `id` is its Message-ID, `reason` a code without any address.

    `claimed_by` names the worker that has or had it in hand; `handed_at` is when it was decided on and began to be
    handed over: before that, nothing can have left. `repeated_at` is when the one repeat of a message of unknown fate
    was planned.
    """

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    status: Mapped[MessageStatus] = mapped_column(code_of(MessageStatus), default=MessageStatus.PLANNED)
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    handed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    repeated_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
