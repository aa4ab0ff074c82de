"""The entry for a WSGI server started from a checkout: `gunicorn wsgi:app`."""

from portal.serve import app

__all__ = ["app"]
