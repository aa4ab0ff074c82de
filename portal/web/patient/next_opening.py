"""The day on which her next questionnaires open, for the calendar of her phone."""

import io
from datetime import date
from uuid import UUID, uuid5

from flask import Blueprint, abort, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.adapters.calendar_file import MEDIA_TYPE, Reminder, calendar_file
from portal.services import sittings
from portal.services.studies import StudyAtSite
from portal.web import stores
from portal.web.access import patients_only
from portal.web.languages import current_language
from portal.web.patient import phone
from portal.web.principals import current_patient

bp = Blueprint("next_opening", __name__)


@bp.get("/next-opening.ics")
@patients_only
def calendar() -> ResponseReturnValue:
    """Give the day as a calendar file; the clinic's own device keeps nothing."""
    if phone.is_handed_over():
        return redirect(url_for("visit.show"), 303)
    participant_id, at = current_patient().participant_id, clock.now()
    today = sittings.today(stores.session(), participant_id, at=at)
    if today.next_opens_on is None:
        abort(404)
    reminder = _reminder(participant_id, today.next_opens_on, today.place)
    name = f"previsit-{today.next_opens_on}.ics"
    response = send_file(io.BytesIO(calendar_file(reminder, at=at)), MEDIA_TYPE, download_name=name)
    response.headers["Cache-Control"] = "no-store"  # send_file would let a shared computer keep it
    return response


def _reminder(participant_id: UUID, on: date, place: StudyAtSite) -> Reminder:
    """Say it in words for a calendar that others may read: no health, no site, and no link, which is a door."""
    return Reminder(
        uid=f"{uuid5(participant_id, on.isoformat())}@previsit",
        on=on,
        title=_("Previsit: your questionnaires are open"),
        text=_(
            "Open your link: it leads to your questionnaires. A question? Ring %(telephone)s.",
            telephone=place.site.telephone,
        ),
        language=current_language(),
    )
