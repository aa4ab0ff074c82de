"""The one-page summary of a visit: its content as data, its printed form in each language, its life as events."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, code_of
from portal.db.participant import Visit


class LifeEvent(StrEnum):
    """What can happen to a summary after it was made."""

    DELIVERED = "delivered"
    OPENED = "opened"
    PRINTED = "printed"
    SEEN = "seen"


class Summary(Base):
    """One edition of a visit's summary; a later edition supersedes it by its number alone.

    `content` is portal.domain.summary's content as JSON; `content_hash` the SHA-256 of its canonical form, whose first
    twelve digits stand on the page.
    """

    __tablename__ = "summary"
    __table_args__ = (
        UniqueConstraint("visit_id", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    made_at: Mapped[datetime]

    visit: Mapped[Visit] = relationship()
    documents: Mapped[list["SummaryDocument"]] = relationship(order_by="SummaryDocument.language")


class SummaryDocument(Base):
    """The PDF of a summary in one language, the original kept for ever with its SHA-256."""

    __tablename__ = "summary_document"
    __table_args__ = (UniqueConstraint("summary_id", "language"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    summary_id: Mapped[UUID] = mapped_column(ForeignKey("summary.id"))
    language: Mapped[str] = mapped_column(String(8))
    pdf: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    made_at: Mapped[datetime]


class SummaryEvent(Base):
    """One event in a summary's life, appended; `by_staff` is empty when the portal itself did it."""

    __tablename__ = "summary_event"
    __table_args__ = (
        CheckConstraint("kind IN ('delivered') OR by_staff IS NOT NULL", name="a_person_opens_prints_and_sees"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    summary_id: Mapped[UUID] = mapped_column(ForeignKey("summary.id"), index=True)
    kind: Mapped[LifeEvent] = mapped_column(code_of(LifeEvent))
    at: Mapped[datetime]
    by_staff: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
