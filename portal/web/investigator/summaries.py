"""The investigator's two minutes: the list of what waits, and the summary, to be read and signed."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.services import reading_order, signatures, studies, summaries, summary_life, summary_lists, whole_life
from portal.web import documents, list_choices
from portal.web.access import allow, records
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("investigator", __name__, url_prefix="/investigator")

AMONG = ("waiting",)  # `?among=`: whose neighbours are gone through


@bp.get("/")
@allow(Role.INVESTIGATOR)
@records
def list_all() -> ResponseReturnValue:
    """List the summaries of the sites, those nobody has seen first; reading what stands out in them is recorded."""
    site_ids = current_staff().sites_as(Role.INVESTIGATOR)
    choice, asked = list_choices.summaries(site_ids)
    listed = summary_lists.list_summaries(
        session(),
        site_ids,
        choice=choice,
        page=list_choices.page(),
        size=summary_lists.WHOLE if list_choices.is_whole() else None,
        language=current_language(),
        at=clock.now(),
    )
    read = [row.summary_id for row in listed.rows]
    summary_life.listed(session(), read, by=current_staff().actor, at=clock.now())
    return render_template("investigator/summaries.html", listed=listed, asked=asked), asked.status


@bp.get("/summaries/<uuid:summary_id>")
@allow(Role.INVESTIGATOR)
@records
def show(summary_id: UUID) -> ResponseReturnValue:
    """Show the summary, who has signed it, and the ones before and after it."""
    return reading_page(get(summary_id))


@bp.get("/summaries/<uuid:summary_id>.pdf")
@allow(Role.INVESTIGATOR)
@records
def document(summary_id: UUID) -> ResponseReturnValue:
    """Open the PDF."""
    return documents.open_document(get(summary_id), back=url_for(".show", summary_id=summary_id))


def reading_page(summary: Summary, form: object = None) -> str:
    """Give the page that is read and signed, and record that it was opened; `form` is a signing that was refused.

    The neighbours are those that wait when this one waits, or when it was come to from one that did (`?among=waiting`).
    """
    at, reader = clock.now(), current_staff()
    site_ids = reader.sites_as(Role.INVESTIGATOR)
    waits = reading_order.waits(session(), summary)
    waiting = waits or request.args.get("among") == "waiting"
    today = min(place.today(at) for place in studies.some_sites(session(), site_ids))
    given = signatures.of_visit(session(), summary.visit_id)
    own = any(each.summary_id == summary.id and each.signed_by == reader.id for each in given)
    page = documents.open_page(summary)
    return render_template(
        "investigator/summary.html",
        page=page,
        life=whole_life.read(session(), summary),
        given=given,
        can_sign=page.is_current and not own,
        form=form,
        unprintable=documents.is_unprintable(summary),
        among="waiting" if waiting else None,
        neighbours=reading_order.neighbours(session(), site_ids, summary, waiting=waiting, today=today),
    )


def get(summary_id: UUID) -> Summary:
    """Give a summary of the investigator's own sites; another site's is not there."""
    try:
        return summaries.get_for(session(), current_staff().sites_as(Role.INVESTIGATOR), summary_id)
    except summaries.SummaryNotFoundError:
        abort(404)
