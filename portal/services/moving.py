"""Moving a visit to another day: what hangs on it moves along, what was sent stays, and all of it is told first."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.db.message import Message, MessageStatus
from portal.db.participant import Participant, Visit
from portal.db.summary import Summary
from portal.db.visit_listing import Received, VisitListing
from portal.domain import schedule
from portal.domain.audit import Deed
from portal.domain.messages import REMINDING, MessageKind
from portal.domain.schedule import IsPublicHoliday, PlannedMessage
from portal.domain.sending import Reason
from portal.domain.states import ParticipantStatus
from portal.services import audit, message_plan, scheduling, stops, studies, told_days
from portal.services.actor import Actor
from portal.services.message_plan import TO_PARTICIPANT
from portal.services.scheduling import PlannedVisit
from portal.services.studies import StudyAtSite

_KINDS = (MessageKind.OPENING, *REMINDING)
_GONE = frozenset({MessageStatus.SENT, MessageStatus.UNKNOWN, MessageStatus.CLAIMED})


class MoveFault(StrEnum):
    """Why a visit is not moved.

    SAME_DAY   it is planned on this day already
    NO_REASON  no reason was given
    WITHDRAWN  the participant has withdrawn
    """

    SAME_DAY = "same-day"
    NO_REASON = "no-reason"
    WITHDRAWN = "withdrawn"


class MoveRefusedError(Exception):
    """The visit stays where it is; `fault` says why."""

    def __init__(self, fault: MoveFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Move:
    """What a move changes: the visit until now and from now on, the mails that stay sent and those that do not leave.

    `renewed` are the mails that get a new row; empty when none has one yet and the worker will plan them anyway.
    `tells` says that the opening among them has words of its own: she has been told of another day. `answered`:
    everything was sent, and no mail leaves any more.
    """

    place: StudyAtSite
    before: PlannedVisit
    after: PlannedVisit
    kept: tuple[Message, ...]
    dropped: tuple[Message, ...]
    renewed: tuple[PlannedMessage, ...]
    edition: int
    has_summary: bool
    tells: bool
    answered: bool


def foresee_move(
    session: Session,
    visit: Visit,
    to: date,
    *,
    has_address: bool,
    is_public_holiday: IsPublicHoliday,
    at: datetime,
    bounced: bool = False,
) -> Move:
    """Tell what moving a visit to this day would change; `bounced`: her mails come back.  Raises MoveRefusedError."""
    participant = _whose_visit_moves(session, visit, to)
    place = studies.for_site(session, participant.site_id)
    rows = _messages(session, visit.id)
    kept = tuple(row for row in rows if _may_have_gone(row))
    dropped = tuple(row for row in rows if row.status is MessageStatus.PLANNED and not _may_have_gone(row))
    has_summary = bool(session.scalar(select(exists().where(Summary.visit_id == visit.id))))
    old, new = (_planned(place, visit.code, day, is_public_holiday, has_summary) for day in (visit.planned_on, to))
    answered = _is_answered(session, visit)
    tells = not answered and told_days.last_told(session, visit) not in (None, to)
    if rows:
        old = [each for each in old if not each.kind.to_patient or any(row.kind == each.kind for row in dropped)]
        new = [each for each in new if not each.kind.to_patient or _is_still_wanted(each, kept, at)]
        if tells and place.today(at) <= to and not _opens(new):
            new = [PlannedMessage(MessageKind.OPENING, place.today(at), at), *new]
    foreseen = partial(
        scheduling.foresee_visit,
        place,
        visit.code,
        has_address=has_address,
        is_public_holiday=is_public_holiday,
        at=at,
        paused=participant.paused_on is not None,
        stopped=stops.find_open(session, participant.id) is not None,
        bounced=bounced,
        told_on=[schedule.local_day(each, place.site.zone) for each in _sent(kept)],
    )
    return Move(
        place=place,
        before=foreseen(visit.planned_on, messages=old),
        after=foreseen(to, messages=new),
        kept=kept,
        dropped=dropped,
        renewed=tuple(each for each in new if each.kind.to_patient) if rows else (),
        edition=1 + max((row.edition for row in rows), default=0),
        has_summary=has_summary,
        tells=tells and _opens(new),
        answered=answered,
    )


def _whose_visit_moves(session: Session, visit: Visit, to: date) -> Participant:
    participant = session.get_one(Participant, visit.participant_id, populate_existing=True)
    if participant.status is ParticipantStatus.WITHDRAWN:
        raise MoveRefusedError(MoveFault.WITHDRAWN)
    if to == visit.planned_on:
        raise MoveRefusedError(MoveFault.SAME_DAY)
    return participant


def move(
    session: Session,
    visit: Visit,
    to: date,
    *,
    reason: str,
    is_public_holiday: IsPublicHoliday,
    by: Actor,
    at: datetime,
) -> Move:
    """Move a visit: mails that wait are cancelled, those of the new days take their place.  Raises MoveRefusedError."""
    if not reason.strip():
        raise MoveRefusedError(MoveFault.NO_REASON)
    session.refresh(visit, with_for_update=True)
    done = foresee_move(session, visit, to, has_address=True, is_public_holiday=is_public_holiday, at=at)
    events = [_moved(visit, to, reason.strip())]
    visit.planned_on = to
    for message in done.dropped:
        message.status, message.reason = MessageStatus.CANCELLED, Reason.MOVED
        events.append(_cancelled(visit, message))
    session.flush()
    audit.record(session, *events, by=by, at=at)
    message_plan.add_again(session, visit, done.renewed, edition=done.edition, by=by, at=at)
    return done


def _messages(session: Session, visit_id: UUID) -> list[Message]:
    """Give the visit's own mails to the participant, and hold them, so that no worker sends them meanwhile."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.visit_id == visit_id, Message.recipient == TO_PARTICIPANT, Message.kind.in_(_KINDS))
            .order_by(Message.due_at)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _planned(
    place: StudyAtSite, code: str, day: date, is_public_holiday: IsPublicHoliday, has_summary: bool
) -> list[PlannedMessage]:
    visit = place.definition.get_visit(code)
    planned = schedule.planned_messages(place.definition, place.site, visit, day, is_public_holiday)
    return [each for each in planned if each.kind.to_patient or not has_summary]


def _is_still_wanted(planned: PlannedMessage, kept: tuple[Message, ...], at: datetime) -> bool:
    """What lies ahead is sent; of what lies behind only the opening, when none has gone yet."""
    if planned.due_at > at:
        return True
    return planned.kind is MessageKind.OPENING and not any(row.kind == MessageKind.OPENING for row in kept)


def _is_answered(session: Session, visit: Visit) -> bool:
    received = session.scalar(select(VisitListing.received).where(VisitListing.visit_id == visit.id))
    return received is Received.SENT


def _opens(planned: list[PlannedMessage]) -> bool:
    return any(each.kind is MessageKind.OPENING for each in planned)


def _may_have_gone(row: Message) -> bool:
    """A repeat repeats what may have arrived."""
    return row.status in _GONE or row.repeated_at is not None


def _sent(kept: tuple[Message, ...]) -> list[datetime]:
    return [at for row in kept if (at := row.sent_at or row.claimed_at or row.repeated_at)]


def _moved(visit: Visit, to: date, reason: str) -> audit.Event:
    return audit.Event(
        deed=Deed.VISIT_MOVED,
        subject_kind="visit",
        subject_id=visit.id,
        participant_id=visit.participant_id,
        field="planned_on",
        old=visit.planned_on.isoformat(),
        new=to.isoformat(),
        reason=reason,
    )


def _cancelled(visit: Visit, message: Message) -> audit.Event:
    return audit.Event(
        deed=Deed.MESSAGE_CANCELLED,
        subject_kind="message",
        subject_id=message.id,
        participant_id=visit.participant_id,
        field="status",
        old=MessageStatus.PLANNED,
        new=MessageStatus.CANCELLED,
        reason=Reason.MOVED,
    )
