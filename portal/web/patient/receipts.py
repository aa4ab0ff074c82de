"""The receipt: when a questionnaire arrived, and under which number."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.services import sittings
from portal.web import stores
from portal.web.access import patients_only
from portal.web.patient.opening import open_sheet
from portal.web.principals import current_patient

bp = Blueprint("receipts", __name__, url_prefix="/answer/<uuid:assignment_id>/receipt")


@bp.get("")
@patients_only
def show(assignment_id: UUID) -> ResponseReturnValue:
    """Say when it was received and under which number; no score."""
    sheet = open_sheet(assignment_id)
    if not sheet.target.is_sent:
        return redirect(url_for("answering.show", assignment_id=assignment_id), 303)
    today = sittings.today(stores.session(), current_patient().participant_id, at=clock.now())
    sitting = today.sitting
    same_visit = sitting is not None and sitting.visit_id == sheet.target.visit_id
    return render_template(
        "patient/receipt.html",
        sheet=sheet,
        site=sheet.target.place.site,
        today=today,
        next_task=sitting.next_task if sitting and same_visit else None,
    )
