"""What the pages about a sent questionnaire share: its words for the reader, and the page where it is read."""

from datetime import date

from flask import url_for

from portal.db.response import Response
from portal.domain.instruments.wording import Wording
from portal.domain.roles import Role
from portal.services import studies, summaries, wordings
from portal.services.answered_forms import AnsweredForm
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.stores import session


def words_of(response: Response, form: AnsweredForm) -> Wording:
    """Give the questionnaire's newest words in the reader's language, or those it was answered in.

    A licence that has run out stops the asking, not the reading of what was answered: so the day is no matter here.
    """
    site_id = response.assignment.visit.participant.site_id
    mode, code = studies.for_site(session(), site_id).definition.mode, response.assignment.instrument
    found = wordings.find_current(session(), mode, code, current_language(), on=date.min)
    return found or wordings.get(session(), next(each["wording"] for each in form.sent.values() if "wording" in each))


def after(response: Response) -> str:
    """Give the page where a response is read: its visit's newest summary, or, before there is one, a list."""
    visit, staff = response.assignment.visit, current_staff()
    here, summary = visit.participant.site_id, summaries.find_current(session(), visit.id)
    if here in staff.sites_as(Role.INVESTIGATOR):
        return url_for("investigator.show", summary_id=summary.id) if summary else url_for("investigator.list_all")
    if here in staff.sites_as(Role.NURSE):
        if summary:
            return url_for("clinic_summaries.show", summary_id=summary.id)
        return url_for("participants.show", participant_id=visit.participant_id)
    return url_for("queries.list_all")
