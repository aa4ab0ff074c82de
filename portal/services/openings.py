"""Openings that were held back: sent after all, once what held them back is over and their visit is still open."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.message import Message, MessageStatus
from portal.db.participant import Participant, Visit
from portal.domain import schedule
from portal.domain.messages import MessageKind
from portal.domain.schedule import PlannedMessage
from portal.domain.sending import Reason
from portal.services import message_plan, studies
from portal.services.actor import Actor
from portal.services.message_plan import TO_PARTICIPANT

_HOLD_BACK = {Reason.PAUSED, Reason.STOPPED, Reason.WITHDRAWN, Reason.BOUNCED, Reason.BOUNCED_BEFORE}


def send_held_back(session: Session, participant: Participant, *, by: Actor, at: datetime) -> None:
    """Plan the opening of each visit that is open now, where it was held back and none has gone since."""
    place = studies.for_site(session, participant.site_id)
    today = place.today(at)
    for visit in session.scalars(select(Visit).where(Visit.participant_id == participant.id)).all():
        window = schedule.window(place.definition.get_visit(visit.code), visit.planned_on)
        openings = select(Message).where(
            Message.visit_id == visit.id, Message.recipient == TO_PARTICIPANT, Message.kind == MessageKind.OPENING
        )
        rows = session.scalars(openings).all()
        held = [row for row in rows if row.reason in _HOLD_BACK]
        gone = [row for row in rows if row.status is not MessageStatus.CANCELLED and row.reason != Reason.BOUNCED]
        if today in window and held and not gone:
            edition = 1 + _last_edition(session, visit.id)
            opening = PlannedMessage(MessageKind.OPENING, today, at)
            message_plan.add_again(session, visit, [opening], edition=edition, by=by, at=at)


def _last_edition(session: Session, visit_id: UUID) -> int:
    to_her = select(func.max(Message.edition)).where(Message.visit_id == visit_id, Message.recipient == TO_PARTICIPANT)
    return session.scalar(to_her) or 0
