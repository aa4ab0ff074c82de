"""Two visits of one patient side by side: what changed, and whether it matters."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.summary import Summary
from portal.domain.comparison import compare
from portal.domain.roles import Role
from portal.services import comparing
from portal.services.comparing import Candidate
from portal.web import documents
from portal.web.access import allow, records
from portal.web.investigator.summaries import get
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("comparing", __name__, url_prefix="/investigator/summaries")


@bp.get("/<uuid:summary_id>/compare")
@allow(Role.INVESTIGATOR)
@records
def show(summary_id: UUID) -> ResponseReturnValue:
    """Show a summary beside another; `?with=` is a visit's code or a summary's id; `?only=differing` as it says."""
    summary = get(summary_id)
    found = comparing.candidates(session(), summary)
    try:
        chosen = comparing.choose(found, summary.visit.planned_on, request.args.get("with", ""))
    except KeyError:
        abort(404)
    page = documents.page_of(summary)
    if chosen is None:
        return render_template("investigator/compare.html", page=page, candidates=found, chosen=None)
    other = session().get_one(Summary, chosen.summary_id)
    comparing.compared(session(), summary, other, by=current_staff().actor, at=clock.now())
    pages = page, documents.page_of(other)
    earlier, later = pages if _comes_first(summary, chosen) else reversed(pages)
    return render_template(
        "investigator/compare.html",
        page=page,
        candidates=found,
        chosen=chosen,
        earlier=earlier,
        later=later,
        pairs=compare(earlier.content, later.content),
        only_differing=request.args.get("only") == "differing",
    )


def _comes_first(summary: Summary, other: Candidate) -> bool:
    """Whether the summary of the page is the earlier of the two."""
    return (summary.visit.planned_on, summary.number) < (other.planned_on, other.number)
