"""Handing the clinic's own device over to one patient: what will happen is said first, then the nurse is signed out."""

from uuid import UUID

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.domain.roles import Role
from portal.services import doors, hand_over, staff
from portal.services.hand_over import HandOver
from portal.web import lent_session
from portal.web.access import allow, records
from portal.web.door_keys import door_keys
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("hand_over", __name__, url_prefix="/clinic/visits/<uuid:visit_id>/hand-over")


@bp.get("")
@allow(Role.NURSE)
@records
def show(visit_id: UUID) -> ResponseReturnValue:
    """Say to whom the device goes, with which code she opens it, and what happens next."""
    prepared = _prepare(visit_id)
    return render_template(
        "clinic/hand_over.html", handed_over=prepared, short_code=doors.short_code(door_keys(), prepared.link)
    )


@bp.post("")
@allow(Role.NURSE)
def begin(visit_id: UUID) -> ResponseReturnValue:
    """Sign the nurse out for good; what is left on the device waits for the patient's short code."""
    prepared, nurse, at = _prepare(visit_id), current_staff(), clock.now()
    hand_over.note(session(), prepared, by=nurse.actor, at=at)
    staff.sign_out(session(), by=nurse.actor, at=at)
    lent_session.begin(prepared.participant.id, nurse.id, prepared.participant.language)
    response = make_response(redirect(url_for("door.code"), 303))
    lent_session.empty_browser(response)
    return response


def _prepare(visit_id: UUID) -> HandOver:
    """Give what is handed over; another site's visit is not there, and one that asks nothing today is not lent for."""
    sites = current_staff().sites_as(Role.NURSE)
    try:
        return hand_over.prepare(session(), sites, visit_id, door_keys(), by=current_staff().actor, at=clock.now())
    except hand_over.VisitNotFoundError:
        abort(404)
    except hand_over.NothingToAnswerError:
        abort(make_response(render_template("clinic/nothing_to_hand_over.html"), 409))
