"""Answering: the questionnaire, the look back over it, sending, and the receipt."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.services import answering, completing, sittings
from portal.services.answering import RefusedAnswersError
from portal.web import stores
from portal.web.access import patients_only
from portal.web.languages import current_language
from portal.web.patient import plain_form, sheets
from portal.web.patient.sheets import Sheet
from portal.web.principals import current_patient

bp = Blueprint("answering", __name__, url_prefix="/answer/<uuid:assignment_id>")


@bp.get("")
@patients_only
def show(assignment_id: UUID) -> ResponseReturnValue:
    """Show the whole questionnaire in one document; a script shows one question at a time."""
    sheet = _load(assignment_id)
    return _elsewhere(sheet) or _page("patient/questionnaire.html", sheet, posted=None)


@bp.post("")
@patients_only
def save(assignment_id: UUID) -> ResponseReturnValue:
    """Save the long form (without JavaScript), and go on to the look back."""
    sheet = _load(assignment_id)
    if sheet.today < sheet.target.window.opens_on:
        return redirect(url_for("visit.show"), 303)
    posted = plain_form.read(sheet, request.form)
    at, patient = clock.now(), current_patient()
    given = plain_form.answers(sheet, posted, at=at)
    if given:
        try:
            answering.save(stores.session(), patient.participant_id, assignment_id, given, by=patient.actor, at=at)
        except RefusedAnswersError:
            abort(400)  # a browser's form offers only what an item takes: this one was tampered with
    if not sheet.is_open:
        return _page("patient/late.html", sheet)
    if posted.faults:
        return _page("patient/questionnaire.html", _load(assignment_id), posted=posted), 422
    return redirect(url_for(".review", assignment_id=assignment_id), 303)


@bp.get("/review")
@patients_only
def review(assignment_id: UUID) -> ResponseReturnValue:
    """Show each question with its answer before it is sent (without JavaScript)."""
    sheet = _load(assignment_id)
    return _elsewhere(sheet) or _page("patient/review.html", sheet)


@bp.post("/send")
@patients_only
def send(assignment_id: UUID) -> ResponseReturnValue:
    """Send: the response is locked from here on."""
    sheet = _load(assignment_id)
    if sheet.is_open:
        patient = current_patient()
        completing.complete(
            stores.session(), patient.participant_id, assignment_id, [], by=patient.actor, at=clock.now()
        )
    return redirect(url_for(".receipt", assignment_id=assignment_id), 303)


@bp.get("/receipt")
@patients_only
def receipt(assignment_id: UUID) -> ResponseReturnValue:
    """Say when it was received and under which number; no score."""
    sheet = _load(assignment_id)
    if not sheet.target.is_sent:
        return redirect(url_for(".show", assignment_id=assignment_id), 303)
    today = sittings.today(stores.session(), current_patient().participant_id, at=clock.now())
    sitting = today.sitting
    same_visit = sitting is not None and sitting.visit_id == sheet.target.visit_id
    return _page(
        "patient/receipt.html", sheet, today=today, next_task=sitting.next_task if sitting and same_visit else None
    )


def _load(assignment_id: UUID) -> Sheet:
    """Lay out the questionnaire that the address names; an address that is not hers leads nowhere."""
    try:
        return sheets.load(
            stores.session(), current_patient().participant_id, assignment_id, current_language(), at=clock.now()
        )
    except answering.AssignmentNotFoundError:
        abort(404)
    except answering.WithdrawnError:
        abort(redirect(url_for("visit.show"), 303))
    except sheets.NotInThisLanguageError:
        abort(make_response(render_template("patient/not_in_this_language.html"), 409))


def _elsewhere(sheet: Sheet) -> ResponseReturnValue | None:
    """Lead on from a questionnaire that was sent, has closed or is not open yet."""
    if sheet.target.is_sent:
        return redirect(url_for(".receipt", assignment_id=sheet.target.assignment_id), 303)
    return None if sheet.is_open else redirect(url_for("visit.show"), 303)


def _page(template: str, sheet: Sheet, **more: Any) -> str:
    return render_template(template, sheet=sheet, site=sheet.target.place.site, **more)
