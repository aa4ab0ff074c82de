"""Answering: the questionnaire, the look back over it, and sending."""

import secrets
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.services import answering, completing
from portal.services.answering import RefusedAnswersError
from portal.web import stores
from portal.web.access import patients_only
from portal.web.patient import plain_form
from portal.web.patient.opening import open_sheet
from portal.web.patient.plain_form import Posted
from portal.web.patient.sheets import Sheet
from portal.web.principals import current_patient

bp = Blueprint("answering", __name__, url_prefix="/answer/<uuid:assignment_id>")


@bp.get("")
@patients_only
def show(assignment_id: UUID) -> ResponseReturnValue:
    """Show the whole questionnaire in one document; a script shows one question at a time."""
    sheet = open_sheet(assignment_id)
    return _elsewhere(sheet) or _form(sheet)


@bp.post("")
@patients_only
def save(assignment_id: UUID) -> ResponseReturnValue:
    """Save the long form (without JavaScript), and go on to the look back."""
    sheet = open_sheet(assignment_id)
    if sheet.today < sheet.target.window.opens_on:
        return redirect(url_for("visit.show"), 303)
    posted = plain_form.read(sheet, request.form)
    at, patient = clock.now(), current_patient()
    shown = plain_form.shown(stores.session(), sheet, request.form)
    given = plain_form.answers(sheet, posted, shown, at=at)
    if given:
        try:
            answering.save(
                stores.session(),
                patient.participant_id,
                assignment_id,
                given,
                seen=shown.seen,
                by=patient.actor,
                at=at,
            )
        except RefusedAnswersError:
            abort(400)  # a browser's form offers only what an item takes: this one was tampered with
    if not sheet.is_open:
        return _page("patient/late.html", sheet)
    if posted.faults:
        return _form(open_sheet(assignment_id), posted), 422
    return redirect(url_for(".review", assignment_id=assignment_id), 303)


@bp.get("/late")
@patients_only
def late(assignment_id: UUID) -> ResponseReturnValue:
    """Say kindly what becomes of answers that came after sending, or after the last day."""
    sheet = open_sheet(assignment_id)
    if sheet.target.is_sent or sheet.today > sheet.target.window.closes_on:
        return _page("patient/late.html", sheet)
    return redirect(url_for(".show", assignment_id=assignment_id), 303)


@bp.get("/review")
@patients_only
def review(assignment_id: UUID) -> ResponseReturnValue:
    """Show each question with its answer before it is sent (without JavaScript)."""
    sheet = open_sheet(assignment_id)
    return _elsewhere(sheet) or _page("patient/review.html", sheet)


@bp.post("/send")
@patients_only
def send(assignment_id: UUID) -> ResponseReturnValue:
    """Send: the response is locked from here on."""
    sheet = open_sheet(assignment_id)
    if sheet.is_open:
        patient = current_patient()
        completing.complete(
            stores.session(),
            patient.participant_id,
            assignment_id,
            [],
            filled_in_by=plain_form.filled_in_by(request.form),
            by=patient.actor,
            at=clock.now(),
        )
    return redirect(url_for("receipts.show", assignment_id=assignment_id), 303)


def _elsewhere(sheet: Sheet) -> ResponseReturnValue | None:
    """Lead on from a questionnaire that was sent, has closed or is not open yet."""
    if sheet.target.is_sent:
        return redirect(url_for("receipts.show", assignment_id=sheet.target.assignment_id), 303)
    return None if sheet.is_open else redirect(url_for("visit.show"), 303)


def _form(sheet: Sheet, posted: Posted | None = None) -> str:
    # the page has a random name: what comes back from it is then told from what other pages said meanwhile
    return _page("patient/questionnaire.html", sheet, posted=posted, page_id=secrets.token_hex(6))


def _page(template: str, sheet: Sheet, **more: Any) -> str:
    return render_template(template, sheet=sheet, site=sheet.target.place.site, **more)
