"""Keying in: paper becomes a response, keyed by one person and, if wished, once more by another."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.paper import Keying, KeyingSettlement
from portal.db.response import FilledInBy, Response, Source
from portal.domain import instruments, paper_forms
from portal.domain.audit import Deed
from portal.domain.instruments.model import Question
from portal.domain.instruments.wording import Wording
from portal.domain.paper_forms import PaperForm
from portal.domain.states import ResponseStatus
from portal.services import answering, audit, completing
from portal.services.actor import Actor
from portal.services.answering import GivenAnswer, Target
from portal.services.completing import Keyed

DEVICE = "paper"
"""Answers that were keyed in are a device's like any other: paper-<id of the keying>."""


class DayFault(StrEnum):
    """Why a day cannot be the one on which the paper was filled in."""

    FUTURE = "future"
    OUTSIDE = "outside"


class DayRefusedError(Exception):
    """The day of filling in is none that counts for this visit."""

    def __init__(self, fault: DayFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class NothingMarkedError(Exception):
    """Nothing at all is marked on the paper: that is no response."""


class AlreadySentError(Exception):
    """The questionnaire was sent, or keyed in by somebody, already."""


class NothingToCheckError(Exception):
    """Nobody has keyed this questionnaire in from paper, so that there is nothing to check."""


class SamePersonError(Exception):
    """Whoever keyed a paper in the first time cannot check it."""


class CheckedAlreadyError(Exception):
    """Somebody has keyed the paper in a second time already."""


def key(
    session: Session,
    participant_id: UUID,
    assignment_id: UUID,
    form: PaperForm,
    *,
    filled_on: date,
    filled_in_by: FilledInBy | None,
    wording: Wording,
    by: Actor,
    at: datetime,
) -> Keying:
    """Take a paper in: its answers are appended, and alone complete the response, which is scored at once.

    `filled_on` is the local day on which it was filled in: the window is judged by it, and not by today.
    Raises AlreadySentError, DayRefusedError, NothingMarkedError, or what `answering.save` raises.
    """
    target = answering.get_target(session, participant_id, assignment_id, lock=True)
    if target.is_sent:
        raise AlreadySentError
    _check_day(target, filled_on, at)
    if not form:
        raise NothingMarkedError
    keying_id = uuid4()
    keyed = Keyed(filled_on, f"{DEVICE}-{keying_id}")
    given = _given(form, keyed.device, wording, at)
    answering.save_to(session, target, given, on=filled_on, by=by, at=at)
    response = current_response(session, assignment_id)
    keying = note(
        session, response, target, form, keying_id=keying_id, filled_on=filled_on, wording=wording, by=by, at=at
    )
    completing.complete(
        session,
        participant_id,
        assignment_id,
        [],
        source=Source.PAPER,
        filled_in_by=filled_in_by,
        keyed=keyed,
        by=by,
        at=at,
    )
    return keying


def check(
    session: Session, participant_id: UUID, assignment_id: UUID, form: PaperForm, *, by: Actor, at: datetime
) -> tuple[Question, ...]:
    """Take the same paper in a second time, by another person; gives the questions that the two do not have alike.

    Alike in all, the two are settled at once. Raises NothingToCheckError, SamePersonError, CheckedAlreadyError, or
    what `answering.get_target` raises.
    """
    target = answering.get_target(session, participant_id, assignment_id, lock=True)
    response = current_response(session, assignment_id) if target.is_sent else None
    keyed = {each.number: each for each in keyings(session, response.id)} if response else {}
    if response is None or response.source is not Source.PAPER or 1 not in keyed:
        raise NothingToCheckError
    if keyed[1].keyed_by == by.id:
        raise SamePersonError
    if 2 in keyed:
        raise CheckedAlreadyError
    first = keyed[1]
    keying = note(
        session, response, target, form, number=2, filled_on=first.filled_on, wording=first.wording, by=by, at=at
    )
    differing = paper_forms.differing(instruments.get(target.instrument), first.form, form)
    if not differing:
        settled(session, keying, target.participant_id, {"differences": 0}, by=by, at=at)
    return differing


def note(
    session: Session,
    response: Response,
    target: Target,
    form: PaperForm,
    *,
    number: int = 1,
    keying_id: UUID | None = None,
    filled_on: date,
    wording: Wording | str,
    by: Actor,
    at: datetime,
) -> Keying:
    """Keep who keyed in what, and tell the trail."""
    words = wording if isinstance(wording, str) else wording.hash
    assert by.id is not None
    keying = Keying(
        id=keying_id or uuid4(),
        response_id=response.id,
        number=number,
        keyed_by=by.id,
        keyed_at=at,
        filled_on=filled_on,
        wording=words,
        form=dict(form),
    )
    session.add(keying)
    session.flush()
    event = audit.Event(
        deed=Deed.RESPONSE_KEYED,
        subject_kind="response",
        subject_id=response.id,
        participant_id=target.participant_id,
        field="keying",
        new={"number": number, "filled_on": filled_on.isoformat(), "wording": words, "form": dict(form)},
    )
    audit.record(session, event, by=by, at=at)
    return keying


def settled(
    session: Session,
    second: Keying,
    participant_id: UUID,
    told: dict[str, Any],
    *,
    correction_id: UUID | None = None,
    reason: str | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Keep that two keyings are settled, and tell the trail how."""
    assert by.id is not None
    session.add(KeyingSettlement(keying_id=second.id, settled_by=by.id, at=at, correction_id=correction_id))
    session.flush()
    event = audit.Event(
        deed=Deed.KEYING_SETTLED,
        subject_kind="response",
        subject_id=second.response_id,
        participant_id=participant_id,
        field="keying",
        new=told,
        reason=reason,
    )
    audit.record(session, event, by=by, at=at)


def current_response(session: Session, assignment_id: UUID) -> Response:
    """Give the response of an assignment that has one."""
    wanted = select(Response).where(
        Response.assignment_id == assignment_id, Response.status != ResponseStatus.ENTERED_IN_ERROR
    )
    return session.scalars(wanted).one()


def keyings(session: Session, response_id: UUID) -> list[Keying]:
    """List the keyings of a response."""
    wanted = select(Keying).where(Keying.response_id == response_id).order_by(Keying.number)
    return list(session.scalars(wanted))


def _check_day(target: Target, filled_on: date, at: datetime) -> None:
    if filled_on > target.place.today(at):
        raise DayRefusedError(DayFault.FUTURE)
    if filled_on not in target.window:
        raise DayRefusedError(DayFault.OUTSIDE)


def _given(form: PaperForm, device: str, wording: Wording, at: datetime) -> list[GivenAnswer]:
    answers = paper_forms.values(form)
    return [
        GivenAnswer(
            device=device,
            seq=seq,
            link_id=link_id,
            value=value,
            empty=None,
            at=at,
            language=wording.language,
            wording=wording.hash,
            presentation=_presentation(form, link_id),
        )
        for seq, (link_id, value) in enumerate(answers.items())
    ]


def _presentation(form: PaperForm, link_id: str) -> dict[str, Any]:
    measured = paper_forms.millimetres(form, link_id)
    return {"input": "paper"} if measured is None else {"input": "paper", "mm": measured}
