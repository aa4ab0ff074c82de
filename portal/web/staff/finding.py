"""The search by number in every page's header, and what those who read summaries find by it."""

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.domain.roles import Role
from portal.services import finding, participants, summary_life
from portal.web.access import allow, records
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("finding", __name__, url_prefix="/staff/patients")

LONGEST_SEARCH = 40  # characters
_READERS = (Role.INVESTIGATOR, Role.DATA_MANAGER)
_FINDERS = (Role.NURSE, *_READERS)


@bp.get("")
@allow(*_FINDERS)
def search() -> ResponseReturnValue:
    """Go to the participant with this number; list those whose number holds what was typed, or everyone."""
    typed = request.args.get("number", "").strip()[:LONGEST_SEARCH]
    if not typed:
        return redirect(url_for("patient_lists.show"), 303)
    nursed = current_staff().sites_as(Role.NURSE)
    hits = finding.search(session(), current_staff().sites_as(*_FINDERS), typed)
    found = [(hit.participant_number, url_for(_page(hit.site_id in nursed), participant_id=hit.id)) for hit in hits]
    if len(found) == 1:
        return redirect(found[0][1], 303)
    return render_template("staff/found.html", typed=typed, found=found, most=finding.MOST_FOUND)


@bp.get("/<uuid:participant_id>")
@allow(*_READERS)
@records
def show(participant_id: UUID) -> ResponseReturnValue:
    """List the current summary of each of her visits; reading what stands out in them is recorded."""
    try:
        participant = participants.get_for(session(), current_staff().sites_as(*_READERS), participant_id)
    except participants.ParticipantNotFoundError:
        abort(404)
    page = finding.readings(session(), participant, language=current_language(), at=clock.now())
    read = [each.summary.summary_id for each in page.visits if each.summary]
    summary_life.listed(session(), read, by=current_staff().actor, at=clock.now())
    may_open = participant.site_id in current_staff().sites_as(Role.INVESTIGATOR)
    return render_template("staff/patient.html", page=page, may_open=may_open)


def _page(is_nursed: bool) -> str:
    """Her nurse has a page to act on, others one to read."""
    return "participants.show" if is_nursed else "finding.show"
