"""How a score came about, from the stored run of its rule, in the reader's language."""

from uuid import UUID

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from portal.adapters.localisation import environment
from portal.domain import summary_json
from portal.domain.roles import Role
from portal.services import score_traces, summaries
from portal.web import documents
from portal.web.access import allow, records
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("score_traces", __name__, url_prefix="/investigator/summaries")


@bp.get("/<uuid:summary_id>/scores/<scale>")
@allow(Role.INVESTIGATOR)
@records
def show(summary_id: UUID, scale: str) -> ResponseReturnValue:
    """Show rule, version, options and every step of one score; the look counts as opening the summary."""
    try:
        summary = summaries.get_for(session(), current_staff().sites_as(Role.INVESTIGATOR), summary_id)
        trace = score_traces.find(session(), summary, summary_json.from_json(summary.content), scale)
    except (summaries.SummaryNotFoundError, score_traces.ScoreNotFoundError):
        abort(404)
    words = environment(current_language()).get_template("trace/steps.txt").render(scoring=trace)
    steps = list(zip(filter(None, words.splitlines()), trace.gives, strict=True))
    return render_template("investigator/trace.html", page=documents.open_page(summary), score=trace, steps=steps)
