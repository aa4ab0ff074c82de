"""Opening the questionnaire that an address names: hers, in her language, or the page that says why not."""

from uuid import UUID

from flask import abort, make_response, redirect, render_template, url_for

from portal import clock
from portal.services import answering
from portal.web import stores
from portal.web.languages import current_language
from portal.web.patient import sheets
from portal.web.patient.sheets import Sheet
from portal.web.principals import current_patient


def open_sheet(assignment_id: UUID) -> Sheet:
    """Lay out the questionnaire that the address names; an address that is not hers leads nowhere."""
    try:
        return sheets.load(
            stores.session(), current_patient().participant_id, assignment_id, current_language(), at=clock.now()
        )
    except answering.AssignmentNotFoundError:
        abort(404)
    except answering.WithdrawnError:
        abort(redirect(url_for("visit.show"), 303))
    except sheets.NotInThisLanguageError:
        abort(make_response(render_template("patient/not_in_this_language.html"), 409))
