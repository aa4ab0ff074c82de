"""The clinic's own device in a participant's hands: opened by her short code alone, given back empty."""

from http import HTTPStatus

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from portal import clock
from portal.domain.study import LANGUAGES
from portal.services import doors, hand_over
from portal.web import lent_session, stores
from portal.web.access import public
from portal.web.door_keys import door_keys
from portal.web.languages import current_language
from portal.web.lent_session import Lent
from portal.web.patient import phone

bp = Blueprint("lending", __name__)

bp.add_app_template_global(phone.is_handed_over, "is_handed_over")  # pages on a lent device say so to scripts


def let_in(lent: Lent, typed: str) -> ResponseReturnValue:
    """Open with a well-formed short code; only that of the participant to whom the device is lent does."""
    at = clock.now()
    try:
        device = hand_over.open_door(stores.session(), door_keys(), lent.participant_id, lent.staff_id, typed, at=at)
    except (doors.CodeRefusedError, doors.WithdrawnError):
        fault = _("This code does not open this device. Compare it once more, or give the device back.")
        return _code_page(typed, fault), HTTPStatus.UNPROCESSABLE_ENTITY
    except doors.TooManyCodesError:
        fault = _("Too many wrong codes: none is taken here for an hour. Please give the device back.")
        return _code_page("", fault), HTTPStatus.TOO_MANY_REQUESTS
    lent_session.enter(device)
    return redirect(url_for("visit.show"), 303)


@bp.post("/give-back")
@public("whoever holds a lent device may give it back; on any other nothing happens")
def give_back() -> ResponseReturnValue:
    """End the lending, also one that has lasted too long, and leave nothing behind."""
    if not lent_session.is_begun():
        return redirect(url_for("visit.show"), 303)
    language = current_language()
    lent_session.end()
    response = make_response(redirect(url_for(".given_back", language=language), 303))
    lent_session.empty_browser_of_everything(response)
    return response


@bp.get("/given-back")
@public("it says only that the device is to be given back")
def given_back() -> ResponseReturnValue:
    """Ask her, in the language she had, to give the device back; the session knows it no more."""
    language = session.get("language") or request.args.get("language", "")
    with force_locale(language if language in LANGUAGES else current_language()):
        return render_template("patient/given_back.html")


def _code_page(typed: str, fault: str) -> str:
    return render_template("patient/lent_code.html", typed=typed, fault=fault)
