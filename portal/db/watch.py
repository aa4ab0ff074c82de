"""What keeps watch over the worker: its lease, what would not render, and what should have gone and did not."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, code_of


class Lease(Base):
    """Who may do a kind of work alone, and until when; another takes it over after that."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]


class RenderSubject(StrEnum):
    """What is printed."""

    SUMMARY = "summary"
    SIGNATURE = "signature"
    BLANK_FORM = "blank-form"


class RenderFault(Base):
    """A document that failed to render `attempts` times, last for `fault`; gone when it comes out.

    `subject` is the id of the summary or signature, or the hash of the wording. `given_up_at` = staff are shown it.
    """

    __tablename__ = "render_fault"

    kind: Mapped[RenderSubject] = mapped_column(code_of(RenderSubject), primary_key=True)
    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    attempts: Mapped[int]
    fault: Mapped[str] = mapped_column(String(64))
    last_at: Mapped[datetime]
    next_at: Mapped[datetime]
    given_up_at: Mapped[datetime | None]


class Shortfall(Base):
    """Something that the protocol expected of a visit by `due_on`, and that the daily check did not find.

    `what` is a kind of message, or "summary". `cleared_at` = a later check found it, or found it no longer expected.
    """

    __tablename__ = "shortfall"
    __table_args__ = (UniqueConstraint("visit_id", "what", "due_on"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    what: Mapped[str] = mapped_column(String(32))
    due_on: Mapped[date]
    found_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
