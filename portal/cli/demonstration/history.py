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
from portal.cli.demonstration import paper_road, second_thoughts, telephone, wishes
from portal.cli.demonstration.people import ONE_DAY, PEOPLE, Doing, Person, included_on
from portal.cli.demonstration.played_visits import PlayedVisit
from portal.cli.demonstration.second_thoughts import Thought
from portal.cli.demonstration.wishes import Wished
from portal.db.participant import Participant
from portal.db.staff import Staff, StaffRole
from portal.domain import schedule
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
        yield Planned(_local(start, time(9, number + 1), place), self.work)  # which sends the invitation
        for order, visit in enumerate(place.definition.visits):
            day = schedule.planned_on(included, visit)
            for message in schedule.planned_messages(place.definition, place.site, visit, day, is_public_holiday):
                yield Planned(message.due_at + timedelta(minutes=1), self.work)
            for wished in wishes.ALL:
                if (wished.person, wished.visit) == (number, visit.code):
                    yield from self._wishes(PlayedVisit(person, place, enrolled, visit.code, order), wished, day)
            if day < place.today(self.now):
                read = PlayedVisit(person, place, enrolled, visit.code, order)
                yield Planned(_local(day, time(8, number), place), partial(self._read, read))
            doing = person.doing if visit.code == person.visit else Doing.SENT
            if visit.code in person.missed or (visit.code != person.visit and day >= place.today(self.now)):
                continue
            answered = min(day - (3 + number % 3) * ONE_DAY, place.today(self.now) - ONE_DAY)
            sent = PlayedVisit(person, place, enrolled, visit.code, order)
            yield from self._answers(sent, doing, answered, number)
            if visit.code == person.visit and number in second_thoughts.OF_PERSON:
                at = _local(answered, time(18, number), place) + second_thoughts.LATER
                yield Planned(at, partial(self._think_again, sent, second_thoughts.OF_PERSON[number]))

    def _wishes(self, visit: PlayedVisit, wished: Wished, day: date) -> Iterator[Planned]:
        at = _local(day - wished.days_before * ONE_DAY, wished.hour, visit.place)
        nurse = partial(self._colleague, visit.place, Role.NURSE)

        def play(now: datetime) -> None:
            wishes.play(self.session, self.contacts, wished.wish, visit.row(self.session), nurse, at=now)

        def read(now: datetime) -> None:
            wishes.read(self.session, wished.wish, visit.row(self.session), nurse, at=now)

        yield Planned(at, play)
        yield Planned(at + timedelta(minutes=1), self.work)
        yield Planned(at + wishes.READ_AFTER, read)

    def _answers(self, visit: PlayedVisit, doing: Doing, on: date, number: int) -> Iterator[Planned]:
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

    def _beginnings(self, visit: PlayedVisit, at: datetime, number: int) -> Iterator[Planned]:
        """Begin each questionnaire some minutes before it is sent; no two people take equally long."""
        for place, code in enumerate(("DLQI", "SHAQ")):
            minutes = 3 + 6 * place + (5 * number + 3 * visit.order) % 11
            yield Planned(at - timedelta(minutes=minutes), partial(self._start, visit, code=code))

    def _send(self, visit: PlayedVisit, now: datetime, *, codes: tuple[str, ...], doing: Doing) -> None:
        for code in codes:
            given = visit.given(code, now, unscorable=doing is Doing.SENT_UNSCORABLE)
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

    def _key(self, visit: PlayedVisit, code: str, given: list[GivenAnswer], now: datetime) -> None:
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

    def _ask(self, visit: PlayedVisit, code: str, given: list[GivenAnswer], now: datetime) -> None:
        nurse, site_id = self._colleague(visit.place, Role.NURSE), visit.place.site_id
        telephone.play(self.session, site_id, visit.assignment(self.session, code), given, by=nurse, at=now)

    def _think_again(self, visit: PlayedVisit, thought: Thought, now: datetime) -> None:
        assignment_id, language = visit.assignment(self.session, "DLQI"), visit.person.language
        colleague = partial(self._colleague, visit.place)
        second_thoughts.play(self.session, thought, assignment_id, language, colleague, at=now)

    def _colleague(self, place: StudyAtSite, role: Role) -> actor.Actor:
        found = select(StaffRole.staff_id).where(StaffRole.site_id == place.site_id, StaffRole.role == role)
        return actor.staff(self.session.scalars(found).one())

    def _read(self, visit: PlayedVisit, now: datetime) -> None:
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

    def _start(self, visit: PlayedVisit, now: datetime, *, code: str = "DLQI") -> None:
        given = visit.given(code, now)
        answering.save(
            self.session,
            visit.participant_id,
            visit.assignment(self.session, code),
            given[: len(given) // 2],
            by=actor.patient(visit.participant_id),
            at=now,
        )

    def _withdraw(self, visit: PlayedVisit, now: datetime) -> None:
        enrolment.withdraw(
            self.session,
            self.session.get_one(Participant, visit.participant_id),
            on=visit.place.today(now),
            reason="asked by telephone to stop",
            by=actor.SYSTEM,
            at=now,
        )


def _local(day: date, hour: time, place: StudyAtSite) -> datetime:
    return schedule.local_instant(day, hour, place.site.zone)
