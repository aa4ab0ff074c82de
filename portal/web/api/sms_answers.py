"""Answers to text messages, as the provider passes them on: STOP stops all messages to that number, START undoes it."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, current_app
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from portal import clock
from portal.config import Settings
from portal.services import sms_answers
from portal.web.access import public
from portal.web.api.signed import signed_body
from portal.web.contact_store import open_contacts
from portal.web.stores import session

bp = Blueprint("sms_answers", __name__, url_prefix="/api/sms")

_NUMBER = ("from", "From", "sender", "msisdn", "originator")
_TEXT = ("text", "Text", "body", "Body", "message", "content")


@bp.post("")
@public("the provider of text messages has no account; its signature is the authority")
def take() -> ResponseReturnValue:
    """Take one answer; what it did is not told, so that nobody learns whose number is kept."""
    settings: Settings = current_app.extensions["settings"]
    told = _read(signed_body(settings.sms_secret))
    number, text = _find(told, _NUMBER), _find(told, _TEXT)
    if not number:
        abort(400)
    sms_answers.take(session(), open_contacts(), number, text, at=clock.now())
    return Response(status=204)


@bp.record_once
def _take_without_a_form(state: BlueprintSetupState) -> None:
    state.app.extensions["csrf"].exempt(take)


def _read(body: bytes) -> Mapping[str, Any]:
    """Read JSON, or the fields of a form."""
    try:
        text = body.decode()
        told = json.loads(text) if text.lstrip().startswith("{") else dict(parse_qsl(text))
    except ValueError:
        abort(400)
    return told if isinstance(told, Mapping) else abort(400)


def _find(told: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(told[name]) for name in names if told.get(name)), "")
