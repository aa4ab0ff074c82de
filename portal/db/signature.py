"""A signature on a summary, and the signed copy of its document; void, and still there, once something has changed."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base, code_of, partial_index
from portal.db.summary import Summary
from portal.domain.signing import Meaning


class Signature(Base):
    """One person's signature on one edition of a visit's summary (21 CFR 11.50 and 11.70).

    `content_hash` binds it to what was signed. Nobody has two open ones at a visit; one becomes void, by the edition
    `voided_by`, and nothing else of it ever changes.
    """

    __tablename__ = "signature"
    __table_args__ = (
        CheckConstraint("(voided_at IS NULL) = (voided_by IS NULL)", name="void_by_an_edition"),
        CheckConstraint("length(trim(printed_name)) > 0", name="has_printed_name"),
        partial_index("uq_signature_open", "visit_id", "signed_by", unique=True, where="voided_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    summary_id: Mapped[UUID] = mapped_column(ForeignKey("summary.id"), index=True)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    signed_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    printed_name: Mapped[str]
    meaning: Mapped[Meaning] = mapped_column(code_of(Meaning))
    content_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[UUID | None] = mapped_column(ForeignKey("summary.id"))

    summary: Mapped[Summary] = relationship(foreign_keys=summary_id)


class SignedDocument(Base):
    """The PDF of a signed summary in one language, with the signature on it, kept for ever with its SHA-256."""

    __tablename__ = "signed_document"
    __table_args__ = (UniqueConstraint("signature_id", "language"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    signature_id: Mapped[UUID] = mapped_column(ForeignKey("signature.id"))
    language: Mapped[str] = mapped_column(String(8))
    pdf: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    made_at: Mapped[datetime]
