"""What a sending service reports of messages that did not arrive, signed; docs/messages.md is the contract."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from portal import clock
from portal.config import Settings
from portal.db.message import BounceKind, BounceSource
from portal.domain.bounces import has_arrived, is_code, is_permanent
from portal.services import bounces
from portal.services.actor import SYSTEM
from portal.services.bounces import Report
from portal.web.access import public
from portal.web.api.signed import signed_body
from portal.web.stores import session

bp = Blueprint("bounces", __name__, url_prefix="/api/bounces")

_LONGEST_NAME = 200


@bp.post("")
@public("the signature, with a secret that the service was given, is the authority: no person is asking")
def report() -> ResponseReturnValue:
    """Keep a report; one that comes again, or is of no message of ours, is acknowledged, so that it stops coming."""
    settings: Settings = current_app.extensions["settings"]
    try:
        name, code, reported_at = _read(signed_body(settings.bounce_secret))
    except ValueError as fault:
        return jsonify(error="malformed", message=str(fault)), 400
    if has_arrived(code):
        return jsonify(result="arrived")
    told = Report(
        name=name,
        kind=BounceKind.PERMANENT if is_permanent(code) else BounceKind.DELAYED,
        code=code,
        digest=hashlib.sha256(f"{name}\n{code}\n{reported_at.isoformat()}".encode()).hexdigest(),
        at=reported_at,
    )
    return jsonify(result=bounces.keep(session(), told, BounceSource.WEBHOOK, by=SYSTEM, at=clock.now()))


@bp.record_once
def _take_from_services(state: BlueprintSetupState) -> None:
    state.app.extensions["csrf"].exempt(report)  # which asks for a signature instead of a form's token


def _read(body: bytes) -> tuple[str, str, datetime]:
    """Give the message's name, the code and the instant in UTC.  Raises ValueError saying what is wanted."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, Mapping):
        raise ValueError("a JSON object with message_id, status, at is wanted")
    name, code = _text(told, "message_id"), _text(told, "status")
    if not is_code(code):
        raise ValueError("status: a code such as 5.1.1 (RFC 3463) or 550 (RFC 5321) is wanted")
    try:
        at = datetime.fromisoformat(_text(told, "at")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("at: an instant such as 2027-03-03T09:00:00Z is wanted") from None
    return name, code, at


def _text(told: Mapping[str, Any], key: str) -> str:
    text = told.get(key)
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_NAME or "\x00" in text:
        raise ValueError(f"{key}: a text of 1 to {_LONGEST_NAME} characters is wanted")
    return text
