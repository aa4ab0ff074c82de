"""Queries, and wishes for a correction, as files: every row of what was chosen, with a record that it left."""

from collections.abc import Iterator

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.adapters.spreadsheets import Cell, Column
from portal.db.correction import RequestOutcome
from portal.domain.roles import Role
from portal.services import correction_requests, query_lists
from portal.services.correction_requests import RequestLine
from portal.services.query_lists import QueryLine
from portal.web import list_choices
from portal.web.access import allow
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.staff import table_files
from portal.web.staff.queries import WHO, question_of
from portal.web.stores import session

bp = Blueprint("query_downloads", __name__, url_prefix="/staff/lists")


@bp.get("/queries")
@allow(*WHO)
def queries() -> ResponseReturnValue:
    """Give the queries for `?state=`, as `?format=csv` or xlsx."""
    closed = request.args.get("state") == "closed"
    sites = list_choices.site(current_staff().sites_as(*WHO))[1]
    lines = query_lists.query_lines(session(), sites, closed=closed)
    shown, rows = "closed" if closed else "open", _rows(lines)
    columns, at = _columns(), clock.now()
    return table_files.send(_("Queries"), kind="query", shown=shown, columns=columns, rows=rows, site_ids=sites, at=at)


@bp.get("/wishes")
@allow(Role.NURSE)
def wishes() -> ResponseReturnValue:
    """Give the wishes for a correction for `?state=`, in the same way."""
    settled = request.args.get("state") == "settled"
    sites = list_choices.site(current_staff().sites_as(Role.NURSE))[1]
    lines = correction_requests.request_lines(session(), sites, settled=settled)
    return table_files.send(
        _("Wishes for a correction"),
        kind="correction_request",
        shown="settled" if settled else "open",
        columns=_wish_columns(),
        rows=_wish_rows(lines),
        site_ids=sites,
        at=clock.now(),
    )


def _columns() -> list[Column]:
    return [
        Column(_("Patient")),
        Column(_("Visit"), 16),
        Column(_("Questionnaire")),
        Column(_("Question")),
        Column(_("Opened by"), 24),
        Column(_("Opened"), 17),
        Column(_("Notes")),
        Column(_("Said last"), 60),
        Column(_("Said last by"), 24),
        Column(_("Said last on"), 17),
        Column(_("Closed"), 17),
        Column(_("Reason"), 60),
        Column(_("Time zone"), 16),
    ]


def _rows(lines: Iterator[QueryLine]) -> Iterator[list[Cell]]:
    language = current_language()
    for line in lines:
        zone, question = line.place.site.zone, question_of(line.instrument, line.query.link_id)
        closed_at = line.query.closed_at
        yield [
            line.participant_number,
            line.place.definition.get_visit(line.visit_code).label(language),
            line.instrument,
            question.number if question else None,
            line.opened_by,
            line.query.opened_at.astimezone(zone),
            line.notes,
            line.last_text,
            line.last_by,
            line.last_at.astimezone(zone),
            closed_at.astimezone(zone) if closed_at else None,
            line.query.close_reason,
            line.place.site.time_zone,
        ]


def _wish_columns() -> list[Column]:
    return [
        Column(_("Patient")),
        Column(_("Visit"), 16),
        Column(_("Questionnaire")),
        Column(_("What was said"), 60),
        Column(_("Said by"), 24),
        Column(_("Said on"), 17),
        Column(_("State"), 14),
        Column(_("Settled by"), 24),
        Column(_("Settled on"), 17),
        Column(_("Reason"), 60),
        Column(_("Time zone"), 16),
    ]


def _wish_rows(lines: Iterator[RequestLine]) -> Iterator[list[Cell]]:
    language = current_language()
    states = {None: _("Waiting"), RequestOutcome.CORRECTED: _("Corrected"), RequestOutcome.DECLINED: _("Declined")}
    for line in lines:
        zone, wish = line.place.site.zone, line.request
        yield [
            line.participant_number,
            line.place.definition.get_visit(line.visit_code).label(language),
            line.instrument,
            wish.reason,
            line.asked_by or _("the patient"),
            wish.asked_at.astimezone(zone),
            states[wish.outcome],
            line.settled_by or None,
            wish.settled_at.astimezone(zone) if wish.settled_at else None,
            wish.settled_reason,
            line.place.site.time_zone,
        ]
