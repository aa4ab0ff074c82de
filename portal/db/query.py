"""A query: a question among staff about a sent answer, or about a whole response, with its thread."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, partial_index


class Query(Base):
    """One question about one item of a response (`link_id`), or about all of it; closed once, with a reason.

    An item has one open query at a time, and so has a whole response. `site_id` is the participant's: the database
    refuses another one, and lists are read by it.
    """

    __tablename__ = "query"
    __table_args__ = (
        CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (close_reason IS NULL)",
            name="closed_by_somebody_for_a_reason",
        ),
        CheckConstraint("close_reason IS NULL OR length(trim(close_reason)) > 0", name="reason_is_said"),
        partial_index("uq_query_open_on_item", "response_id", "link_id", unique=True, where="closed_at IS NULL"),
        partial_index(
            "uq_query_open_on_response", "response_id", unique=True, where="closed_at IS NULL AND link_id IS NULL"
        ),
        Index("ix_query_listed", "site_id", "closed_at", "opened_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    response_id: Mapped[UUID] = mapped_column(ForeignKey("response.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    link_id: Mapped[str | None] = mapped_column(String(16))
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    opened_at: Mapped[datetime]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]

    notes: Mapped[list["QueryNote"]] = relationship(back_populates="query", order_by="QueryNote.id")


class QueryNote(Base):
    """What one person said in a query's thread; the first note is the question."""

    __tablename__ = "query_note"
    __table_args__ = (CheckConstraint("length(trim(text)) > 0", name="says_something"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    query_id: Mapped[UUID] = mapped_column(ForeignKey("query.id"), index=True)
    by_staff: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    text: Mapped[str]

    query: Mapped[Query] = relationship(back_populates="notes")
