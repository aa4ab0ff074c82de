"""Her word that an answer she sent was a mistake: a small form, and kind words about what the site does then."""

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.response import Response
from portal.services import correction_requests, sittings
from portal.web import stores
from portal.web.access import patients_only
from portal.web.patient.opening import open_sheet
from portal.web.patient.sheets import Sheet
from portal.web.principals import current_patient

bp = Blueprint("wishes", __name__, url_prefix="/answer/<uuid:assignment_id>/mistake")


@bp.get("")
@patients_only
def show(assignment_id: UUID) -> ResponseReturnValue:
    """Ask what is wrong."""
    return _page("patient/mistake.html", _load(assignment_id), typed="", fault="")


@bp.post("")
@patients_only
def ask(assignment_id: UUID) -> ResponseReturnValue:
    """Note it for the site."""
    sheet = _load(assignment_id)
    words = request.form.get("words", "").strip()
    response = stores.session().get_one(Response, sheet.target.response_id)
    try:
        correction_requests.ask(stores.session(), response, words, by=current_patient().actor, at=clock.now())
    except correction_requests.NothingSaidError:
        return _page("patient/mistake.html", sheet, typed=words, fault="nothing-said"), 422
    except correction_requests.TooManyError:
        return _page("patient/mistake.html", sheet, typed=words, fault="too-many"), 422
    return redirect(url_for(".told", assignment_id=assignment_id), 303)


@bp.get("/told")
@patients_only
def told(assignment_id: UUID) -> ResponseReturnValue:
    """Say that the site has it, and what happens now."""
    return _page("patient/mistake_told.html", _load(assignment_id))


def _load(assignment_id: UUID) -> Sheet:
    """Give what was sent; what was not sent yet leads to its questions, where it can be changed."""
    sheet = open_sheet(assignment_id)
    if not sheet.target.is_sent:
        abort(redirect(url_for("answering.show", assignment_id=assignment_id), 303))
    return sheet


def _page(template: str, sheet: Sheet, **more: str) -> str:
    today = sittings.today(stores.session(), current_patient().participant_id, at=clock.now())
    others = [
        task
        for task in (today.sitting.tasks if today.sitting else ())
        if task.is_sent and task.assignment_id != sheet.target.assignment_id
    ]
    return render_template(
        template, sheet=sheet, others=others, site=today.place.site, longest=correction_requests.LONGEST, **more
    )
