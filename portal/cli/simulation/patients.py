"""A simulation's patients: they open their door on a phone, answer some or all of what is asked, or do nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cli.demonstration.answers import invent
from portal.cli.demonstration.people import Course
from portal.cli.simulation.agenda import NOTHING_DUE, Agenda
from portal.cli.simulation.habits import Habit, Lot, Part
from portal.cli.simulation.stage import Stage
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import FilledInBy
from portal.domain import instruments, schedule
from portal.domain.instruments import wordings
from portal.domain.states import ParticipantStatus
from portal.services import actor, answering, completing, doors
from portal.services.answering import GivenAnswer
from portal.services.studies import StudyAtSite

_SECONDS = 9  # for each answer

Begin = Callable[[datetime], object]


@dataclass
class Patient:
    """One patient: her site, how she does, and the phone that her door knows (None until she first came in).

    `lot` is what befalls her on the way, `met` whether it has.
    """

    place: StudyAtSite
    number: int
    course: Course
    language: str
    lot: Lot = Lot.PLAIN
    met: bool = False
    id: UUID | None = None
    phone: str | None = field(default=None, repr=False)

    def sit_down(self, stage: Stage, agenda: Agenda, visit_id: UUID, habit: Habit, at: datetime) -> str:
        """Open the door and begin; each questionnaire is sent some minutes later."""
        assignments = self._open(stage.session, visit_id, at)
        if not assignments:
            return NOTHING_DUE
        self._come_in(stage, at)
        if habit.part is Part.BEGUN:
            return self._begin(stage, visit_id, assignments[0], at)
        wanted = assignments if habit.part is Part.WHOLE else assignments[:1]
        for position, assignment_id in enumerate(wanted):
            begun = at + timedelta(minutes=1 + 7 * position)
            agenda.put(begun, partial(self._begin, stage, visit_id, assignment_id))
            later = begun + timedelta(minutes=4 + (self.number + position) % 3)
            agenda.put(later, partial(self._send, stage, visit_id, assignment_id))
        return NOTHING_DUE

    def _come_in(self, stage: Stage, at: datetime) -> None:
        """Come in by the link: with the code the first time, remembered from then on."""
        assert self.id
        link = doors.find_open(stage.session, self.id)
        if link is None:
            return
        device = doors.find_device(stage.session, self.phone) if self.phone else None
        if device is None:
            code = doors.personal_code(stage.keys, link)
            doors.check_personal_code(stage.session, stage.keys, link.id, code, at=at)
            _, self.phone = doors.enrol_device(stage.session, link, at=at)
        else:
            doors.note_opened(stage.session, device, at=at)

    def _begin(self, stage: Stage, visit_id: UUID, assignment_id: UUID, at: datetime) -> str:
        assert self.id
        if not self._open(stage.session, visit_id, at):
            return NOTHING_DUE
        given = self.given(stage.session, assignment_id, at)
        half = given[: max(1, len(given) // 2)]
        answering.save(stage.session, self.id, assignment_id, half, by=actor.patient(self.id), at=at)
        return NOTHING_DUE

    def _send(self, stage: Stage, visit_id: UUID, assignment_id: UUID, at: datetime) -> None:
        assert self.id
        if self._open(stage.session, visit_id, at):
            given = self.given(stage.session, assignment_id, at)
            completing.complete(
                stage.session,
                self.id,
                assignment_id,
                given,
                filled_in_by=FilledInBy.ALONE,
                by=actor.patient(self.id),
                at=at,
            )

    def _open(self, session: Session, visit_id: UUID, at: datetime) -> list[UUID]:
        """Give what is asked at a visit, in its order; nothing when it takes no answers now."""
        visit = session.get_one(Visit, visit_id)
        participant = session.get_one(Participant, visit.participant_id)
        window = schedule.window(self.place.definition.get_visit(visit.code), visit.planned_on)
        if participant.status is not ParticipantStatus.ACTIVE or self.place.today(at) not in window:
            return []
        asked = select(Assignment.id).where(Assignment.visit_id == visit_id).order_by(Assignment.position)
        return list(session.scalars(asked))

    def given(self, session: Session, assignment_id: UUID, at: datetime) -> list[GivenAnswer]:
        """Give all that she answers to one questionnaire, the last of it at `at`."""
        assignment = session.get_one(Assignment, assignment_id)
        visit = session.get_one(Visit, assignment.visit_id)
        order = [each.code for each in self.place.definition.visits].index(visit.code)
        code = assignment.instrument
        answers = invent(instruments.get(code), self.course, order, str(self.number))
        first = at - timedelta(seconds=_SECONDS * len(answers))
        return [
            GivenAnswer(
                device=f"phone-{self.number}-{visit.code}",
                seq=seq,
                link_id=link_id,
                value=value,
                empty=answering.SKIPPED if value is None else None,
                at=first + timedelta(seconds=_SECONDS * seq),
                language=self.language,
                wording=wordings.demonstration(code, self.language).hash,
            )
            for seq, (link_id, value) in enumerate(answers.items())
        ]
