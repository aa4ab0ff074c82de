"""A participant's invitation sheet, printed by the browser, and a new one in place of one that was lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from markupsafe import Markup

from portal import clock
from portal.adapters.qr import svg_uri
from portal.config import Settings
from portal.db.door import AccessLink
from portal.domain.roles import Role
from portal.services import doors, invitations, participants
from portal.services.invitations import Invitation
from portal.services.letters import DOOR_PATH
from portal.web.access import allow, records
from portal.web.door_keys import door_keys
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("invitations", __name__, url_prefix="/clinic/participants/<uuid:participant_id>/invitation")


@bp.get("")
@allow(Role.NURSE)
@records
def show(participant_id: UUID) -> ResponseReturnValue:
    """Show the sheet in the patient's language; codes are on it, so that the look is recorded."""
    nurse = current_staff()
    with _refused():
        found, link = invitations.open_sheet(
            session(), nurse.sites_as(Role.NURSE), participant_id, door_keys(), by=nurse.actor, at=clock.now()
        )
    return render_template("clinic/invitation.html", invitation=found, sheet=write_sheet(found, link))


@bp.get("/new")
@allow(Role.NURSE)
def ask(participant_id: UUID) -> ResponseReturnValue:
    """Say what a new sheet puts an end to, before it does."""
    with _refused():
        found = invitations.find(session(), current_staff().sites_as(Role.NURSE), participant_id)
    if found.link is None:
        return redirect(url_for(".show", participant_id=participant_id), 303)  # there is nothing to replace
    phones = invitations.count_phones(session(), found.link)
    return render_template("clinic/invitation_again.html", invitation=found, phones=phones)


@bp.post("/new")
@allow(Role.NURSE)
def replace(participant_id: UUID) -> ResponseReturnValue:
    """End the door that the page spoke of, open a new one, and go straight to its sheet."""
    nurse = current_staff()
    with _refused():
        invitations.replace(
            session(),
            nurse.sites_as(Role.NURSE),
            participant_id,
            door_keys(),
            replaced_id=request.form.get("replaced", type=UUID),
            by=nurse.actor,
            at=clock.now(),
        )
    return redirect(url_for(".show", participant_id=participant_id), 303)


def write_sheet(found: Invitation, link: AccessLink) -> Markup:
    """Write the sheet itself, in the patient's language whatever the nurse reads."""
    settings: Settings = current_app.extensions["settings"]
    address = settings.base_url.rstrip("/")
    door = address + DOOR_PATH.format(token=doors.token(door_keys(), link))
    with force_locale(found.participant.language):
        return Markup(  # noqa: S704 - a template has escaped it
            render_template(
                "clinic/invitation_sheet.html",
                invitation=found,
                door=door,
                qr=svg_uri(door),
                code_address=address + url_for("door.code"),
                short_code=doors.short_code(door_keys(), link),
                personal_code=doors.personal_code(door_keys(), link),
            )
        )


@contextmanager
def _refused() -> Iterator[None]:
    """Another site's participant is not there; who has withdrawn is not asked in any more."""
    try:
        yield
    except participants.ParticipantNotFoundError:
        abort(404)
    except invitations.NotInvitedError:
        abort(make_response(render_template("clinic/not_invited.html"), 409))
