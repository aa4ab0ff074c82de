"""The page of promises: which summaries are at their site in time, which not, why, and what to do; as files, too."""

from collections.abc import Callable, Iterator

from flask import Blueprint, get_template_attribute, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from portal import clock
from portal.adapters.public_holidays import is_public_holiday
from portal.adapters.spreadsheets import Cell, Column
from portal.domain.roles import Role
from portal.services import promises, shortfalls
from portal.services.promise_reading import PromiseRow
from portal.web import list_choices
from portal.web.access import allow
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.staff import table_files
from portal.web.stores import session

bp = Blueprint("promises", __name__, url_prefix="/staff")

WHO = (Role.NURSE, Role.INVESTIGATOR, Role.DATA_MANAGER)
_SHORTFALLS = 50  # rows


@bp.get("/promises")
@allow(*WHO)
def show() -> ResponseReturnValue:
    """List the promises of the person's sites: those that need somebody, or others that the address asks for."""
    site_ids, at = current_staff().sites_as(*WHO), clock.now()
    choice, asked = list_choices.promises(site_ids)
    listed = promises.list_promises(
        session(),
        site_ids,
        choice=choice,
        page=list_choices.page(),
        size=promises.WHOLE if list_choices.is_whole() else None,
        is_public_holiday=is_public_holiday,
        at=at,
    )
    page = render_template(
        "staff/promises.html",
        listed=listed,
        asked=asked,
        lost=shortfalls.list_open(session(), site_ids, limit=_SHORTFALLS),
        lost_count=shortfalls.count_open(session(), site_ids),
        opens=_opens(),
    )
    return page, asked.status


@bp.get("/lists/promises")
@allow(*WHO)
def download() -> ResponseReturnValue:
    """Give the promises that the address asks for, as `?format=csv` or xlsx."""
    site_ids, at = current_staff().sites_as(*WHO), clock.now()
    choice, asked = list_choices.promises(site_ids)
    lines = promises.promise_lines(session(), site_ids, choice=choice, is_public_holiday=is_public_holiday, at=at)
    return table_files.send(
        _("Promises"),
        kind="visit",
        name="promises",
        shown=f"promises {asked.query}",
        columns=_columns(),
        rows=_rows(lines),
        site_ids=site_ids,
        at=at,
    )


def _opens() -> str:
    """Give the page on which this person opens a summary, empty when it is not hers to open."""
    roles = current_staff().all_roles
    if Role.NURSE in roles:
        return "clinic_summaries.show"
    return "investigator.show" if Role.INVESTIGATOR in roles else ""


def _columns() -> list[Column]:
    return [
        Column(_("Patient")),
        Column(_("Visit"), 16),
        Column(_("Day")),
        Column(_("Site"), 24),
        Column(_("Due on")),
        Column(_("Promise"), 20),
        Column(_("At the site"), 17),
        Column(_("Why"), 50),
        Column(_("What to do"), 50),
        Column(_("Received"), 20),
        Column(_("Summary, edition")),
        Column(_("Time zone"), 16),
    ]


def _rows(lines: Iterator[PromiseRow]) -> Iterator[list[Cell]]:
    language = current_language()
    state, why, act, received = (_words(name) for name in ("promise_state", "why", "what_to_do", "received"))
    for line in lines:
        promise, zone = line.promise, line.place.site.zone
        yield [
            line.participant_number,
            line.label(language),
            line.planned_on,
            line.place.site.name,
            promise.term.due_on,
            state(promise.state),
            promise.at_site_at.astimezone(zone) if promise.at_site_at else None,
            why(promise.cause) if promise.cause else None,
            act(promise.cause) if promise.cause else None,
            received(line.received),
            line.edition,
            line.place.site.time_zone,
        ]


def _words(name: str) -> Callable[[object], str]:
    macro: Callable[[object], Markup] = get_template_attribute("components/promise_words.html", name)
    return lambda code: macro(code).striptags()
