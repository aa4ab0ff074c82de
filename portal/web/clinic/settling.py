"""Settling what two people keyed in differently: each difference side by side, the paper in hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.domain import paper_forms
from portal.domain.instruments.model import Question
from portal.domain.instruments.wording import Wording
from portal.domain.paper_forms import PaperForm
from portal.services import corrections, keyed_papers, keying_settlement, wordings
from portal.services.answering import WithdrawnError
from portal.services.keyed_papers import KeyingState, Paper
from portal.web.access import allow
from portal.web.clinic import keyed_forms
from portal.web.clinic.keyed_forms import Typed
from portal.web.clinic.keying import WHO
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("settling", __name__, url_prefix="/clinic/assignments/<uuid:assignment_id>/keying/settle")

LONGEST_REASON = 500  # characters
CHOICES = ("first", "second", "other")


@dataclass
class Desk:
    """Two keyings of one paper, the questions that they do not have alike, what was chosen, and what is wrong."""

    paper: Paper
    wording: Wording
    questions: Sequence[Question]
    typed: Typed = field(default_factory=MultiDict)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def forms(self) -> tuple[PaperForm, PaperForm]:
        """What the one and the other keyed in."""
        assert self.paper.first
        assert self.paper.second
        return self.paper.first.keying.form, self.paper.second.keying.form


@bp.get("")
@allow(*WHO)
def show(assignment_id: UUID) -> ResponseReturnValue:
    """Show the differences; where there are none to settle, how far the paper is."""
    desk = _desk(assignment_id)
    return _page(desk) if desk.questions else _back(desk.paper)


@bp.post("")
@allow(*WHO)
def settle(assignment_id: UUID) -> ResponseReturnValue:
    """Settle all differences at once; what was chosen and typed stays where something is missing."""
    desk = _desk(assignment_id)
    if not desk.questions:
        return _back(desk.paper)
    desk.typed = request.form
    right = _right(desk)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        desk.faults["reason"] = "missing"
    if desk.faults:
        return _page(desk), 422
    try:
        keying_settlement.settle(
            session(),
            desk.paper.participant.id,
            assignment_id,
            right,
            reason=reason,
            by=current_staff().actor,
            at=clock.now(),
        )
    except corrections.RefusedChangesError as refusal:
        desk.faults |= dict.fromkeys(refusal.faults, "option")
        return _page(desk), 422
    except (keying_settlement.NothingToSettleError, WithdrawnError):
        pass  # somebody has settled it meanwhile: the page shows it
    return _back(desk.paper)


def _desk(assignment_id: UUID) -> Desk:
    """Lay both keyings out; another site's paper is not there."""
    try:
        paper = keyed_papers.get_for(session(), current_staff().sites_as(*WHO), assignment_id)
    except keyed_papers.PaperNotFoundError:
        abort(404)
    if paper.state is not KeyingState.DIFFERENT or not (paper.first and paper.second):
        return Desk(paper, _words(paper), ())
    questions = paper_forms.differing(paper.instrument, paper.first.keying.form, paper.second.keying.form)
    return Desk(paper, _words(paper), questions)


def _words(paper: Paper) -> Any:
    return wordings.get(session(), paper.first.keying.wording) if paper.first else None


def _right(desk: Desk) -> dict[str, PaperForm]:
    """Read what was chosen for each question; one that was not is noted."""
    right: dict[str, PaperForm] = {}
    for question in desk.questions:
        match request.form.get(f"right-{question.code}"):
            case "first":
                right[question.code] = paper_forms.of_question(question, desk.forms[0])
            case "second":
                right[question.code] = paper_forms.of_question(question, desk.forms[1])
            case "other":
                given = keyed_forms.read([question], request.form)
                desk.faults |= given.faults
                right[question.code] = given.form
            case _:
                desk.faults[question.code] = "unsettled"
    return right


def _page(desk: Desk) -> str:
    return render_template(
        "clinic/keying_settle.html", desk=desk, paper=desk.paper, wording=desk.wording, longest_reason=LONGEST_REASON
    )


def _back(paper: Paper) -> ResponseReturnValue:
    return redirect(url_for("keying.show", visit_id=paper.visit.id), 303)
