"""Settling what two people keyed in differently: the paper is looked at once more, and what was wrong is corrected."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.db.correction import Correction, RequestedBy
from portal.db.paper import KeyingSettlement
from portal.db.response import Response
from portal.domain import instruments, paper_forms
from portal.domain.paper_forms import PaperForm
from portal.services import answering, corrections, keying
from portal.services.actor import Actor


class NothingToSettleError(Exception):
    """The paper was not keyed twice, or its differences are settled already."""


class UnsettledError(Exception):
    """Not every difference was settled; `codes` are the questions that still are open."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


def settle(
    session: Session,
    participant_id: UUID,
    assignment_id: UUID,
    right: Mapping[str, PaperForm],
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> Correction | None:
    """Settle every difference between the two keyings; gives the correction, None where the first one was right.

    `right` says, by question code, what the paper holds. Where that is not what was keyed first, the response is
    corrected for `reason`, scored again, and its summary gets a new edition.
    Raises NothingToSettleError, UnsettledError, corrections.NoReasonError, or what `answering.get_target` raises.
    """
    target = answering.get_target(session, participant_id, assignment_id, lock=True)
    keyed = {each.number: each for each in keying.keyings(session, target.response_id)} if target.response_id else {}
    if 2 not in keyed or session.get(KeyingSettlement, keyed[2].id) is not None:
        raise NothingToSettleError
    first = keyed[1].form
    differing = paper_forms.differing(instruments.get(target.instrument), first, keyed[2].form)
    unsettled = tuple(question.code for question in differing if question.code not in right)
    if unsettled:
        raise UnsettledError(unsettled)
    if not reason.strip():
        raise corrections.NoReasonError
    changes: dict[str, object] = {}
    for question in differing:
        changes |= paper_forms.unlike(question.items, first, right[question.code])
    response = session.get_one(Response, target.response_id)
    correction = _correct(session, response, paper_forms.values(changes), reason, by=by, at=at)
    told = {
        "differences": len(differing),
        "right": {question.code: dict(right[question.code]) for question in differing},
    }
    keying.settled(
        session,
        keyed[2],
        participant_id,
        told,
        correction_id=correction.id if correction else None,
        reason=reason.strip(),
        by=by,
        at=at,
    )
    return correction


def _correct(
    session: Session, response: Response, changes: corrections.Changes, reason: str, *, by: Actor, at: datetime
) -> Correction | None:
    if not changes:
        return None
    try:
        return corrections.correct(
            session, response, changes, requested_by=RequestedBy.STAFF, reason=reason, by=by, at=at
        )
    except corrections.NothingChangesError:
        return None  # somebody has corrected it so already
