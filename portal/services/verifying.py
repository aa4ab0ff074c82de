"""Whether a printed page or a file is the latest: by the digits at its foot, or by the SHA-256 of the file's bytes."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.signature import Signature, SignedDocument
from portal.db.summary import Summary, SummaryDocument
from portal.domain.summary import DIGEST_DIGITS
from portal.services import signatures, summaries
from portal.services.signatures import Signed
from portal.services.summaries import Edition

SHA256_DIGITS = 64
_HEXADECIMAL = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class KeptFile:
    """Which of the files that were kept one is: in which language, and whether the signed copy."""

    language: str
    is_signed: bool


@dataclass(frozen=True)
class Checked:
    """What is known of a page: its edition, the latest one if that is later, its site's zone, and its signatures.

    `file` says which kept file it is, where a file was asked for.
    """

    edition: Edition
    later: Edition | None
    zone: ZoneInfo
    signed: tuple[Signed, ...] = ()
    file: KeptFile | None = None

    @property
    def is_current(self) -> bool:
        """Whether no later edition has taken its place."""
        return self.later is None


def find(session: Session, digits: str) -> Checked | None:
    """Give what is known of the page with these digits, twelve or more, or of the file with this SHA-256.

    None = not ours, or altered.
    """
    if not DIGEST_DIGITS <= len(digits) <= SHA256_DIGITS or not set(digits) <= _HEXADECIMAL:
        return None
    found = session.scalar(
        # a range and not LIKE, so that the index serves on both databases
        select(Summary).where(Summary.content_hash >= digits, Summary.content_hash < digits + "g")
    )
    if found is not None:
        return _checked(session, found)
    return find_file(session, digits) if len(digits) == SHA256_DIGITS else None


def find_file(session: Session, sha256: str) -> Checked | None:
    """Give what is known of the file whose bytes have this SHA-256; None = not ours, or altered."""
    original = session.execute(
        select(Summary, SummaryDocument.language)
        .join(SummaryDocument, SummaryDocument.summary_id == Summary.id)
        .where(SummaryDocument.sha256 == sha256)
    ).first()
    if original is not None:
        return replace(_checked(session, original.Summary), file=KeptFile(original.language, is_signed=False))
    copy = session.execute(
        select(Summary, SignedDocument.language)
        .join(Signature, Signature.summary_id == Summary.id)
        .join(SignedDocument, SignedDocument.signature_id == Signature.id)
        .where(SignedDocument.sha256 == sha256)
    ).first()
    if copy is not None:
        return replace(_checked(session, copy.Summary), file=KeptFile(copy.language, is_signed=True))
    return None


def _checked(session: Session, summary: Summary) -> Checked:
    edition = Edition(summary.id, summary.number, summary.made_at)
    zone = ZoneInfo(summary.content["time_zone"])
    signed = tuple(each for each in signatures.of_visit(session, summary.visit_id) if each.summary_id == summary.id)
    return Checked(edition, summaries.superseded_by(session, summary), zone, signed)
