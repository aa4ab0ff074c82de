"""What the portal tells staff of a site as a whole, by mail: troubles of the day, the week; and who wishes it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, code_of
from portal.db.delivery import Delivery


class NoticeKind(StrEnum):
    """DAILY  promises broken or in danger, only when there are any;  WEEKLY  the digest of the week."""

    DAILY = "daily"
    WEEKLY = "weekly"


class NoticeChoice(Base):
    """A member of staff of a site who is sent this kind of notice."""

    __tablename__ = "notice_choice"

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(code_of(NoticeKind), primary_key=True)
    chosen_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    chosen_at: Mapped[datetime]


class Notice(Delivery, Base):
    """One notice for one site, one member of staff and one local day, sent once."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("site_id", "kind", "staff_id", "on"),
        CheckConstraint("status <> 'sent' OR sent_at IS NOT NULL", name="sent_has_time"),
        Index("ix_notice_status_due_at", "status", "due_at"),
    )

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    kind: Mapped[NoticeKind] = mapped_column(code_of(NoticeKind))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    on: Mapped[date]
