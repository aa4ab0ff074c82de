"""Moving a visit: first what will change, then the move, with its reason."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.adapters.public_holidays import is_public_holiday
from portal.config import Settings
from portal.db.message import Channel
from portal.db.participant import Visit
from portal.domain.roles import Role
from portal.services import bounces, moving, participants, reaches, studies
from portal.services.contacts import Contacts
from portal.services.moving import Move, MoveRefusedError
from portal.web.access import allow
from portal.web.principals import current_staff
from portal.web.stores import contact_session, session

bp = Blueprint("schedule", __name__, url_prefix="/clinic/visits/<uuid:visit_id>/move")

FARTHEST = 366  # days between today and the new day: farther is a mistyped year
LONGEST_REASON = 500  # characters


@dataclass
class Wish:
    """The day and the reason as they were typed, and by field a code of what is wrong."""

    day: str
    reason: str = ""
    faults: dict[str, str] = field(default_factory=dict)


@bp.get("")
@allow(Role.NURSE)
def show(visit_id: UUID) -> ResponseReturnValue:
    """Ask for the new day and the reason."""
    visit = _get(visit_id)
    return _page(visit, Wish(visit.planned_on.isoformat()))


@bp.post("")
@allow(Role.NURSE)
def move(visit_id: UUID) -> ResponseReturnValue:
    """Tell what changes, and move only what was told: another day than the one shown is told first, too."""
    visit = _get(visit_id)
    wish = Wish(request.form.get("day", "").strip(), request.form.get("reason", "").strip()[:LONGEST_REASON])
    told = _foresee(visit, wish)
    if not wish.reason:
        wish.faults["reason"] = "no-reason"
    if told is None or wish.faults:
        return _page(visit, wish), 422
    if request.form.get("shown") != wish.day:
        return _page(visit, wish, told)
    moving.move(
        session(),
        visit,
        told.after.planned_on,
        reason=wish.reason,
        is_public_holiday=is_public_holiday,
        by=current_staff().actor,
        at=clock.now(),
    )
    return redirect(url_for("participants.show", participant_id=visit.participant_id), 303)


def _page(visit: Visit, wish: Wish, told: Move | None = None) -> str:
    place = studies.for_site(session(), visit.participant.site_id)
    return render_template("clinic/schedule_move.html", visit=visit, wish=wish, move=told, place=place)


def _foresee(visit: Visit, wish: Wish) -> Move | None:
    """Give what would change, or None with the fault noted."""
    settings: Settings = current_app.extensions["settings"]
    try:
        day = date.fromisoformat(wish.day)
    except ValueError:
        wish.faults["day"] = "missing"
        return None
    if abs((day - clock.now().date()).days) > FARTHEST:
        wish.faults["day"] = "far"
        return None
    place = studies.for_site(session(), visit.participant.site_id)
    kept = Contacts(contact_session(), settings.contact_key)
    bounced = bounces.find_standing(session(), visit.participant_id) is not None
    reach = reaches.of_participant(place, kept, visit.participant_id, mails_come_back=bounced)
    try:
        return moving.foresee_move(
            session(),
            visit,
            day,
            has_address=reach is not None,
            is_public_holiday=is_public_holiday,
            at=clock.now(),
            bounced=bounced and reach is not None and reach.channel is Channel.MAIL,
        )
    except MoveRefusedError as refusal:
        wish.faults["day"] = refusal.fault.value
        return None


def _get(visit_id: UUID) -> Visit:
    """Give a visit of the nurse's own sites; another site's is not there."""
    try:
        return participants.get_visit_for(session(), current_staff().sites_as(Role.NURSE), visit_id)
    except participants.VisitNotFoundError:
        abort(404)
