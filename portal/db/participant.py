"""A participant, the visits planned for her, and the instruments due at each; no name, no address, no arm."""

from datetime import date, datetime, time
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, code_of
from portal.db.study import Site
from portal.domain.states import ParticipantStatus, WithdrawalExtent


class Participant(Base):
    """One person in the study, known here by number only."""

    __tablename__ = "participant"
    __table_args__ = (
        UniqueConstraint("site_id", "participant_number"),
        CheckConstraint("(status = 'withdrawn') = (withdrawn_on IS NOT NULL)", name="withdrawn_has_date"),
        CheckConstraint("paused_on IS NULL OR status = 'active'", name="paused_is_active"),
        CheckConstraint("withdrawal_extent IS NULL OR status = 'withdrawn'", name="extent_of_withdrawal"),
        Index("ix_participant_standing", "site_id", "withdrawn_on", "paused_on", "participant_number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    participant_number: Mapped[str] = mapped_column(index=True)
    language: Mapped[str]
    included_on: Mapped[date]
    status: Mapped[ParticipantStatus] = mapped_column(code_of(ParticipantStatus), default=ParticipantStatus.ACTIVE)
    withdrawn_on: Mapped[date | None]
    withdrawal_extent: Mapped[WithdrawalExtent | None] = mapped_column(code_of(WithdrawalExtent))
    paused_on: Mapped[date | None]
    enrolled_at: Mapped[datetime]

    site: Mapped[Site] = relationship()
    visits: Mapped[list["Visit"]] = relationship(back_populates="participant", order_by="Visit.planned_on, Visit.code")


class Visit(Base):
    """One visit of one participant; its window is computed from `planned_on` and the study, never stored."""

    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("participant_id", "code"), Index("ix_visit_planned_on", "planned_on"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"))
    code: Mapped[str]
    planned_on: Mapped[date]

    participant: Mapped[Participant] = relationship(back_populates="visits")
    assignments: Mapped[list["Assignment"]] = relationship(back_populates="visit", order_by="Assignment.position")


class Appointment(Base):
    """At which local hour a patient is expected on a visit's day; it holds for that day only, should the visit move."""

    __tablename__ = "appointment"

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    on: Mapped[date]
    hour: Mapped[time]


class Assignment(Base):
    """An instrument due at a visit; `position` is its place in the sitting, from 0."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("visit_id", "instrument"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    instrument: Mapped[str]
    position: Mapped[int]

    visit: Mapped[Visit] = relationship(back_populates="assignments")
