"""An instrument's text in one language, kept for ever under its hash."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base


class WordingPack(Base):
    """The words of one instrument in one language; a licensed pack names its holder and its term."""

    __tablename__ = "wording"
    __table_args__ = (CheckConstraint("demonstration OR holder IS NOT NULL", name="licensed_has_holder"),)

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    instrument: Mapped[str]
    language: Mapped[str]
    version: Mapped[str]
    demonstration: Mapped[bool]
    content: Mapped[dict[str, Any]]
    holder: Mapped[str | None]
    scope: Mapped[str | None]
    certificate: Mapped[str | None]
    expires_on: Mapped[date | None]
    imported_at: Mapped[datetime]
