"""Correcting a sent questionnaire: the whole form, then old and new side by side with what follows, then the deed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.correction import CorrectionRequest, RequestedBy
from portal.db.response import Response, Source
from portal.domain import instruments
from portal.domain.instruments.model import Instrument
from portal.domain.instruments.wording import Wording
from portal.domain.roles import Role
from portal.services import answered_forms, correction_requests, corrections, studies, summaries
from portal.services.answered_forms import AnsweredForm
from portal.services.corrections import Foreseen
from portal.web.access import allow, records
from portal.web.principals import current_staff
from portal.web.staff import correction_forms
from portal.web.staff.answer_pages import after, words_of
from portal.web.staff.correction_forms import Given, Typed
from portal.web.stores import session

bp = Blueprint("corrections", __name__, url_prefix="/staff/responses/<uuid:response_id>/correct")

WHO = (Role.NURSE, Role.INVESTIGATOR)
LONGEST_REASON = 500  # characters


@dataclass
class Desk:
    """The response on the desk: its words for the reader, its form, and what was typed; faults by field."""

    response: Response
    instrument: Instrument
    wording: Wording
    form: AnsweredForm
    wish: CorrectionRequest | None
    typed: Typed = field(default_factory=dict)
    reason: str = ""
    requested_by: str = ""
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        """Whether a question may hold several ticks, as on paper."""
        return self.response.source is Source.PAPER

    @property
    def against(self) -> str:
        """The hash of the form that is looked at."""
        return corrections.hash_of(self.form)


@bp.get("")
@allow(*WHO)
@records
def correct(response_id: UUID) -> ResponseReturnValue:
    """Show the whole form as it stands, each answer to be changed; the look is recorded."""
    desk = _desk(response_id)
    answered_forms.looked_at(session(), desk.response, by=current_staff().actor, at=clock.now())
    desk.typed = correction_forms.typed_from(desk.instrument, desk.form.now)
    desk.requested_by = RequestedBy.PATIENT if desk.wish and desk.wish.asked_by is None else ""
    return _page(desk)


@bp.post("")
@allow(*WHO)
def keep(response_id: UUID) -> ResponseReturnValue:
    """Tell what would change; then, when that was told, do it."""
    desk = _desk(response_id)
    given = _read(desk)
    told = _foresee(desk, given)
    if told is None and request.form.get("deed") == "do" and not given.faults:
        return redirect(after(desk.response), 303)  # a second press: it stands so already
    if told is None or desk.faults:
        return _page(desk), 422
    match request.form.get("deed"):
        case "again":
            return _page(desk)
        case "do":
            return _do(desk, given)
    return _told(desk, told)


def _read(desk: Desk) -> Given:
    sent = request.form
    given = correction_forms.read(desk.instrument, sent, desk.form.now, several=desk.several)
    desk.typed = correction_forms.typed_again(desk.instrument, sent, desk.form.now)
    desk.reason = sent.get("reason", "").strip()[:LONGEST_REASON]
    desk.requested_by = sent.get("requested_by", "")
    desk.faults |= given.faults
    if not desk.reason:
        desk.faults["reason"] = "no-reason"
    if desk.requested_by not in list(RequestedBy):
        desk.faults["requested_by"] = "nobody"
    if sent.get("against", desk.against) != desk.against:
        desk.faults["form"] = "changed-since"
    return given


def _foresee(desk: Desk, given: Given) -> Foreseen | None:
    """Give what would change, or None with the fault noted."""
    try:
        return corrections.foresee(session(), desk.response, given.changes, at=clock.now())
    except corrections.RefusedChangesError as refusal:
        desk.faults |= dict.fromkeys(refusal.faults, "refused")
    except corrections.NothingChangesError:
        desk.faults.setdefault("form", "nothing")
    return None


def _do(desk: Desk, given: Given) -> ResponseReturnValue:
    try:
        corrections.correct(
            session(),
            desk.response,
            given.changes,
            requested_by=RequestedBy(desk.requested_by),
            reason=desk.reason,
            request=desk.wish,
            against=request.form.get("against"),
            by=current_staff().actor,
            at=clock.now(),
        )
    except corrections.ChangedSinceError:
        desk = _desk(desk.response.id)
        _read(desk)
        desk.faults["form"] = "changed-since"
        return _page(desk), 422
    return redirect(after(desk.response), 303)


def _page(desk: Desk) -> str:
    return render_template("staff/correct.html", desk=desk, **_about(desk))


def _told(desk: Desk, told: Foreseen) -> str:
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "deed"}]
    summary = summaries.find_current(session(), desk.response.assignment.visit_id)
    return render_template("staff/correct_told.html", desk=desk, told=told, kept=kept, summary=summary, **_about(desk))


def _about(desk: Desk) -> Mapping[str, Any]:
    visit = desk.response.assignment.visit
    place = studies.for_site(session(), visit.participant.site_id)
    return {
        "visit": visit,
        "place": place,
        "stands": answered_forms.stands,
        "longest_reason": LONGEST_REASON,
        "back": after(desk.response),
    }


def _desk(response_id: UUID) -> Desk:
    """Give a sent response of the person's own sites; another site's, or one that was not sent, is not there."""
    sites = current_staff().sites_as(*WHO)
    try:
        response = corrections.get_for(session(), sites, response_id)
        form = corrections.form_of(session(), response)
    except (corrections.ResponseNotFoundError, corrections.NotSentError):
        abort(404)
    instrument = instruments.get(response.assignment.instrument)
    return Desk(response, instrument, words_of(response, form), form, _wish(sites, response))


def _wish(sites: frozenset[UUID], response: Response) -> CorrectionRequest | None:
    """Give the wish that is settled by this, while it is open."""
    try:
        wish = correction_requests.get_for(session(), sites, UUID(request.values.get("request", "")))
    except (ValueError, correction_requests.RequestNotFoundError):
        return None
    return wish if wish.response_id == response.id and wish.outcome is None else None
