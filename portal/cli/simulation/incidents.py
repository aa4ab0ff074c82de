"""What befalls some patients of a simulation: stops, pauses, mails that come back, paper, and what staff do then."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from portal.cli.demonstration.paper_road import on_paper
from portal.cli.simulation import chance
from portal.cli.simulation.agenda import NOTHING_DUE, Agenda, Deed
from portal.cli.simulation.clinic import Clinic
from portal.cli.simulation.habits import Lot
from portal.cli.simulation.patients import Patient
from portal.cli.simulation.stage import Stage
from portal.db.message import BounceKind, BounceSource, Channel
from portal.db.participant import Assignment, Participant, Visit
from portal.db.stop import StopWay
from portal.domain import schedule
from portal.domain.instruments import wordings
from portal.domain.schedule import ONE_DAY
from portal.domain.states import ParticipantStatus
from portal.services import actor, bounces, keying, openings, paper_issues, stops, withdrawing
from portal.services.bounces import Report
from portal.services.paper_issues import Issue

_IN_HOSPITAL = {"fr": "Hospitalisation.", "en": "In hospital."}
_AT_HOME_AGAIN = {"fr": "De retour à son domicile.", "en": "At home again."}
_NO_SUCH_MAILBOX = "5.1.1"


class Got(NamedTuple):
    """A message that reached a patient, or seemed to."""

    message_id: UUID
    visit_id: UUID
    code: str
    sent_at: datetime
    channel: Channel | None


@dataclass(frozen=True)
class Incidents:
    """What befalls one patient by her lot, at the visit that her chance names."""

    stage: Stage
    agenda: Agenda
    clinic: Clinic
    patient: Patient
    seed: int

    @property
    def visit_code(self) -> str:
        """The visit at which it happens: not the first one, where there are others, so that there is a before."""
        visits = self.clinic.place.definition.visits
        drawn = chance.of(self.seed, self.patient.number, "incident").random()
        return visits[min(len(visits) - 1, 1 + int(drawn * (len(visits) - 2)))].code

    def plan(self, visits: list[Visit]) -> None:
        """Put in, at enrolment, what hangs on no message."""
        for visit in visits:
            if self.patient.lot is Lot.ON_PAPER:
                self._put_on_working_day(visit.planned_on, time(8), partial(self._print_paper, visit.id))
            elif self.patient.lot is Lot.WITHDRAWS and visit.code == self.visit_code:
                leaves = partial(self.clinic.withdraw, self.stage, self.patient)
                self._put_on_working_day(visit.planned_on - 5 * ONE_DAY, time(15), leaves)
            elif self.patient.lot is Lot.PAUSES and visit.code == self.visit_code:
                rule = self.clinic.place.definition.get_visit(visit.code).window
                first = visit.planned_on - (rule.opens_days_before + 4) * ONE_DAY
                self._put_on_working_day(first, time(14), self._pause)
                self._put_on_working_day(first + 35 * ONE_DAY, time(9), self._take_in_again)

    def befall(self, got: Got) -> bool:
        """Whether something comes between a message and what its patient would do after it."""
        if got.code != self.visit_code or self.patient.met:
            return False
        if self.patient.lot is Lot.STOPS:
            self.patient.met = True
            self.agenda.put(got.sent_at + timedelta(minutes=25), partial(self._stop, got))
            return True
        if self.patient.lot is Lot.COMES_BACK and got.channel is Channel.MAIL:
            self.patient.met = True
            self.agenda.put(got.sent_at + timedelta(minutes=2), partial(self._come_back, got))
            return True
        return False

    def _stop(self, got: Got, at: datetime) -> None:
        """She taps the link to stop; every second one wishes messages again when the nurse asks her at the visit."""
        way = StopWay.SMS if got.channel is Channel.SMS else StopWay.PAGE
        person = self._participant
        stops.ask(self.stage.session, person, way, by=actor.patient(person.id), at=at)
        if chance.of(self.seed, self.patient.number, "stop").random() < 0.5:
            visit = self.stage.session.get_one(Visit, got.visit_id)
            self._put_on_working_day(visit.planned_on, time(10), self._write_again)

    def _write_again(self, at: datetime) -> None:
        stops.lift(self.stage.session, self._participant, by=self.clinic.nurse, at=at)

    def _come_back(self, got: Got, at: datetime) -> None:
        """The mail comes back; on the next working morning the nurse has the right address, and it is sent there."""
        digest = hashlib.sha256(got.message_id.bytes).hexdigest()
        report = Report(str(got.message_id), BounceKind.PERMANENT, _NO_SUCH_MAILBOX, digest=digest, at=at)
        bounces.keep(self.stage.session, report, BounceSource.MAILBOX, by=actor.SYSTEM, at=at)
        self._put_on_working_day(self.clinic.place.today(at) + ONE_DAY, time(9, 15), self._mend_address)

    def _mend_address(self, at: datetime) -> None:
        person, nurse = self._participant, self.clinic.nurse
        known = self.stage.contacts.find(person.id)
        email = f"new.address.{self.patient.number + 1}@simulation.example"
        self.stage.contacts.keep(self.stage.session, person.id, email=email, telephone=known.telephone, by=nurse, at=at)
        openings.send_held_back(self.stage.session, person, by=nurse, at=at)

    def _pause(self, at: datetime) -> None:
        if self._takes_part:
            reason = self._said(_IN_HOSPITAL)
            withdrawing.pause(self.stage.session, self._participant, reason=reason, by=self.clinic.nurse, at=at)

    def _take_in_again(self, at: datetime) -> None:
        if self._takes_part and self._participant.paused_on:
            reason = self._said(_AT_HOME_AGAIN)
            withdrawing.reinclude(self.stage.session, self._participant, reason=reason, by=self.clinic.nurse, at=at)

    def _print_paper(self, visit_id: UUID, at: datetime) -> None:
        """The nurse prints the questionnaires for the visit; she keys them in after it, the investigator once more."""
        visit = self.stage.session.get_one(Visit, visit_id)
        today = self.clinic.place.today(at)
        if not self._takes_part:
            return
        if visit.planned_on > today:  # it was moved
            self._put_on_working_day(visit.planned_on, time(8), partial(self._print_paper, visit_id))
            return
        codes = tuple(each.instrument for each in self._asked(visit_id))
        issue = Issue(visit_id, visit.participant_id, self.patient.language, False, codes)
        paper_issues.note(self.stage.session, [issue], by=self.clinic.nurse, at=at)
        self._put_on_working_day(today, time(11, 30), partial(self._key, visit_id))
        self._put_on_working_day(today + ONE_DAY, time(10), partial(self._check, visit_id))

    def _key(self, visit_id: UUID, at: datetime) -> None:
        for asked in self._asked(visit_id):
            keying.key(
                self.stage.session,
                self._participant.id,
                asked.id,
                on_paper(asked.instrument, self.patient.given(self.stage.session, asked.id, at)),
                filled_on=self.clinic.place.today(at),
                filled_in_by=None,
                wording=wordings.demonstration(asked.instrument, self.patient.language),
                by=self.clinic.nurse,
                at=at,
            )

    def _check(self, visit_id: UUID, at: datetime) -> str:
        for asked in self._asked(visit_id):
            form = on_paper(asked.instrument, self.patient.given(self.stage.session, asked.id, at))
            whose = self._participant.id, asked.id
            keying.check(self.stage.session, *whose, form, by=self.clinic.investigator, at=at)
        return NOTHING_DUE

    def _asked(self, visit_id: UUID) -> Iterator[Assignment]:
        asked = select(Assignment).where(Assignment.visit_id == visit_id).order_by(Assignment.position)
        yield from self.stage.session.scalars(asked).all()

    def _put_on_working_day(self, day: date, hour: time, deed: Deed) -> None:
        place = self.clinic.place
        at = schedule.local_instant(self.clinic.working_day(day), hour, place.site.zone)
        self.agenda.put(max(at, self.stage.moment + timedelta(minutes=5)), deed)

    @property
    def _participant(self) -> Participant:
        assert self.patient.id
        return self.stage.session.get_one(Participant, self.patient.id)

    @property
    def _takes_part(self) -> bool:
        return self._participant.status is ParticipantStatus.ACTIVE

    def _said(self, words: dict[str, str]) -> str:
        return words[self.clinic.place.definition.languages[0]]
