"""Tests of a participant's address or mobile number: one message while she is there, and whether she has received it.

A test counts for the address or number that it was sent to: once that is changed, the new one has not been tested.
Whether it goes by mail or as a text message is said when it is asked for, whatever other messages leave by.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.message import Channel, Message, MessageStatus
from portal.db.participant import Participant, Visit
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.domain.schedule import local_day
from portal.domain.states import ParticipantStatus
from portal.services import audit, message_plan, studies
from portal.services.actor import Actor

APART = timedelta(minutes=1)
"""How long after one test the next may be sent."""

_MESSAGE = "message"
_TESTED = {Channel.MAIL: "email", Channel.SMS: "telephone"}
"""What of her contact is tested by what, as the trail names its changes."""

_RECEIVED = {Channel.MAIL: "received", Channel.SMS: "received-as-text"}


class Refusal(StrEnum):
    """Why no test is sent now."""

    WITHDRAWN = "withdrawn"
    PAUSED = "paused"
    NO_ADDRESS = "no-address"
    ON_ITS_WAY = "on-its-way"
    TOO_SOON = "too-soon"


@dataclass(frozen=True)
class ContactTest:
    """The last test of what is kept: its message, and what the patient said of it (None: not asked yet)."""

    message: Message
    asked_at: datetime
    received: bool | None = None
    noted_at: datetime | None = None

    def day(self, zone: ZoneInfo) -> date:
        """Give the local day of what is known of it last."""
        return local_day(self.noted_at or self.asked_at, zone)

    @property
    def is_under_way(self) -> bool:
        """Whether it has not been concluded yet."""
        return self.message.status in (MessageStatus.PLANNED, MessageStatus.CLAIMED)

    @property
    def may_have_arrived(self) -> bool:
        """Whether it makes sense to ask the patient."""
        return self.message.status in (MessageStatus.SENT, MessageStatus.UNKNOWN)


def find_last(session: Session, participant_id: UUID, channel: Channel = Channel.MAIL) -> ContactTest | None:
    """Give the last test of the address (or number) that is kept now, None when it was never tested."""
    found = session.execute(
        select(Message, AuditEvent.at)
        .join(AuditEvent, (AuditEvent.subject_kind == _MESSAGE) & (AuditEvent.subject_id == Message.id))
        .join(Visit, Visit.id == Message.visit_id)
        .where(
            Visit.participant_id == participant_id,
            Message.kind == MessageKind.CONTACT_TEST,
            func.coalesce(Message.channel, Channel.MAIL) == channel,
            AuditEvent.deed == Deed.MESSAGE_PLANNED,
            AuditEvent.id > _last_change(session, participant_id, channel),
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    message, asked_at = found
    said = session.scalar(_events(message.id, Deed.CONTACT_TESTED).order_by(AuditEvent.id.desc()).limit(1))
    return ContactTest(message, asked_at, said.new == "yes", said.at) if said else ContactTest(message, asked_at)


def refusal(participant: Participant, last: ContactTest | None, *, has_address: bool, at: datetime) -> Refusal | None:
    """Say why no test may be sent now, None when one may."""
    checks = (
        (participant.status is ParticipantStatus.WITHDRAWN, Refusal.WITHDRAWN),
        (participant.paused_on is not None, Refusal.PAUSED),
        (not has_address, Refusal.NO_ADDRESS),
        (last is not None and last.is_under_way, Refusal.ON_ITS_WAY),
        (last is not None and at - last.asked_at < APART, Refusal.TOO_SOON),
    )
    return next((reason for holds, reason in checks if holds), None)


def send(
    session: Session,
    participant: Participant,
    channel: Channel = Channel.MAIL,
    *,
    has_address: bool,
    by: Actor,
    at: datetime,
) -> Refusal | None:
    """Plan a test for the worker to send at once, beside her next visit; a second press sends nothing more.

    `has_address`: something is kept that this channel reaches.
    """
    refused = refusal(participant, find_last(session, participant.id, channel), has_address=has_address, at=at)
    if refused:
        return refused
    visit = _next(participant.visits, studies.for_site(session, participant.site_id).today(at))
    last = select(func.max(Message.edition)).where(
        Message.visit_id == visit.id, Message.kind == MessageKind.CONTACT_TEST
    )
    edition = 1 + (session.scalar(last) or 0)
    kind = MessageKind.CONTACT_TEST
    message_plan.add_for_participant(session, visit, kind, edition=edition, channel=channel, by=by, at=at)
    return None


def note(session: Session, participant_id: UUID, message_id: UUID, *, received: bool, by: Actor, at: datetime) -> None:
    """Note what the patient says of the test that was shown; nothing when it is no longer the last, or was noted."""
    lasts = {channel: find_last(session, participant_id, channel) for channel in Channel}
    channel, last = next(
        ((channel, each) for channel, each in lasts.items() if each and each.message.id == message_id), (None, None)
    )
    if channel is None or last is None or not last.may_have_arrived or last.received is received:
        return
    event = audit.Event(
        deed=Deed.CONTACT_TESTED,
        subject_kind=_MESSAGE,
        subject_id=message_id,
        participant_id=participant_id,
        field=_RECEIVED[channel],
        old=_word(last.received),
        new=_word(received),
    )
    audit.record(session, event, by=by, at=at)


def asked_at(session: Session, message: Message) -> datetime | None:
    """Give when a test was asked for; trying it again moves the message's own hour."""
    return session.scalar(_events(message.id, Deed.MESSAGE_PLANNED).with_only_columns(func.min(AuditEvent.at)))


def is_outdated(session: Session, message: Message) -> bool:
    """Whether the address or number was changed after this test of it was asked for."""
    planned = session.scalar(_events(message.id, Deed.MESSAGE_PLANNED).with_only_columns(func.min(AuditEvent.id)))
    participant_id = session.scalars(select(Visit.participant_id).where(Visit.id == message.visit_id)).one()
    return planned is not None and _last_change(session, participant_id, message.channel or Channel.MAIL) > planned


def _last_change(session: Session, participant_id: UUID, channel: Channel) -> int:
    """Give the id of the event that tells of the last change of her address or number, 0 when there is none."""
    changes = select(func.max(AuditEvent.id)).where(
        AuditEvent.participant_id == participant_id,
        AuditEvent.deed == Deed.CONTACT_CHANGED,
        AuditEvent.field == _TESTED[channel],
    )
    return session.scalar(changes) or 0


def _events(message_id: UUID, deed: Deed) -> Select[AuditEvent]:
    return select(AuditEvent).where(
        AuditEvent.subject_kind == _MESSAGE, AuditEvent.subject_id == message_id, AuditEvent.deed == deed
    )


def _next(visits: Iterable[Visit], today: date) -> Visit:
    """Give the first visit that is not past, else the last one."""
    ordered = sorted(visits, key=lambda visit: visit.planned_on)
    return next((visit for visit in ordered if visit.planned_on >= today), ordered[-1])


def _word(received: bool | None) -> str | None:
    return None if received is None else "yes" if received else "no"
