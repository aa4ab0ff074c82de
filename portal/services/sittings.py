"""What a participant finds when she opens her link: the questionnaires of the visit that is open today."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.domain import instruments, schedule
from portal.domain.states import SENT_STATUSES, ParticipantStatus, ResponseStatus
from portal.services import how_far, responses, studies
from portal.services.studies import StudyAtSite


@dataclass(frozen=True)
class Task:
    """One questionnaire of a sitting; `done` of `total` questions need nothing more."""

    assignment_id: UUID
    instrument: str
    status: ResponseStatus | None
    completed_at: datetime | None
    done: int
    total: int

    @property
    def is_sent(self) -> bool:
        """Whether it was sent and is locked."""
        return self.status in SENT_STATUSES


@dataclass(frozen=True)
class Sitting:
    """The visit that is open today and its questionnaires, in the order in which they are asked."""

    visit_id: UUID
    visit_code: str
    planned_on: date
    window: schedule.Window
    tasks: tuple[Task, ...]

    @property
    def next_task(self) -> Task | None:
        """The first questionnaire that is not sent yet."""
        return next((task for task in self.tasks if not task.is_sent), None)


@dataclass(frozen=True)
class Today:
    """A participant's day: her study and site, the open sitting if any, and when the next one opens."""

    place: StudyAtSite
    withdrawn: bool
    sitting: Sitting | None
    next_opens_on: date | None


# Built once: every page of a patient begins with her day.
_VISITS = (
    select(Visit).where(Visit.participant_id == bindparam("participant_id")).order_by(Visit.planned_on, Visit.code)
)
_TASKS = (
    select(Assignment.id, Assignment.instrument, Response)
    .outerjoin(
        Response,
        (Response.assignment_id == Assignment.id) & (Response.status != ResponseStatus.ENTERED_IN_ERROR),
    )
    .where(Assignment.visit_id == bindparam("visit_id"))
    .order_by(Assignment.position)
)


def today(session: Session, participant_id: UUID, *, at: datetime) -> Today:
    """Give what is open for a participant at an instant, by her site's local day.

    Of two visits open at once, the earlier one that is not wholly sent comes first.
    """
    participant = session.get_one(Participant, participant_id)
    place = studies.for_site(session, participant.site_id)
    day = place.today(at)
    if participant.status is ParticipantStatus.WITHDRAWN:
        return Today(place, True, None, None)
    visits = session.scalars(_VISITS, {"participant_id": participant_id}).all()
    windows = [(visit, schedule.window(place.definition.get_visit(visit.code), visit.planned_on)) for visit in visits]
    opened = [_sitting(session, visit, window) for visit, window in windows if day in window]
    unsent = [sitting for sitting in opened if sitting.next_task]
    next_opens_on = min((window.opens_on for _, window in windows if window.opens_on > day), default=None)
    return Today(place, False, next(iter([*unsent, *reversed(opened)]), None), next_opens_on)


def has_begun_any(session: Session, participant_id: UUID) -> bool:
    """Say whether a participant has ever answered anything, in whatever questionnaire."""
    begun = select(Response.id).join(Assignment).join(Visit).where(Visit.participant_id == participant_id)
    return session.scalar(begun.limit(1)) is not None


def _sitting(session: Session, visit: Visit, window: schedule.Window) -> Sitting:
    rows = session.execute(_TASKS, {"visit_id": visit.id})
    tasks = tuple(_task(session, row.id, row.instrument, row.Response) for row in rows.all())
    return Sitting(visit.id, visit.code, visit.planned_on, window, tasks)


def _task(session: Session, assignment_id: UUID, code: str, response: Response | None) -> Task:
    answers = responses.current_answers(session, response.id if response else None)
    far = how_far.of_instrument(instruments.get(code), answers)
    return Task(
        assignment_id,
        code,
        response.status if response else None,
        response.completed_at if response else None,
        done=far.done,
        total=far.total,
    )
