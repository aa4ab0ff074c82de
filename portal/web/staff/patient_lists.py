"""All patients of one's sites: on pages, to print, and as a file."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.adapters.spreadsheets import Cell, Column
from portal.domain.roles import Role
from portal.services import patient_lists
from portal.services.patient_lists import PatientRow, Standing
from portal.web import list_choices
from portal.web.access import allow
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.staff import table_files
from portal.web.stores import session

bp = Blueprint("patient_lists", __name__, url_prefix="/staff")

WHO = (Role.NURSE, Role.INVESTIGATOR, Role.DATA_MANAGER)


@bp.get("/all-patients")
@allow(*WHO)
def show() -> ResponseReturnValue:
    """List the patients of the person's sites, or those of them that the address asks for."""
    site_ids = current_staff().sites_as(*WHO)
    choice, asked = list_choices.patients(site_ids)
    listed = patient_lists.list_patients(
        session(),
        site_ids,
        choice=choice,
        page=list_choices.page(),
        size=patient_lists.WHOLE if list_choices.is_whole() else patient_lists.PAGE,
        at=clock.now(),
    )
    return render_template("staff/patients.html", listed=listed, asked=asked, page_of=_page_of)


@bp.get("/lists/patients")
@allow(*WHO)
def download() -> ResponseReturnValue:
    """Give the patients that the address asks for, as `?format=csv` or xlsx."""
    site_ids, at = current_staff().sites_as(*WHO), clock.now()
    choice, asked = list_choices.patients(site_ids)
    rows = patient_lists.patient_lines(session(), site_ids, choice=choice, at=at)
    return table_files.send(
        _("Patients"),
        kind="participant",
        shown=asked.query,
        columns=_columns(),
        rows=map(_row, rows),
        site_ids=site_ids,
        at=at,
    )


def _page_of(row: PatientRow) -> str:
    """Give the address of a patient's page: her nurse has one to act on, others one to read."""
    is_nursed = row.place.site_id in current_staff().sites_as(Role.NURSE)
    return url_for("participants.show" if is_nursed else "finding.show", participant_id=row.participant_id)


def _columns() -> list[Column]:
    return [
        Column(_("Patient")),
        Column(_("Site"), 24),
        Column(_("Language")),
        Column(_("Inclusion")),
        Column(_("State"), 16),
        Column(_("Since")),
        Column(_("Next visit"), 16),
        Column(_("Day of the next visit")),
    ]


def _row(row: PatientRow) -> list[Cell]:
    states = {Standing.TAKES_PART: _("Takes part"), Standing.PAUSED: _("Paused"), Standing.WITHDRAWN: _("Withdrawn")}
    code, day = row.next_visit or (None, None)
    return [
        row.participant_number,
        row.place.site.name,
        {"fr": _("French"), "en": _("English")}[row.language],
        row.included_on,
        states[row.standing],
        row.since,
        row.place.definition.get_visit(code).label(current_language()) if code else None,
        day,
    ]
