"""What a phone is told that puts the portal on its home screen: a name in the person's language, icons, colours."""

import re
from functools import cache

from flask import Blueprint, Response, current_app, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.web import assets
from portal.web.access import public

bp = Blueprint("installing", __name__)

ICONS = (
    ("icon.svg", "any", "any"),
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-512-masked.png", "512x512", "maskable"),
)
"""File, size in pixels, and what it is for, in the manifest's words."""
_KIND = {"svg": "image/svg+xml", "png": "image/png"}
_A_DAY = "public, max-age=86400"


@bp.app_context_processor
def _grounds() -> dict[str, object]:
    return {"grounds": grounds}


@cache
def grounds() -> tuple[str, str]:
    """Give the colour of the paper by day and in the dark, as tokens.css has it."""
    light, dark = re.findall(r"--paper: (#[0-9a-f]+);", (assets.FOLDER / "tokens.css").read_text("utf-8"))
    return light, dark


@bp.get("/manifest/<any(fr, en):language>.webmanifest")
@public("a name, icons and colours, the same for everyone")
def manifest(language: str) -> Response:
    """Describe the portal as an app whose first page is the patient's own."""
    with force_locale(language):
        name, about = _("Previsit"), _("Questionnaires before your visit")
    described = {
        "id": url_for("visit.show"),
        "name": name,
        "short_name": name,
        "description": about,
        "lang": language,
        "dir": "ltr",
        "start_url": url_for("visit.show"),
        "scope": "/",
        "display": "standalone",
        "background_color": grounds()[0],
        "theme_color": grounds()[0],
        "icons": [
            {
                "src": url_for("static", name=file, v=assets.digest(file)),
                "sizes": sizes,
                "type": _KIND[file.rpartition(".")[2]],
                "purpose": purpose,
            }
            for file, sizes, purpose in ICONS
        ],
    }
    body = current_app.json.dumps(described)
    return Response(body, mimetype="application/manifest+json", headers={"Cache-Control": _A_DAY})
