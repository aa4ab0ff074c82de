"""The first message to a participant: her link, sent as soon as it can reach her, if nothing is open for her yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.db.message import Message
from portal.db.participant import Participant, Visit
from portal.domain import schedule
from portal.domain.messages import MessageKind
from portal.domain.states import ParticipantStatus
from portal.services import message_plan, studies
from portal.services.actor import Actor
from portal.services.reach_choice import Reachable, choose


def plan(
    session: Session, participant_id: UUID, *, before: Reachable, now: Reachable, by: Actor, at: datetime
) -> UUID | None:
    """Plan the invitation of somebody whom messages can reach `now` and could not `before`; None when none is wanted.

    It is planned once, beside her next visit. Once that is open, the opening says all that an invitation would.
    """
    participant = session.get(Participant, participant_id)
    if participant is None or participant.status is not ParticipantStatus.ACTIVE:
        return None
    place = studies.for_site(session, participant.site_id)
    if not place.definition.messages.invitation or _was_planned(session, participant_id):
        return None
    if choose(place, email=before.email, telephone=before.telephone):
        return None
    if choose(place, email=now.email, telephone=now.telephone) is None:
        return None
    visits = session.scalars(select(Visit).where(Visit.participant_id == participant_id)).all()
    windows = {visit: schedule.window(place.definition.get_visit(visit.code), visit.planned_on) for visit in visits}
    visit = schedule.next_to_open(windows, place.today(at))
    if visit is None:
        return None
    return message_plan.add_for_participant(session, visit, MessageKind.INVITATION, edition=1, by=by, at=at)


def _was_planned(session: Session, participant_id: UUID) -> bool:
    earlier = exists().where(
        Message.visit_id == Visit.id,
        Visit.participant_id == participant_id,
        Message.kind == MessageKind.INVITATION,
    )
    return bool(session.scalar(select(earlier)))
