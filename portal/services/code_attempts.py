"""Tries at a door's code: counted, kept, and told to staff when somebody seems to be guessing.

Counting and keeping send the same statements for every door, whoever lives behind it or nobody: how long a refusal
takes tells nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, insert, literal, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.door import AccessLink, CodeAttempt
from portal.db.participant import Participant, Visit
from portal.domain.audit import Deed
from portal.domain.states import ParticipantStatus

SUSPECT = 5
"""So many wrong codes WITHIN the hour are more than slips."""
WITHIN = timedelta(hours=1)
TOLD_FOR = timedelta(days=14)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Guesses:
    """Wrong codes at one door: how many in the day before `last_at`, the last of them."""

    count: int
    last_at: datetime


def count_wrong(session: Session, door_id: UUID, *, since: datetime) -> int:
    """Count the wrong codes at a door; one that is nobody's has no rows of its own, so the trail counts for it."""
    tried = select(func.count()).where(
        CodeAttempt.access_link_id == door_id, CodeAttempt.at > since, CodeAttempt.succeeded.is_(False)
    )
    told = select(func.count()).where(
        AuditEvent.subject_kind == "access_link",
        AuditEvent.subject_id == door_id,
        AuditEvent.deed == Deed.DOOR_REFUSED,
        AuditEvent.reason == "unknown",
        AuditEvent.at > since,
    )
    return session.scalar(select(tried.scalar_subquery() + told.scalar_subquery())) or 0


def keep(session: Session, door_id: UUID, *, succeeded: bool, at: datetime) -> None:
    """Keep one try; at a door that is nobody's the same statement keeps nothing."""
    row = select(
        literal(uuid4(), CodeAttempt.id.type),
        AccessLink.id,
        literal(at, CodeAttempt.at.type),
        literal(succeeded, CodeAttempt.succeeded.type),
    ).where(AccessLink.id == door_id)
    session.execute(insert(CodeAttempt).from_select(["id", "access_link_id", "at", "succeeded"], row))


def guesses_by_visit(session: Session, visit_ids: Collection[UUID], *, at: datetime) -> dict[UUID, Guesses]:
    """Give, by visit, what looks like guessing at the open door of a participant who takes part; none = no entry.

    A new door ends it: what was tried at the old one opens nothing any more. At most ten tries an hour are let
    through, which bounds the rows read.
    """
    rows = session.execute(
        select(Visit.id, CodeAttempt.at)
        .join(Participant, Participant.id == Visit.participant_id)
        .join(AccessLink, AccessLink.participant_id == Participant.id)
        .join(CodeAttempt, CodeAttempt.access_link_id == AccessLink.id)
        .where(
            Visit.id.in_(visit_ids),
            Participant.status == ParticipantStatus.ACTIVE,
            AccessLink.revoked_at.is_(None),
            CodeAttempt.succeeded.is_(False),
            CodeAttempt.at > at - TOLD_FOR - _A_DAY,
        )
        .order_by(CodeAttempt.at)
    )
    tries: dict[UUID, list[datetime]] = {}
    for visit_id, tried_at in rows:
        tries.setdefault(visit_id, []).append(tried_at)
    found = {visit_id: _find_guesses(wrong) for visit_id, wrong in tries.items()}
    return {visit_id: guesses for visit_id, guesses in found.items() if guesses and guesses.last_at > at - TOLD_FOR}


def _find_guesses(wrong: Sequence[datetime]) -> Guesses | None:
    """Find the last time at which so many wrong codes stood within the hour; `wrong` in order of time."""
    for last in reversed(range(SUSPECT - 1, len(wrong))):
        if wrong[last] - wrong[last - SUSPECT + 1] <= WITHIN:
            day = [each for each in wrong[: last + 1] if wrong[last] - each < _A_DAY]
            return Guesses(len(day), wrong[last])
    return None
