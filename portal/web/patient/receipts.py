"""The receipt: when a questionnaire arrived, and under which number; on the page, and as a file to be kept."""

import io
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.services import sittings
from portal.services.sittings import Task, Today
from portal.web import stores
from portal.web.access import patients_only
from portal.web.patient import phone
from portal.web.patient.opening import open_sheet
from portal.web.patient.sheets import Sheet
from portal.web.principals import current_patient

bp = Blueprint("receipts", __name__, url_prefix="/answer/<uuid:assignment_id>/receipt")


@dataclass(frozen=True)
class Receipt:
    """What was sent, the day it is read on, and the visit's next questionnaire if one is still to be sent."""

    sheet: Sheet
    today: Today
    next_task: Task | None


@bp.get("")
@patients_only
def show(assignment_id: UUID) -> ResponseReturnValue:
    """Say when it was received and under which number; no score."""
    receipt = _load(assignment_id)
    return render_template("patient/receipt.html", **vars(receipt), site=receipt.today.place.site)


@bp.get("/keep")
@patients_only
def keep(assignment_id: UUID) -> ResponseReturnValue:
    """Give the receipt as one file that opens on any phone; the clinic's own device keeps nothing."""
    receipt = _load(assignment_id)
    if phone.is_handed_over():
        return redirect(url_for(".show", assignment_id=assignment_id), 303)
    page = render_template("patient/receipt_kept.html", **vars(receipt), site=receipt.today.place.site)
    name = f"previsit-{receipt.sheet.receipt_number}.html"
    response = send_file(io.BytesIO(page.encode()), "text/html", as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"  # send_file would let a shared computer keep it
    return response


def _load(assignment_id: UUID) -> Receipt:
    """Give the receipt of what was sent; what was not sent yet leads to its questions."""
    sheet = open_sheet(assignment_id)
    if not sheet.target.is_sent:
        abort(redirect(url_for("answering.show", assignment_id=assignment_id), 303))
    today = sittings.today(stores.session(), current_patient().participant_id, at=clock.now())
    sitting = today.sitting
    same_visit = sitting is not None and sitting.visit_id == sheet.target.visit_id
    return Receipt(sheet, today, sitting.next_task if sitting and same_visit else None)
