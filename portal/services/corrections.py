"""Corrections after sending: the original stays frozen, what is right stands beside it, and what follows is made."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.correction import CorrectedAnswer, Correction, CorrectionRequest, RequestedBy
from portal.db.participant import Participant, Visit
from portal.db.response import Response
from portal.db.summary import Summary
from portal.domain.audit import Deed
from portal.domain.states import ResponseStatus
from portal.services import answered_forms, audit, completing, correction_requests, scores, studies, summaries
from portal.services.actor import SYSTEM, Actor
from portal.services.answered_forms import AnsweredForm
from portal.services.correction_foresight import (
    Change,
    Changes,
    Foreseen,
    NothingChangesError,
    NotSentError,
    RefusedChangesError,
    foresee,
    scoring_options,
)
from portal.services.correction_requests import SettledAlreadyError

__all__ = [
    "Change",
    "ChangedSinceError",
    "Changes",
    "Foreseen",
    "NoReasonError",
    "NotSentError",
    "NothingChangesError",
    "RefusedChangesError",
    "ResponseNotFoundError",
    "SettledAlreadyError",
    "correct",
    "foresee",
    "form_of",
    "get_for",
    "hash_of",
]


class ResponseNotFoundError(Exception):
    """There is no such response at these sites."""


class NoReasonError(Exception):
    """Nothing is corrected without a reason."""


class ChangedSinceError(Exception):
    """Somebody corrected the response after the form was looked at."""


def get_for(session: Session, sites: frozenset[UUID], response_id: UUID) -> Response:
    """Give a response of one of `sites`.  Raises ResponseNotFoundError, also when it is another site's."""
    found = session.get(Response, response_id)
    if found is None or found.assignment.visit.participant.site_id not in sites:
        raise ResponseNotFoundError(str(response_id))
    return found


def form_of(session: Session, response: Response) -> AnsweredForm:
    """Give a response's form as it was sent and as it stands.  Raises NotSentError."""
    forms = answered_forms.read(session, [response])
    if response.id not in forms:
        raise NotSentError
    return forms[response.id]


def hash_of(form: AnsweredForm) -> str:
    """Give the hash of a form as it stands, which `correct` takes as `against`."""
    return completing.hash_of(dict(form.now))


def correct(
    session: Session,
    response: Response,
    changes: Changes,
    *,
    requested_by: RequestedBy,
    reason: str,
    request: CorrectionRequest | None = None,
    against: str | None = None,
    by: Actor,
    at: datetime,
) -> Correction:
    """Correct a sent response: keep old and new of each item, score it again, and make the summaries' next editions.

    `changes` by link id, as Change says; items that are not named, or stand so already, stay. What was frozen on
    sending stays for ever; the response is amended from now on. `requested_by` says who found it wrong; `by`, a
    member of staff, enters it. `request` is the wish that this settles. `against` (hash_of) is the form that was
    looked at: when somebody has corrected it since, nothing is done. On a phone's form, answers that the corrected
    ones hide count no longer; on paper they do. Next editions are made for this visit and for those after it, of
    those that have a summary, where it says something else now. What was sent before a withdrawal can be corrected.

    Raises NoReasonError, NotSentError, RefusedChangesError, NothingChangesError, ChangedSinceError or
    SettledAlreadyError; then nothing is changed.
    """
    if not reason.strip():
        raise NoReasonError
    visit = response.assignment.visit
    _lock(session, visit.participant_id)
    session.flush()  # what the caller has changed of it must not be lost by reading it again
    session.refresh(response)
    if request is not None:
        correction_requests.check_open(session, request, response)
    foreseen = foresee(session, response, changes, at=at)
    if against is not None and against != hash_of(foreseen.form):
        raise ChangedSinceError
    made = _row(response, foreseen, at)
    made.requested_by, made.reason, made.entered_by = requested_by, reason.strip(), _person(by)
    made.request_id = request.id if request else None
    session.add(made)
    _amend(session, response, made, by=by, at=at)
    if request is not None:
        correction_requests.corrected(session, request, by=by, at=at)
    _score(session, response, made, foreseen, at=at)
    for visit_id in _summarised_from(session, visit):
        summaries.make(session, visit_id, by=SYSTEM, at=at)
    return made


def _person(by: Actor) -> UUID:
    assert by.id is not None
    return by.id


def _lock(session: Session, participant_id: UUID) -> None:
    """Let nobody else write to her visits until the commit: later ones may get a next edition, too."""
    if session.get_bind().dialect.name == "postgresql":
        # A statement of its own (SQLite has one writer anyway): one that waited is shown what there was before it did.
        visits = select(Visit.id).where(Visit.participant_id == participant_id).order_by(Visit.planned_on, Visit.id)
        session.execute(visits.with_for_update(key_share=True))


def _row(response: Response, foreseen: Foreseen, at: datetime) -> Correction:
    answers = []
    for link_id in foreseen.link_ids:
        old_value, old_empty = answered_forms.stands(foreseen.form.now, link_id)
        value, empty = answered_forms.stands(foreseen.after, link_id)
        old = {"old_value": old_value, "old_empty": old_empty}
        answers.append(CorrectedAnswer(link_id=link_id, **old, value=value, empty=empty))
    return Correction(
        id=uuid4(),
        response_id=response.id,
        number=len(foreseen.form.corrections) + 1,
        at=at,
        form_hash=completing.hash_of(dict(foreseen.after)),
        answers=answers,
    )


def _amend(session: Session, response: Response, made: Correction, *, by: Actor, at: datetime) -> None:
    """Mark the response as amended, and tell the trail what changed, item by item."""
    before, response.status = response.status, ResponseStatus.AMENDED
    session.flush()
    participant_id, reason = response.assignment.visit.participant_id, made.reason
    about: dict[str, Any] = {"subject_kind": "response", "subject_id": response.id, "participant_id": participant_id}
    new = {"status": response.status.value, "number": made.number, "hash": made.form_hash}
    new |= {"requested_by": made.requested_by.value}
    deed = Deed.RESPONSE_CORRECTED
    events = [audit.Event(deed=deed, **about, field="status", old=before.value, new=new, reason=reason)]
    for each in made.answers:
        values: dict[str, Any] = {"old": _told(each.old_value, each.old_empty), "new": _told(each.value, each.empty)}
        events.append(audit.Event(deed=Deed.ANSWER_CORRECTED, **about, field=each.link_id, **values, reason=reason))
    audit.record(session, *events, by=by, at=at)


def _score(session: Session, response: Response, made: Correction, foreseen: Foreseen, *, at: datetime) -> None:
    scores.keep(
        session,
        response.id,
        response.assignment.visit.participant_id,
        response.assignment.instrument,
        answers=answered_forms.values_of(foreseen.after),
        options=scoring_options(session, response),
        correction_id=made.id,
        by=SYSTEM,
        at=at,
    )


def _told(value: Any, empty: str | None) -> dict[str, Any]:
    return {"value": value} if empty is None else {"empty": empty}


def _summarised_from(session: Session, visit: Visit) -> list[UUID]:
    """Give this visit and those after it by the protocol, of those that have a summary."""
    site_id = session.scalars(select(Participant.site_id).where(Participant.id == visit.participant_id)).one()
    codes = [each.code for each in studies.for_site(session, site_id).definition.visits]
    found = session.execute(
        select(Visit.id, Visit.code).where(
            Visit.participant_id == visit.participant_id,
            Visit.code.in_(codes[codes.index(visit.code) :]),
            select(Summary.id).where(Summary.visit_id == Visit.id).exists(),
        )
    )
    return [each.id for each in sorted(found, key=lambda each: codes.index(each.code))]
