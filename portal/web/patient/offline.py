"""What a phone keeps for use without network: the service worker, and pages that hold no answer."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from portal import clock
from portal.config import Settings
from portal.services import answering, responses
from portal.web import assets, stores
from portal.web.access import patients_only, public
from portal.web.languages import current_language
from portal.web.patient import sheets
from portal.web.patient.sheets import Sheet
from portal.web.principals import current_patient, find_patient

bp = Blueprint("offline", __name__)

ASKED_BY_SCRIPT = "X-Shell"
"""The header with which a script asks for a page to keep; a person who lands there is led to the page itself."""


@bp.app_context_processor
def _what_phones_keep() -> dict[str, object]:
    return {"shells": shells, "worker": worker_address, "holder": holder}


def shells(languages: Sequence[str], *assignment_ids: UUID) -> str:
    """Give the addresses of the pages that a phone keeps for these questionnaires, in each of the study's languages.

    They change with the scripts and with the day, so that a phone fetches each page at most once a day.
    """
    version = f"{assets.version()}-{clock.now():%j}"
    addresses = [url_for("offline.show", language=each, v=version) for each in languages]
    for assignment_id in assignment_ids:
        addresses += [
            url_for("offline.shell", assignment_id=assignment_id, language=each, v=version) for each in languages
        ]
    return " ".join(addresses)


def holder() -> str:
    """Give a name for whose phone this is, "" for nobody's: what was kept for one participant is not for another."""
    patient = find_patient()
    return hashlib.sha256(patient.participant_id.bytes).hexdigest()[:12] if patient else ""


def worker_address() -> str:
    """Give the service worker's address, "" when it is switched off: then phones drop theirs."""
    settings: Settings = current_app.extensions["settings"]
    return url_for("offline.worker") if settings.service_worker else ""


@bp.get("/sw.js")
@public("a script, the same for everyone")
def worker() -> Response:
    """Serve the service worker, or the one that ends it."""
    body = assets.minified("sw.js" if worker_address() else "sw_off.js")
    return _kept(Response(body, content_type="text/javascript"))


@bp.get("/offline/<any(fr, en):language>")
@public("it holds nothing; what it lists is on the phone")
def show(language: str) -> Response:
    """Say that there is no network, and lead to what this phone has kept."""
    return _page("patient/offline.html", language)


@bp.get("/answer/<uuid:assignment_id>/shell/<any(fr, en):language>")
@patients_only
def shell(assignment_id: UUID, language: str) -> ResponseReturnValue:
    """Give the questionnaire without a single answer, to be kept on the phone."""
    sheet = _load(assignment_id, language)
    if ASKED_BY_SCRIPT not in request.headers:
        return redirect(url_for("answering.show", assignment_id=assignment_id), 303)
    site = sheet.target.place.site
    return _page("patient/questionnaire.html", language, sheet=sheet.emptied, site=site, posted=None, is_shell=True)


@bp.get("/answer/<uuid:assignment_id>/held")
@patients_only
def held(assignment_id: UUID) -> ResponseReturnValue:
    """Say which items of a questionnaire were answered already, without the answers."""
    sheet = _load(assignment_id, current_language())
    counting = responses.without_hidden(sheet.instrument, dict(sheet.current))
    leads = [screen.question.code for screen in sheet.asked if screen.question.shown_when]
    return jsonify(assignment=str(assignment_id), upto=sheet.upto, received=sorted(counting), leads=leads)


def _load(assignment_id: UUID, language: str) -> Sheet:
    patient = current_patient()
    try:
        return sheets.load(stores.session(), patient.participant_id, assignment_id, language, at=clock.now())
    except (answering.AssignmentNotFoundError, answering.WithdrawnError, sheets.NotInThisLanguageError):
        abort(404)  # a script asks, and keeps nothing then


def _page(template: str, language: str, **values: object) -> Response:
    # Whoever finds the page on the phone later brings her own token along: one that was kept would be stale.
    g.csrf_token = ""
    with force_locale(language):
        return _kept(
            Response(render_template(template, language=language, **values), content_type="text/html; charset=utf-8")
        )


def _kept(response: Response) -> Response:
    """Let a phone keep it, but never without asking whether there is a newer one."""
    response.headers["Cache-Control"] = "private, no-cache"
    return response
