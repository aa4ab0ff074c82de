"""Reports that a message which had left did not arrive: kept once, and told to staff.

A message that was given up is no longer sent: it failed. When its address is at fault, nothing more is sent to that
address; another address, or a test that the patient has received, lifts this.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.db import inserting
from portal.db.audit_event import AuditEvent
from portal.db.message import Bounce, BounceKind, BounceSource, Channel, Message, MessageStatus
from portal.db.notice import Notice
from portal.db.participant import Visit
from portal.db.planning import unindexed
from portal.domain.audit import Deed
from portal.domain.bounces import blames_address
from portal.domain.sending import Reason
from portal.services import audit, deliveries
from portal.services.actor import Actor
from portal.services.message_plan import TO_PARTICIPANT

_HAD_LEFT = {MessageStatus.SENT, MessageStatus.UNKNOWN, MessageStatus.PLANNED}
"""What a report may turn into a failure; what is planned has left once already, and its repeat is not wanted."""


class Kept(StrEnum):
    """What became of a report."""

    KEPT = "kept"
    REPEATED = "repeated"
    OF_NO_MESSAGE = "of-no-message"


@dataclass(frozen=True)
class Report:
    """What is said of one message: `name` is its Message-ID, or how the provider of an SMS calls it.

    `code` is RFC 3463's or SMTP's; `digest`, 64 hex digits, is the same when the same is reported again.
    """

    name: str
    kind: BounceKind
    code: str
    digest: str
    at: datetime


@dataclass(frozen=True)
class Standing:
    """Since when, and with what code, mails to a participant's present address come back."""

    at: datetime
    code: str


def keep(session: Session, report: Report, source: BounceSource, *, by: Actor, at: datetime) -> Kept:
    """Keep a report and let its message fail when it was given up; what was reported before changes nothing."""
    message = _find(session, report.name)
    if message is None:
        return _keep_of_notice(session, report, by=by, at=at)
    insert = inserting.of_dialect(session)
    values = {
        "message_id": message.id,
        "kind": report.kind,
        "code": report.code,
        "source": source,
        "at": min(report.at, at),  # another machine's clock may be ahead
        "report": report.digest,
    }
    if not session.execute(insert(Bounce).values(values).on_conflict_do_nothing().returning(Bounce.id)).first():
        return Kept.REPEATED
    old = message.status
    if report.kind is BounceKind.PERMANENT and old in _HAD_LEFT and message.attempts:
        message.status, message.reason = MessageStatus.FAILED, Reason.BOUNCED
    session.flush()
    event = audit.Event(
        deed=Deed.MESSAGE_BOUNCED,
        subject_kind="message",
        subject_id=message.id,
        participant_id=session.scalar(select(Visit.participant_id).where(Visit.id == message.visit_id)),
        field="status",
        old=old,
        new=message.status,
        reason=f"{report.kind} {report.code}",
    )
    audit.record(session, event, by=by, at=at)
    return Kept.KEPT


def is_held_up() -> ColumnElement[bool]:
    """Whether another server has said of a message that left that it was still trying to deliver it."""
    delayed = exists().where(Bounce.message_id == Message.id, Bounce.kind == BounceKind.DELAYED)
    return and_(unindexed(Message.status) == MessageStatus.SENT, delayed)


def standing(session: Session, participant_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Give, by participant, the last report that keeps mails from the present address; one query.

    A report counts for the address to which its message went, whenever it arrives.
    """
    lifted = (
        select(AuditEvent.participant_id, func.max(AuditEvent.at).label("at"))
        .where(AuditEvent.participant_id.in_(participant_ids), _lifts())
        .group_by(AuditEvent.participant_id)
        .subquery()
    )
    # The address is read after a message was claimed.
    left_at = func.coalesce(Message.claimed_at, Message.sent_at, Message.due_at)
    rows = session.execute(
        select(Visit.participant_id, Bounce.at, Bounce.code)
        .join(Message, Message.id == Bounce.message_id)
        .join(Visit, Visit.id == Message.visit_id)
        .outerjoin(lifted, lifted.c.participant_id == Visit.participant_id)
        .where(
            Visit.participant_id.in_(participant_ids),
            Message.recipient == TO_PARTICIPANT,
            func.coalesce(Message.channel, Channel.MAIL) == Channel.MAIL,
            Bounce.kind == BounceKind.PERMANENT,
            or_(lifted.c.at.is_(None), left_at >= lifted.c.at),
        )
        .order_by(Bounce.at, Bounce.id)
    )
    return {row.participant_id: Standing(row.at, row.code) for row in rows if blames_address(row.code)}


def find_standing(session: Session, participant_id: UUID) -> Standing | None:
    """Give what keeps mails from a participant's present address, None when nothing does."""
    return standing(session, [participant_id]).get(participant_id)


def standing_by_visit(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Give, by visit, what keeps mails from its participant's present address; two queries."""
    visits = session.execute(select(Visit.id, Visit.participant_id).where(Visit.id.in_(visit_ids))).all()
    found = standing(session, {visit.participant_id for visit in visits})
    return {visit.id: found[visit.participant_id] for visit in visits if visit.participant_id in found}


def _lifts() -> ColumnElement[bool]:
    """Choose what makes an address another one, or proves it good."""
    changed = and_(AuditEvent.deed == Deed.CONTACT_CHANGED, AuditEvent.field == "email")
    received = and_(
        AuditEvent.deed == Deed.CONTACT_TESTED,
        AuditEvent.field == "received",  # by mail: a text message that arrives proves no address good
        cast(AuditEvent.new, String) == '"yes"',
    )
    return or_(changed, received)


def _keep_of_notice(session: Session, report: Report, *, by: Actor, at: datetime) -> Kept:
    """Let a notice to staff fail when it was given up; there is no patient whom it concerns."""
    notice_id = _id_of(report.name)
    notice = session.get(Notice, notice_id, with_for_update=True) if notice_id else None
    if notice is None:
        return Kept.OF_NO_MESSAGE
    if report.kind is not BounceKind.PERMANENT or notice.status not in _HAD_LEFT or not notice.attempts:
        return Kept.REPEATED
    deliveries.conclude(session, notice, MessageStatus.FAILED, Reason.BOUNCED, by=by, at=at)
    return Kept.KEPT


def _find(session: Session, name: str) -> Message | None:
    """Give the message of this name, held so that no worker concludes it at the same moment."""
    message_id = _id_of(name)
    which = Message.id == message_id if message_id else Message.provider_id == name
    return session.scalar(select(Message).where(which).limit(1).with_for_update())


def _id_of(name: str) -> UUID | None:
    """Read the row's id from a Message-ID; None when the name is a provider's."""
    try:
        return UUID(name.strip().strip("<>").partition("@")[0])
    except ValueError:
        return None
