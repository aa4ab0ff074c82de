"""How a participant gets in: her access link, the phones she has enrolled, and every guess at her code."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, partial_index
from portal.db.participant import Participant


class AccessLink(Base):
    """A door to one participant's sittings.

    Link token, short code and personal code are derived from `id` and the secret key, so none of them is stored;
    `short_code_digest` only finds the door that a short code belongs to.
    """

    __tablename__ = "access_link"
    __table_args__ = (partial_index("uq_access_link_open", "participant_id", unique=True, where="revoked_at IS NULL"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    short_code_digest: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    participant: Mapped[Participant] = relationship()


class Device(Base):
    """A phone that was opened with the personal code and is remembered; its cookie is kept as a digest only.

    `handed_over_by` names who of the staff handed over the clinic's own device, which is not remembered.
    """

    __tablename__ = "device"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    access_link_id: Mapped[UUID] = mapped_column(ForeignKey("access_link.id"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    enrolled_at: Mapped[datetime]
    forgotten_at: Mapped[datetime | None]
    handed_over_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))

    access_link: Mapped[AccessLink] = relationship()


class CodeAttempt(Base):
    """One try at a personal code; the recent wrong ones slow the next down."""

    __tablename__ = "code_attempt"
    __table_args__ = (Index("ix_code_attempt_link_at", "access_link_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    access_link_id: Mapped[UUID] = mapped_column(ForeignKey("access_link.id"))
    at: Mapped[datetime]
    succeeded: Mapped[bool]


class FreshLinkRequest(Base):
    """Somebody before a door asked for a fresh link; `door_id` may be nobody's, so it refers to no row.

    Written in the same way for every door; the worker finds out later whether anyone is there (`handled_at`).
    """

    __tablename__ = "fresh_link_request"
    __table_args__ = (
        Index("ix_fresh_link_request_door_at", "door_id", "at"),
        partial_index("ix_fresh_link_request_open", "at", where="handled_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    door_id: Mapped[UUID]
    at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
