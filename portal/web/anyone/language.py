"""The switch between French and English, on every page."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from portal.web import languages
from portal.web.access import public

bp = Blueprint("language", __name__)


@bp.post("/language")
@public("choosing a language tells nothing about anyone")
def choose() -> ResponseReturnValue:
    """Keep the chosen language and go back to where the person was (a path of this portal only)."""
    languages.choose(request.form.get("language", ""))
    back = request.form.get("back", "/")
    # "//host" and "/\host" would lead to another site
    if not back.startswith("/") or back.startswith(("//", "/\\")):
        back = "/"
    return redirect(back, 303)
