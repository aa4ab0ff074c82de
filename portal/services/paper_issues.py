"""Paper that was made for visits: from then on it is expected back, until something is sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.paper import PaperIssue
from portal.domain.audit import Deed
from portal.services import audit
from portal.services.actor import Actor


@dataclass(frozen=True)
class Issue:
    """Blank questionnaires (their codes) made for a visit, in one language, in normal or large letters."""

    visit_id: UUID
    participant_id: UUID
    language: str
    large: bool
    instruments: tuple[str, ...]


def note(session: Session, issues: Sequence[Issue], *, by: Actor, at: datetime) -> None:
    """Note the paper that was made, one row and one event for each visit."""
    events = []
    for issue in issues:
        row = PaperIssue(id=uuid4(), visit_id=issue.visit_id, language=issue.language, large=issue.large, at=at)
        assert by.id is not None  # only staff print paper
        row.by_staff = by.id
        session.add(row)
        told = {"language": issue.language, "large": issue.large, "instruments": list(issue.instruments)}
        events.append(
            audit.Event(
                deed=Deed.PAPER_ISSUED,
                subject_kind="visit",
                subject_id=issue.visit_id,
                participant_id=issue.participant_id,
                new=told,
            )
        )
    session.flush()
    audit.record(session, *events, by=by, at=at)


def last_by_visit(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Give when paper was last made for each of these visits, where it was; one query."""
    rows = session.execute(
        select(PaperIssue.visit_id, func.max(PaperIssue.at).label("at"))
        .where(PaperIssue.visit_id.in_(visit_ids))
        .group_by(PaperIssue.visit_id)
    )
    return {row.visit_id: row.at for row in rows}
