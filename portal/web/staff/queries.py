"""Queries among staff: the list, one thread with what can be done about it, and opening one on an answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.query import Query
from portal.db.response import Response
from portal.domain import instruments
from portal.domain.instruments.model import Question, UnknownItem
from portal.domain.roles import Role
from portal.services import answered_forms, correction_requests, corrections, queries, query_lists, studies
from portal.services.queries import OpenQuery
from portal.services.query_lists import Answered
from portal.web import list_choices
from portal.web.access import allow, records
from portal.web.principals import current_staff
from portal.web.staff import corrections as corrects
from portal.web.staff.answer_pages import after, words_of
from portal.web.stores import session

bp = Blueprint("queries", __name__, url_prefix="/staff")

WHO = (Role.NURSE, Role.INVESTIGATOR, Role.DATA_MANAGER)


@dataclass
class Draft:
    """What was typed on a query's page, and a code of what is wrong with it."""

    text: str = ""
    item: str = ""
    fault: str = ""


@bp.get("/queries")
@allow(*WHO)
def list_all() -> ResponseReturnValue:
    """List the queries of the person's sites: the open ones, or with `?state=closed` those that were closed."""
    site_ids = current_staff().sites_as(*WHO)
    chosen, sites = list_choices.site(site_ids)
    listed = query_lists.list_queries(
        session(),
        sites,
        closed=request.args.get("state") == "closed",
        page=list_choices.page(),
        size=query_lists.WHOLE if list_choices.is_whole() else query_lists.PAGE,
    )
    names = {row.query.id: question_of(row.instrument, row.query.link_id) for row in listed.rows}
    places = studies.some_sites(session(), site_ids)
    return render_template("staff/queries.html", listed=listed, names=names, chosen=chosen, places=places)


@bp.get("/queries/<uuid:query_id>")
@allow(*WHO)
@records
def show(query_id: UUID) -> ResponseReturnValue:
    """Show the thread with the answer that it is about; the look at the answer is recorded."""
    query = _get(query_id)
    response = session().get_one(Response, query.response_id)
    answered_forms.looked_at(session(), response, by=current_staff().actor, at=clock.now())
    return _thread(query, Draft())


@bp.post("/queries/<uuid:query_id>")
@allow(*WHO)
def keep(query_id: UUID) -> ResponseReturnValue:
    """Add a note, close the query with it as the reason, or have the patient asked what it says."""
    query = _get(query_id)
    draft = Draft(request.form.get("text", "").strip())
    by, at = current_staff().actor, clock.now()
    try:
        match request.form.get("deed"):
            case "close":
                queries.close(session(), query, draft.text, by=by, at=at)
            case "ask":
                _ask_patient(query, draft.text, at)
            case _:
                queries.answer(session(), query, draft.text, by=by, at=at)
    except (queries.NothingSaidError, correction_requests.NothingSaidError):
        draft.fault = "nothing-said"
    except queries.ClosedError:
        if draft.text != query.close_reason:  # a second press on the same reason says nothing new
            draft.fault = "closed"
    return (_thread(query, draft), 422) if draft.fault else redirect(url_for(".show", query_id=query.id), 303)


@bp.get("/responses/<uuid:response_id>/query")
@allow(*WHO)
@records
def open_query(response_id: UUID) -> ResponseReturnValue:
    """Ask what the question is, and about what: `?item=` names the item; the look at the answers is recorded."""
    response = _response(response_id)
    answered_forms.looked_at(session(), response, by=current_staff().actor, at=clock.now())
    return _opening(response, Draft(item=request.args.get("item", "")))


@bp.post("/responses/<uuid:response_id>/query")
@allow(*WHO)
def begin(response_id: UUID) -> ResponseReturnValue:
    """Open the query; when one on the same thing is open already, lead to it."""
    response = _response(response_id)
    draft = Draft(request.form.get("text", "").strip(), request.form.get("item", ""))
    try:
        query_id = queries.open_on(
            session(),
            response,
            draft.text,
            link_id=draft.item or None,
            by=current_staff().actor,
            at=clock.now(),
        ).id
    except queries.NothingSaidError:
        draft.fault = "nothing-said"
    except UnknownItem:
        draft.fault = "no-item"
    except queries.OpenAlreadyError as refusal:
        query_id = refusal.query_id
    if draft.fault:
        return _opening(response, draft), 422
    return redirect(url_for(".show", query_id=query_id), 303)


@bp.app_template_global("answered_of")
def answered_of(summary_id: UUID) -> Answered:
    """Give what of a summary's visit can be corrected and asked about, for the summary's own page."""
    held: dict[UUID, Answered] = g.setdefault("answered", {})
    if summary_id not in held:
        held[summary_id] = query_lists.answered_of(session(), summary_id)
    return held[summary_id]


@bp.app_template_global("query_number")
def query_number(query: OpenQuery) -> int | None:
    """Give the number of the question that a query is about; None = the whole questionnaire."""
    question = question_of(query.instrument, query.link_id)
    return question.number if question else None


def question_of(instrument: str, link_id: str | None) -> Question | None:
    """Give the question that an item stands in; None = the whole questionnaire."""
    if link_id is None:
        return None
    item = instruments.get(instrument).item(link_id)
    return next(each for each in instruments.get(instrument).questions if item in each.items)


def _ask_patient(query: Query, text: str, at: datetime) -> None:
    """File the wish for a correction: it waits on the nurse's list, and no message leaves."""
    if query.closed_at is not None:
        raise queries.ClosedError
    response = session().get_one(Response, query.response_id)
    by = current_staff().actor
    correction_requests.ask(session(), response, text, link_id=query.link_id, query=query, by=by, at=at)
    queries.answer(session(), query, text, by=by, at=at)


def _thread(query: Query, draft: Draft) -> str:
    response = session().get_one(Response, query.response_id)
    form = corrections.form_of(session(), response)
    return render_template(
        "staff/query.html",
        thread=queries.thread_of(session(), query),
        wishes=correction_requests.of_query(session(), query.id),
        question=question_of(response.assignment.instrument, query.link_id),
        draft=draft,
        **_about(response),
        form=form,
        wording=words_of(response, form),
    )


def _opening(response: Response, draft: Draft) -> str:
    form = corrections.form_of(session(), response)
    instrument = instruments.get(response.assignment.instrument)
    about = _about(response)
    return render_template(
        "staff/open_query.html",
        draft=draft,
        instrument=instrument,
        form=form,
        wording=words_of(response, form),
        **about,
    )


def _about(response: Response) -> dict[str, object]:
    visit = response.assignment.visit
    place = studies.for_site(session(), visit.participant.site_id)
    return {
        "response": response,
        "visit": visit,
        "place": place,
        "stands": answered_forms.stands,
        "longest": queries.LONGEST,
        "back": after(response),
        "may_correct": place.site_id in current_staff().sites_as(*corrects.WHO),
    }


def _get(query_id: UUID) -> Query:
    """Give a query of the person's own sites; another site's is not there."""
    try:
        return queries.get_for(session(), current_staff().sites_as(*WHO), query_id)
    except queries.QueryNotFoundError:
        abort(404)


def _response(response_id: UUID) -> Response:
    """Give a sent response of the person's own sites; another site's, or one that was not sent, is not there."""
    try:
        response = corrections.get_for(session(), current_staff().sites_as(*WHO), response_id)
        corrections.form_of(session(), response)
    except (corrections.ResponseNotFoundError, corrections.NotSentError):
        abort(404)
    return response
