"""What every answer tells the browser: nothing from third parties, nothing framed, nothing kept in caches."""

from flask import Flask, Response, current_app, request

from portal.config import Settings

# Short, for it comes before the first question: what is not named here is as `default-src` says.
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def init_app(app: Flask) -> None:
    """Add the headers to every response."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if request.endpoint == "static":
        return response  # the rest is about pages; on styles and scripts it would be 1 KB before the first question
    headers.setdefault("Content-Security-Policy", _POLICY)
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    headers.setdefault("Cache-Control", "no-store")
    settings: Settings = current_app.extensions["settings"]
    if settings.secure_cookies:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
