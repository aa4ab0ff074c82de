"""Answering: what a device sends is appended, once, audited, and acknowledged only when it is safe to say so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Answer, Response, SetApart
from portal.db.study import Site, Study
from portal.domain import instruments, schedule
from portal.domain.instruments.model import InvalidAnswer
from portal.domain.states import SENT_STATUSES, Mode, ParticipantStatus, ResponseStatus
from portal.services import answer_log, conflicts, studies, wordings
from portal.services.actor import Actor
from portal.services.answer_log import GivenAnswer
from portal.services.conflicts import Seen
from portal.services.studies import StudyAtSite

__all__ = [
    "SKIPPED",
    "AssignmentNotFoundError",
    "Fault",
    "GivenAnswer",
    "NotOpenYetError",
    "RefusedAnswersError",
    "Saved",
    "Seen",
    "Target",
    "WithdrawnError",
    "get_target",
    "save",
    "save_to",
]

SKIPPED = "skipped"


class AssignmentNotFoundError(Exception):
    """This participant has no such assignment."""


class WithdrawnError(Exception):
    """The participant has withdrawn: nothing more is taken."""


class NotOpenYetError(Exception):
    """The visit's questionnaires open on `opens_on` (local date)."""

    def __init__(self, opens_on: date) -> None:
        super().__init__(f"opens on {opens_on}")
        self.opens_on = opens_on


@dataclass(frozen=True)
class Fault:
    """What is wrong with one answer of a batch; `allowed` says what the item takes."""

    seq: int
    link_id: str
    problem: str
    allowed: str


class RefusedAnswersError(Exception):
    """Answers that are none; nothing of their batch was saved."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(fault.problem for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Saved:
    """What became of a batch: every seq that is now safe, and those of them kept apart from the response."""

    acknowledged: tuple[int, ...]
    set_apart: tuple[int, ...]
    status: ResponseStatus
    received_at: datetime


@dataclass(frozen=True)
class Target:
    """The assignment that answers are for, with what decides whether they are taken."""

    assignment_id: UUID
    instrument: str
    visit_id: UUID
    visit_code: str
    planned_on: date
    participant_id: UUID
    place: StudyAtSite
    response_id: UUID | None
    status: ResponseStatus | None
    completed_at: datetime | None

    @property
    def window(self) -> schedule.Window:
        """The local days on which answers are taken."""
        return schedule.window(self.place.definition.get_visit(self.visit_code), self.planned_on)

    @property
    def is_sent(self) -> bool:
        """Whether the response is complete and locked."""
        return self.status in SENT_STATUSES


# Built once: a save is mostly the building of its statements.
_TARGET = (
    select(
        Assignment.instrument,
        Visit.id.label("visit_id"),
        Visit.code,
        Visit.planned_on,
        Participant.status.label("participant_status"),
        Site.id.label("site_id"),
        Site.code.label("site_code"),
        Study.id.label("study_id"),
        Study.definition_hash,
        Response.id.label("response_id"),
        Response.status,
        Response.completed_at,
    )
    .join(Visit, Visit.id == Assignment.visit_id)
    .join(Participant, Participant.id == Visit.participant_id)
    .join(Site, Site.id == Participant.site_id)
    .join(Study, Study.id == Site.study_id)
    .outerjoin(
        Response,
        (Response.assignment_id == Assignment.id) & (Response.status != ResponseStatus.ENTERED_IN_ERROR),
    )
    .where(Assignment.id == bindparam("assignment_id"), Participant.id == bindparam("participant_id"))
)
# The visit, not the assignment: whoever completes its last questionnaire must see that the others are complete.
_LOCK = (
    select(Visit.id)
    .join(Assignment, Assignment.visit_id == Visit.id)
    .where(Assignment.id == bindparam("assignment_id"))
    .with_for_update(of=Visit, key_share=True)
)


def get_target(session: Session, participant_id: UUID, assignment_id: UUID, *, lock: bool = False) -> Target:
    """Give one of the participant's assignments; with `lock`, nobody else writes to its visit until the commit.

    Raises AssignmentNotFoundError, or WithdrawnError when she has withdrawn.
    """
    if lock and session.get_bind().dialect.name == "postgresql":
        # A statement of its own (SQLite has one writer anyway): one that waited is shown what there was before it did.
        session.execute(_LOCK, {"assignment_id": assignment_id})
    row = session.execute(_TARGET, {"assignment_id": assignment_id, "participant_id": participant_id}).first()
    if row is None:
        raise AssignmentNotFoundError
    if row.participant_status is ParticipantStatus.WITHDRAWN:
        raise WithdrawnError
    definition = studies.definition_of(session, row.study_id, row.definition_hash)
    place = StudyAtSite(definition, definition.get_site(row.site_code), row.site_id)
    return Target(
        assignment_id,
        row.instrument,
        row.visit_id,
        row.code,
        row.planned_on,
        participant_id,
        place,
        row.response_id,
        row.status,
        row.completed_at,
    )


def save(
    session: Session,
    participant_id: UUID,
    assignment_id: UUID,
    given: Sequence[GivenAnswer],
    *,
    seen: Seen | None = None,
    by: Actor,
    at: datetime,
) -> Saved:
    """Append a batch of one device's answers; what came before is acknowledged again and not doubled.

    `seen` says what the device had been shown; an answer that replaces another device's unseen is noted as a conflict.
    Answers that arrive after the response was sent, or after its window closed, are kept apart.
    Raises RefusedAnswersError, NotOpenYetError, WithdrawnError or AssignmentNotFoundError; then nothing is saved.
    """
    target = get_target(session, participant_id, assignment_id, lock=True)
    return save_to(session, target, given, seen=seen, by=by, at=at)


def save_to(
    session: Session,
    target: Target,
    given: Sequence[GivenAnswer],
    *,
    seen: Seen | None = None,
    on: date | None = None,
    by: Actor,
    at: datetime,
) -> Saved:
    """Append a batch to a target that is locked already; see `save`.

    `on` is the local day on which the answers were given, where that is not the day on which they arrive: on paper.
    """
    today = on or target.place.today(at)
    if today < target.window.opens_on:
        raise NotOpenYetError(target.window.opens_on)
    earlier = answer_log.earlier_than(session, target.response_id, given) if target.response_id else []
    _check(session, target, given, earlier)
    apart = _apart(target, today)
    known = {(row.device, row.seq) for row in earlier}
    new = {(answer.device, answer.seq): answer for answer in given if (answer.device, answer.seq) not in known}
    response_id = target.response_id or _begin(session, target, at)
    if new:
        found = [] if apart else conflicts.find(new.values(), earlier, seen)
        answer_log.append(
            session,
            response_id,
            target.participant_id,
            new=list(new.values()),
            earlier=earlier,
            apart=apart,
            by=by,
            at=at,
        )
        conflicts.note(session, response_id, target.participant_id, found, by=by, at=at)
    # what was kept apart stays so when it is asked about again: the first reply may have been lost
    kept_apart = {(row.device, row.seq) for row in earlier if row.set_apart} | set(new if apart else ())
    return Saved(
        acknowledged=tuple(dict.fromkeys(answer.seq for answer in given)),
        set_apart=tuple(dict.fromkeys(answer.seq for answer in given if (answer.device, answer.seq) in kept_apart)),
        status=target.status or ResponseStatus.IN_PROGRESS,
        received_at=at,
    )


def _begin(session: Session, target: Target, at: datetime) -> UUID:
    response = Response(id=uuid4(), assignment_id=target.assignment_id, started_at=at)
    session.add(response)
    session.flush()
    return response.id


def _check(session: Session, target: Target, given: Iterable[GivenAnswer], earlier: Iterable[Answer]) -> None:
    taken: dict[tuple[str, int], Answer | GivenAnswer] = {(row.device, row.seq): row for row in earlier}
    faults = []
    for answer in given:
        same = taken.setdefault((answer.device, answer.seq), answer)  # it may stand twice in one batch, too
        if fault := _fault(session, target, answer, same):
            faults.append(fault)
    if faults:
        raise RefusedAnswersError(tuple(faults))


def _fault(session: Session, target: Target, answer: GivenAnswer, same: Answer | GivenAnswer) -> Fault | None:
    if (same.link_id, same.value, same.empty) != (answer.link_id, answer.value, answer.empty):
        return Fault(answer.seq, answer.link_id, "this seq was used for another answer", "a number not used before")
    if (answer.value is None) == (answer.empty is None) or answer.empty not in {None, SKIPPED}:
        return Fault(answer.seq, answer.link_id, "neither a value nor skipped, or both", 'a value, or empty "skipped"')
    try:
        instruments.get(target.instrument).check_answer(answer.link_id, answer.value)
        wording = wordings.get(session, answer.wording)
    except InvalidAnswer as error:
        return Fault(answer.seq, answer.link_id, str(error), error.allowed)
    except KeyError:
        return Fault(answer.seq, answer.link_id, "unknown wording", "the hash given with the questionnaire")
    demonstration = target.place.definition.mode is Mode.DEMONSTRATION
    given_to = (wording.instrument, wording.language, wording.demonstration)
    if given_to != (target.instrument, answer.language, demonstration):
        return Fault(answer.seq, answer.link_id, "wording of another instrument, language or mode", wording.language)
    return None


def _apart(target: Target, today: date) -> SetApart | None:
    if target.is_sent:
        return SetApart.AFTER_COMPLETION
    return SetApart.AFTER_CLOSING if today > target.window.closes_on else None
