"""The door for staff: address, password and code in one form, and the way out."""

import math
from collections.abc import Collection
from datetime import datetime

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import HTTPException

from portal import clock
from portal.domain.roles import Role
from portal.services import actor, staff
from portal.web import lent_session, staff_session
from portal.web.access import Access, any_staff, public
from portal.web.principals import current_staff, find_staff
from portal.web.stores import session

bp = Blueprint("staff", __name__, url_prefix="/staff")

bp.add_app_template_global(find_staff, "find_staff")  # the header of staff pages names who is signed in

HOMES = {
    Role.NURSE: "clinic.visits",
    Role.INVESTIGATOR: "investigator.list_all",
    Role.DATA_MANAGER: "queries.list_all",
}


@bp.app_template_global("now")
def now() -> datetime:
    """Give the instant at which a page is made: a list on paper says when it was read."""
    return clock.now()


@bp.get("/sign-in")
@public("the door itself: says nothing about who may come in")
def sign_in() -> ResponseReturnValue:
    """Show the form; whoever is signed in already goes on to her list."""
    known = find_staff()
    if known:
        return redirect(_homes(known.all_roles)[0], 303)
    return render_template("staff/sign_in.html", email="", refusal="")


@bp.post("/sign-in")
@public("the door itself: the same refusal for every reason, and a pause after wrong tries")
def try_sign_in() -> ResponseReturnValue:
    """Let the person in, to the page she asked for; or say, without a reason, that it did not open."""
    given = {name: request.form.get(name, "") for name in ("email", "password", "code")}
    at = clock.now()
    try:
        person = staff.sign_in(session(), **given, at=at, code_at=clock.machine_now())
    except staff.SignInPausedError as pause:
        minutes = math.ceil((pause.until - at).total_seconds() / 60)
        return _refuse(given["email"], _wait(minutes), 429)
    except staff.SignInRefusedError:
        text = _("This did not open. Check the address and the password, and take a new code from your app.")
        return _refuse(given["email"], text, 422)
    wanted = staff_session.take_wanted()
    if lent_session.is_begun():
        lent_session.end(by=actor.staff(person.id))
    staff_session.begin(person.id, person.language)
    roles = {each.role for each in person.roles}
    return redirect(wanted if _opens_to(wanted, roles) else _homes(roles)[0], 303)


@bp.post("/sign-out")
@any_staff
def sign_out() -> ResponseReturnValue:
    """End the session and say so in the trail."""
    staff.sign_out(session(), by=current_staff().actor, at=clock.now())
    staff_session.end()
    return redirect(url_for(".sign_in"), 303)


def _homes(roles: Collection[Role]) -> list[str]:
    """Give the address of each role's list; everyone who is added has a role."""
    return [url_for(HOMES[role]) for role in Role if role in roles]


def _opens_to(path: str, roles: set[Role]) -> bool:
    """Whether a page is there for somebody with these roles: it may have been asked for before a colleague left."""
    try:
        endpoint, _values = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    access: Access | None = getattr(current_app.view_functions[endpoint], "access", None)
    return access is not None and (access.any_staff or bool(access.roles & roles))


def _wait(minutes: int) -> str:
    text: str = ngettext(
        "Too many wrong tries. Wait one minute, then try again.",
        "Too many wrong tries. Wait %(num)s minutes, then try again.",
        minutes,
    )
    return text


def _refuse(email: str, refusal: str, status: int) -> ResponseReturnValue:
    return render_template("staff/sign_in.html", email=email, refusal=refusal), status
