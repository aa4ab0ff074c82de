"""How long a member of staff stays signed in: begun anew at each sign-in, over after half an hour without a deed."""

from datetime import timedelta
from uuid import UUID

from flask import session

from portal import clock
from portal.web.languages import choose

SIGN_IN = "staff.sign_in"
INACTIVITY = timedelta(minutes=30)
_TOUCH_SECONDS = 60  # the cookie is written again at most this often


def begin(staff_id: UUID, language: str) -> None:
    """Start a session of its own: nothing that the browser brought along survives but the language it chose.

    `language` is used where the person has chosen none.
    """
    chosen = session.get("language", language)
    session.clear()
    choose(chosen)
    session["staff"] = str(staff_id)
    session["staff_active_at"] = _seconds()


def end() -> None:
    """Forget who was signed in; the language stays."""
    chosen = session.get("language", "")
    session.clear()
    choose(chosen)


def find_staff_id() -> UUID | None:
    """Give who is signed in, or None; asking counts as activity."""
    staff_id = session.get("staff")
    if staff_id is None:
        return None
    idle = abs(_seconds() - session.get("staff_active_at", 0))  # a demonstration's clock may also go back
    if idle > INACTIVITY.total_seconds():
        end()
        return None
    if idle >= _TOUCH_SECONDS:
        session["staff_active_at"] = _seconds()
    return UUID(staff_id)


def keep_wanted(path: str) -> None:
    """Remember the page that was asked for, to be opened after signing in."""
    session["wanted"] = path


def take_wanted() -> str:
    """Give the page that was asked for before signing in, once; empty when there was none."""
    return str(session.pop("wanted", ""))


def _seconds() -> int:
    return int(clock.now().timestamp())
