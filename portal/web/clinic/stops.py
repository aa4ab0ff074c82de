"""A patient's wish for no messages, lifted by her nurse when the patient says so."""

from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.domain.roles import Role
from portal.services import stops
from portal.web.access import allow
from portal.web.clinic.participants import get
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("stops", __name__, url_prefix="/clinic/participants/<uuid:participant_id>/stop")


@bp.post("/lift")
@allow(Role.NURSE)
def lift(participant_id: UUID) -> ResponseReturnValue:
    """Write to her again; what is lifted already stays so."""
    stops.lift(session(), get(participant_id), by=current_staff().actor, at=clock.now())
    return redirect(url_for("participants.show", participant_id=participant_id), 303)
