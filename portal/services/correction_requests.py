"""Wishes for a correction, the patient's own or out of a query: settled by a nurse, with what came of them."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.db.correction import CorrectionRequest, RequestOutcome
from portal.db.response import Response
from portal.domain.audit import Deed
from portal.services import audit
from portal.services.actor import Actor


class SettledAlreadyError(Exception):
    """The wish was settled before, or is about another response."""


def check_open(session: Session, request: CorrectionRequest, response: Response) -> None:
    """Refuse a wish that is no longer open, or about something else.  Raises SettledAlreadyError."""
    session.refresh(request, with_for_update=True)
    if request.outcome is not None or request.response_id != response.id:
        raise SettledAlreadyError


def corrected(session: Session, request: CorrectionRequest, *, by: Actor, at: datetime) -> None:
    """Note that the answers were corrected as was wished; for `corrections.correct`, which does it."""
    _settle(session, request, RequestOutcome.CORRECTED, None, by=by, at=at)


def _settle(
    session: Session,
    request: CorrectionRequest,
    outcome: RequestOutcome,
    reason: str | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    request.settled_by, request.settled_at, request.outcome, request.settled_reason = by.id, at, outcome, reason
    session.flush()
    response = session.get_one(Response, request.response_id)
    about: dict[str, Any] = {"participant_id": response.assignment.visit.participant_id, "field": "outcome"}
    event = audit.Event(
        deed=Deed.CORRECTION_SETTLED,
        subject_kind="correction_request",
        subject_id=request.id,
        **about,
        new=outcome.value,
        reason=reason,
    )
    audit.record(session, event, by=by, at=at)
