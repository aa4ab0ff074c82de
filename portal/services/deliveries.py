"""What is on its way, whether to a patient or to staff: claimed by one worker, handed over once, its outcome kept.

A worker commits its claim, then that it begins to hand over, then the outcome. Wherever it is killed, the next worker
knows: before the handing over nothing has left and another try is safe; after it nobody knows, and a person is told.
"""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.message import Message, MessageStatus
from portal.db.notice import Notice
from portal.db.participant import Visit
from portal.domain.audit import Deed
from portal.domain.sending import REPEATED_AFTER, Reason, wait_after
from portal.services import audit
from portal.services.actor import Actor
from portal.services.letters import Accepted, Outcome, Postponed, Rejected

AnyDelivery = TypeVar("AnyDelivery", Message, Notice)

_DEEDS = {
    MessageStatus.PLANNED: Deed.MESSAGE_PLANNED,
    MessageStatus.SENT: Deed.MESSAGE_SENT,
    MessageStatus.FAILED: Deed.MESSAGE_FAILED,
    MessageStatus.CANCELLED: Deed.MESSAGE_CANCELLED,
    MessageStatus.UNKNOWN: Deed.MESSAGE_UNKNOWN,
}


def claim(
    session: Session, kind: type[AnyDelivery], *, worker: str | None, at: datetime, limit: int = 1
) -> list[AnyDelivery]:
    """Take up to `limit` that are due, the longest due first, so that no other worker takes them.

    The caller commits before anything is sent. Rows that another worker is just claiming are passed over.
    """
    due = select(kind).where(kind.status == MessageStatus.PLANNED, kind.due_at <= at)
    claimed = list(
        session.scalars(due.order_by(kind.due_at, kind.id).limit(limit).with_for_update(skip_locked=True)).all()
    )
    for row in claimed:
        row.status, row.claimed_at, row.claimed_by, row.handed_at = MessageStatus.CLAIMED, at, worker, None
        row.attempts += 1
    session.flush()
    return claimed


def find_in_hand(session: Session, kind: type[AnyDelivery], delivery_id: UUID, *, worker: str) -> AnyDelivery | None:
    """Give, locked, what `worker` has in hand, be it given up for lost meanwhile; None when it is another's by now."""
    row = session.get(kind, delivery_id, with_for_update=True, populate_existing=True)
    if row is None or row.claimed_by != worker:
        return None
    was_given_up = row.status is MessageStatus.UNKNOWN and row.reason == Reason.LOST
    return row if row.status is MessageStatus.CLAIMED or was_given_up else None


def put_back(session: Session, row: Message | Notice, until: datetime) -> None:
    """Let it wait for its hour; the claim was no attempt."""
    _plan_again(row, until)
    row.attempts -= 1
    session.flush()


def postpone(session: Session, row: Message | Notice, reason: str, *, at: datetime) -> None:
    """Plan another attempt after a wait that grows."""
    _plan_again(row, at + wait_after(row.attempts))
    row.reason = reason
    session.flush()


def drop(session: Session, row: Message | Notice, reason: Reason, *, by: Actor, at: datetime) -> None:
    """Cancel what is not wanted any more; a repeat is dropped, but what it repeats may have left, and stays unknown."""
    if row.repeated_at is None:
        conclude(session, row, MessageStatus.CANCELLED, reason, by=by, at=at)
    else:
        conclude(session, row, MessageStatus.UNKNOWN, row.reason or reason, by=by, at=at)


def conclude(
    session: Session, row: Message | Notice, status: MessageStatus, reason: str | None, *, by: Actor, at: datetime
) -> None:
    """Keep what became of it, and write it into the trail."""
    old, row.status, row.reason = row.status, status, reason
    if status is MessageStatus.SENT:
        row.sent_at = at
    session.flush()
    event = audit.Event(
        deed=_DEEDS[status],
        subject_kind=row.__tablename__,
        subject_id=row.id,
        participant_id=_participant_id(session, row),
        field="status",
        old=old,
        new=status,
        reason=reason,
    )
    audit.record(session, event, by=by, at=at)


def keep_outcome(session: Session, row: Message | Notice, outcome: Outcome, *, by: Actor, at: datetime) -> None:
    """Keep what became of sending; what may pass is planned again after a wait that grows."""
    match outcome:
        case Accepted():
            conclude(session, row, MessageStatus.SENT, None, by=by, at=at)
        case Postponed(reason):
            postpone(session, row, reason, at=at)
        case Rejected(reason):
            conclude(session, row, MessageStatus.FAILED, reason, by=by, at=at)
        case _:
            conclude(session, row, MessageStatus.UNKNOWN, outcome.reason, by=by, at=at)


def take_up_lost(
    session: Session,
    kind: type[AnyDelivery],
    *,
    alive: set[str],
    in_hand: set[UUID],
    by: Actor,
    at: datetime,
) -> list[AnyDelivery]:
    """Take up what a worker that is not `alive` left behind; `in_hand`: what the caller still has to conclude.

    What was not being handed over yet is planned again. The rest may have left: it is unknown, shown to staff, and not
    repeated, since the server may well have taken it when there was nobody left to hear so.
    """
    claimed = select(kind).where(kind.status == MessageStatus.CLAIMED).with_for_update(skip_locked=True)
    lost = [row for row in session.scalars(claimed) if row.claimed_by not in alive and row.id not in in_hand]
    for row in lost:
        if row.claimed_by and not row.handed_at:
            postpone(session, row, Reason.LOST, at=at)  # should it be this very message that ends its workers
        else:
            conclude(session, row, MessageStatus.UNKNOWN, Reason.LOST, by=by, at=at)
    return lost


def take_up_unknown(session: Session, kind: type[AnyDelivery], *, by: Actor, at: datetime) -> list[AnyDelivery]:
    """Plan the one repeat of what nobody knows the fate of, since the server never said that it took it.

    Whether it leaves is decided anew, by what is true then.
    """
    unknown = select(kind).where(
        kind.status == MessageStatus.UNKNOWN,
        kind.repeated_at.is_(None),
        kind.claimed_at <= at - REPEATED_AFTER,
        kind.reason != Reason.LOST,
    )
    rows = list(session.scalars(unknown.with_for_update(skip_locked=True)))
    for row in rows:
        row.repeated_at = at
        reason = row.reason
        conclude(session, row, MessageStatus.PLANNED, reason, by=by, at=at)
        _plan_again(row, at)
    session.flush()
    return rows


def send_once_more(session: Session, row: Message | Notice, *, by: Actor, at: datetime) -> None:
    """Plan again what a person wants sent again although it failed, or may have arrived; no machine repeats it then."""
    was_unknown = row.status is MessageStatus.UNKNOWN
    conclude(session, row, MessageStatus.PLANNED, row.reason if was_unknown else None, by=by, at=at)
    row.repeated_at = at if was_unknown else row.repeated_at
    row.attempts, row.sent_at = 0, None
    _plan_again(row, at)
    session.flush()


def _plan_again(row: Message | Notice, due_at: datetime) -> None:
    row.status, row.due_at = MessageStatus.PLANNED, due_at
    row.claimed_at = row.claimed_by = row.handed_at = None


def _participant_id(session: Session, row: Message | Notice) -> UUID | None:
    if not isinstance(row, Message):
        return None
    return session.scalar(select(Visit.participant_id).where(Visit.id == row.visit_id))
