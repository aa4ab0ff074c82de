"""Where templates/ and translations/ lie: inside the installed package, or beside it in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def templates_folder() -> Path:
    """The folder of the Jinja templates."""
    return _folder("templates")


def translations_folder() -> Path:
    """The folder of the catalogs: `<locale>/LC_MESSAGES/messages.mo`."""
    return _folder("translations")


def _folder(name: str) -> Path:
    """The packaged folder, else the checkout's; FileNotFoundError names both places when neither is there."""
    places = [PACKAGE / name, PACKAGE.parent / name]
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name}/ is neither at {places[0]} nor at {places[1]}")
