"""Enrolling many at once: a dry run that names every fault, then exactly the lines that were shown, or none of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.participant import Participant
from portal.domain import enrolment_sheet
from portal.domain.audit import Deed
from portal.domain.enrolment_columns import Column
from portal.domain.enrolment_sheet import Cell, Fault, Line, What
from portal.services import audit, contacts, enrolment, studies
from portal.services.actor import Actor
from portal.services.contacts import ContactRefusedError, Contacts
from portal.services.studies import StudyAtSite

MOST = 300
"""Lines of one file: all are enrolled in one transaction, and nobody else should wait long for it."""

_SUBJECT = "enrolment"


class NumbersTakenError(Exception):
    """Since they were shown, other participants were given numbers of these lines; nobody was enrolled."""

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__(f"{len(lines)} numbers are taken")
        self.lines = lines


class BatchNotFoundError(Exception):
    """Nobody was enrolled under this id at these sites."""


@dataclass(frozen=True)
class DryRun:
    """What a file would do: its lines with the numbers they would get, and everything that is wrong with them.

    Lines may be enrolled only where there is no fault at all.
    """

    place: StudyAtSite
    lines: Sequence[Line]
    faults: Sequence[Fault]

    @property
    def of_the_file(self) -> list[Fault]:
        """The faults of the whole file and of its headings: while there are some, no line is read."""
        rows = {line.row for line in self.lines}
        return [fault for fault in self.faults if fault.row not in rows]

    @property
    def of_lines(self) -> list[Fault]:
        """The faults of single lines, by line and column."""
        rows = {line.row for line in self.lines}
        return [fault for fault in self.faults if fault.row in rows]

    def of_line(self, line: Line) -> list[Fault]:
        """The faults of one line."""
        return [fault for fault in self.faults if fault.row == line.row]


@dataclass(frozen=True)
class Batch:
    """Who was enrolled together, by number."""

    id: UUID
    place: StudyAtSite
    participants: Sequence[Participant]


def look(
    session: Session, place: StudyAtSite, rows: Sequence[Sequence[Cell]], *, can_keep: bool, at: datetime
) -> DryRun:
    """Check a table against the study and the site; nothing is written.

    can_keep: whether addresses and telephone numbers can be kept here.
    """
    sheet = enrolment_sheet.read(rows, languages=place.definition.languages, most=MOST)
    taken = _numbers_of(session, place)
    faults = list(sheet.faults)
    for line in sheet.lines:
        faults += _faults_of_number(place, line, taken) + _faults_of_day(place, line, at)
        faults += _faults_of_contact(line, can_keep)
    _number(place, sheet.lines, taken)
    order = list(Column)
    faults.sort(key=lambda fault: (fault.row, order.index(fault.column) if fault.column else -1))
    return DryRun(place, sheet.lines, faults)


def enrol_all(
    session: Session,
    kept: Contacts,
    place: StudyAtSite,
    lines: Sequence[Line],
    *,
    batch_id: UUID,
    by: Actor,
    at: datetime,
) -> None:
    """Enrol every line of a dry run without faults; the same batch again changes nothing.

    The caller commits both stores or neither.  Raises NumbersTakenError before anything is written.
    """
    enrolment.hold_numbers(session, place)
    if _find_event(session, batch_id):
        return
    taken = _numbers_of(session, place)
    gone = [line for line in lines if line.participant_number in taken]
    if gone:
        raise NumbersTakenError(gone)
    for line in lines:
        assert line.language
        assert line.included_on
        participant = enrolment.enrol(
            session,
            place,
            language=line.language,
            included_on=line.included_on,
            participant_number=line.participant_number,
            by=by,
            at=at,
        )
        if line.email or line.telephone:
            kept.keep(session, participant.id, email=line.email, telephone=line.telephone, by=by, at=at)
    numbers = [line.participant_number for line in lines]
    event = audit.Event(
        deed=Deed.PARTICIPANTS_ENROLLED,
        subject_kind=_SUBJECT,
        subject_id=batch_id,
        new={"site_id": str(place.site_id), "participant_numbers": numbers},
    )
    audit.record(session, event, by=by, at=at)


def get_batch(session: Session, site_ids: Collection[UUID], batch_id: UUID) -> Batch:
    """Give who was enrolled together at one of these sites.  Raises BatchNotFoundError."""
    event = _find_event(session, batch_id)
    told: dict[str, Any] = (event.new if event else None) or {}
    site_id = UUID(told["site_id"]) if told else None
    if site_id is None or site_id not in site_ids:
        raise BatchNotFoundError(str(batch_id))
    found = session.scalars(
        select(Participant)
        .where(Participant.site_id == site_id, Participant.participant_number.in_(told["participant_numbers"]))
        .order_by(Participant.participant_number)
    ).all()
    return Batch(batch_id, studies.for_site(session, site_id), found)


def _find_event(session: Session, batch_id: UUID) -> AuditEvent | None:
    return session.scalar(
        select(AuditEvent).where(
            AuditEvent.subject_kind == _SUBJECT,
            AuditEvent.subject_id == batch_id,
            AuditEvent.deed == Deed.PARTICIPANTS_ENROLLED,
        )
    )


def _numbers_of(session: Session, place: StudyAtSite) -> set[str]:
    return set(session.scalars(select(Participant.participant_number).where(Participant.site_id == place.site_id)))


def _faults_of_number(place: StudyAtSite, line: Line, taken: set[str]) -> list[Fault]:
    if line.participant_number is None:
        return []
    fault = enrolment.find_fault(place, line.participant_number)
    what = What(fault.value) if fault else What.TAKEN if line.participant_number in taken else None
    return [Fault(what, line.row, Column.NUMBER)] if what else []


def _faults_of_day(place: StudyAtSite, line: Line, at: datetime) -> list[Fault]:
    if line.included_on is None or abs(line.included_on - place.today(at)) <= enrolment.FARTHEST:
        return []
    return [Fault(What.FAR, line.row, Column.DAY)]


def _faults_of_contact(line: Line, can_keep: bool) -> list[Fault]:
    faults = []
    for column in (Column.EMAIL, Column.TELEPHONE):
        value = getattr(line, column.value)
        if value is None:
            continue
        if not can_keep:
            faults.append(Fault(What.NO_KEY, line.row, column))
            continue
        try:
            contacts.check(**{"email": None, "telephone": None, column.value: value})
        except ContactRefusedError:
            faults.append(Fault(What.FORM, line.row, column))
    return faults


def _number(place: StudyAtSite, lines: Iterable[Line], taken: set[str]) -> None:
    """Give the site's next numbers to the lines without one, in their order."""
    pattern, code = place.definition.participant_number, place.site.code
    lines = list(lines)
    used = taken | {line.participant_number for line in lines if line.participant_number}
    number = len(taken)
    for line in lines:
        while line.participant_number is None:
            number += 1
            wanted = pattern.make(code, number)
            line.participant_number = None if wanted in used else wanted
