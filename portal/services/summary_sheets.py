"""Reads a participant's visits from the store as the sheets that a summary is built from."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import score as rows
from portal.db.participant import Assignment, Visit
from portal.db.response import Response
from portal.domain.rounding import exact
from portal.domain.states import SENT_STATUSES, ResponseStatus
from portal.domain.study import Study
from portal.domain.summary import VisitName, WordingUsed
from portal.domain.summary_answers import CorrectionLine
from portal.domain.summary_sheets import ScoredScale, Sheet, VisitSheets
from portal.services import answered_forms, keyed_papers, scores, wordings
from portal.services.answered_forms import AnsweredForm, Form
from portal.services.studies import StudyAtSite


def read(session: Session, place: StudyAtSite, participant_id: UUID, *, visit_id: UUID) -> list[VisitSheets]:
    """Give every visit of a participant in protocol order; the words for readers only at the visit asked for."""
    found = session.execute(
        select(Visit, Assignment.instrument, Response)
        .join(Assignment, Assignment.visit_id == Visit.id)
        .outerjoin(
            Response,
            (Response.assignment_id == Assignment.id) & (Response.status != ResponseStatus.ENTERED_IN_ERROR),
        )
        .where(Visit.participant_id == participant_id)
        .order_by(Visit.planned_on, Assignment.position)
    ).all()
    begun = [row.Response for row in found if row.Response]
    scored = scores.latest(session, [each.id for each in begun])
    forms = answered_forms.read(session, begun)
    keyed_by = keyed_papers.first_names(session, begun)
    words = _newest_words(session, place)
    visits: dict[UUID, VisitSheets] = {}
    for row in found:
        kept = (scored.get(row.Response.id), forms.get(row.Response.id)) if row.Response else (None, None)
        sheet = _sheet(session, row.instrument, row.Response, *kept)
        if row.Response and sheet.is_sent:
            sheet = replace(sheet, keyed_by=keyed_by.get(row.Response.id))
        if row.Visit.id == visit_id:
            used = {each.language: each.hash for each in sheet.answered_in}
            sheet = replace(sheet, words=words[row.instrument] | used)
        visit = visits.setdefault(row.Visit.id, VisitSheets(_name(place.definition, row.Visit), ()))
        visits[row.Visit.id] = replace(visit, sheets=(*visit.sheets, sheet))
    order = {visit.code: number for number, visit in enumerate(place.definition.visits)}
    return sorted(visits.values(), key=lambda visit: order[visit.name.code])


def _name(definition: Study, visit: Visit) -> VisitName:
    return VisitName(visit.code, dict(definition.get_visit(visit.code).labels), visit.planned_on)


def _newest_words(session: Session, place: StudyAtSite) -> dict[str, dict[str, str]]:
    """Give the hash of each instrument's newest words in each language of the study.

    A licence that has run out stops the asking, not the reading of what was answered: so the day is no matter here.
    """
    study = place.definition
    return {
        code: {
            language: wording.hash
            for language in study.languages
            if (wording := wordings.find_current(session, study.mode, code, language, on=date.min))
        }
        for code in study.instruments
    }


def _sheet(
    session: Session,
    instrument: str,
    response: Response | None,
    scoring: rows.Scoring | None,
    form: AnsweredForm | None,
) -> Sheet:
    if response is None:
        return Sheet(instrument)
    begun = Sheet(instrument, response.status, response.source.value, response.started_at)
    if response.status not in SENT_STATUSES or scoring is None or form is None:
        return begun
    return replace(
        begun,
        completed_at=response.completed_at,
        answered_in=_answered_in(session, form.now),
        answers=answered_forms.values_of(form.now),
        skipped=answered_forms.skipped_of(form.now),
        as_sent={link_id: answered_forms.stands(form.sent, link_id) for link_id in form.changed},
        corrections=tuple(
            CorrectionLine(each.at, each.requested_by.value, each.reason, each.entered_by, each.link_ids)
            for each in form.corrections
        ),
        rule=scoring.rule,
        rule_version=scoring.rule_version,
        options=scoring.options,
        flags=tuple(scoring.flags),
        scales={
            score.scale: ScoredScale(None if score.value is None else exact(score.value), score.missing)
            for score in scoring.scores
        },
        trace=[(step["code"], step["params"]) for step in scoring.trace],
        filled_in_by=response.filled_in_by.value if response.filled_in_by else None,
    )


def _answered_in(session: Session, form: Form) -> tuple[WordingUsed, ...]:
    """Give the wordings that the answers were given to, in the order in which they were first met on the form."""
    hashes = dict.fromkeys(entry["wording"] for entry in form.values() if "wording" in entry)
    used = [wordings.get(session, each) for each in hashes]
    return tuple(WordingUsed(each.language, each.version, each.hash, each.demonstration) for each in used)
