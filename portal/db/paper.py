"""The paper road: blank forms, what was printed for whom, who keyed a response in, and what was attached to it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base


class BlankForm(Base):
    """A questionnaire to be filled in on paper, without a patient's number, rendered once for each layout."""

    __tablename__ = "blank_form"
    __table_args__ = (UniqueConstraint("wording", "large", "layout"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    wording: Mapped[str] = mapped_column(ForeignKey("wording.hash"))
    large: Mapped[bool]
    layout: Mapped[int]
    pdf: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


class PaperIssue(Base):
    """Paper was made for a visit: from then on it is expected back, until something is sent."""

    __tablename__ = "paper_issue"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    large: Mapped[bool]
    by_staff: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]


class Keying(Base):
    """What one person keyed in from paper or from a telephone interview; the second time by somebody else.

    `form` is {link_id: value}, a list for several ticks, without what was blank. `filled_on` is the local day on which
    the patient filled it in. The first keying completes the response, the second one checks it.
    """

    __tablename__ = "keying"
    __table_args__ = (
        UniqueConstraint("response_id", "number"),
        UniqueConstraint("response_id", "keyed_by"),
        CheckConstraint("number IN (1, 2)", name="once_or_twice"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    response_id: Mapped[UUID] = mapped_column(ForeignKey("response.id"))
    number: Mapped[int]
    keyed_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    keyed_at: Mapped[datetime]
    filled_on: Mapped[date]
    wording: Mapped[str] = mapped_column(ForeignKey("wording.hash"))
    form: Mapped[dict[str, Any]]


class KeyingSettlement(Base):
    """How the differences between two keyings were settled; the correction is missing when the first one was right."""

    __tablename__ = "keying_settlement"

    keying_id: Mapped[UUID] = mapped_column(ForeignKey("keying.id"), primary_key=True)
    settled_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    correction_id: Mapped[UUID | None] = mapped_column(ForeignKey("correction.id"))


class Attachment(Base):
    """A scan or photograph of the paper, kept with its SHA-256."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("response_id", "sha256"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    response_id: Mapped[UUID] = mapped_column(ForeignKey("response.id"), index=True)
    mimetype: Mapped[str] = mapped_column(String(32))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    attached_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
