"""What is true of a message at the moment of sending: its visit and its recipient."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from portal.db.door import AccessLink, FreshLinkRequest
from portal.db.message import Channel, Message, MessageStatus
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.db.staff import Staff, StaffRole
from portal.db.summary import Summary
from portal.domain import schedule
from portal.domain.messages import NOT_OF_A_VISIT, REMINDING, MessageKind
from portal.domain.roles import Role
from portal.domain.schedule import Window
from portal.domain.sending import Facts
from portal.domain.states import SENT_STATUSES, ParticipantStatus, ResponseStatus
from portal.services import bounces, contact_tests, doors, reaches, stops, studies, told_days
from portal.services.contacts import Contacts
from portal.services.message_plan import TO_PARTICIPANT, staff_id_of
from portal.services.reaches import Reach
from portal.services.studies import StudyAtSite


@dataclass(frozen=True)
class Subject:
    """What a message is about, and who receives it: the participant, or `reader` of the staff.

    `reminded`, only for what is sent again: the participant has had a reminder of this visit already.
    `moved`, only for an opening: what she was told of the visit before named another day.
    """

    kind: MessageKind
    visit: Visit
    participant: Participant
    place: StudyAtSite
    statuses: tuple[ResponseStatus | None, ...]
    summary: Summary | None
    reader: Staff | None
    reminded: bool = False
    moved: bool = False
    mails_come_back: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The site's zone."""
        return self.place.site.zone

    @property
    def window(self) -> Window:
        """The days on which the visit's questionnaires are open."""
        return schedule.window(self.place.definition.get_visit(self.visit.code), self.visit.planned_on)

    @property
    def begun(self) -> bool:
        """Whether the participant has begun any of the visit's questionnaires."""
        return any(status is not None for status in self.statuses)

    def facts(self, session: Session, message: Message, reach: Reach | None, at: datetime) -> Facts:
        """Give what the decision depends on."""
        return Facts(
            kind=self.kind,
            planned_on=self.visit.planned_on,
            window=self.window,
            withdrawn=self.participant.status is ParticipantStatus.WITHDRAWN,
            paused=self.participant.paused_on is not None,
            stopped=stops.find_open(session, self.participant.id) is not None,
            answered=bool(self.statuses) and all(status in SENT_STATUSES for status in self.statuses),
            told_today=self._is_told_once_a_day and _told_since(session, message, self._midnight(at)),
            superseded=self.summary is not None and _is_superseded(session, self.summary),
            has_address=reach is not None,
            made_at=self.summary.made_at if self.summary else None,
            asked_at=self._asked_at(session, message),
            has_door=doors.find_open(session, self.participant.id) is not None,
            address_changed=self.kind is MessageKind.CONTACT_TEST and contact_tests.is_outdated(session, message),
            bounced_before=self.mails_come_back and reach is not None and reach.channel is Channel.MAIL,
        )

    @property
    def _is_told_once_a_day(self) -> bool:
        """What staff send again is wanted today, whatever went before."""
        return self.kind.tells_of_visit and self.kind is not MessageKind.RESENT

    def _asked_at(self, session: Session, message: Message) -> datetime | None:
        if self.kind is MessageKind.CONTACT_TEST:
            return contact_tests.asked_at(session, message)
        return _last_asked_at(session, self.participant.id) if self.kind is MessageKind.FRESH_LINK else None

    def _midnight(self, at: datetime) -> datetime:
        return schedule.local_instant(self.place.today(at), time(0), self.zone)


def gather(session: Session, message: Message) -> Subject:
    """Read everything about a message anew, in the transaction in which it is decided on."""
    visit = session.get_one(Visit, message.visit_id, populate_existing=True)
    participant = session.get_one(Participant, visit.participant_id, populate_existing=True)
    kind = MessageKind(message.kind)
    edition = select(Summary).where(Summary.visit_id == visit.id, Summary.number == message.edition)
    return Subject(
        kind=kind,
        visit=visit,
        participant=participant,
        place=studies.for_site(session, participant.site_id),
        statuses=_statuses(session, visit.id),
        summary=None if kind.to_patient else session.scalars(edition).one(),
        reader=_find_reader(session, kind, message.recipient, participant.site_id),
        moved=kind is MessageKind.OPENING and _was_told_otherwise(session, visit, message.id),
        reminded=kind is MessageKind.RESENT and _was_reminded(session, visit.id),
        mails_come_back=kind.to_patient and bounces.find_standing(session, participant.id) is not None,
    )


def find_reach(subject: Subject, message: Message, contacts: Contacts) -> Reach | None:
    """Give by what the recipient is written to; None when by nothing, or when he is no investigator any more.

    A test of an address or a number is sent to just that, whatever other messages leave by.
    """
    if subject.kind is MessageKind.CONTACT_TEST:
        if message.channel is Channel.SMS:
            return reaches.by_text(subject.place, contacts, subject.participant.id)
        return reaches.of_address(contacts.find_email(subject.participant.id))
    if subject.kind.to_patient:
        return reaches.of_participant(
            subject.place, contacts, subject.participant.id, mails_come_back=subject.mails_come_back
        )
    return reaches.of_address(subject.reader.email if subject.reader else None)


def _statuses(session: Session, visit_id: UUID) -> tuple[ResponseStatus | None, ...]:
    """Give one status for each questionnaire of the visit, None where none was begun."""
    return tuple(
        session.scalars(
            select(Response.status)
            .select_from(Assignment)
            .outerjoin(
                Response,
                (Response.assignment_id == Assignment.id) & (Response.status != ResponseStatus.ENTERED_IN_ERROR),
            )
            .where(Assignment.visit_id == visit_id)
        )
    )


def _find_reader(session: Session, kind: MessageKind, recipient: str, site_id: UUID) -> Staff | None:
    role = Role.NURSE if kind is MessageKind.NOTHING_RECEIVED else Role.INVESTIGATOR
    return session.scalar(
        select(Staff)
        .join(StaffRole)
        .where(
            Staff.id == staff_id_of(recipient),
            Staff.active,
            StaffRole.site_id == site_id,
            StaffRole.role == role,
        )
    )


def _told_since(session: Session, message: Message, midnight: datetime) -> bool:
    """Whether another message about the visit has gone to the participant today, or is just being sent."""
    gone = or_(Message.status.in_([MessageStatus.SENT, MessageStatus.UNKNOWN]), Message.repeated_at.is_not(None))
    on_its_way = (Message.status == MessageStatus.CLAIMED) & (Message.due_at < message.due_at)
    return bool(
        session.scalar(
            select(
                exists().where(
                    Message.visit_id == message.visit_id,
                    Message.recipient == TO_PARTICIPANT,
                    Message.kind.not_in(NOT_OF_A_VISIT),
                    Message.id != message.id,
                    func.coalesce(Message.sent_at, Message.claimed_at, Message.repeated_at) >= midnight,
                    or_(gone, on_its_way),
                )
            )
        )
    )


def _was_told_otherwise(session: Session, visit: Visit, message_id: UUID) -> bool:
    return told_days.last_told(session, visit, but=message_id) not in (None, visit.planned_on)


def _was_reminded(session: Session, visit_id: UUID) -> bool:
    gone = Message.status.in_([MessageStatus.SENT, MessageStatus.UNKNOWN])
    return bool(session.scalar(select(exists().where(Message.visit_id == visit_id, Message.kind.in_(REMINDING), gone))))


def _last_asked_at(session: Session, participant_id: UUID) -> datetime | None:
    return session.scalar(
        select(func.max(FreshLinkRequest.at))
        .join(AccessLink, AccessLink.id == FreshLinkRequest.door_id)
        .where(AccessLink.participant_id == participant_id)
    )


def _is_superseded(session: Session, summary: Summary) -> bool:
    return bool(
        session.scalar(select(exists().where(Summary.visit_id == summary.visit_id, Summary.number > summary.number)))
    )
