"""The day for which a patient was last told of a visit: once it is moved, she has been told of another one."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.message import Message, MessageStatus
from portal.db.participant import Visit
from portal.domain.audit import Deed
from portal.domain.messages import REMINDING, MessageKind
from portal.services.message_plan import TO_PARTICIPANT

_TELL = (MessageKind.OPENING, MessageKind.RESENT, *REMINDING)
_GONE = (MessageStatus.SENT, MessageStatus.UNKNOWN, MessageStatus.CLAIMED)


def last_told(session: Session, visit: Visit, *, but: UUID | None = None) -> date | None:
    """Give the visit's day as her last message about it named it, None when none may have arrived; two queries.

    `but` is a message that is just being sent.
    """
    told = select(func.max(func.coalesce(Message.sent_at, Message.claimed_at, Message.repeated_at))).where(
        Message.visit_id == visit.id,
        Message.recipient == TO_PARTICIPANT,
        Message.kind.in_(_TELL),
        or_(Message.status.in_(_GONE), Message.repeated_at.is_not(None)),
    )
    at = session.scalar(told if but is None else told.where(Message.id != but))
    if at is None:
        return None
    moved = select(AuditEvent.old).where(
        AuditEvent.deed == Deed.VISIT_MOVED,
        AuditEvent.subject_kind == "visit",
        AuditEvent.subject_id == visit.id,
        AuditEvent.at > at,
    )
    first = session.scalar(moved.order_by(AuditEvent.id).limit(1))
    return date.fromisoformat(first) if isinstance(first, str) else visit.planned_on
