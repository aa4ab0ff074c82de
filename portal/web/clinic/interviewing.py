"""An interview by telephone: one question a screen, made to be read aloud, then a look back and the sending."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.domain.instruments.model import TEXT_LENGTH, Question, QuestionType
from portal.domain.instruments.wording import Wording
from portal.domain.roles import Role
from portal.services import interviews, keyed_papers, participants, wordings
from portal.services.answering import RefusedAnswersError, WithdrawnError
from portal.services.interviews import Interview
from portal.services.keyed_papers import Paper
from portal.services.keying import AlreadySentError
from portal.web.access import allow
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("interviewing", __name__, url_prefix="/clinic")

_PAGE = "/assignments/<uuid:assignment_id>/interview"

NONE, SKIP = "none", "skip"


@dataclass(frozen=True)
class Call:
    """An interview that is going on, and the languages that it can be held in."""

    interview: Interview
    languages: dict[str, Wording]

    @property
    def language(self) -> str:
        """The language in which the questions are read aloud."""
        return self.interview.wording.language


@bp.get("/visits/<uuid:visit_id>/interview")
@allow(Role.NURSE)
def begin(visit_id: UUID) -> ResponseReturnValue:
    """Go to the first questionnaire of a visit that was not sent; when all were, to where they stand."""
    try:
        visit = participants.get_visit_for(session(), current_staff().sites_as(Role.NURSE), visit_id)
    except participants.VisitNotFoundError:
        abort(404)
    waiting = (each for each in keyed_papers.of_visit(session(), visit.id) if not each.is_sent)
    if paper := next(waiting, None):
        return redirect(url_for(".show", assignment_id=paper.assignment_id), 303)
    return redirect(url_for("keying.show", visit_id=visit.id), 303)


@bp.get(_PAGE)
@allow(Role.NURSE)
def show(assignment_id: UUID) -> ResponseReturnValue:
    """Show the question at `?place=` (from 1), else the first that is open; once all are answered, the look back."""
    call = _call(assignment_id)
    asked = call.interview.asked
    place = request.args.get("place", 0, int)
    if 1 <= place <= len(asked):
        return _page(call, asked[place - 1])
    if call.interview.first_open is None or "place" in request.args:
        return render_template("clinic/interview_review.html", call=call, interview=call.interview)
    return _page(call, call.interview.first_open)


@bp.post(_PAGE)
@allow(Role.NURSE)
def answer(assignment_id: UUID) -> ResponseReturnValue:
    """Keep the answer and go on to the next question; what is none is asked again."""
    call = _call(assignment_id)
    question = _question(call, request.form.get("code", ""))
    values = {} if SKIP in request.form else _values(question, call.interview.values)
    if values is None:
        return _page(call, question, fault=True), 422
    try:
        interviews.answer(
            session(),
            call.interview,
            question,
            values,
            upto=request.form.get("upto", type=int),
            by=current_staff().actor,
            at=clock.now(),
        )
    except WithdrawnError:
        _refuse(call.interview.paper)
    except RefusedAnswersError:
        return _page(call, question, fault=True), 422
    after = _call(assignment_id).interview.asked
    place = 1 + next((at for at, each in enumerate(after, 1) if each.code == question.code), 0)
    return redirect(url_for(".show", assignment_id=assignment_id, place=place, language=call.language), 303)


@bp.post(f"{_PAGE}/send")
@allow(Role.NURSE)
def send(assignment_id: UUID) -> ResponseReturnValue:
    """Send what was answered; without one answer, the first question is asked."""
    call = _call(assignment_id)
    try:
        interviews.send(session(), call.interview, by=current_staff().actor, at=clock.now())
    except interviews.NothingAnsweredError:
        return redirect(url_for(".show", assignment_id=assignment_id, language=call.language), 303)
    except WithdrawnError:
        _refuse(call.interview.paper)
    except AlreadySentError:
        pass  # pressed twice, or sent from a phone meanwhile: the page shows what came of it
    return redirect(url_for("keying.show", visit_id=call.interview.paper.visit.id), 303)


def _call(assignment_id: UUID) -> Call:
    """Begin or go on; another site's is not there, and what is not open today is told kindly."""
    try:
        paper = keyed_papers.get_for(session(), current_staff().sites_as(Role.NURSE), assignment_id)
    except keyed_papers.PaperNotFoundError:
        abort(404)
    study, today = paper.place.definition, paper.place.today(clock.now())
    found = {
        language: wording
        for language in study.languages
        if (wording := wordings.find_current(session(), study.mode, paper.instrument.code, language, on=today))
    }
    if paper.is_sent or paper.is_withdrawn or today not in paper.window or not found:
        _refuse(paper)
    wanted = request.values.get("language", paper.participant.language)
    wording = found.get(wanted) or next(iter(found.values()))
    return Call(interviews.read(session(), paper, wording), found)


def _refuse(paper: Paper) -> NoReturn:
    """Say kindly why there is no interview now."""
    abort(
        make_response(
            render_template("clinic/interview_closed.html", paper=paper, today=paper.place.today(clock.now())), 409
        )
    )


def _question(call: Call, code: str) -> Question:
    try:
        return call.interview.paper.instrument.question(code)
    except KeyError:
        abort(400)


def _values(question: Question, held: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read what was answered; None when it is no answer. A text of `held` that was emptied is taken back."""
    if question.type is QuestionType.TICKS:
        ticked = {box.link_id: box.link_id in request.form for box in question.boxes}
        if any(ticked.values()) == (NONE in request.form):
            return None
        said_of = {each.link_id: " ".join(request.form.get(each.link_id, "").split()) for each in question.texts}
        opened = [each.link_id for each in question.texts if each.shown_when is None or each.shown_when.holds(ticked)]
        texts = {link_id: said_of[link_id][:TEXT_LENGTH] or None for link_id in opened}
        return ticked | {link_id: text for link_id, text in texts.items() if text or link_id in held}
    said = request.form.get("answer", "").strip()
    if question.type is QuestionType.VAS:
        return {question.item.link_id: int(said)} if said.isascii() and said.isdigit() and len(said) <= 3 else None
    codes = {str(option.code): option.code for option in question.item.options}
    return {question.item.link_id: codes[said]} if said in codes else None


def _page(call: Call, question: Question, *, fault: bool = False) -> str:
    asked = call.interview.asked
    place = next((number for number, each in enumerate(asked, 1) if each.code == question.code), 1)
    typed = request.form if fault else None
    return render_template(
        "clinic/interview.html", call=call, interview=call.interview, question=question, place=place, typed=typed
    )
