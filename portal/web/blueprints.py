"""Every blueprint of the portal, in one list."""

from flask import Blueprint, Flask

from portal.config import Settings
from portal.web.anyone import language

EVERYWHERE: tuple[Blueprint, ...] = (language.bp,)
DEMONSTRATION_ONLY: tuple[Blueprint, ...] = ()


def register(app: Flask, settings: Settings) -> None:
    """Add each kind of person's pages; the demonstration's only in a demonstration."""
    for blueprint in EVERYWHERE:
        app.register_blueprint(blueprint)
    if settings.demonstration:
        for blueprint in DEMONSTRATION_ONLY:
            app.register_blueprint(blueprint)
