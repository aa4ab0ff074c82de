"""A participant's page, for her nurse."""

from uuid import UUID

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.adapters.public_holidays import is_public_holiday
from portal.db.message import Channel
from portal.db.participant import Participant
from portal.domain.roles import Role
from portal.services import bounces, contact_tests, participants, reaches, stops
from portal.web.access import allow
from portal.web.contact_store import open_contacts
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("participants", __name__, url_prefix="/clinic/participants")


@bp.get("/<uuid:participant_id>")
@allow(Role.NURSE)
def show(participant_id: UUID) -> ResponseReturnValue:
    """Show her number, state and language, her visits, what was sent, and what can be done."""
    page = participants.page_of(session(), get(participant_id), is_public_holiday=is_public_holiday, at=clock.now())
    bounced = bounces.find_standing(session(), participant_id)
    return render_template(
        "clinic/participant.html",
        page=page,
        known=open_contacts().known(participant_id),
        by_text=reaches.is_by_text(page.place, open_contacts(), participant_id, mails_come_back=bounced is not None),
        test=contact_tests.find_last(session(), participant_id),
        number_test=contact_tests.find_last(session(), participant_id, Channel.SMS),
        stop=stops.find_open(session(), participant_id),
        bounced=bounced,
    )


def get(participant_id: UUID) -> Participant:
    """Give a participant of the nurse's own sites; another site's is not there."""
    try:
        return participants.get_for(session(), current_staff().sites_as(Role.NURSE), participant_id)
    except participants.ParticipantNotFoundError:
        abort(404)
