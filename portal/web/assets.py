"""Static files under an address that changes with their content, so that a phone may keep them for ever."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

_YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Add `asset(name)` to templates, and let what it points to be cached."""
    folder = Path(app.static_folder or "")

    @cache
    def digest(name: str) -> str:
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:10]

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=digest(name))

    app.jinja_env.globals["asset"] = asset
    app.after_request(_cache_for_ever)


def _cache_for_ever(response: Response) -> Response:
    if request.endpoint == "static" and "v" in request.args:
        response.cache_control.public = True
        response.cache_control.max_age = _YEAR
        response.cache_control.immutable = True
        response.cache_control.no_cache = None
    return response
