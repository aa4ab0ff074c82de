"""The data that a summary's PDF carries inside it, and every score derived again from the answers in it; pure.

docs/summary-data.md describes the file for whoever reads it with another program.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from portal.domain import instruments, summary_json
from portal.domain.instruments.model import VAS_HIGH, Value
from portal.domain.instruments.scores import Scoring
from portal.domain.rounding import exact
from portal.domain.summary import DIGEST_DIGITS, Arrival, Content, InstrumentSummary, ScaleSummary

NAME = "previsit-summary.json"
"""What the file is called inside the PDF."""
FORMAT = "previsit-summary"
VERSION = 1


class UnreadableDataError(Exception):
    """This is no data of a summary, or of a version that is not known here; the text says which."""


class OtherRuleError(Exception):
    """It was scored by a rule, or a version of one, that is not here; the text names it."""


@dataclass(frozen=True, slots=True)
class Data:
    """What a PDF carries: a content, and its SHA-256 as stated and as it is."""

    content: Content
    stated: str
    found: str

    @property
    def is_whole(self) -> bool:
        """Whether the content is what it was when the file was written."""
        return self.stated == self.found

    @property
    def digest(self) -> str:
        """The digits that stand at the foot of the page."""
        return self.stated[:DIGEST_DIGITS]


@dataclass(frozen=True, slots=True)
class Derived:
    """One score as the page has it, and as the answers give it again."""

    instrument: str
    scale: str
    kept: Fraction | None
    again: Fraction | None
    agrees: bool


def write(content: Content) -> bytes:
    """Give the data of a content, as UTF-8 JSON; the same content gives the same bytes."""
    plain = summary_json.to_json(content)
    whole = {"format": FORMAT, "version": VERSION, "content_hash": summary_json.hash_of(plain), "content": plain}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def read(data: bytes) -> Data:
    """Read what `write` gave.  Raises UnreadableDataError."""
    try:
        whole = json.loads(data)
        if whole["format"] != FORMAT or whole["version"] != VERSION:
            raise UnreadableDataError(f"{whole['format']} version {whole['version']} is not known here")
        plain = whole["content"]
        return Data(summary_json.from_json(plain), str(whole["content_hash"]), summary_json.hash_of(plain))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise UnreadableDataError(f"no data of a summary ({type(fault).__name__})") from None


def derive(content: Content) -> list[Derived]:
    """Score every questionnaire again from the answers that counted, by the rule and options that are named.

    Raises OtherRuleError, and InvalidAnswer or InvalidOption for answers and options that no portal keeps.
    """
    return [each for summary in content.instruments for each in _of_instrument(summary)]


def _of_instrument(summary: InstrumentSummary) -> list[Derived]:
    if summary.arrival is not Arrival.SENT:
        return []
    instrument = instruments.get(summary.code)
    if (summary.rule, summary.rule_version) != (instrument.rule, instrument.rule_version):
        raise OtherRuleError(f"{summary.code} was scored by {summary.rule}, version {summary.rule_version}")
    scoring = instrument.score(answers_of(summary), summary.options)
    return [_derived(summary.code, scale, scoring) for scale in summary.scales]


def answers_of(summary: InstrumentSummary) -> Mapping[str, Value]:
    """Give the answers that count now, corrections included, as scoring takes them."""
    items: list[Any] = [item for question in summary.questions for item in question.items]
    return {item.link_id: item.value for item in items if item.value is not None}


def _derived(code: str, kept: ScaleSummary, scoring: Scoring) -> Derived:
    scores = {each.scale: each for each in scoring.scales}
    score = scores[kept.scale]
    again = _stored(score.value)
    # What stands on the page beside the value follows from it, and must agree as well.
    unaided = _stored(scores.get(f"{kept.scale}_alternative", score).value) if score.spec.section else again
    raw = int(again * VAS_HIGH / kept.high) if kept.raw is not None and again is not None else None
    agrees = (
        (kept.value, kept.band, kept.missing) == (again, score.band, score.missing)
        and kept.unaided == (unaided if unaided != again else None)
        and kept.raw == raw
    )
    return Derived(code, kept.scale, kept.value, again, agrees)


def _stored(value: Fraction | int | None) -> Fraction | None:
    """Give an exact score as the store gives it back."""
    return None if value is None else exact(float(value))
