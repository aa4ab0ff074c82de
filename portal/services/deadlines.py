"""The day on which a summary must be at the site: what has arrived by then is summed up, even when nothing has."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.db.participant import Participant, Visit
from portal.db.summary import Summary
from portal.domain import schedule
from portal.domain.messages import MessageKind
from portal.domain.schedule import ONE_DAY, IsPublicHoliday
from portal.domain.states import ParticipantStatus
from portal.domain.summary import Received
from portal.services import late_parts, message_plan, staff, studies, summaries
from portal.services.actor import Actor
from portal.services.studies import StudyAtSite


def due_visits(session: Session, is_public_holiday: IsPublicHoliday, *, at: datetime) -> list[UUID]:
    """Give the visits whose summary is due by now, whose window has not closed, and that have none; soonest first.

    After them, at each site, those whose summary does not say what has arrived since.
    """
    return [
        visit_id
        for place in studies.list_sites(session)
        for visit_id in [
            *_due_at_site(session, place, is_public_holiday, at),
            *late_parts.outdated(session, place, at=at),
        ]
    ]


def make_if_missing(session: Session, visit_id: UUID, *, by: Actor, at: datetime) -> Summary | None:
    """Make a visit's first summary from what is there, or a newer edition of one that is outdated; None when it is not.

    When nothing is there, the site's nurses are told: there is still time to ring the patient.
    """
    session.execute(select(Visit.id).where(Visit.id == visit_id).with_for_update())
    current = summaries.find_current(session, visit_id)
    if current and not late_parts.is_outdated(session, visit_id, at=at):
        return None
    summary = summaries.make(session, visit_id, by=by, at=at)
    if summary is current:
        return None
    if current is None and summary.content["received"] == Received.NOTHING:
        _tell_nurses(session, session.get_one(Visit, visit_id), summary, by=by, at=at)
    return summary


def _tell_nurses(session: Session, visit: Visit, summary: Summary, *, by: Actor, at: datetime) -> None:
    site_id = session.scalars(select(Participant.site_id).where(Participant.id == visit.participant_id)).one()
    nurses = [nurse.id for nurse in staff.nurses_of(session, site_id)]
    kind = MessageKind.NOTHING_RECEIVED
    message_plan.add_for_staff(session, visit, kind, nurses, edition=summary.number, by=by, at=at)


def _due_at_site(session: Session, place: StudyAtSite, is_public_holiday: IsPublicHoliday, at: datetime) -> list[UUID]:
    today = place.today(at)
    closes_after = max(visit.window.closes_days_after for visit in place.definition.visits)
    visits = session.execute(
        select(Visit.id, Visit.code, Visit.planned_on)
        .join(Participant)
        .where(
            Participant.site_id == place.site_id,
            Participant.status == ParticipantStatus.ACTIVE,
            Visit.planned_on >= today - closes_after * ONE_DAY,
            Visit.planned_on <= _last_due(place, is_public_holiday, at),
            ~exists().where(Summary.visit_id == Visit.id),
        )
        .order_by(Visit.planned_on, Visit.id)
    )
    return [
        visit.id
        for visit in visits.all()
        if today <= schedule.window(place.definition.get_visit(visit.code), visit.planned_on).closes_on
    ]


def _last_due(place: StudyAtSite, is_public_holiday: IsPublicHoliday, at: datetime) -> date:
    """Give the last planned day whose summary is due by now; a later day is never due earlier."""

    def is_due(planned: date) -> bool:
        due_on = schedule.summary_due_on(place.definition, place.site, planned, is_public_holiday)
        return schedule.local_instant(due_on, place.definition.summary.hour, place.site.zone) <= at

    day = place.today(at) - ONE_DAY
    while is_due(day + ONE_DAY):
        day += ONE_DAY
    return day
