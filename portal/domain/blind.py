"""What may appear where, so that the blind holds and no mail tells about anyone's health; tests check everything by it.

Sources: ICH E6(R3) on blinding; the design's seventh rule. The lists are closed for mails (only what is named may
stand in one) and open for pages and tables (what is named may not).
"""

import re
from collections.abc import Iterable, Mapping

_TO_PATIENT = frozenset({"visit_on", "link", "stop_link", "site_name", "telephone", "emergency"})
_TO_STAFF = frozenset({"visit_on", "link", "site_name", "participant_number"})
_OF_SITE = frozenset({"link", "site_name"})

MAIL_PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "daily_notice": _OF_SITE | {"broken", "endangered", "missing", "bounced", "unsent", "unknown", "unprintable"},
    "contact_test": _TO_PATIENT - {"visit_on", "stop_link"},
    "fresh_link": _TO_PATIENT,
    "invitation": _TO_PATIENT | {"opens_on"},
    "last_call": _TO_PATIENT,
    "moved": _TO_PATIENT,
    "nothing_received": _TO_STAFF,
    "opening": _TO_PATIENT,
    "reminder_not_started": _TO_PATIENT,
    "reminder_started": _TO_PATIENT,
    "summary": _TO_STAFF | {"edition", "attached"},
    "weekly_digest": _OF_SITE | {"first", "last", "visits", "complete", "begun", "nothing", "received", "unsigned"},
}
"""What each mail may be filled with; the participant's number goes to staff only, a name to nobody."""

TREATMENT_WORDS = frozenset(
    {"arm", "arms", "treatment", "treated", "allocation", "allocated", "randomisation", "randomised", "randomization"}
    | {"randomized", "placebo", "verum", "dose", "dosage", "drug", "kit", "unblinded", "unblinding"}
)
"""Parts of names (of columns, fields, template variables) that could only mean what the blind hides."""

PERSONAL_WORDS = frozenset(
    {"firstname", "lastname", "surname", "initials", "birth", "birthday", "birthdate", "dob", "sex", "gender"}
    | {"nationality", "postcode", "email", "telephone", "phone", "street", "insurance"}
)
"""Parts of names that could only mean who a participant is; they belong in the contact store."""

NOT_A_PARTICIPANTS = frozenset({"staff.email", "sign_in_attempt.email_digest"})
"""Columns of the clinical store that hold such a thing of someone else."""

FEWEST_POOLED = 5
"""Of how many participants a pooled score tells at least: fewer could be known one by one."""

_HEALTH = (
    # instruments and their scales
    r"dlqi|shaq|haq|haq-di|eva|vas|dermatology life quality|health assessment|qualité de vie|quality of life",
    # diagnoses, organs and complaints
    r"scl[ée]roder\w*|systemic sclerosis|sclérose|fibros\w*|raynaud\w*|skin|peau|cutan\w*|dermat\w*|ulc[eè]r\w*",
    r"illness|disease|maladie|diagnos\w*|symptom\w*|sympt[oô]m\w*|pain|douleur\w*",
    # results
    r"score\w*|total|totaux|severity|sévérité|threshold|seuil|worse|better|aggrav\w*|amélior\w*",
    # the blind
    r"placebo|randomi\w*|treatment|traitement\w*|bras|dose",
)
_FORBIDDEN = re.compile(rf"(?<!\w)(?:{'|'.join(_HEALTH)})(?!\w)", re.IGNORECASE)


class BlindBrokenError(Exception):
    """A mail would carry what it may not; the text names the mail and what."""


def forbidden_words(text: str) -> list[str]:
    """Give the words of `text` that may stand in no mail: illness, instrument, result, treatment; in their order."""
    return [match.group() for match in _FORBIDDEN.finditer(text)]


def check_placeholders(mail: str, names: Iterable[str]) -> None:
    """Refuse a mail that is filled with more than its list allows.  Raises BlindBrokenError."""
    more = sorted(set(names) - MAIL_PLACEHOLDERS.get(mail, frozenset()))
    if more:
        raise BlindBrokenError(f"the mail {mail!r} may not carry {', '.join(more)}")


def unblinding_parts(name: str) -> set[str]:
    """Give the parts of a name (split at underscores, dots and hyphens) that could only mean a treatment."""
    return _parts(name) & TREATMENT_WORDS


def personal_parts(name: str) -> set[str]:
    """Give the parts of a name that could only mean who a participant is."""
    return _parts(name) & PERSONAL_WORDS


def _parts(name: str) -> set[str]:
    return set(re.split(r"[_.\-\s]+", name.lower()))
