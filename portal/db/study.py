"""A study as loaded from its file, and its sites."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, code_of
from portal.domain.states import Mode


class Study(Base):
    """A clinical study; `definition` is the whole study file as canonical JSON (portal.domain.study)."""

    __tablename__ = "study"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code: Mapped[str] = mapped_column(unique=True)
    mode: Mapped[Mode] = mapped_column(code_of(Mode))
    definition: Mapped[dict[str, Any]]
    definition_hash: Mapped[str]
    loaded_at: Mapped[datetime]

    sites: Mapped[list["Site"]] = relationship(back_populates="study", order_by="Site.code")


class Site(Base):
    """A hospital that takes part; its telephone, zone and closures stand in the study's definition."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("study_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = mapped_column(ForeignKey("study.id"))
    code: Mapped[str]
    name: Mapped[str]

    study: Mapped[Study] = relationship(back_populates="sites")
