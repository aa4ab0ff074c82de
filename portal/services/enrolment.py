"""Enrolment: a number, a language, a day of inclusion, and every visit and questionnaire that follows from them."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment, Participant, Visit
from portal.db.study import Site
from portal.domain import schedule
from portal.domain.audit import Deed
from portal.domain.states import ParticipantStatus, WithdrawalExtent
from portal.services import audit
from portal.services.actor import Actor
from portal.services.studies import StudyAtSite

FARTHEST = timedelta(days=366)
"""Between today and a day of inclusion: farther is a mistyped year."""


class NumberFault(StrEnum):
    """What is wrong with a participant number.

    FORM   it is not of the study's pattern at this site
    CHECK  its check digit does not fit: a digit was mistaken
    TAKEN  another participant has it
    """

    FORM = "form"
    CHECK = "check"
    TAKEN = "taken"


class NumberRefusedError(Exception):
    """A participant number that the study's pattern cannot give, or that is taken already; the text says which."""

    def __init__(self, fault: NumberFault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


class LanguageRefusedError(Exception):
    """A language that the study does not have; the text names those it has."""


def enrol(
    session: Session,
    place: StudyAtSite,
    *,
    language: str,
    included_on: date,
    participant_number: str | None = None,
    by: Actor,
    at: datetime,
) -> Participant:
    """Take a participant into the study at a site and plan every visit of the protocol.

    Without a number she gets the site's next one.  Raises NumberRefusedError or LanguageRefusedError.
    """
    if language not in place.definition.languages:
        allowed = ", ".join(place.definition.languages)
        raise LanguageRefusedError(f"the study has no {language!r}; it has {allowed}")
    participant = Participant(
        site_id=place.site_id,
        participant_number=_checked(session, place, participant_number),
        language=language,
        included_on=included_on,
        enrolled_at=at,
    )
    session.add(participant)
    session.flush()
    audit.record(session, _enrolled(participant), *_plan_visits(session, place, participant), by=by, at=at)
    return participant


def withdraw(
    session: Session,
    participant: Participant,
    *,
    on: date,
    reason: str,
    extent: WithdrawalExtent = WithdrawalExtent.STUDY,
    by: Actor,
    at: datetime,
) -> None:
    """Note that a participant withdrew on a day, and how far; what she answered before stays, a pause is over."""
    old = {"status": participant.status}
    participant.status, participant.withdrawn_on = ParticipantStatus.WITHDRAWN, on
    participant.withdrawal_extent, participant.paused_on = extent, None
    session.flush()
    event = audit.Event(
        deed=Deed.PARTICIPANT_WITHDRAWN,
        subject_kind="participant",
        subject_id=participant.id,
        participant_id=participant.id,
        field="status",
        old=old,
        new={"status": ParticipantStatus.WITHDRAWN, "withdrawn_on": on.isoformat(), "extent": extent},
        reason=reason,
    )
    audit.record(session, event, by=by, at=at)


def next_number(session: Session, place: StudyAtSite) -> str:
    """Give the number that the site's next participant gets when nobody chooses one."""
    pattern, code = place.definition.participant_number, place.site.code
    at_site = select(Participant.participant_number).where(Participant.site_id == place.site_id)
    number = 1 + (session.scalar(select(func.count()).select_from(at_site.subquery())) or 0)
    while session.scalar(at_site.where(Participant.participant_number == pattern.make(code, number))):
        number += 1
    return pattern.make(code, number)


def check_number(session: Session, place: StudyAtSite, wanted: str) -> None:
    """Raise NumberRefusedError when no participant of the site can get this number."""
    fault, code = find_fault(place, wanted), place.site.code
    if fault is NumberFault.CHECK:
        raise NumberRefusedError(fault, f"the check digit of {wanted!r} does not fit")
    if fault is NumberFault.FORM:
        first = place.definition.participant_number.make(code, 1)
        raise NumberRefusedError(fault, f"{wanted!r} is no number of site {code}; the first would be {first!r}")
    of_site = select(Participant.id).where(Participant.site_id == place.site_id)
    if session.scalar(of_site.where(Participant.participant_number == wanted)):
        raise NumberRefusedError(NumberFault.TAKEN, f"{wanted!r} is taken already")


def find_fault(place: StudyAtSite, wanted: str) -> NumberFault | None:
    """Say what is wrong with a number by the study's pattern alone, whoever has it."""
    pattern, codes = place.definition.participant_number, [place.site.code]
    if pattern.is_misread(wanted, codes):
        return NumberFault.CHECK
    return NumberFault.FORM if pattern.find_parts(wanted, codes) is None else None


def hold_numbers(session: Session, place: StudyAtSite) -> None:
    """Hold the site's row until the end of the transaction, so that no number is given twice."""
    session.execute(select(Site.id).where(Site.id == place.site_id).with_for_update())


def _checked(session: Session, place: StudyAtSite, wanted: str | None) -> str:
    """Give the number to be kept, which nobody else is given."""
    hold_numbers(session, place)
    if wanted is None:
        return next_number(session, place)
    check_number(session, place, wanted)
    return wanted


def _plan_visits(session: Session, place: StudyAtSite, participant: Participant) -> list[audit.Event]:
    """Plan every visit of the protocol, written at once: of a list of hundreds, each statement less counts."""
    visits = [
        Visit(
            id=uuid4(),
            participant_id=participant.id,
            code=planned.code,
            planned_on=schedule.planned_on(participant.included_on, planned),
            assignments=[Assignment(instrument=code, position=place) for place, code in enumerate(planned.instruments)],
        )
        for planned in place.definition.visits
    ]
    session.add_all(visits)
    session.flush()
    return [
        audit.Event(
            deed=Deed.VISIT_PLANNED,
            subject_kind="visit",
            subject_id=visit.id,
            participant_id=participant.id,
            field="planned_on",
            new={"code": visit.code, "planned_on": visit.planned_on.isoformat()},
        )
        for visit in visits
    ]


def _enrolled(participant: Participant) -> audit.Event:
    return audit.Event(
        deed=Deed.PARTICIPANT_ENROLLED,
        subject_kind="participant",
        subject_id=participant.id,
        participant_id=participant.id,
        new={
            "participant_number": participant.participant_number,
            "language": participant.language,
            "included_on": participant.included_on.isoformat(),
        },
    )
