"""The investigator's two minutes: the list of what waits, the summary, and the word that it was seen."""

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.services import summaries, summary_life, summary_lists
from portal.services.summary_lists import Shown
from portal.web import documents
from portal.web.access import allow, records
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("investigator", __name__, url_prefix="/investigator")


@bp.get("/")
@allow(Role.INVESTIGATOR)
@records
def list_all() -> ResponseReturnValue:
    """List the summaries of the sites, those nobody has seen first; reading what stands out in them is recorded."""
    wanted = request.args.get("shown", "")
    listed = summary_lists.list_summaries(
        session(),
        current_staff().sites_as(Role.INVESTIGATOR),
        shown=Shown(wanted) if wanted in list(Shown) else Shown.WAITING,
        page=max(1, request.args.get("page", 1, int)),
        language=current_language(),
        at=clock.now(),
    )
    read = [row.summary_id for row in listed.rows]
    summary_life.listed(session(), read, by=current_staff().actor, at=clock.now())
    return render_template("investigator/summaries.html", listed=listed)


@bp.get("/summaries/<uuid:summary_id>")
@allow(Role.INVESTIGATOR)
@records
def show(summary_id: UUID) -> ResponseReturnValue:
    """Show the summary, who has seen it, and the ones before and after it."""
    summary = _get(summary_id)
    site_ids = current_staff().sites_as(Role.INVESTIGATOR)
    return render_template(
        "investigator/summary.html",
        page=documents.open_page(summary),
        life=summaries.life(session(), [summary_id])[summary_id],
        neighbours=summary_lists.neighbours(session(), site_ids, summary),
    )


@bp.get("/summaries/<uuid:summary_id>.pdf")
@allow(Role.INVESTIGATOR)
@records
def document(summary_id: UUID) -> ResponseReturnValue:
    """Open the PDF."""
    return documents.open_document(_get(summary_id), back=url_for(".show", summary_id=summary_id))


@bp.post("/summaries/<uuid:summary_id>/seen")
@allow(Role.INVESTIGATOR)
def seen(summary_id: UUID) -> ResponseReturnValue:
    """Note that this investigator has seen it, with name and time."""
    summaries.seen(session(), _get(summary_id), by=current_staff().actor, at=clock.now())
    return redirect(url_for(".show", summary_id=summary_id), 303)


def _get(summary_id: UUID) -> Summary:
    """Give a summary of the investigator's own sites; another site's is not there."""
    try:
        return summaries.get_for(session(), current_staff().sites_as(Role.INVESTIGATOR), summary_id)
    except summaries.SummaryNotFoundError:
        abort(404)
