"""The phone that a participant holds: its long-lived cookie, and the session that it starts."""

from datetime import timedelta
from uuid import UUID

from flask import Response, current_app, request, session

from portal.config import Settings
from portal.db.door import Device
from portal.services import doors
from portal.web import lent_session, stores
from portal.web.languages import choose

COOKIE = lent_session.PHONE_COOKIE
REMEMBERED = timedelta(days=400)  # browsers keep no cookie for longer


def find() -> Device | None:
    """Give the remembered phone that asks, by its cookie; on a lent device nobody is remembered."""
    cookie = None if is_handed_over() else request.cookies.get(COOKIE)
    return doors.find_device(stores.session(), cookie) if cookie else None


def is_handed_over() -> bool:
    """Whether this is the clinic's own device, lent to one participant."""
    return lent_session.find() is not None


def begin(device: Device, language: str) -> None:
    """Start a session of its own for a phone: nothing survives of what the browser held before but a chosen language.

    Whoever of the staff was signed in on it is signed in no more. The forms that lie open in this phone's other tabs
    stay good: opening the link once more must not cost what was filled in there.
    """
    chosen = session.get("language", language)
    token = session.get("csrf_token") if session.get("device") == str(device.id) else None
    session.clear()
    if token:
        session["csrf_token"] = token
    session.permanent = True
    session["device"] = str(device.id)
    choose(chosen)


def end() -> None:
    """Forget who holds the phone; the language stays."""
    chosen = session.get("language", "")
    session.clear()
    choose(chosen)


def remember(response: Response, cookie: str) -> None:
    """Have the phone keep its secret, out of reach of scripts and of other sites."""
    settings: Settings = current_app.extensions["settings"]
    response.set_cookie(
        COOKIE, cookie, max_age=REMEMBERED, secure=settings.secure_cookies, httponly=True, samesite="Lax"
    )


def forget(response: Response) -> None:
    """Have the phone drop its secret, and all that its pages kept."""
    response.delete_cookie(COOKIE)
    response.headers["Clear-Site-Data"] = '"storage"'


def wait_at(door_id: UUID) -> None:
    """Keep in mind before which door the person stands, until she gives the code; a lent device has one door only."""
    if not is_handed_over():
        session["door"] = str(door_id)


def waiting_at() -> UUID | None:
    """Give the door before which the person stands."""
    door = session.get("door")
    return UUID(door) if door else None
