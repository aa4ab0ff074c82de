"""The switch between French and English, on every page."""

import re

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from portal.web import languages
from portal.web.access import public

bp = Blueprint("language", __name__)

# "//host" and "/\host" would lead to another site; so would "/<tab>/host", since browsers drop tabs and line ends.
_OWN_PATH = re.compile(r"/(?![/\\])[^\s\x00-\x1f\\]*")


@bp.post("/language")
@public("choosing a language tells nothing about anyone")
def choose() -> ResponseReturnValue:
    """Keep the chosen language and go back to where the person was (a path of this portal only)."""
    languages.choose(request.form.get("language", ""))
    back = request.form.get("back", "/")
    return redirect(back if _OWN_PATH.fullmatch(back) else "/", 303)
