"""What was wrong in a sent response: asked for by the patient or staff, and corrected beside the original."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, Json, code_of


class RequestedBy(StrEnum):
    """Who said that an answer was wrong."""

    PATIENT = "patient"
    STAFF = "staff"


class RequestOutcome(StrEnum):
    """What became of the wish for a correction."""

    CORRECTED = "corrected"
    DECLINED = "declined"


class CorrectionRequest(Base):
    """Somebody's word that a sent answer is wrong: the patient's on her page, or staff's, perhaps out of a query.

    `asked_by` None = the patient herself; `link_id` None = she did not say which question. A refusal says why.
    `site_id` is the participant's: the database refuses another one, and lists are read by it.
    """

    __tablename__ = "correction_request"
    __table_args__ = (
        CheckConstraint("length(trim(reason)) > 0", name="says_what_is_wrong"),
        CheckConstraint(
            "(settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (outcome IS NULL)",
            name="settled_by_somebody",
        ),
        CheckConstraint(
            "outcome IS NULL OR outcome <> 'declined' OR length(trim(coalesce(settled_reason, ''))) > 0",
            name="declined_for_a_reason",
        ),
        Index("ix_correction_request_listed", "site_id", "settled_at", "asked_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    response_id: Mapped[UUID] = mapped_column(ForeignKey("response.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    link_id: Mapped[str | None] = mapped_column(String(16))
    query_id: Mapped[UUID | None] = mapped_column(ForeignKey("query.id"))
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    reason: Mapped[str]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    settled_at: Mapped[datetime | None]
    outcome: Mapped[RequestOutcome | None] = mapped_column(code_of(RequestOutcome))
    settled_reason: Mapped[str | None]


class Correction(Base):
    """One correction of a sent response, with its reason; the frozen original stays as it was sent.

    `number` orders a response's corrections, from one.
    `form_hash` is the SHA-256 of the whole form as it stands after it (portal.services.completing.hash_of).
    """

    __tablename__ = "correction"
    __table_args__ = (
        UniqueConstraint("response_id", "number"),
        CheckConstraint("length(trim(reason)) > 0", name="has_a_reason"),
        CheckConstraint("number >= 1", name="number_from_one"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    response_id: Mapped[UUID] = mapped_column(ForeignKey("response.id"), index=True)
    number: Mapped[int]
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("correction_request.id"), unique=True)
    requested_by: Mapped[RequestedBy] = mapped_column(code_of(RequestedBy))
    reason: Mapped[str]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    form_hash: Mapped[str] = mapped_column(String(64))

    answers: Mapped[list["CorrectedAnswer"]] = relationship(order_by="CorrectedAnswer.link_id")


class CorrectedAnswer(Base):
    """One item before and after a correction, each a value or a kind of empty."""

    __tablename__ = "corrected_answer"
    __table_args__ = (
        CheckConstraint("(value IS NULL) <> (empty IS NULL)", name="value_or_empty"),
        CheckConstraint("(old_value IS NULL) <> (old_empty IS NULL)", name="old_value_or_empty"),
    )

    correction_id: Mapped[UUID] = mapped_column(ForeignKey("correction.id"), primary_key=True)
    link_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    old_value: Mapped[Any | None] = mapped_column(Json)
    old_empty: Mapped[str | None] = mapped_column(String(16))
    value: Mapped[Any | None] = mapped_column(Json)
    empty: Mapped[str | None] = mapped_column(String(16))
