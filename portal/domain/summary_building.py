"""Builds a summary's content from what was answered and scored at this visit and the ones before it; pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from portal.domain import instruments
from portal.domain.instruments import emptiness
from portal.domain.instruments.emptiness import Emptiness
from portal.domain.instruments.model import Instrument
from portal.domain.schedule import local_day
from portal.domain.study import Site, Study
from portal.domain.summary import Arrival, Content, InstrumentSummary, Received
from portal.domain.summary_answers import ItemSummary, QuestionSummary, Replaced
from portal.domain.summary_observations import observe
from portal.domain.summary_scales import summarise
from portal.domain.summary_sheets import Course, Sheet, VisitSheets, course_of

VERSION = 1


def build(
    study: Study,
    site: Site,
    participant_number: str,
    visits: Sequence[VisitSheets],
    visit: str,
    *,
    number: int,
    at: datetime,
    replaces: Replaced | None = None,
) -> Content:
    """Build the content for the visit with code `visit`; `visits` are all of the participant's, in protocol order.

    `replaces` tells of the edition before. Nothing of the visits after it is looked at.
    """
    place = [each.name.code for each in visits].index(visit)
    here = visits[place]
    summaries = tuple(
        _instrument(study, site, course_of(visits, place, sheet.instrument), sheet) for sheet in here.sheets
    )
    sent = sum(each.arrival is Arrival.SENT for each in summaries)
    return Content(
        version=VERSION,
        study_code=study.code,
        titles=dict(study.titles),
        mode=study.mode,
        participant_number=participant_number,
        site_code=site.code,
        site_name=site.name,
        telephone=site.telephone,
        time_zone=site.time_zone,
        visit=visit,
        visits=tuple(each.name for each in visits),
        number=number,
        made_at=at,
        received=Received.COMPLETE if sent == len(summaries) else Received.PARTIAL if sent else Received.NOTHING,
        instruments=summaries,
        observations=observe(summaries),
        replaces=replaces,
    )


def _instrument(study: Study, site: Site, course: Course, sheet: Sheet) -> InstrumentSummary:
    if not sheet.is_sent:
        arrival = Arrival.NOTHING if sheet.status is None else Arrival.BEGUN
        return InstrumentSummary(
            sheet.instrument, arrival, sheet.status, sheet.source, sheet.started_at, words=sheet.words
        )
    instrument = instruments.get(sheet.instrument)
    before = course.last
    gap = _gap_days(site, before[1], sheet) if before else None
    too_short = gap is not None and instrument.shortest_gap_days is not None and gap < instrument.shortest_gap_days
    return InstrumentSummary(
        code=sheet.instrument,
        arrival=Arrival.SENT,
        status=sheet.status,
        source=sheet.source,
        started_at=sheet.started_at,
        completed_at=sheet.completed_at,
        answered_in=sheet.answered_in,
        words=sheet.words,
        rule=sheet.rule,
        rule_version=sheet.rule_version,
        options=sheet.options,
        flags=sheet.flags,
        scales=summarise(study, instrument, course),
        items_before=before[0] if before else None,
        questions=_questions(instrument, sheet, before[1] if before else None),
        days_since_last=gap if too_short else None,
        shortest_gap_days=instrument.shortest_gap_days if too_short else None,
        filled_in_by=sheet.filled_in_by,
        keyed_by=sheet.keyed_by,
        corrections=sheet.corrections,
    )


def _gap_days(site: Site, before: Sheet, sheet: Sheet) -> int | None:
    """Count the site's local days between two sendings."""
    if before.completed_at is None or sheet.completed_at is None:
        return None
    return (local_day(sheet.completed_at, site.zone) - local_day(before.completed_at, site.zone)).days


def _questions(instrument: Instrument, sheet: Sheet, before: Sheet | None) -> tuple[QuestionSummary, ...]:
    kinds = emptiness.of_instrument(instrument, sheet.answers, sheet.skipped)
    kinds_before = emptiness.of_instrument(instrument, before.answers, before.skipped) if before else {}
    found = []
    for question in instrument.questions:
        items = tuple(_item(item.link_id, sheet, kinds, before, kinds_before) for item in question.items)
        found.append(
            QuestionSummary(
                question.code,
                question.number,
                question.type.value,
                question.sensitive,
                emptiness.of_question(question, sheet.answers, sheet.skipped),
                before is not None and any((i.value, i.empty) != (i.value_before, i.empty_before) for i in items),
                items,
            )
        )
    return tuple(found)


def _item(
    link_id: str,
    sheet: Sheet,
    kinds: Mapping[str, Emptiness | None],
    before: Sheet | None,
    kinds_before: Mapping[str, Emptiness | None],
) -> ItemSummary:
    corrected = link_id in sheet.as_sent
    value_sent, empty_sent = sheet.as_sent.get(link_id, (None, None))
    return ItemSummary(
        link_id,
        sheet.answers.get(link_id),
        kinds[link_id],
        before.answers.get(link_id) if before else None,
        kinds_before.get(link_id),
        corrected,
        value_sent,
        Emptiness(empty_sent) if empty_sent else None,
    )
