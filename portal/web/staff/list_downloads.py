"""The staff's lists as files: every row of what was chosen, for a spreadsheet, with a record that it left."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Blueprint, get_template_attribute
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from portal import clock
from portal.adapters.public_holidays import is_public_holiday
from portal.adapters.spreadsheets import Cell, Column
from portal.domain import instruments
from portal.domain.roles import Role
from portal.domain.rounding import show
from portal.domain.states import VisitProgress
from portal.domain.summary import Content
from portal.services import list_downloads
from portal.services.list_downloads import SummaryLine, VisitLine
from portal.services.studies import StudyAtSite
from portal.web import list_choices
from portal.web.access import allow
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.staff import table_files
from portal.web.stores import session

bp = Blueprint("list_downloads", __name__, url_prefix="/staff/lists")

_MAIN_SCALES = [(code, scale) for code in instruments.CODES for scale in instruments.get(code).scales if scale.main]


@bp.get("/visits")
@allow(Role.NURSE)
def visits() -> ResponseReturnValue:
    """Give the nurse's list for what her address asks, as `?format=csv` or xlsx."""
    at, site_ids = clock.now(), current_staff().sites_as(Role.NURSE)
    choice, asked = list_choices.visits(site_ids)
    lines = list_downloads.visit_lines(session(), site_ids, choice=choice, is_public_holiday=is_public_holiday, at=at)
    rows = (_visit_row(line) for line in lines)
    return table_files.send(
        _("Visits"), kind="visit", shown=asked.query, columns=_visit_columns(), rows=rows, site_ids=site_ids, at=at
    )


@bp.get("/summaries")
@allow(Role.INVESTIGATOR)
def summaries() -> ResponseReturnValue:
    """Give the investigator's list for what the address asks, as `?format=csv` or xlsx."""
    at, site_ids = clock.now(), current_staff().sites_as(Role.INVESTIGATOR)
    choice, asked = list_choices.summaries(site_ids)
    lines = list_downloads.summary_lines(session(), site_ids, choice=choice, language=current_language(), at=at)
    stand_out = get_template_attribute("components/stand_out.html", "stand_out")
    rows = (_summary_row(line, stand_out) for line in lines)
    return table_files.send(
        _("Summaries"),
        kind="summary",
        shown=asked.query,
        columns=_summary_columns(),
        rows=rows,
        site_ids=site_ids,
        at=at,
    )


def _visit_columns() -> list[Column]:
    return [
        Column(_("Patient")),
        Column(_("Visit"), 16),
        Column(_("Day")),
        Column(_("Language")),
        Column(_("Questionnaires"), 24),
        Column(_("Questionnaires sent")),
        Column(_("Questionnaires expected")),
        Column(_("Opens on")),
        Column(_("Closes on")),
        Column(_("Summary, edition")),
        Column(_("Announced"), 17),
        Column(_("Printed"), 17),
        Column(_("Seen"), 17),
        Column(_("Time zone"), 16),
        Column(_("Answers that came too late")),
        Column(_("Answers given differently on two devices")),
    ]


def _visit_row(line: VisitLine) -> list[Cell]:
    language = current_language()
    return [
        line.participant_number,
        line.place.definition.get_visit(line.code).label(language),
        line.planned_on,
        {"fr": _("French"), "en": _("English")}[line.language],
        _state(line.progress),
        line.progress.sent,
        line.progress.expected,
        line.window.opens_on,
        line.window.closes_on,
        line.edition,
        *(_local(line.place, each) for each in (line.delivered_at, line.printed_at, line.seen_at)),
        line.place.site.time_zone,
        line.set_apart,
        line.conflicts,
    ]


def _state(progress: VisitProgress) -> str:
    """Give the words that the list shows, without the mark before them."""
    shown: Markup = get_template_attribute("components/visit_state.html", "visit_state")(progress)
    return shown.striptags().split(" ", 1)[1]


def _local(place: StudyAtSite, value: datetime | None) -> datetime | None:
    return value.astimezone(place.site.zone) if value else None


def _summary_columns() -> list[Column]:
    scale_name = get_template_attribute("components/summary_words.html", "scale_name")
    return [
        Column(_("Patient")),
        Column(_("Visit"), 16),
        Column(_("Day")),
        *(Column(scale_name(scale.code).strip(), 16, scale.places) for _code, scale in _MAIN_SCALES),
        Column(_("What stands out"), 60),
        Column(_("Summary, edition")),
        Column(_("Made"), 17),
        Column(_("Seen"), 17),
        Column(_("Seen by"), 24),
        Column(_("Time zone"), 16),
    ]


def _summary_row(line: SummaryLine, stand_out: Callable[[SummaryLine], Markup]) -> list[Cell]:
    content, zone = line.content, ZoneInfo(line.content.time_zone)
    return [
        line.participant_number,
        content.this_visit.labels[line.language],
        line.planned_on,
        *(_value(content, code, scale.code) for code, scale in _MAIN_SCALES),
        stand_out(line).striptags(),
        content.number,
        content.made_at.astimezone(zone),
        line.seen_at.astimezone(zone) if line.seen_at else None,
        line.seen_by,
        content.time_zone,
    ]


def _value(content: Content, instrument: str, scale: str) -> Decimal | None:
    """Give a score with the decimals that the summary shows, None where there is none."""
    try:
        found = content.scale(instrument, scale)
    except KeyError:
        return None
    return None if found.value is None else show(found.value, found.places)
