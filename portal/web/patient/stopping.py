"""No more messages: asked for behind the link in each of them by one tap, or by a mail program; undone by one tap.

Opening the link changes nothing, because mail scanners open links. The token says whose wish it is; no phone is asked.
"""

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.participant import Participant
from portal.db.stop import StopWay
from portal.services import actor, stops, studies
from portal.web import stores
from portal.web.access import public
from portal.web.door_keys import door_keys
from portal.web.languages import choose

bp = Blueprint("stopping", __name__, url_prefix="/stop/<token>")

_ONE_CLICK = ("List-Unsubscribe", "One-Click")  # what a mail program sends, RFC 8058


@bp.get("")
@public("whoever was sent the message may stop it; the page names nobody and shows no answer")
def show(token: str) -> ResponseReturnValue:
    """Offer the one button, or say that it was pressed and how it is undone."""
    participant = _get(token)
    if "language" not in session:
        choose(participant.language)
    return render_template(
        "patient/stop.html",
        token=token,
        last=stops.find_last(stores.session(), participant.id),
        site=studies.for_site(stores.session(), participant.site_id).site,
    )


@bp.post("")
@public("the token is the authority: a mail program that stops for its reader has no cookie and no form of ours")
def ask(token: str) -> ResponseReturnValue:
    """Stop the messages; a mail program is answered without a redirect, as RFC 8058 wants it."""
    name, value = _ONE_CLICK
    by_program = request.form.get(name) == value
    if not by_program and current_app.config["WTF_CSRF_ENABLED"]:
        current_app.extensions["csrf"].protect()
    participant, way = _get(token), StopWay.MAIL_PROGRAM if by_program else StopWay.PAGE
    stops.ask(stores.session(), participant, way, by=actor.patient(participant.id), at=clock.now())
    return Response(status=204) if by_program else redirect(url_for(".show", token=token), 303)


@bp.post("/undo")
@public("whoever stopped the messages may have them again")
def undo(token: str) -> ResponseReturnValue:
    """Write to her again."""
    participant = _get(token)
    stops.lift(stores.session(), participant, by=actor.patient(participant.id), at=clock.now())
    return redirect(url_for(".show", token=token), 303)


@bp.record_once
def _take_from_mail_programs(state: BlueprintSetupState) -> None:
    state.app.extensions["csrf"].exempt(ask)  # which asks for the form's token itself, of everyone else


def _get(token: str) -> Participant:
    return stops.find_participant(stores.session(), door_keys(), token) or abort(404)
