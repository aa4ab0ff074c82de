"""Reaching a patient about a visit: her telephone and what came of the call, or the current message once more."""

from uuid import UUID

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.config import Settings
from portal.db.participant import Visit
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import audit, participants, resent_messages, studies, telephone_calls
from portal.services.contacts import Contacts
from portal.services.telephone_calls import CallOutcome
from portal.web.access import allow, records
from portal.web.principals import current_staff
from portal.web.stores import contact_session, session

bp = Blueprint("reaching", __name__, url_prefix="/clinic/visits/<uuid:visit_id>/reach")


@bp.get("")
@allow(Role.NURSE)
@records
def show(visit_id: UUID) -> ResponseReturnValue:
    """Show the number to ring, the outcomes to tap and the message to send; that the number was read is recorded."""
    visit, at = _get(visit_id), clock.now()
    telephone = _contacts().find(visit.participant_id).telephone
    if telephone:
        event = audit.Event(
            deed=Deed.CONTACT_READ,
            subject_kind="contact",
            subject_id=visit.participant_id,
            participant_id=visit.participant_id,
            field="telephone",
        )
        audit.record(session(), event, by=current_staff().actor, at=at)
    return render_template(
        "clinic/reach.html",
        visit=visit,
        place=studies.for_site(session(), visit.participant.site_id),
        telephone=telephone,
        last_call=telephone_calls.last_by_visit(session(), [visit_id]).get(visit_id),
        offer=resent_messages.offer(session(), visit, _contacts(), at=at),
        at=at,
    )


@bp.post("/call")
@allow(Role.NURSE)
def call(visit_id: UUID) -> ResponseReturnValue:
    """Note what came of a call; an outcome that is none is refused."""
    visit, outcome = _get(visit_id), request.form.get("outcome", type=CallOutcome)
    if outcome is None:
        abort(400)
    telephone_calls.note(session(), visit, outcome, by=current_staff().actor, at=clock.now())
    return redirect(url_for(".show", visit_id=visit_id), 303)


@bp.post("/message")
@allow(Role.NURSE)
def send_again(visit_id: UUID) -> ResponseReturnValue:
    """Have the current message sent once more; the page then says what became of it, or why it may not go."""
    visit, edition = _get(visit_id), request.form.get("edition", 0, int)
    resent_messages.send_again(session(), visit, _contacts(), edition=edition, by=current_staff().actor, at=clock.now())
    return redirect(url_for(".show", visit_id=visit_id), 303)


def _get(visit_id: UUID) -> Visit:
    """Give a visit of the nurse's own sites; another site's is not there."""
    try:
        return participants.get_visit_for(session(), current_staff().sites_as(Role.NURSE), visit_id)
    except participants.VisitNotFoundError:
        abort(404)


def _contacts() -> Contacts:
    settings: Settings = current_app.extensions["settings"]
    return Contacts(contact_session(), settings.contact_key)
