"""An answer's history: every value received for it, as shown, which one counts, and what was corrected."""

from uuid import UUID

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.domain.roles import Role
from portal.services import item_histories, summaries
from portal.web import documents
from portal.web.access import allow, records
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("item_history", __name__, url_prefix="/investigator/summaries")


@bp.get("/<uuid:summary_id>/items/<link_id>")
@allow(Role.INVESTIGATOR, Role.DATA_MANAGER)
@records
def show(summary_id: UUID, link_id: str) -> ResponseReturnValue:
    """Show what was received for one question; reading it is recorded."""
    reader = current_staff()
    sites = reader.sites_as(Role.INVESTIGATOR, Role.DATA_MANAGER)
    try:
        summary = summaries.get_for(session(), sites, summary_id)
        history = item_histories.read(session(), summary, link_id, by=reader.actor, at=clock.now())
    except (summaries.SummaryNotFoundError, item_histories.ItemNotFoundError):
        abort(404)
    leads_back = summary.visit.participant.site_id in reader.sites_as(Role.INVESTIGATOR)
    return render_template(
        "investigator/item_history.html", page=documents.page_of(summary), history=history, leads_back=leads_back
    )
