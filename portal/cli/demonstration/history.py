"""Plays the demonstration's people up to today: enrolments, answers, deliveries, on the real services."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from uuid import UUID

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.cli.demonstration import paper_road, second_thoughts, telephone
from portal.cli.demonstration.answers import invent, leave_out
from portal.cli.demonstration.people import ONE_DAY, PEOPLE, Doing, Person, included_on
from portal.cli.demonstration.second_thoughts import Thought
from portal.db.participant import Participant, Visit
from portal.db.staff import Staff, StaffRole
from portal.domain import instruments, schedule
from portal.domain.instruments import wordings
from portal.domain.roles import Role
from portal.domain.signing import Meaning
from portal.services import (
    actor,
    answering,
    completing,
    doors,
    enrolment,
    second_factor,
    signatures,
    studies,
    summaries,
)
from portal.services.answering import GivenAnswer
from portal.services.contacts import Contacts
from portal.services.doors import DoorKeys
from portal.services.studies import StudyAtSite

Deed = Callable[[datetime], object]

_FIRST_CODE = datetime(1970, 1, 1, tzinfo=UTC)
"""From when the past's codes are taken: none is then later than an app's, however the clock was moved."""


@dataclass(frozen=True)
class Planned:
    """Something that happens at an instant of the demonstration's past."""

    at: datetime
    do: Deed


@dataclass
class History:
    """The demonstration's past, made of instants that are played in order."""

    session: Session
    contacts: Contacts
    keys: DoorKeys
    work: Deed
    now: datetime
    _codes_used: int = field(default=0, init=False)

    def plan(self) -> list[Planned]:
        """List everything that happened before now, oldest first."""
        places = {place.site.code: place for place in studies.list_sites(self.session)}
        planned = [
            each
            for number, person in enumerate(PEOPLE)
            for each in self._life(person, places[person.site], number)
            if each.at <= self.now
        ]
        by_instant = {(each.at, each.do): each for each in planned}  # one round of work serves all that is due
        return sorted(by_instant.values(), key=lambda each: each.at)

    def _life(self, person: Person, place: StudyAtSite, number: int) -> Iterator[Planned]:
        anchor = place.definition.get_visit(person.visit)
        included = included_on(anchor, place.today(self.now) + person.days * ONE_DAY)
        enrolled: list[UUID] = []

        def enrol(at: datetime) -> None:
            participant = enrolment.enrol(
                self.session, place, language=person.language, included_on=included, by=actor.SYSTEM, at=at
            )
            doors.issue(self.session, participant, self.keys, by=actor.SYSTEM, at=at)
            enrolled.append(participant.id)
            if person.has_email or person.telephone:
                address = f"patient.{participant.participant_number}@demo.example"
                self.contacts.keep(
                    self.session,
                    participant.id,
                    email=address if person.has_email else None,
                    telephone=person.telephone,
                    by=actor.SYSTEM,
                    at=at,
                )

        start = min(included - 10 * ONE_DAY, place.today(self.now) - ONE_DAY)
        yield Planned(_local(start, time(9, number), place), enrol)
        for order, visit in enumerate(place.definition.visits):
            day = schedule.planned_on(included, visit)
            for message in schedule.planned_messages(place.definition, place.site, visit, day, is_public_holiday):
                yield Planned(message.due_at + timedelta(minutes=1), self.work)
            if day < place.today(self.now):
                read = _Visit(person, place, enrolled, visit.code, order)
                yield Planned(_local(day, time(8, number), place), partial(self._read, read))
            doing = person.doing if visit.code == person.visit else Doing.SENT
            if visit.code in person.missed or (visit.code != person.visit and day >= place.today(self.now)):
                continue
            answered = min(day - (3 + number % 3) * ONE_DAY, place.today(self.now) - ONE_DAY)
            sent = _Visit(person, place, enrolled, visit.code, order)
            yield from self._answers(sent, doing, answered, number)
            if visit.code == person.visit and number in second_thoughts.OF_PERSON:
                at = _local(answered, time(18, number), place) + second_thoughts.LATER
                yield Planned(at, partial(self._think_again, sent, second_thoughts.OF_PERSON[number]))

    def _answers(self, visit: "_Visit", doing: Doing, on: date, number: int) -> Iterator[Planned]:
        at = _local(on, time(18, number), visit.place)
        match doing:
            case Doing.SENT | Doing.SENT_UNSCORABLE | Doing.SENT_ON_PAPER | Doing.ASKED_BY_TELEPHONE:
                if doing is Doing.SENT:
                    yield from self._beginnings(visit, at, number)
                yield Planned(at, partial(self._send, visit, codes=("DLQI", "SHAQ"), doing=doing))
            case Doing.ONE_OF_TWO:
                yield Planned(at, partial(self._send, visit, codes=("DLQI",), doing=doing))
            case Doing.STARTED:
                yield Planned(at, partial(self._start, visit))
            case Doing.WITHDREW:
                yield Planned(at, partial(self._withdraw, visit))
            case Doing.NOTHING:
                return

    def _beginnings(self, visit: "_Visit", at: datetime, number: int) -> Iterator[Planned]:
        """Begin each questionnaire some minutes before it is sent; no two people take equally long."""
        for place, code in enumerate(("DLQI", "SHAQ")):
            minutes = 3 + 6 * place + (5 * number + 3 * visit.order) % 11
            yield Planned(at - timedelta(minutes=minutes), partial(self._start, visit, code=code))

    def _send(self, visit: "_Visit", now: datetime, *, codes: tuple[str, ...], doing: Doing) -> None:
        for code in codes:
            given = self._given(visit, code, now, unscorable=doing is Doing.SENT_UNSCORABLE)
            if doing is Doing.SENT_ON_PAPER:
                self._key(visit, code, given, now)
                continue
            if doing is Doing.ASKED_BY_TELEPHONE:
                self._ask(visit, code, given, now)
                continue
            completing.complete(
                self.session,
                visit.participant_id,
                visit.assignment(self.session, code),
                given,
                filled_in_by=visit.person.filled_in_by,
                by=actor.patient(visit.participant_id),
                at=now,
            )

    def _key(self, visit: "_Visit", code: str, given: list[GivenAnswer], now: datetime) -> None:
        """Have the nurse key a paper in, and the investigator key the DLQI a second time, with one slip settled."""
        nurse, investigator = (self._colleague(visit.place, role) for role in (Role.NURSE, Role.INVESTIGATOR))
        whose = visit.participant_id, visit.assignment(self.session, code)
        paper_road.play(
            self.session,
            whose,
            code,
            given,
            filled_on=visit.place.today(now),
            people=(nurse, investigator),
            at=now,
        )

    def _ask(self, visit: "_Visit", code: str, given: list[GivenAnswer], now: datetime) -> None:
        nurse, site_id = self._colleague(visit.place, Role.NURSE), visit.place.site_id
        telephone.play(self.session, site_id, visit.assignment(self.session, code), given, by=nurse, at=now)

    def _think_again(self, visit: "_Visit", thought: Thought, now: datetime) -> None:
        assignment_id, language = visit.assignment(self.session, "DLQI"), visit.person.language
        colleague = partial(self._colleague, visit.place)
        second_thoughts.play(self.session, thought, assignment_id, language, colleague, at=now)

    def _colleague(self, place: StudyAtSite, role: Role) -> actor.Actor:
        found = select(StaffRole.staff_id).where(StaffRole.site_id == place.site_id, StaffRole.role == role)
        return actor.staff(self.session.scalars(found).one())

    def _read(self, visit: "_Visit", now: datetime) -> None:
        """On the day of a visit the nurse prints its summary and the investigator reads and signs it."""
        summary = summaries.find_current(self.session, visit.row(self.session).id)
        if summary is None:
            return
        nurse, investigator = (self._colleague(visit.place, role) for role in (Role.NURSE, Role.INVESTIGATOR))
        summaries.opened(self.session, summary, by=nurse, at=now)
        summaries.printed(self.session, summary, by=nurse, at=now)
        summaries.opened(self.session, summary, by=investigator, at=now)
        person = self.session.get_one(Staff, investigator.id)
        self._codes_used += 1
        code_at = _FIRST_CODE + timedelta(seconds=second_factor.STEP * self._codes_used)
        code = pyotp.TOTP(person.totp_secret).at(code_at)
        meaning = Meaning.DISCUSSED if visit.order % 2 else Meaning.SEEN
        signatures.sign(self.session, [summary], meaning, code, by=investigator, at=now, code_at=code_at)

    def _start(self, visit: "_Visit", now: datetime, *, code: str = "DLQI") -> None:
        given = self._given(visit, code, now)
        answering.save(
            self.session,
            visit.participant_id,
            visit.assignment(self.session, code),
            given[: len(given) // 2],
            by=actor.patient(visit.participant_id),
            at=now,
        )

    def _withdraw(self, visit: "_Visit", now: datetime) -> None:
        enrolment.withdraw(
            self.session,
            self.session.get_one(Participant, visit.participant_id),
            on=visit.place.today(now),
            reason="asked by telephone to stop",
            by=actor.SYSTEM,
            at=now,
        )

    def _given(self, visit: "_Visit", code: str, now: datetime, *, unscorable: bool = False) -> list[GivenAnswer]:
        instrument = instruments.get(code)
        answers = invent(instrument, visit.person.course, visit.order, str(visit.participant_id))
        if unscorable:
            answers = leave_out(instrument, answers)
        first = now - timedelta(seconds=9 * len(answers))
        return [
            GivenAnswer(
                device="demonstration",
                seq=seq,
                link_id=link_id,
                value=value,
                empty=answering.SKIPPED if value is None else None,
                at=first + timedelta(seconds=9 * seq),
                language=visit.person.language,
                wording=wordings.demonstration(code, visit.person.language).hash,
            )
            for seq, (link_id, value) in enumerate(answers.items())
        ]


@dataclass(frozen=True)
class _Visit:
    person: Person
    place: StudyAtSite
    enrolled: list[UUID]
    code: str
    order: int

    @property
    def participant_id(self) -> UUID:
        """Her id, known once the enrolment was played."""
        return self.enrolled[0]

    def row(self, session: Session) -> Visit:
        """Give the visit itself."""
        found = select(Visit).where(Visit.participant_id == self.participant_id, Visit.code == self.code)
        return session.scalars(found).one()

    def assignment(self, session: Session, instrument: str) -> UUID:
        """Give the id of what she is asked at this visit."""
        return next(each.id for each in self.row(session).assignments if each.instrument == instrument)


def _local(day: date, hour: time, place: StudyAtSite) -> datetime:
    return schedule.local_instant(day, hour, place.site.zone)
