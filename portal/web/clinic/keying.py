"""Keying in what a patient filled in on paper, a second time by somebody else, and settling what differs."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db.response import FilledInBy
from portal.domain.instruments.wording import Wording
from portal.domain.roles import Role
from portal.services import keyed_papers, keying, participants, scans, wordings
from portal.services.answering import WithdrawnError
from portal.services.keyed_papers import KeyingState, Paper
from portal.services.keying import AlreadySentError, CheckedAlreadyError, DayRefusedError, NothingMarkedError
from portal.web.access import allow
from portal.web.clinic import keyed_forms
from portal.web.clinic.keyed_forms import Given, Typed
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("keying", __name__, url_prefix="/clinic")

WHO = (Role.NURSE, Role.INVESTIGATOR, Role.DATA_MANAGER)


@dataclass
class Desk:
    """The paper on the desk, the words that are printed on it, what was typed, and what is wrong, by field."""

    paper: Paper
    wording: Wording
    languages: tuple[str, ...]
    typed: Typed = field(default_factory=MultiDict)
    faults: dict[str, str] = field(default_factory=dict)
    is_second: bool = False


@bp.get("/visits/<uuid:visit_id>/keying")
@allow(*WHO)
def show(visit_id: UUID) -> ResponseReturnValue:
    """Show the questionnaires of a visit, how far each one's paper is, and what can be done; paper's QR leads here."""
    try:
        visit = participants.get_visit_for(session(), current_staff().sites_as(*WHO), visit_id)
    except participants.VisitNotFoundError:
        abort(404)
    papers = keyed_papers.of_visit(session(), visit.id)
    scanned = scans.count_by_response(session(), [paper.response.id for paper in papers if paper.response])
    is_nurse = visit.participant.site_id in current_staff().sites_as(Role.NURSE)
    return render_template(
        "clinic/keying.html", visit=visit, papers=papers, scanned=scanned, me=current_staff().id, is_nurse=is_nurse
    )


@bp.get("/assignments/<uuid:assignment_id>/keying")
@allow(Role.NURSE)
def first(assignment_id: UUID) -> ResponseReturnValue:
    """Show the form for keying in; of what was sent already, where it stands."""
    paper = _get(assignment_id, Role.NURSE)
    return _back(paper) if paper.is_sent or paper.is_withdrawn else _page(_desk(paper))


@bp.post("/assignments/<uuid:assignment_id>/keying")
@allow(Role.NURSE)
def key(assignment_id: UUID) -> ResponseReturnValue:
    """Take the paper in; what is wrong stands at its field, and nothing typed is lost."""
    paper = _get(assignment_id, Role.NURSE)
    if paper.is_sent or paper.is_withdrawn:
        return _back(paper)
    desk = _desk(paper)
    given, filled_on = _read(desk), _day(desk)
    by_whom = request.form.get("filled_in_by", "")
    if not desk.faults and filled_on:
        try:
            keying.key(
                session(),
                paper.participant.id,
                assignment_id,
                given.form,
                filled_on=filled_on,
                filled_in_by=FilledInBy(by_whom) if by_whom in list(FilledInBy) else None,
                wording=desk.wording,
                by=current_staff().actor,
                at=clock.now(),
            )
            return _back(paper)
        except DayRefusedError as refusal:
            desk.faults["filled_on"] = refusal.fault.value
        except NothingMarkedError:
            desk.faults["form"] = "nothing"
        except (AlreadySentError, WithdrawnError):
            return _back(paper)
    return _page(desk), 422


@bp.get("/assignments/<uuid:assignment_id>/keying/again")
@allow(*WHO)
def second(assignment_id: UUID) -> ResponseReturnValue:
    """Show the empty form to whoever checks what somebody else keyed in."""
    paper = _get(assignment_id, *WHO)
    return _page(_desk(paper, is_second=True)) if _can_check(paper) else _back(paper)


@bp.post("/assignments/<uuid:assignment_id>/keying/again")
@allow(*WHO)
def check(assignment_id: UUID) -> ResponseReturnValue:
    """Compare the second keying with the first; differences are settled on the next page."""
    paper = _get(assignment_id, *WHO)
    if not _can_check(paper):
        return _back(paper)
    desk = _desk(paper, is_second=True)
    given = _read(desk)
    if not desk.faults and not given.form:
        desk.faults["form"] = "nothing"
    if desk.faults:
        return _page(desk), 422
    try:
        differing = keying.check(
            session(), paper.participant.id, assignment_id, given.form, by=current_staff().actor, at=clock.now()
        )
    except (CheckedAlreadyError, WithdrawnError):
        return _back(paper)
    return redirect(url_for("settling.show", assignment_id=assignment_id), 303) if differing else _back(paper)


def _get(assignment_id: UUID, *roles: Role) -> Paper:
    """Give a questionnaire of the person's own sites; another site's is not there."""
    try:
        return keyed_papers.get_for(session(), current_staff().sites_as(*roles), assignment_id)
    except keyed_papers.PaperNotFoundError:
        abort(404)


def _can_check(paper: Paper) -> bool:
    """Whether this person may key the paper in a second time."""
    return paper.state is KeyingState.ONCE and paper.first is not None and paper.first.staff_id != current_staff().id


def _desk(paper: Paper, *, is_second: bool = False) -> Desk:
    """Lay the form out in the language of the paper: the one asked for, else the first keying's, else the patient's."""
    study, today = paper.place.definition, paper.place.today(clock.now())
    code = paper.instrument.code
    found = {
        language: wording
        for language in study.languages
        if (wording := wordings.find_current(session(), study.mode, code, language, on=today))
    }
    if paper.first and is_second:
        kept = wordings.get(session(), paper.first.keying.wording)
        found |= {kept.language: kept}
        wanted = request.values.get("language", kept.language)
    else:
        wanted = request.values.get("language", paper.participant.language)
    if not found:
        abort(404)
    wording = found.get(wanted) or next(iter(found.values()))
    return Desk(paper, wording, tuple(found), is_second=is_second)


def _read(desk: Desk) -> Given:
    desk.typed = request.form
    given = keyed_forms.read(desk.paper.instrument.questions, request.form)
    desk.faults |= given.faults
    return given


def _day(desk: Desk) -> date | None:
    try:
        return date.fromisoformat(request.form.get("filled_on", ""))
    except ValueError:
        desk.faults["filled_on"] = "missing"
        return None


def _page(desk: Desk) -> str:
    return render_template("clinic/keying_form.html", desk=desk, paper=desk.paper, wording=desk.wording)


def _back(paper: Paper) -> ResponseReturnValue:
    return redirect(url_for(".show", visit_id=paper.visit.id), 303)
