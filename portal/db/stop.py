"""A patient's wish to be written to no more, which is no withdrawal; lifted when she wishes it back."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, code_of, partial_index


class StopWay(StrEnum):
    """How she said so: on the page behind a mail's link, by her mail program, by answering an SMS, or to staff."""

    PAGE = "page"
    MAIL_PROGRAM = "mail-program"
    SMS = "sms"
    STAFF = "staff"


class Stop(Base):
    """From `asked_at` until `lifted_at` the participant is sent nothing; `lifted_by` None = she lifted it herself."""

    __tablename__ = "stop"
    __table_args__ = (
        CheckConstraint("lifted_by IS NULL OR lifted_at IS NOT NULL", name="lifted_has_time"),
        partial_index("uq_stop_open", "participant_id", unique=True, where="lifted_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    way: Mapped[StopWay] = mapped_column(code_of(StopWay))
    asked_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
