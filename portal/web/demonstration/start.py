"""The start page of a demonstration: the doors for each kind of person, for someone who only has a browser."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyotp
from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.config import Settings
from portal.services import studies
from portal.web.access import public
from portal.web.stores import session

bp = Blueprint("demonstration", __name__)


@bp.get("/demonstration")
@public("a demonstration holds invented people only")
def start() -> ResponseReturnValue:
    """Show every patient's link and code, and every sign-in with the code of this moment."""
    settings: Settings = current_app.extensions["settings"]
    assert settings.demonstration is not None
    doors = _read(settings.demonstration)
    for person in doors["staff"]:
        # Authenticator apps go by the real time, whatever the demonstration's clock says.
        person["totp_now"] = pyotp.TOTP(person["totp_secret"]).at(clock.machine_now())
    for person in doors["participants"]:
        person["visit_on"] = date.fromisoformat(person["visit_on"])
    return render_template("demonstration/start.html", doors=doors, now=clock.now(), zone=_zone())


def _zone() -> ZoneInfo:
    return studies.list_sites(session())[0].site.zone


def _read(path: Path) -> dict[str, Any]:
    doors: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return doors
