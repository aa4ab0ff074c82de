"""Wishes for a correction, for the nurse: what patients and queries ask for, to be corrected or declined."""

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.domain.roles import Role
from portal.services import correction_requests, studies
from portal.web import list_choices
from portal.web.access import allow
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("correction_requests", __name__, url_prefix="/staff/correction-requests")


@bp.get("")
@allow(Role.NURSE)
def list_all() -> ResponseReturnValue:
    """List what waits at her sites, or with `?state=settled` what was settled."""
    return _page()


@bp.post("/<uuid:request_id>/decline")
@allow(Role.NURSE)
def decline(request_id: UUID) -> ResponseReturnValue:
    """Settle a wish without a correction, for a reason; one that was settled already stays as it was."""
    try:
        wish = correction_requests.get_for(session(), current_staff().sites_as(Role.NURSE), request_id)
    except correction_requests.RequestNotFoundError:
        abort(404)
    reason = request.form.get("reason", "").strip()
    try:
        correction_requests.decline(session(), wish, reason, by=current_staff().actor, at=clock.now())
    except correction_requests.NothingSaidError:
        return _page(at_fault=request_id), 422
    except correction_requests.SettledAlreadyError:
        return redirect(url_for(".list_all", state="settled"), 303)
    return redirect(url_for(".list_all"), 303)


@bp.app_template_global("wishes_waiting")
def wishes_waiting() -> int:
    """Count what waits for her, for the header."""
    return correction_requests.count_open(session(), current_staff().sites_as(Role.NURSE))


def _page(at_fault: UUID | None = None) -> str:
    site_ids = current_staff().sites_as(Role.NURSE)
    chosen, sites = list_choices.site(site_ids)
    listed = correction_requests.list_requests(
        session(),
        sites,
        settled=request.args.get("state") == "settled",
        page=list_choices.page(),
        size=correction_requests.WHOLE if list_choices.is_whole() else correction_requests.PAGE,
    )
    places = studies.some_sites(session(), site_ids)
    return render_template(
        "staff/correction_requests.html", listed=listed, at_fault=at_fault, chosen=chosen, places=places
    )
