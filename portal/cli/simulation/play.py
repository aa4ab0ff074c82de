"""Plays a study from its first day on: the clock jumps to the next thing that happens, and the worker follows each."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from portal.cli.demonstration.people import Course
from portal.cli.simulation import chance, habits
from portal.cli.simulation.agenda import NOTHING_DUE, Agenda
from portal.cli.simulation.clinic import Clinic, open_clinics
from portal.cli.simulation.habits import Behaviour
from portal.cli.simulation.incidents import Got, Incidents
from portal.cli.simulation.patients import Patient
from portal.cli.simulation.stage import Stage
from portal.db.message import Message, MessageStatus
from portal.db.participant import Visit
from portal.domain import schedule
from portal.domain.schedule import ONE_DAY
from portal.domain.study import Study
from portal.services.message_plan import TO_PARTICIPANT

_ROUND = "round of the worker"
_A_MINUTE = timedelta(minutes=1)
_LOOKED_AHEAD = timedelta(days=8)
_AROUND = timedelta(days=2)
_WEEK = timedelta(days=7)
_SHORTEST = timedelta(days=28)
"""Over how long patients are taken in at least, however little time the follow-up leaves."""

_FIRST_LANGUAGE = 0.8
"""The share of patients who answer in the study's first language."""


@dataclass(frozen=True)
class Cast:
    """How long is played, who plays, and from which seed."""

    definition: Study
    first: date
    last: date
    participants: int
    behaviour: Behaviour
    seed: int


@dataclass
class Play:
    """One study on its stage; `watch` is told each instant before the clock is there, and may show how far it is.

    `told` counts each visit's messages that reached its patient.
    """

    stage: Stage
    cast: Cast
    watch: Callable[[datetime], object] = field(default=lambda _at: None)
    agenda: Agenda = field(default_factory=Agenda)
    told: dict[UUID, int] = field(default_factory=dict)
    patients: dict[UUID, Incidents] = field(default_factory=dict)
    _looked_at: datetime | None = None

    def run(self, until: datetime) -> None:
        """Play everything that happens before `until`."""
        clinics = open_clinics(self.stage, self.cast.definition, self.stage.moment)
        self.stage.commit()
        for number in range(self.cast.participants):
            self._cast(clinics[number % len(clinics)], number)
        for clinic in clinics:
            self._put_mondays(clinic)
        self._put_round(until - _A_MINUTE)
        while taken := self.agenda.take(until):
            at, deed = taken
            self.watch(at)
            self.stage.moment = at
            changed = deed(at)
            self.stage.commit()
            if deed != self._work and changed is not NOTHING_DUE:
                self._put_round(at + _A_MINUTE)

    def _cast(self, clinic: Clinic, number: int) -> None:
        """Put a patient's enrolment in, on a working morning of the months in which patients are taken in."""
        drawn = chance.of(self.cast.seed, number)
        languages = self.cast.definition.languages
        language = languages[0] if drawn.random() < _FIRST_LANGUAGE else languages[-1]
        lot = habits.draw_lot(self.cast.behaviour, self.cast.seed, number)
        patient = Patient(clinic.place, number, drawn.choice(list(Course)), language, lot)
        share = (number + drawn.random()) / self.cast.participants
        day = clinic.working_day(self.cast.first + int(share * self._intake().days) * ONE_DAY)
        at = schedule.local_instant(day, time(9 + drawn.randrange(3), drawn.randrange(60)), clinic.place.site.zone)
        self.agenda.put(at, partial(self._enrol, clinic, patient))

    def _intake(self) -> timedelta:
        """Give over how long patients are taken in: whoever is, has time for every visit, if the months allow it."""
        last = self.cast.definition.visits[-1]
        follow_up = schedule.planned_on(self.cast.first, last) - self.cast.first
        lead = (self.cast.definition.visits[0].window.opens_days_before + last.window.closes_days_after + 7) * ONE_DAY
        whole = self.cast.last - self.cast.first
        return min(whole, max(_SHORTEST, whole - follow_up - lead))

    def _enrol(self, clinic: Clinic, patient: Patient, at: datetime) -> None:
        participant = clinic.enrol(self.stage, self.agenda, patient, at)
        self.patients[participant.id] = Incidents(self.stage, self.agenda, clinic, patient, self.cast.seed)
        self.patients[participant.id].plan(participant.visits)
        for visit in self.cast.definition.visits:
            planned = schedule.planned_on(participant.included_on, visit)
            first = schedule.window(visit, planned).opens_on
            last = schedule.window(visit, clinic.working_day(planned)).closes_on
            self._put_hours(clinic, first - _AROUND, last + _AROUND)

    def _put_hours(self, clinic: Clinic, first: date, last: date) -> None:
        """Have the worker look each day at the protocol's hours; what it plans then has hours of its own."""
        zone, day = clinic.place.site.zone, first
        while day <= last:
            for hour in _hours(self.cast.definition):
                at = schedule.local_instant(day, hour, zone)
                if at > self.stage.moment:
                    self._put_round(at)
            day += ONE_DAY

    def _put_mondays(self, clinic: Clinic) -> None:
        """Have it look on each Monday besides, at what hangs on no single visit."""
        day = self.cast.first - self.cast.first.weekday() * ONE_DAY
        while day <= self.cast.last:
            self._put_hours(clinic, day, day)
            day += _WEEK

    def _put_round(self, at: datetime) -> None:
        self.agenda.put(at, self._work, _ROUND)

    def _work(self, at: datetime) -> None:
        """Have the worker do what is due, look when the next message comes due, and let patients read theirs."""
        self.stage.session.rollback()  # the worker wants the one writer's place
        self.stage.worker.round()
        soon = select(Message.due_at).where(
            Message.status == MessageStatus.PLANNED, Message.due_at > at, Message.due_at <= at + _LOOKED_AHEAD
        )
        for due_at in self.stage.session.scalars(soon.distinct()):
            self._put_round(due_at)
        self._let_read(at)

    def _let_read(self, at: datetime) -> None:
        """Have whoever got a message about an open visit do what her habit says."""
        got = (
            select(
                Visit.id,
                Visit.code,
                Visit.planned_on,
                Visit.participant_id,
                Message.sent_at,
                Message.channel,
                Message.id.label("message_id"),
            )
            .join(Message, Message.visit_id == Visit.id)
            .where(
                Message.recipient == TO_PARTICIPANT,
                Message.status == MessageStatus.SENT,
                Message.sent_at >= (self._looked_at or at),
                Message.sent_at <= at,
            )
            .order_by(Message.sent_at, Visit.participant_id, Message.due_at)
        )
        self._looked_at = at + timedelta(microseconds=1)
        for row in self.stage.session.execute(got).all():
            incidents = self.patients[row.participant_id]
            patient = incidents.patient
            opens_on = schedule.window(self.cast.definition.get_visit(row.code), row.planned_on).opens_on
            if patient.place.today(row.sent_at) < opens_on:
                continue
            if incidents.befall(Got(row.message_id, row.id, row.code, row.sent_at, row.channel)):
                continue
            self.told[row.id] = self.told.get(row.id, 0) + 1
            habit = habits.draw(self.cast.behaviour, chance.of(self.cast.seed, patient.number, row.code))
            if habit and habit.after == self.told[row.id]:
                when = habit.sits_down(row.sent_at, row.planned_on, opens_on, patient.place)
                self.agenda.put(when, partial(patient.sit_down, self.stage, self.agenda, row.id, habit))


def _hours(definition: Study) -> list[time]:
    """Give every hour that the study file sets but that of messages, each of which is planned before it is due."""
    parts = (getattr(definition, each.name) for each in fields(definition) if each.name != "messages")
    return sorted({hour for part in parts if isinstance(hour := getattr(part, "hour", None), time)})
