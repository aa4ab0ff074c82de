"""Scans of paper: added by the nurse, looked at by the site's staff; each look is recorded."""

import io
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.response import Response
from portal.domain.roles import Role
from portal.services import scans, studies
from portal.services.scans import ENDINGS, KeptAlreadyError, NoScanError, ScanNotFoundError
from portal.web.access import allow, records, takes
from portal.web.attachments import attach
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("scans", __name__, url_prefix="/staff")

WHO = (Role.NURSE, Role.INVESTIGATOR, Role.DATA_MANAGER)
_FORM = 64 * 1024  # bytes that the rest of the form may take


@bp.get("/responses/<uuid:response_id>/scans")
@allow(*WHO)
def show(response_id: UUID) -> ResponseReturnValue:
    """List the scans of a paper, and offer to add one."""
    return _page(_get(response_id, *WHO))


@bp.post("/responses/<uuid:response_id>/scans")
@allow(Role.NURSE)
@takes(scans.LARGEST + _FORM)
def keep(response_id: UUID) -> ResponseReturnValue:
    """Keep a file; what is no scan is told, and so is one that is there already."""
    response = _get(response_id, Role.NURSE)
    sent = request.files.get("scan")
    content = sent.read() if sent else b""
    if not content:
        return _page(response, "missing"), 422
    try:
        scans.keep(session(), response, content, by=current_staff().actor, at=clock.now())
    except NoScanError:
        return _page(response, "kind"), 422
    except KeptAlreadyError:
        return _page(response, "twice"), 422
    return redirect(url_for(".show", response_id=response_id), 303)


@bp.get("/scans/<uuid:attachment_id>")
@allow(*WHO)
@records
def download(attachment_id: UUID) -> ResponseReturnValue:
    """Hand a scan over, named by its id alone."""
    try:
        sites = current_staff().sites_as(*WHO)
        scan = scans.open_for(session(), sites, attachment_id, by=current_staff().actor, at=clock.now())
    except ScanNotFoundError:
        abort(404)
    return attach(io.BytesIO(scan.content), scan.mimetype, f"PREVISIT_{scan.id}.{ENDINGS[scan.mimetype]}")


def _get(response_id: UUID, *roles: Role) -> Response:
    """Give a response of the person's own sites; another site's is not there."""
    try:
        return scans.get_response_for(session(), current_staff().sites_as(*roles), response_id)
    except ScanNotFoundError:
        abort(404)


def _page(response: Response, fault: str = "") -> str:
    visit = response.assignment.visit
    place = studies.for_site(session(), visit.participant.site_id)
    return render_template(
        "staff/scans.html",
        response=response,
        visit=visit,
        place=place,
        scans=scans.list_of(session(), response.id),
        can_add=scans.can_hold(response) and place.site_id in current_staff().sites_as(Role.NURSE),
        fault=fault,
    )
