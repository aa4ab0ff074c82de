"""Blank questionnaires for one visit: chosen by language, letters and questionnaire, made, and then expected."""

from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from uuid import UUID

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.adapters import pack_making
from portal.adapters.pack_orders import OrderInMaking, Wish
from portal.config import Settings
from portal.db.participant import Visit
from portal.domain.roles import Role
from portal.services import packs, paper_issues, participants, studies, wordings
from portal.services.packs import PackVisit
from portal.services.paper_issues import Issue
from portal.services.studies import StudyAtSite
from portal.web.access import allow
from portal.web.attachments import attach
from portal.web.principals import current_staff
from portal.web.stores import recording, release, session, snapshot

bp = Blueprint("paper", __name__, url_prefix="/clinic/visits/<uuid:visit_id>/paper")


@dataclass(frozen=True)
class Choice:
    """What may be chosen for a visit, and what was: questionnaires by code, language, size of letters."""

    visit: PackVisit
    place: StudyAtSite
    languages: tuple[str, ...]
    titles: dict[str, str]
    language: str
    large: bool
    instruments: tuple[str, ...]
    fault: str = ""


@bp.get("")
@allow(Role.NURSE)
def show(visit_id: UUID) -> ResponseReturnValue:
    """Show what can be printed: the patient's language and everything that was not sent are chosen already."""
    return _page(_choice(_get(visit_id)))


@bp.post("")
@allow(Role.NURSE)
def make(visit_id: UUID) -> ResponseReturnValue:
    """Make the paper, note that it is expected, and hand it over; a choice that makes no sense is shown again."""
    choice = _choice(_get(visit_id))
    nurse, at = current_staff(), clock.now()
    choice = replace(
        choice,
        language=request.form.get("language", ""),
        large=request.form.get("letters") == "large",
        instruments=tuple(each for each in choice.visit.blanks if each in request.form.getlist("instrument")),
    )
    fault = _fault(choice)
    if fault:
        return _page(replace(choice, fault=fault), 422)
    release()
    visit = replace(choice.visit, missing=choice.instruments, summary=None)
    settings: Settings = current_app.extensions["settings"]
    wish = Wish(
        language=choice.language,
        base_url=settings.base_url.rstrip("/"),
        made_by=nurse.name,
        at=at,
        on=visit.planned_on,
        cover=False,
        large=choice.large,
        blanks_in=choice.language,
    )
    out = TemporaryFile()  # noqa: SIM115 - the answer closes it, once it was sent
    try:
        with snapshot() as reading:
            making = OrderInMaking(reading, choice.place, [visit], wish)
            pack_making.make(out, making.order, making.documents())
        issue = Issue(visit_id, visit.participant_id, choice.language, choice.large, choice.instruments)
        with recording() as unit:
            paper_issues.note(unit, [issue], by=nurse.actor, at=at)
    except BaseException:
        out.close()
        raise
    return attach(out, "application/pdf", f"PREVISIT_{visit.participant_number}_{visit.code}_paper.pdf")


def _choice(visit: Visit) -> Choice:
    place = studies.for_site(session(), visit.participant.site_id)
    found = packs.get_one(session(), visit.id)
    titles = {code: _titles(place, code) for code in found.instruments}
    languages = tuple(each for each in place.definition.languages if all(each in titles[code] for code in titles))
    language = found.language if found.language in languages else next(iter(languages), "")
    shown = {code: in_language.get(language, code) for code, in_language in titles.items()}
    return Choice(found, place, languages, shown, language, large=False, instruments=found.blanks)


def _titles(place: StudyAtSite, instrument: str) -> dict[str, str]:
    """Give a questionnaire's title by language, in each that the study may show now."""
    today = place.today(clock.now())
    found = {
        language: wordings.find_current(session(), place.definition.mode, instrument, language, on=today)
        for language in place.definition.languages
    }
    return {language: wording.short_title for language, wording in found.items() if wording}


def _fault(choice: Choice) -> str:
    if not choice.visit.blanks:
        return "nothing"
    if choice.language not in choice.languages:
        return "language"
    return "" if choice.instruments else "instrument"


def _page(choice: Choice, status: int = 200) -> ResponseReturnValue:
    issued = paper_issues.last_by_visit(session(), [choice.visit.visit_id]).get(choice.visit.visit_id)
    return render_template("clinic/paper.html", choice=choice, issued=issued), status


def _get(visit_id: UUID) -> Visit:
    """Give a visit of the nurse's own sites; another site's is not there."""
    try:
        return participants.get_visit_for(session(), current_staff().sites_as(Role.NURSE), visit_id)
    except participants.VisitNotFoundError:
        abort(404)
