"""Summaries: made from the store, and given back to the sites that may see them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.participant import Participant, Visit
from portal.db.summary import LifeEvent, Summary
from portal.domain import summary_json
from portal.domain.audit import Deed
from portal.domain.instruments.wording import Wording
from portal.domain.summary import DIGEST_DIGITS, Content, Received
from portal.domain.summary_building import build
from portal.services import audit, signatures, studies, summary_life, summary_sheets, wordings
from portal.services.actor import Actor
from portal.services.signatures import Signed
from portal.services.summary_documents import find_document, keep_document, unrendered
from portal.services.summary_life import delivered, exported, life, opened, printed, seen

__all__ = [
    "Edition",
    "SummaryLine",
    "SummaryNotFoundError",
    "SummaryPage",
    "current_for_visits",
    "delivered",
    "exported",
    "find_current",
    "find_document",
    "get_for",
    "keep_document",
    "life",
    "make",
    "opened",
    "page_of",
    "printed",
    "seen",
    "superseded_by",
    "unrendered",
    "wordings_of",
]


class SummaryNotFoundError(Exception):
    """There is no such summary at the sites asked about."""


@dataclass(frozen=True)
class Edition:
    """Which edition of a visit's summary one is."""

    summary_id: UUID
    number: int
    made_at: datetime


@dataclass(frozen=True)
class SummaryLine:
    """A summary as a list shows it; `events` says when each kind of event first happened, `signers` who signed."""

    summary_id: UUID
    visit_id: UUID
    number: int
    made_at: datetime
    received: Received
    events: Mapping[LifeEvent, datetime]
    signers: tuple[str, ...] = ()


@dataclass(frozen=True)
class SummaryPage:
    """Everything that the summary's page needs, on screen and on paper; `wordings` are the reader's, by instrument.

    `signed` is the signature that a signed copy is printed with.
    """

    summary_id: UUID
    number: int
    digest: str
    verify_url: str
    language: str
    zone: ZoneInfo
    content: Content
    wordings: Mapping[str, Wording]
    superseded_by: Edition | None = None
    signed: Signed | None = None

    @property
    def is_current(self) -> bool:
        """Whether no later edition has taken its place."""
        return self.superseded_by is None


def make(session: Session, visit_id: UUID, *, by: Actor, at: datetime) -> Summary:
    """Make the visit's summary from what is there now; when it would say the same, the current one stays.

    A newer edition makes the signatures on older ones void.
    """
    row = session.execute(
        select(Visit.code, Participant.id, Participant.participant_number, Participant.site_id)
        .join(Participant)
        .where(Visit.id == visit_id)
    ).one()
    current = find_current(session, visit_id)
    place = studies.for_site(session, row.site_id)
    content = build(
        place.definition,
        place.site,
        row.participant_number,
        summary_sheets.read(session, place, row.id, visit_id=visit_id),
        row.code,
        number=current.number + 1 if current else 1,
        at=at,
        replaces=summary_life.replaced(session, current) if current else None,
    )
    plain = summary_json.to_json(content)
    if current and summary_json.says_the_same(current.content, plain):
        return current
    summary = Summary(
        id=uuid4(),
        visit_id=visit_id,
        number=content.number,
        content=plain,
        content_hash=summary_json.hash_of(plain),
        made_at=at,
    )
    session.add(summary)
    session.flush()
    event = audit.Event(
        deed=Deed.SUMMARY_MADE,
        subject_kind="summary",
        subject_id=summary.id,
        participant_id=row.id,
        field="number",
        old=current.number if current else None,
        new={"number": summary.number, "hash": summary.content_hash, "received": content.received.value},
    )
    audit.record(session, event, by=by, at=at)
    # Now that the trail's end is ours: nobody can sign the older edition any more, and who has is seen here.
    signatures.void_older(session, summary, by=by, at=at)
    return summary


def find_current(session: Session, visit_id: UUID) -> Summary | None:
    """Give the visit's latest edition, or None before the first."""
    return session.scalar(select(Summary).where(Summary.visit_id == visit_id).order_by(Summary.number.desc()).limit(1))


def get_for(session: Session, sites: Collection[UUID], summary_id: UUID) -> Summary:
    """Give a summary of one of `sites`.  Raises SummaryNotFoundError, also when it is another site's."""
    found = session.scalar(
        select(Summary).join(Visit).join(Participant).where(Summary.id == summary_id, Participant.site_id.in_(sites))
    )
    if found is None:
        raise SummaryNotFoundError(str(summary_id))
    return found


def current_for_visits(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, SummaryLine]:
    """Give the current summary of each visit that has one; three queries whatever their number."""
    rows = session.execute(
        select(
            Summary.id,
            Summary.visit_id,
            Summary.number,
            Summary.made_at,
            Summary.content["received"].as_string().label("received"),
        )
        .where(Summary.visit_id.in_(visit_ids))
        .order_by(Summary.number)
    )
    latest = {row.visit_id: row for row in rows}
    events = summary_life.first_events(session, [row.id for row in latest.values()])
    signed = signatures.signers(session, [row.id for row in latest.values()])
    return {
        visit_id: SummaryLine(
            row.id,
            visit_id,
            row.number,
            row.made_at,
            Received(row.received),
            events.get(row.id, {}),
            tuple(signed.get(row.id, ())),
        )
        for visit_id, row in latest.items()
    }


def page_of(session: Session, summary: Summary, *, language: str, base_url: str) -> SummaryPage:
    """Give a summary as a page in the reader's language; words that it was not kept in stand in the first it has."""
    content = summary_json.from_json(summary.content)
    digest = summary.content_hash[:DIGEST_DIGITS]
    return SummaryPage(
        summary_id=summary.id,
        number=summary.number,
        digest=digest,
        verify_url=f"{base_url}/verify/{digest}",
        language=language,
        zone=ZoneInfo(content.time_zone),
        content=content,
        wordings=wordings_of(session, content, language),
        superseded_by=superseded_by(session, summary),
    )


def wordings_of(session: Session, content: Content, language: str) -> dict[str, Wording]:
    """Give the reader's words for each instrument of a summary, by its code."""
    return {
        each.code: wordings.get(session, each.words.get(language) or next(iter(each.words.values())))
        for each in content.instruments
    }


def superseded_by(session: Session, summary: Summary) -> Edition | None:
    """Give the latest edition of the visit where it is not this one."""
    number = select(func.max(Summary.number)).where(Summary.visit_id == summary.visit_id).scalar_subquery()
    row = session.execute(
        select(Summary.id, Summary.number, Summary.made_at).where(
            Summary.visit_id == summary.visit_id, Summary.number == number, Summary.number > summary.number
        )
    ).first()
    return Edition(*row) if row else None
