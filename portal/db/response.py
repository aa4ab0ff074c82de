"""What a participant answered: a response for each assignment, and its answers, appended and never overwritten."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, Json, code_of, partial_index
from portal.db.participant import Assignment
from portal.domain.states import ResponseStatus


class Source(StrEnum):
    """Where a response's answers were given."""

    PHONE = "phone"
    PAPER = "paper"
    INTERVIEW = "interview"


class SetApart(StrEnum):
    """Why an answer is kept beside the response and not in it."""

    AFTER_COMPLETION = "after-completion"
    AFTER_CLOSING = "after-closing"


class FilledInBy(StrEnum):
    """Who filled a questionnaire in, as said at its end."""

    ALONE = "alone"
    WITH_HELP = "with-help"
    SOMEONE_ELSE = "someone-else"


class Response(Base):
    """A participant's answers to one assignment (FHIR QuestionnaireResponse).

    `frozen` is the snapshot taken on completing: every item with its value or its kind of empty; `frozen_hash` is the
    SHA-256 of its canonical JSON.
    """

    __tablename__ = "response"
    __table_args__ = (
        CheckConstraint(
            "status IN ('in-progress', 'stopped', 'entered-in-error') OR completed_at IS NOT NULL",
            name="completed_has_time",
        ),
        CheckConstraint("(completed_at IS NULL) = (frozen_hash IS NULL)", name="completed_is_frozen"),
        partial_index("uq_response_current", "assignment_id", unique=True, where="status <> 'entered-in-error'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("assignment.id"), index=True)
    status: Mapped[ResponseStatus] = mapped_column(code_of(ResponseStatus), default=ResponseStatus.IN_PROGRESS)
    source: Mapped[Source] = mapped_column(code_of(Source), default=Source.PHONE)
    filled_in_by: Mapped[FilledInBy | None] = mapped_column(code_of(FilledInBy))
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    frozen: Mapped[dict[str, Any] | None]
    frozen_hash: Mapped[str | None] = mapped_column(String(64))

    assignment: Mapped[Assignment] = relationship()


class Answer(Base):
    """One answer as one device gave it: a value, or `empty` = "skipped"; the current value is the latest of these.

    `at` is the device's clock, `received_at` the server's; `id` orders by receipt.
    """

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("response_id", "device", "seq"),
        CheckConstraint("(value IS NULL) <> (empty IS NULL)", name="value_or_empty"),
        CheckConstraint("empty IS NULL OR empty = 'skipped'", name="empty_is_skipped"),
        CheckConstraint("seq >= 0", name="seq_from_zero"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    response_id: Mapped[UUID] = mapped_column(ForeignKey("response.id"))
    device: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    link_id: Mapped[str] = mapped_column(String(16))
    value: Mapped[Any | None] = mapped_column(Json)
    empty: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    language: Mapped[str] = mapped_column(String(8))
    wording: Mapped[str] = mapped_column(ForeignKey("wording.hash"))
    presentation: Mapped[dict[str, Any] | None]
    set_apart: Mapped[SetApart | None] = mapped_column(code_of(SetApart))


class AnswerConflict(Base):
    """Two devices answered one item differently, and the later (`kept_id`) had not been shown the other's answer."""

    __tablename__ = "answer_conflict"
    __table_args__ = (CheckConstraint("kept_id <> other_id", name="two_answers"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    response_id: Mapped[UUID] = mapped_column(ForeignKey("response.id"), index=True)
    link_id: Mapped[str] = mapped_column(String(16))
    kept_id: Mapped[int] = mapped_column(ForeignKey("answer.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("answer.id"))
    at: Mapped[datetime]
