"""The keys of this portal's doors, from its settings."""

from flask import current_app

from portal.config import Settings
from portal.services.doors import DoorKeys


def door_keys() -> DoorKeys:
    """Give what every door's codes are derived from."""
    settings: Settings = current_app.extensions["settings"]
    return DoorKeys(settings.secret_key)
