"""Saving and completing for programs: acknowledged only when it is safe; docs/answer-protocol.md is the contract."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.services import answering, completing
from portal.web import stores
from portal.web.access import patients_only
from portal.web.api import batch
from portal.web.api.batch import Batch, MalformedError
from portal.web.principals import PatientPrincipal, current_patient
from portal.web.receipts import receipt_number

bp = Blueprint("api", __name__, url_prefix="/api")

Deed = Callable[[PatientPrincipal, Batch, datetime], dict[str, Any]]


@bp.post("/answers")
@patients_only
def save() -> ResponseReturnValue:
    """Append a batch of answers; a repeat is acknowledged and not doubled."""
    return _answered(_save)


@bp.post("/complete")
@patients_only
def complete() -> ResponseReturnValue:
    """Take all answers once more and lock the response."""
    return _answered(_complete)


def _save(patient: PatientPrincipal, given: Batch, at: datetime) -> dict[str, Any]:
    saved = answering.save(
        stores.session(),
        patient.participant_id,
        given.assignment_id,
        given.answers,
        seen=given.seen,
        by=patient.actor,
        at=at,
    )
    return {
        "acknowledged": list(saved.acknowledged),
        "set_apart": list(saved.set_apart),
        "status": saved.status,
        "received_at": _instant(saved.received_at),
    }


def _complete(patient: PatientPrincipal, given: Batch, at: datetime) -> dict[str, Any]:
    done = completing.complete(
        stores.session(),
        patient.participant_id,
        given.assignment_id,
        given.answers,
        filled_in_by=given.filled_in_by,
        seen=given.seen,
        by=patient.actor,
        at=at,
    )
    return {
        "acknowledged": list(dict.fromkeys(answer.seq for answer in given.answers)),
        "completed_at": _instant(done.completed_at) if done.completed_at else None,
        "already": done.already,
        "set_apart": done.set_apart,
        "receipt_number": receipt_number(done.response_id),
    }


def _answered(deed: Deed) -> ResponseReturnValue:
    """Do the deed and answer in JSON; nothing is saved when it is refused."""
    try:
        given = batch.parse(request.get_data() if request.is_json else b"")
        return jsonify(deed(current_patient(), given, clock.now()))
    except MalformedError as error:
        return jsonify(error="malformed", message=str(error)), 400
    except answering.AssignmentNotFoundError:
        return jsonify(error="unknown-assignment", message=_("This questionnaire is not yours.")), 404
    except answering.NotOpenYetError as error:
        words = _("This questionnaire is not open yet.")
        return jsonify(error="not-open-yet", message=words, opens_on=error.opens_on.isoformat()), 409
    except answering.WithdrawnError:
        return jsonify(error="withdrawn", message=_("You have left the study: nothing more is asked of you.")), 410
    except answering.RefusedAnswersError as error:
        faults = [
            {"seq": each.seq, "link_id": each.link_id, "problem": each.problem, "allowed": each.allowed}
            for each in error.faults
        ]
        words = _("This answer could not be taken. Please ring your study site.")
        return jsonify(error="refused-answers", message=words, faults=faults), 422


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
