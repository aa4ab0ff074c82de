"""Scores as a rule gave them: a scoring is one run of a rule, its scores one row for each scale; never changed."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, Json, partial_index


class Scoring(Base):
    """One run of one version of a rule over a completed response, with the options in force and the trace.

    `counts` and `flags` are the rule's remarks on the response itself (DLQI: how many missing, not relevant).
    `correction_id` names the correction after which it was scored; None = as it was sent.
    """

    __tablename__ = "scoring"
    __table_args__ = (
        partial_index(
            "uq_scoring_as_sent",
            "response_id",
            "rule",
            "rule_version",
            "options_hash",
            unique=True,
            where="correction_id IS NULL",
        ),
        Index("uq_scoring_corrected", "correction_id", "rule", "rule_version", "options_hash", unique=True),
        Index("ix_scoring_response_id", "response_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    response_id: Mapped[UUID] = mapped_column(ForeignKey("response.id"))
    correction_id: Mapped[UUID | None] = mapped_column(ForeignKey("correction.id"))
    rule: Mapped[str]
    rule_version: Mapped[str]
    options: Mapped[dict[str, Any]]
    options_hash: Mapped[str] = mapped_column(String(64))
    counts: Mapped[dict[str, Any]]
    flags: Mapped[list[Any]] = mapped_column(Json)
    trace: Mapped[list[Any]] = mapped_column(Json)
    made_at: Mapped[datetime]

    scores: Mapped[list["Score"]] = relationship(back_populates="scoring")


class Score(Base):
    """The value of one scale, exact as a float of the rule's result; None = not scored, `missing` says why."""

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("scoring_id", "scale"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    scoring_id: Mapped[UUID] = mapped_column(ForeignKey("scoring.id"))
    scale: Mapped[str]
    value: Mapped[float | None]
    band: Mapped[str | None]
    missing: Mapped[str | None]

    scoring: Mapped[Scoring] = relationship(back_populates="scores")
