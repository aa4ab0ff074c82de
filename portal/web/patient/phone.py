"""The phone that a participant holds: its long-lived cookie, and the session that it starts."""

from datetime import timedelta
from uuid import UUID

from flask import Response, current_app, request, session

from portal.config import Settings
from portal.db.door import Device
from portal.services import doors
from portal.services.doors import DoorKeys
from portal.web import stores
from portal.web.languages import choose

COOKIE = "previsit_phone"
REMEMBERED = timedelta(days=400)  # browsers keep no cookie for longer


def keys() -> DoorKeys:
    """Give the keys of this portal's doors."""
    settings: Settings = current_app.extensions["settings"]
    return DoorKeys(settings.secret_key)


def find() -> Device | None:
    """Give the remembered phone that asks, by its cookie."""
    cookie = request.cookies.get(COOKIE)
    return doors.find_device(stores.session(), cookie) if cookie else None


def begin(device: Device, language: str) -> None:
    """Start a session of its own for a phone: nothing survives of what the browser held before but a chosen language.

    Whoever of the staff was signed in on it is signed in no more.
    """
    chosen = session.get("language", language)
    session.clear()
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
    """Have the phone drop its secret."""
    response.delete_cookie(COOKIE)


def wait_at(door_id: UUID) -> None:
    """Keep in mind before which door the person stands, until she gives the code."""
    session["door"] = str(door_id)


def waiting_at() -> UUID | None:
    """Give the door before which the person stands."""
    door = session.get("door")
    return UUID(door) if door else None
