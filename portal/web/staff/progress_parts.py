"""The parts of "How are we doing": what each one reads, and the figures that it is made of, in the reader's words."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from flask import get_template_attribute
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.response import Source
from portal.domain import axes
from portal.domain.completion import EXPECTED, Outcome, Tally
from portal.domain.instruments.scores import Scale
from portal.domain.quantiles import Spread
from portal.domain.study import Visit
from portal.services import answer_times, pooled_scores, study_progress
from portal.services.answer_times import MOST_MESSAGES, AnswerTimes
from portal.services.pooled_scores import PooledScale
from portal.services.study_progress import Scope
from portal.web.languages import current_language
from portal.web.staff.progress_figures import Figure, ShareFigure, ShareRow, SpreadFigure, SpreadRow


class Part(StrEnum):
    """What of a study's progress is shown: one page each."""

    COMPLETION = "completion"
    TIMES = "times"
    SCORES = "scores"


def figures(session: Session, part: Part, scope: Scope, *, at: datetime) -> list[Figure]:
    """Give the figures of a part, in their order."""
    return _PARTS[part](session, scope, at)


def _completion(session: Session, scope: Scope, at: datetime) -> list[Figure]:
    told = study_progress.completion(session, scope, is_public_holiday, at=at)
    visits = [(visit.code, visit.label(current_language())) for visit in scope.definition.visits]
    sites = [(place.site.code, f"{place.site.code} · {place.site.name}") for place in scope.places]
    by_visit = [_tally_row(code, name, told.of_visit(code)) for code, name in visits]
    by_site = [_tally_row(code, name, told.of_site(code)) for code, name in sites]
    whole = _tally_row(_("All"), _("All together"), told.whole)
    found: list[Figure] = [
        _tally_figure("visits", _("Received, by visit"), _("Visit"), [*by_visit, whole]),
        _tally_figure("sites", _("Received, by site"), _("Site"), [*by_site, whole] if len(sites) > 1 else by_site),
    ]
    for site, title in sites if len(sites) > 1 else ():
        rows = [_tally_row(code, name, told.cells.get((site, code), Tally({}))) for code, name in visits]
        of_site = _tally_row(_("All"), _("All together"), told.of_site(site))
        found.append(
            _tally_figure(f"site-{site}", _("Received at %(site)s, by visit", site=title), _("Visit"), [*rows, of_site])
        )
    sources = [
        ShareRow(code, name, tuple(told.sources.get((code, source), 0) for source in Source)) for code, name in visits
    ]
    found.append(
        ShareFigure(
            "sources",
            _("How the questionnaires were filled in"),
            _("Questionnaires that were sent, each counted by itself."),
            _("Visit"),
            _("Questionnaires sent"),
            (_("On a phone"), _("On paper"), _("In an interview")),
            tuple(sources),
        )
    )
    return found


def _tally_row(code: str, name: str, tally: Tally) -> ShareRow:
    asides = (tally[Outcome.WITHDRAWN], tally[Outcome.OPEN])
    return ShareRow(code, name, tuple(tally[each] for each in EXPECTED), asides)


def _tally_figure(name: str, title: str, subject: str, rows: list[ShareRow]) -> ShareFigure:
    parts = (_("Sent in time"), _("Sent late"), _("Partly"), _("Nothing received"))
    return ShareFigure(name, title, "", subject, _("Expected"), parts, tuple(rows), (_("Withdrawn"), _("Still open")))


def _times(session: Session, scope: Scope, _at: datetime) -> list[Figure]:
    told = answer_times.measure(session, scope)
    minutes = [_minutes(scope, told, instrument) for instrument in scope.definition.instruments]
    return [*minutes, _days(scope, told), _messages(scope, told)]


def _minutes(scope: Scope, told: AnswerTimes, instrument: str) -> SpreadFigure:
    asked = [visit for visit in scope.definition.visits if instrument in visit.instruments]
    rows = [
        _spread_row(visit, told.minutes.get((visit.code, instrument)), told.at_once.get((visit.code, instrument), 0))
        for visit in asked
    ]
    return SpreadFigure(
        f"minutes-{instrument.lower()}",
        _("Minutes from the first answer to sending: %(instrument)s", instrument=instrument),
        _("Questionnaires"),
        tuple(rows),
        _ticks(rows),
        0,
        aside=_("Arrived whole"),
    )


def _days(scope: Scope, told: AnswerTimes) -> SpreadFigure:
    rows = [_spread_row(visit, told.days.get(visit.code)) for visit in scope.definition.visits]
    title = _("Days from the opening until everything was sent")
    return SpreadFigure("days", title, _("Visits"), tuple(rows), _ticks(rows), 1)


def _messages(scope: Scope, told: AnswerTimes) -> ShareFigure:
    numbers = range(MOST_MESSAGES + 1)
    counts = {code: tuple(counted[n] for n in numbers) for code, counted in told.messages.items()}
    return ShareFigure(
        "messages",
        _("Messages that had left before everything was sent"),
        _("The first message tells of the opening, the others remind; one that staff sent again counts too."),
        _("Visit"),
        _("Sent visits"),
        (_("None"), *(str(n) for n in numbers[1:-1]), _("%(number)s or more", number=MOST_MESSAGES)),
        tuple(
            ShareRow(visit.code, visit.label(current_language()), counts.get(visit.code, (0,) * len(numbers)))
            for visit in scope.definition.visits
        ),
    )


def _spread_row(visit: Visit, spread: Spread | None, aside: int | None = None) -> SpreadRow:
    return SpreadRow(visit.code, visit.label(current_language()), spread.count if spread else 0, spread, aside)


def _ticks(rows: list[SpreadRow]) -> tuple[int, ...]:
    return axes.ticks(max((row.spread.upper for row in rows if row.spread), default=Fraction(1)))


def _scores(session: Session, scope: Scope, _at: datetime) -> list[Figure]:
    found: list[Figure] = []
    for scale in pooled_scores.pool(session, scope):
        found.append(_pooled(scope, scale))
        if scale.spec.bands:
            found.append(_bands(scope, scale))
    return found


def _pooled(scope: Scope, scale: PooledScale) -> SpreadFigure:
    rows = tuple(
        SpreadRow(
            visit.code,
            scope.definition.get_visit(visit.code).label(current_language()),
            visit.scored,
            visit.spread.times(scale.factor) if visit.spread else None,
            visit.unscored,
        )
        for visit in scale.visits
    )
    name = _scale_name(scale.spec)
    return SpreadFigure(
        f"scores-{scale.spec.code.replace('_', '-')}",
        _("%(scale)s, marked on a line from 0 to 100", scale=name) if scale.spec.link_id else name,
        _("Patients scored"),
        rows,
        (0, *(band.high for band in scale.spec.bands)) if scale.spec.bands else axes.ticks(Fraction(scale.high)),
        scale.places,
        aside=_("Not scorable"),
        extremes=True,
        instrument=scale.instrument,
        bands=scale.spec.bands,
    )


def _bands(scope: Scope, scale: PooledScale) -> ShareFigure:
    band_name = get_template_attribute("components/summary_words.html", "band_name")
    return ShareFigure(
        f"bands-{scale.spec.code.replace('_', '-')}",
        _("%(scale)s: patients in each band", scale=_scale_name(scale.spec)),
        "",
        _("Visit"),
        _("Patients scored"),
        tuple(str(band_name(scale.instrument, band.code)).strip() for band in scale.spec.bands),
        tuple(
            ShareRow(
                visit.code,
                scope.definition.get_visit(visit.code).label(current_language()),
                tuple(visit.bands.get(band.code, 0) for band in scale.spec.bands),
                withheld=0 if visit.spread else visit.scored,
            )
            for visit in scale.visits
        ),
    )


def _scale_name(spec: Scale) -> str:
    name = get_template_attribute("components/summary_words.html", "scale_name")
    return str(name(spec.code)).strip()


_PARTS: dict[Part, Callable[[Session, Scope, datetime], list[Figure]]] = {
    Part.COMPLETION: _completion,
    Part.TIMES: _times,
    Part.SCORES: _scores,
}
