"""Members of staff, what they are at each site, and their tries at signing in."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, code_of
from portal.db.study import Site
from portal.domain.roles import Role


class Staff(Base):
    """A person who works with the summaries; signs in with a password (argon2) and a time-based code.

    `last_totp_step` is the step of the last accepted code, so that a code opens once.
    """

    __tablename__ = "staff"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(String(8))
    password_hash: Mapped[str]
    totp_secret: Mapped[str]
    last_totp_step: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    roles: Mapped[list["StaffRole"]] = relationship(back_populates="staff")


class StaffRole(Base):
    """What a member of staff is at one site."""

    __tablename__ = "staff_role"
    __table_args__ = (UniqueConstraint("staff_id", "site_id", "role"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    role: Mapped[Role] = mapped_column(code_of(Role))

    staff: Mapped[Staff] = relationship(back_populates="roles")
    site: Mapped[Site] = relationship()


class SignInAttempt(Base):
    """One try at signing in under an address, known or not; the recent wrong ones slow the next down."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_digest_at", "email_digest", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    succeeded: Mapped[bool]
