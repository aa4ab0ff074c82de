"""A summary as the nurse uses it: on the screen, as a PDF, and printed when she says so."""

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.services import signatures, summaries, summary_mails, whole_life
from portal.web import documents
from portal.web.access import allow, records
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("clinic_summaries", __name__, url_prefix="/clinic/summaries")


@bp.get("/<uuid:summary_id>")
@allow(Role.NURSE)
@records
def show(summary_id: UUID) -> ResponseReturnValue:
    """Show the summary with its life so far."""
    summary, at = _get(summary_id), clock.now()
    page = documents.open_page(summary)
    life = whole_life.read(session(), summary)
    given = signatures.of_visit(session(), summary.visit_id)
    return render_template(
        "clinic/summary.html",
        page=page,
        life=life,
        given=given,
        unprintable=documents.is_unprintable(summary),
        mails=None if page.superseded_by else summary_mails.find_state(session(), summary, at=at),
        at=at,
    )


@bp.get("/<uuid:summary_id>.pdf")
@allow(Role.NURSE)
@records
def document(summary_id: UUID) -> ResponseReturnValue:
    """Open the PDF, to be printed."""
    return documents.open_document(_get(summary_id), back=url_for(".show", summary_id=summary_id))


@bp.post("/<uuid:summary_id>/printed")
@allow(Role.NURSE)
def printed(summary_id: UUID) -> ResponseReturnValue:
    """Note that she printed it: the machine cannot know."""
    summaries.printed(session(), _get(summary_id), by=current_staff().actor, at=clock.now())
    return redirect(url_for(".show", summary_id=summary_id), 303)


@bp.post("/<uuid:summary_id>/mail")
@allow(Role.NURSE)
def send_again(summary_id: UUID) -> ResponseReturnValue:
    """Have the mail that failed, or may not have arrived, sent to the investigators again; the page then says so."""
    summary_mails.send_again(session(), _get(summary_id), by=current_staff().actor, at=clock.now())
    return redirect(url_for(".show", summary_id=summary_id), 303)


def _get(summary_id: UUID) -> Summary:
    """Give a summary of her own sites; another site's is not there."""
    try:
        return summaries.get_for(session(), current_staff().sites_as(Role.NURSE), summary_id)
    except summaries.SummaryNotFoundError:
        abort(404)
