"""How are we doing: how complete a study's questionnaires are, what answering takes, and how the scores lie, blind."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.domain.blind import FEWEST_POOLED
from portal.domain.roles import Role
from portal.services import pooled_scores, study_progress
from portal.services.study_progress import Scope
from portal.web.access import allow
from portal.web.principals import current_staff
from portal.web.staff import progress_parts, table_files
from portal.web.staff.progress_figures import Figure
from portal.web.staff.progress_parts import Part
from portal.web.stores import recording, session

bp = Blueprint("progress", __name__, url_prefix="/staff/progress")

_ROLES = (Role.NURSE, Role.INVESTIGATOR, Role.DATA_MANAGER)


@bp.get("")
@allow(*_ROLES)
def show() -> ResponseReturnValue:
    """Show one `?part=` of the progress of one of the reader's studies (`?study=`, from 1), else the first."""
    at, part = clock.now(), _part()
    scopes = study_progress.scopes(session(), current_staff().sites_as(*_ROLES))
    scope, number = _chosen(scopes)
    figures = progress_parts.figures(session(), part, scope, at=at)
    _note(part, scope, at)
    return render_template(
        "staff/progress.html",
        part=part,
        scopes=scopes,
        scope=scope,
        number=number,
        figures=figures,
        fewest=FEWEST_POOLED,
        at=at,
    )


@bp.get("/table")
@allow(*_ROLES)
def table() -> ResponseReturnValue:
    """Give one figure of a part (`?of=`) as `?format=csv` or xlsx."""
    at, part = clock.now(), _part()
    scope, _number = _chosen(study_progress.scopes(session(), current_staff().sites_as(*_ROLES)))
    figure = _find(progress_parts.figures(session(), part, scope, at=at), request.args.get("of", ""))
    _note(part, scope, at)
    return table_files.send(
        figure.title,
        kind="study",
        shown=figure.name,
        columns=figure.columns(),
        rows=figure.cells(),
        site_ids=scope.pool if part is Part.SCORES else scope.site_ids,
        at=at,
        name=figure.name,
    )


def _part() -> Part:
    wanted = request.args.get("part", "")
    return Part(wanted) if wanted in list(Part) else Part.COMPLETION


def _chosen(scopes: Sequence[Scope]) -> tuple[Scope, int]:
    number = request.args.get("study", 1, int)
    number = number if 1 <= number <= len(scopes) else 1
    return scopes[number - 1], number


def _find(figures: Sequence[Figure], name: str) -> Figure:
    found = next((figure for figure in figures if figure.name == name), None)
    if found is None:
        abort(404)
    return found


def _note(part: Part, scope: Scope, at: datetime) -> None:
    """Record that somebody looked at scores; apart, so that reading them keeps nobody from writing meanwhile."""
    if part is Part.SCORES:
        with recording() as unit:
            pooled_scores.read(unit, scope, by=current_staff().actor, at=at)
