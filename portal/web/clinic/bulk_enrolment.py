"""Enrolling many from a file: what it would do, line by line, and only then all of it, once."""

from dataclasses import dataclass
from tempfile import TemporaryFile
from uuid import UUID, uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.adapters.sealing import SealBrokenError
from portal.adapters.sheet_reading import SheetRefusedError, read_sheet
from portal.adapters.spreadsheets import Cell, Column, write_csv, write_workbook
from portal.domain.roles import Role
from portal.services import bulk_enrolment, enrolment, invitations, studies
from portal.services.bulk_enrolment import Batch, BatchNotFoundError, NumbersTakenError
from portal.services.studies import StudyAtSite
from portal.web.access import allow, records
from portal.web.attachments import attach
from portal.web.clinic.invitations import write_sheet
from portal.web.clinic.sealed_lines import SealedLines
from portal.web.contact_store import open_contacts
from portal.web.door_keys import door_keys
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("bulk_enrolment", __name__, url_prefix="/clinic/enrol/many")

_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
SHEETS = 50  # invitation sheets on one page: more would be slow to print


@dataclass
class Choice:
    """The site that was chosen, among those of the nurse, and by field a code of what is wrong."""

    places: list[StudyAtSite]
    site: str
    faults: dict[str, str]

    @property
    def place(self) -> StudyAtSite:
        """The site that was chosen; the only one when there is no choice."""
        return next((each for each in self.places if str(each.site_id) == self.site), self.places[0])


@bp.get("")
@allow(Role.NURSE)
def show() -> ResponseReturnValue:
    """Say what the file must hold, and ask for it."""
    return _ask(_choice())


@bp.get("/example")
@allow(Role.NURSE)
def example() -> ResponseReturnValue:
    """Give a file to be filled in, in the reader's language, as `?format=csv` or xlsx."""
    place, at = _choice().place, clock.now()
    form = "xlsx" if request.args.get("format") == "xlsx" else "csv"
    columns = [
        Column(_("Patient’s number"), 18),
        Column(_("Language"), 12),
        Column(_("Day of inclusion"), 18),
        Column(_("E-mail address"), 28),
        Column(_("Telephone"), 22),
    ]
    day, number = place.today(at), enrolment.next_number(session(), place)
    rows: list[list[Cell]] = [
        [number, _("French"), day, _("name@example.org"), "+33 1 99 00 21 35"],
        [None, _("English"), day, None, None],
    ]
    out = TemporaryFile()  # noqa: SIM115 - the answer closes it, once it was sent
    if form == "xlsx":
        write_workbook(out, _("Patients"), columns, rows, language=current_language(), at=at)
    else:
        write_csv(out, columns, rows, language=current_language())
    return attach(out, _TYPES[form], f"previsit_enrol.{form}")


@bp.post("")
@allow(Role.NURSE)
def look() -> ResponseReturnValue:
    """Read the file and show what it would do; nothing of it is kept but what the page carries, sealed."""
    choice, at = _choice(), clock.now()
    file = request.files.get("file")
    if len(choice.places) > 1 and choice.site not in {str(each.site_id) for each in choice.places}:
        choice.faults["site"] = "missing"
    if file is None or not file.filename:
        choice.faults["file"] = "none"
    if choice.faults or file is None:
        return _ask(choice), 422
    try:
        rows = read_sheet(file.read())
    except SheetRefusedError as refusal:
        choice.faults["file"] = refusal.fault.value
        return _ask(choice), 422
    can_keep = open_contacts().can_keep
    dry = bulk_enrolment.look(session(), choice.place, rows, can_keep=can_keep, at=at)
    if dry.faults:
        return render_template("clinic/enrol_many_faults.html", dry=dry, choice=choice, most=bulk_enrolment.MOST), 422
    sealed = SealedLines(uuid4(), dry.place.site_id, current_staff().id, dry.lines).seal(at)
    return render_template("clinic/enrol_many_look.html", dry=dry, sealed=sealed)


@bp.post("/start")
@allow(Role.NURSE)
def start() -> ResponseReturnValue:
    """Enrol exactly what was shown, or nobody; pressed again, it shows who was enrolled."""
    nurse, choice, at = current_staff(), _choice(), clock.now()
    try:
        sealed = SealedLines.unseal(request.form.get("sealed", ""), at)
    except SealBrokenError:
        choice.faults["file"] = "stale"
        return _ask(choice), 422
    if sealed.staff_id != nurse.id or sealed.site_id not in nurse.sites_as(Role.NURSE):
        abort(404)
    place = studies.for_site(session(), sealed.site_id)
    choice.site = str(place.site_id)
    try:
        bulk_enrolment.enrol_all(
            session(), open_contacts(), place, sealed.lines, batch_id=sealed.batch_id, by=nurse.actor, at=at
        )
    except NumbersTakenError as refusal:
        choice.faults["file"] = "taken"
        return _ask(choice, taken=refusal), 422
    return redirect(url_for(".done", batch_id=sealed.batch_id), 303)


@bp.get("/<uuid:batch_id>")
@allow(Role.NURSE)
def done(batch_id: UUID) -> ResponseReturnValue:
    """List who was enrolled together, each with her page and her sheet."""
    return render_template("clinic/enrol_many_done.html", batch=_batch(batch_id))


@bp.get("/<uuid:batch_id>/invitations")
@allow(Role.NURSE)
@records
def sheets(batch_id: UUID) -> ResponseReturnValue:
    """Show their invitation sheets one after another, at most fifty a page; each look is recorded."""
    batch, nurse, at = _batch(batch_id), current_staff(), clock.now()
    invited = [each for each in batch.participants if not each.withdrawn_on]
    pages = max(1, -(-len(invited) // SHEETS))
    page = min(max(1, request.args.get("page", 1, int)), pages)
    written = []
    for each in invited[(page - 1) * SHEETS : page * SHEETS]:
        found, link = invitations.open_sheet(
            session(), nurse.sites_as(Role.NURSE), each.id, door_keys(), by=nurse.actor, at=at
        )
        written.append(write_sheet(found, link))
    return render_template("clinic/enrol_many_sheets.html", batch=batch, sheets=written, page=page, pages=pages)


def _choice() -> Choice:
    sites = current_staff().sites_as(Role.NURSE)
    places = studies.some_sites(session(), sites)
    return Choice(places, request.form.get("site", ""), {})


def _ask(choice: Choice, taken: NumbersTakenError | None = None) -> str:
    return render_template(
        "clinic/enrol_many.html", choice=choice, taken=taken.lines if taken else (), most=bulk_enrolment.MOST
    )


def _batch(batch_id: UUID) -> Batch:
    """Give a batch of the nurse's own sites; another site's is not there."""
    try:
        return bulk_enrolment.get_batch(session(), current_staff().sites_as(Role.NURSE), batch_id)
    except BatchNotFoundError:
        abort(404)
