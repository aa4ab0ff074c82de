"""A simulation's staff: they enrol, move visits off days on which nobody works, and read on the day of the visit."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from portal.adapters.public_holidays import is_public_holiday
from portal.cli.simulation.agenda import Agenda
from portal.cli.simulation.habits import Lot
from portal.cli.simulation.patients import Patient
from portal.cli.simulation.stage import Stage
from portal.db.notice import NoticeKind
from portal.db.participant import Participant, Visit
from portal.domain import schedule
from portal.domain.roles import Role
from portal.domain.schedule import ONE_DAY
from portal.domain.states import ParticipantStatus
from portal.domain.study import ChannelRule, Study
from portal.services import actor, doors, enrolment, moving, notice_choices, staff, studies, summaries
from portal.services.actor import Actor
from portal.services.studies import StudyAtSite

_BEFORE = timedelta(days=21)
"""How long before a visit on a day off a nurse sees to it."""

_CLOSED = {"fr": "Le centre est fermé ce jour-là.", "en": "The site is closed on that day."}
_ASKED = {"fr": "Demandé par téléphone.", "en": "Asked for by telephone."}
_PASSWORD = "nobody signs in"  # noqa: S105 - to a store that is gone in a minute


@dataclass(frozen=True)
class Clinic:
    """One site and its two people."""

    place: StudyAtSite
    nurse: Actor
    investigator: Actor

    def enrol(self, stage: Stage, agenda: Agenda, patient: Patient, at: datetime) -> Participant:
        """Enrol a patient for the day of inclusion that lies a little after her questionnaires could open."""
        definition = self.place.definition
        lead = (definition.visits[0].window.opens_days_before + 2) * ONE_DAY
        included_on = self.working_day(self.place.today(at) + lead)
        made = enrolment.enrol(
            stage.session, self.place, language=patient.language, included_on=included_on, by=self.nurse, at=at
        )
        patient.id = made.id
        doors.issue(stage.session, made, stage.keys, by=self.nurse, at=at)
        channel = definition.messages.channel
        has_mail, has_phone = patient.lot not in {Lot.NO_ADDRESS, Lot.ON_PAPER}, patient.lot is not Lot.ON_PAPER
        email = f"patient.{patient.number + 1}@simulation.example" if has_mail else None
        by_text = has_phone and (channel is ChannelRule.SMS or (channel is ChannelRule.MAIL_THEN_SMS and not has_mail))
        telephone = f"+33 6 39 98 {patient.number // 100:02} {patient.number % 100:02}" if by_text else None
        stage.contacts.keep(stage.session, made.id, email=email, telephone=telephone, by=self.nurse, at=at)
        for visit in stage.session.scalars(select(Visit).where(Visit.participant_id == made.id)):
            noon = schedule.local_instant(visit.planned_on, time(11), self.place.site.zone)
            agenda.put(max(noon - _BEFORE, at + timedelta(hours=1)), partial(self._see_to, stage, agenda, visit.id))
        return made

    def working_day(self, day: date) -> date:
        """Give the first day from this one on on which the site works."""
        while not schedule.is_working_day(self.place.site, day, is_public_holiday):
            day += ONE_DAY
        return day

    def withdraw(self, stage: Stage, patient: Patient, at: datetime) -> None:
        """Note that a patient takes part no longer."""
        assert patient.id
        participant = stage.session.get_one(Participant, patient.id)
        reason = _ASKED[self.place.definition.languages[0]]
        enrolment.withdraw(stage.session, participant, on=self.place.today(at), reason=reason, by=self.nurse, at=at)

    def _see_to(self, stage: Stage, agenda: Agenda, visit_id: UUID, at: datetime) -> None:
        """Move a visit that falls on a day off to the next day on which the site works."""
        visit = stage.session.get_one(Visit, visit_id)
        if not _takes_part(stage, visit):
            return
        day = self.working_day(visit.planned_on)
        if day != visit.planned_on:
            moving.move(
                stage.session,
                visit,
                day,
                reason=_CLOSED[self.place.definition.languages[0]],
                is_public_holiday=is_public_holiday,
                by=self.nurse,
                at=at,
            )
        morning = schedule.local_instant(day, time(8, 30), self.place.site.zone)
        agenda.put(max(morning, at), partial(self._read, stage, visit_id))

    def _read(self, stage: Stage, visit_id: UUID, at: datetime) -> None:
        """On the day of the visit the nurse prints the summary, and the investigator reads it."""
        summary = summaries.find_current(stage.session, visit_id)
        if summary is None or not _takes_part(stage, stage.session.get_one(Visit, visit_id)):
            return
        summaries.printed(stage.session, summary, by=self.nurse, at=at)
        summaries.opened(stage.session, summary, by=self.investigator, at=at)


def open_clinics(stage: Stage, definition: Study, at: datetime) -> list[Clinic]:
    """Load the study, and give each site an investigator and a nurse, who wishes every notice."""
    studies.load(stage.session, definition, by=actor.SYSTEM, at=at)
    clinics = [
        Clinic(place, *(_add(stage, place, role, at) for role in (Role.NURSE, Role.INVESTIGATOR)))
        for place in studies.list_sites(stage.session)
    ]
    for clinic in clinics:
        everything = [(clinic.nurse.id, kind) for kind in NoticeKind if clinic.nurse.id]
        notice_choices.choose(stage.session, clinic.place.site_id, everything, by=clinic.nurse, at=at)
    return clinics


def _add(stage: Stage, place: StudyAtSite, role: Role, at: datetime) -> Actor:
    name = f"{role.value}.{place.site.code.lower()}"
    person = staff.add(
        stage.session,
        email=f"{name}@simulation.example",
        name=name,
        password=_PASSWORD,
        roles=[(place.site_id, role)],
        language=place.definition.languages[0],
        by=actor.SYSTEM,
        at=at,
    )
    return actor.staff(person.id)


def _takes_part(stage: Stage, visit: Visit) -> bool:
    return stage.session.get_one(Participant, visit.participant_id).status is ParticipantStatus.ACTIVE
