"""Fresh links: asked for before any door, whether or not anyone lives behind it; the worker finds out and sends them.

Asking writes the same for every door, so that neither words nor time tell whose it is.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.db.door import AccessLink, FreshLinkRequest
from portal.db.message import Message, MessageStatus
from portal.db.participant import Participant, Visit
from portal.domain import schedule
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.domain.states import ParticipantStatus
from portal.services import actor, audit, message_plan, studies
from portal.services.actor import Actor

ASKED = 3
"""How often a door is heard WITHIN the hour; what is asked beyond that is not kept."""
WITHIN = timedelta(hours=1)

SENT_A_DAY = 3
"""How many fresh links a participant is sent on one day of her site."""

_A_BATCH = 100  # requests


def ask(session: Session, door_id: UUID, *, at: datetime) -> None:
    """Note that somebody before this door, which may be nobody's, wants a fresh link."""
    asked = select(func.count()).where(FreshLinkRequest.door_id == door_id, FreshLinkRequest.at > at - WITHIN)
    if (session.scalar(asked) or 0) >= ASKED:
        return
    session.add(FreshLinkRequest(door_id=door_id, at=at))
    session.flush()
    event = audit.Event(deed=Deed.FRESH_LINK_ASKED, subject_kind="access_link", subject_id=door_id)
    audit.record(session, event, by=actor.SYSTEM, at=at)


def answer(session: Session, *, by: Actor, at: datetime) -> list[UUID]:
    """Take up to a hundred open requests and plan what is to be sent; give the ids of the new messages.

    Each participant who takes part and has an open door gets one message, however often she asked; whether there is an
    address is seen when it is sent. Requests that another worker is just taking are passed over.
    """
    requests = list(
        session.scalars(
            select(FreshLinkRequest)
            .where(FreshLinkRequest.handled_at.is_(None))
            .order_by(FreshLinkRequest.at)
            .limit(_A_BATCH)
            .with_for_update(skip_locked=True)
        )
    )
    for request in requests:
        request.handled_at = at
    session.flush()
    planned = [_plan(session, each, by=by, at=at) for each in _who_asked(session, requests)]
    return [message_id for message_id in planned if message_id]


def _who_asked(session: Session, requests: Iterable[FreshLinkRequest]) -> list[Participant]:
    doors = [request.door_id for request in requests]
    if not doors:
        return []
    asked = select(AccessLink.participant_id).where(AccessLink.id.in_(doors))
    has_door = exists().where(AccessLink.participant_id == Participant.id, AccessLink.revoked_at.is_(None))
    active = Participant.status == ParticipantStatus.ACTIVE
    return list(
        session.scalars(select(Participant).where(Participant.id.in_(asked), active, has_door).order_by(Participant.id))
    )


def _plan(session: Session, participant: Participant, *, by: Actor, at: datetime) -> UUID | None:
    """Plan one message beside the visit nearest to today, unless one is on its way or the day's number is reached."""
    place = studies.for_site(session, participant.site_id)
    today = place.today(at)
    earlier = session.scalars(
        select(Message)
        .join(Visit)
        .where(Visit.participant_id == participant.id, Message.kind == MessageKind.FRESH_LINK)
    ).all()
    midnight = schedule.local_instant(today, time(0), place.site.zone)
    on_its_way = any(message.status in (MessageStatus.PLANNED, MessageStatus.CLAIMED) for message in earlier)
    if on_its_way or sum(message.due_at >= midnight for message in earlier) >= SENT_A_DAY:
        return None
    visit = _nearest(participant.visits, today)
    edition = 1 + max((message.edition for message in earlier if message.visit_id == visit.id), default=0)
    return message_plan.add_for_participant(session, visit, MessageKind.FRESH_LINK, edition=edition, by=by, at=at)


def _nearest(visits: Iterable[Visit], today: date) -> Visit:
    """Give the visit whose day is nearest, the later one of two."""
    return min(visits, key=lambda visit: (abs((visit.planned_on - today).days), today > visit.planned_on))
