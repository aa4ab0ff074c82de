"""The site's own copy: everything kept of its patients, taken along by its staff whenever they wish."""

from collections.abc import Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from portal import clock
from portal.adapters import site_archives
from portal.domain.roles import Role
from portal.services import site_copies, studies
from portal.services.site_copies import LastCopy
from portal.services.studies import StudyAtSite
from portal.web.access import allow
from portal.web.attachments import attach
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.stores import recording, session, snapshot

bp = Blueprint("site_copies", __name__, url_prefix="/staff/site-copy")

_ROLES = (Role.NURSE, Role.INVESTIGATOR, Role.DATA_MANAGER)


@dataclass(frozen=True)
class OwnSite:
    """A site whose copy may be taken, and when that was last done."""

    place: StudyAtSite
    last: LastCopy | None


@bp.get("")
@allow(*_ROLES)
def show() -> ResponseReturnValue:
    """Say what a copy holds, and offer one for each of the reader's sites."""
    site_ids = current_staff().sites_as(*_ROLES)
    last = site_copies.last_copies(session(), site_ids)
    places = studies.some_sites(session(), site_ids)
    sites = [OwnSite(place, last.get(place.site_id)) for place in places]
    return render_template("staff/site_copy.html", sites=sites)


@bp.get("/<uuid:site_id>")
@allow(*_ROLES)
def download(site_id: UUID) -> ResponseReturnValue:
    """Make the copy of one of the reader's sites and hand it over; another site's is not there.

    It is read in one state of the store, which holds nobody up; that it left is recorded once it is whole.
    """
    if site_id not in current_staff().sites_as(*_ROLES):
        abort(404)
    place, at = studies.for_site(session(), site_id), clock.now()
    out = TemporaryFile()  # noqa: SIM115 - the answer closes it, once it was sent
    try:
        with snapshot() as reading:
            written = site_archives.write(out, reading, place, language=current_language(), at=at, words=_in_words)
        with recording() as unit:
            site_copies.copied(unit, site_id, written.told(), by=current_staff().actor, at=at)
    except BaseException:
        out.close()
        raise
    return attach(out, "application/zip", site_archives.file_name(place, at))


def _in_words(language: str, values: Mapping[str, Any]) -> str:
    """Fill in the text with the templates of the pages: others would stay in the web worker's memory."""
    with force_locale(language):
        return render_template(site_archives.README, **values)
