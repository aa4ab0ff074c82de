"""An instrument's text in one language, kept for ever under its hash, and the licences to show it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base


class WordingPack(Base):
    """The words of one instrument in one language: the project's own for demonstrations, or the owner's."""

    __tablename__ = "wording"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    instrument: Mapped[str]
    language: Mapped[str]
    version: Mapped[str]
    demonstration: Mapped[bool]
    content: Mapped[dict[str, Any]]
    imported_at: Mapped[datetime]


class Licence(Base):
    """The right to show a wording; without a last day it has no end. A renewed licence is another row."""

    __tablename__ = "licence"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    wording: Mapped[str] = mapped_column(ForeignKey("wording.hash"), index=True)
    holder: Mapped[str]
    scope: Mapped[str]
    certificate: Mapped[str]
    expires_on: Mapped[date | None]
    imported_at: Mapped[datetime]
