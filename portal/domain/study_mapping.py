"""A study as plain data for JSON, complete and always in the same form, which study_file.from_mapping reads back."""

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from fractions import Fraction

from portal.domain.study import Contact, Site, Study, Visit, WindowRule

Plain = dict[str, object]


def to_mapping(study: Study) -> Plain:
    """Write a study out in full, every default spelt out; from_mapping(to_mapping(study)) == study."""
    return {
        "code": study.code,
        "title": dict(study.titles),
        "mode": study.mode.value,
        "time_zone": study.time_zone,
        "languages": list(study.languages),
        "participant_number": study.participant_number.text,
        "instruments": list(study.instruments),
        "patients_see_scores": study.patients_see_scores,
        "contact": _contact(study.contact),
        "window": _window(study.window),
        "reminders": _given(
            days_after_opening=list(study.reminders.days_after_opening),
            days_before_visit=list(study.reminders.days_before_visit),
            last_call=study.reminders.last_call,
        ),
        "messages": {
            "hour": _hour(study.messages.hour),
            "earliest": _hour(study.messages.earliest),
            "latest": _hour(study.messages.latest),
            "invitation": study.messages.invitation,
            "channel": study.messages.channel.value,
            "sms_most_parts": study.messages.sms_most_parts,
            "sms_most_a_month": study.messages.sms_most_a_month,
        },
        "summary": {
            "working_days_before": study.summary.working_days_before,
            "hour": _hour(study.summary.hour),
            "language": study.summary.language,
            "mail": study.summary.mail.value,
        },
        "notices": {"hour": _hour(study.notices.hour)},
        "thresholds": {code: _numbers(scales) for code, scales in study.thresholds.items()},
        "scoring": {code: dict(options) for code, options in study.scoring.items()},
        "sites": [_site(site) for site in study.sites],
        "visits": [_visit(visit) for visit in study.visits],
    }


def _contact(contact: Contact) -> Plain:
    return _given(name=contact.name, telephone=contact.telephone, email=contact.email)


def _window(window: WindowRule) -> Plain:
    return {"opens_days_before": window.opens_days_before, "closes_days_after": window.closes_days_after}


def _site(site: Site) -> Plain:
    return _given(
        code=site.code,
        name=site.name,
        telephone=site.telephone,
        time_zone=site.time_zone,
        holidays=_given(country=site.holidays.country, subdivision=site.holidays.subdivision),
        closures=[day.isoformat() for day in site.closures],
        emergency_telephone=site.emergency_telephone,
        emergency=dict(site.emergency) or None,
    )


def _visit(visit: Visit) -> Plain:
    return {
        "code": visit.code,
        "label": dict(visit.labels),
        "after_inclusion": {visit.after_inclusion.unit.value: visit.after_inclusion.count},
        "instruments": list(visit.instruments),
        "window": _window(visit.window),
    }


def _given(**values: object) -> Plain:
    return {key: value for key, value in values.items() if value is not None}


def _hour(hour: time) -> str:
    return f"{hour:%H:%M}"


def _numbers(scales: Mapping[str, Fraction]) -> Plain:
    # Text, because JSON's numbers would come back as binary fractions. The file's decimals end, so this is exact.
    return {scale: f"{Decimal(value.numerator) / Decimal(value.denominator):f}" for scale, value in scales.items()}
