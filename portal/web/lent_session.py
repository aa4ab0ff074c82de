"""The clinic's own device while it is lent to one participant: until it is given back, or half an hour without a deed.

Its session holds who lent it to whom, and nothing of what the browser held before.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import Response, session

from portal import clock
from portal.db.door import Device
from portal.services import actor, doors
from portal.services.actor import Actor
from portal.web import stores
from portal.web.languages import choose

PHONE_COOKIE = "previsit_phone"
"""The cookie of a remembered phone, which a lent device must not be."""

INACTIVITY = timedelta(minutes=30)
_TOUCH_SECONDS = 60  # the cookie is written again at most this often


@dataclass(frozen=True)
class Lent:
    """To which participant the device is lent, and by whom of the staff."""

    participant_id: UUID
    staff_id: UUID


def begin(participant_id: UUID, staff_id: UUID, language: str) -> None:
    """Start a session of its own, in the participant's language; it ends with the browser."""
    session.clear()
    session.permanent = False
    session["handed_over"] = True
    session["lent_to"] = str(participant_id)
    session["lent_by"] = str(staff_id)
    session["lent_active_at"] = _seconds()
    choose(language)


def find() -> Lent | None:
    """Give to whom this device is lent, or None; asking counts as a deed, and ends what has lasted too long."""
    if not is_begun():
        return None
    idle = abs(_seconds() - session["lent_active_at"])  # a demonstration's clock may also go back
    if idle >= INACTIVITY.total_seconds():
        session.clear()
        return None
    if idle >= _TOUCH_SECONDS:
        session["lent_active_at"] = _seconds()
    return Lent(UUID(session["lent_to"]), UUID(session["lent_by"]))


def is_begun() -> bool:
    """Whether the device was lent and not given back, be it too long ago."""
    return "handed_over" in session


def enter(device: Device) -> None:
    """Let the participant in, now that her short code was typed."""
    session["device"] = str(device.id)


def end(*, by: Actor | None = None) -> None:
    """Take the device back: it is forgotten, and so is everything that the session held.

    `by` is None when the participant gave it back herself, be it too late.
    """
    device_id = session.get("device")
    if device_id is not None:
        device = stores.session().get_one(Device, UUID(device_id))
        giver = by or actor.patient(UUID(session["lent_to"]))
        doors.forget_device(stores.session(), device, by=giver, at=clock.now())
    session.clear()


def empty_browser(response: Response) -> None:
    """Have the browser drop what earlier pages left with it, and the pages that it keeps for its Back button."""
    response.delete_cookie(PHONE_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def empty_browser_of_everything(response: Response) -> None:
    """Have the browser drop everything, cookies too."""
    empty_browser(response)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'


def _seconds() -> int:
    return int(clock.now().timestamp())
