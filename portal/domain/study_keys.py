"""Every key that study.toml may hold, by the table it stands in; docs/study-file.md explains each."""

from collections.abc import Iterator

from portal.domain.study import LANGUAGES

TEXTS = "text in each language"
STUDY = "study"
DECIDED_BY_INSTRUMENT = "instrument"

KEYS: dict[str, dict[str, str | None]] = {
    # table -> key -> the table that the key opens, or None for a plain value; "x[]" is a list of tables.
    STUDY: {
        "code": None,
        "title": TEXTS,
        "mode": None,
        "time_zone": None,
        "languages": None,
        "participant_number": None,
        "instruments": None,
        "patients_see_scores": None,
        "contact": "contact",
        "window": "window",
        "reminders": "reminders",
        "messages": "messages",
        "summary": "summary",
        "notices": "notices",
        "thresholds": DECIDED_BY_INSTRUMENT,
        "scoring": DECIDED_BY_INSTRUMENT,
        "sites": "site[]",
        "visits": "visit[]",
    },
    TEXTS: dict.fromkeys(LANGUAGES),
    "contact": {"name": None, "telephone": None, "email": None},
    "window": {"opens_days_before": None, "closes_days_after": None},
    "reminders": {"days_after_opening": None, "days_before_visit": None, "last_call": None},
    "messages": dict.fromkeys(
        ["hour", "earliest", "latest", "invitation", "channel", "sms_most_parts", "sms_most_a_month"]
    ),
    "summary": dict.fromkeys(["working_days_before", "hour", "language", "mail"]),
    "notices": {"hour": None},
    "site[]": {
        "code": None,
        "name": None,
        "telephone": None,
        "time_zone": None,
        "holidays": "holidays",
        "closures": None,
        "emergency_telephone": None,
        "emergency": TEXTS,
    },
    "holidays": {"country": None, "subdivision": None},
    "visit[]": {
        "code": None,
        "label": TEXTS,
        "after_inclusion": "after_inclusion",
        "instruments": None,
        "window": "window",
    },
    "after_inclusion": {"days": None, "weeks": None, "months": None},
}


def list_keys(shape: str = STUDY, path: str = "") -> Iterator[str]:
    """List each key in full, such as "sites[].holidays.country", without what stands under thresholds and scoring."""
    for key, opens in KEYS[shape].items():
        full = path + key
        if opens is None:
            yield full
        elif opens.endswith("[]"):
            yield from list_keys(opens, f"{full}[].")
        elif opens != DECIDED_BY_INSTRUMENT:
            yield from list_keys(opens, f"{full}.")
