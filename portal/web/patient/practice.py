"""The practice: one choice and one line, tried before the first questionnaire ever; nothing of it is kept."""

from flask import Blueprint, render_template, session, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.services import sittings
from portal.services.sittings import Today
from portal.web import stores
from portal.web.access import patients_only
from portal.web.principals import current_patient

bp = Blueprint("practice", __name__)

_SEEN = "practised"


@bp.get("/practice")
@patients_only
def show() -> ResponseReturnValue:
    """Let her try both kinds of answer, then lead on: to her first questionnaire, or back to where she came from."""
    today = sittings.today(stores.session(), current_patient().participant_id, at=clock.now())
    after = address_before(today) or url_for("visit.show")
    session[_SEEN] = True
    if after == url_for(".show"):
        assert today.sitting is not None
        assert today.sitting.next_task is not None
        after = url_for("answering.show", assignment_id=today.sitting.next_task.assignment_id)
    return render_template("patient/practice.html", after=after, site=today.place.site)


def address_before(today: Today) -> str:
    """Give the practice's address when it comes first: she has never answered anything, nor tried; else ""."""
    task = today.sitting.next_task if today.sitting else None
    if task is None or task.done or session.get(_SEEN):
        return ""
    begun = sittings.has_begun_any(stores.session(), current_patient().participant_id)
    return "" if begun else url_for("practice.show")
