"""The front page: what this is, and the way in for each kind of person."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.config import Settings
from portal.web.access import public

bp = Blueprint("home", __name__)

DEMONSTRATION_START = "demonstration.start"


@bp.get("/")
@public("it says what the portal is and shows the doors, which are locked")
def show() -> ResponseReturnValue:
    """Show the ways in; a demonstration has a start page of its own."""
    settings: Settings = current_app.extensions["settings"]
    if settings.demonstration and DEMONSTRATION_START in current_app.view_functions:
        return redirect(url_for(DEMONSTRATION_START), 303)
    return render_template("anyone/home.html")
