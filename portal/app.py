"""Where all floors meet: makes the web application from its settings."""

from flask import Flask
from flask_compress import Compress
from flask_wtf import CSRFProtect

from portal import clock
from portal.config import Settings
from portal.resources import templates_folder
from portal.web import access, assets, blueprints, errors, headers, languages, stores

_LARGEST_REQUEST = 1024 * 1024  # bytes; a whole questionnaire with every answer is under 40 kB
_A_YEAR = 365 * 24 * 3600  # seconds


def create_app(settings: Settings) -> Flask:
    """Make the portal.

    Raises StoreNotCurrentError, StoreNotDurableError or NotForLiveError when its stores are not fit.
    """
    clock.set_shift(settings.clock_shift)
    app = errors.Portal("portal", template_folder=str(templates_folder()), static_folder=None)  # served by assets.py
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=_LARGEST_REQUEST,
        SESSION_COOKIE_NAME="previsit",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=_A_YEAR,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a phone may lie open for hours between two answers
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_BR_WINDOW=16,  # hardly a page is longer than its 64 KB, and a wider one takes memory all the same
    )
    app.extensions["settings"] = settings
    # Werkzeug would mend an address by sending the browser to whatever host the request named.
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    stores.init_app(app, settings)
    access.init_app(app)
    CSRFProtect(app)
    languages.init_app(app)
    assets.init_app(app)
    headers.init_app(app)
    errors.init_app(app)
    Compress(app)
    blueprints.register(app, settings)
    return app
