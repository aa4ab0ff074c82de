"""What a summary tells of the answers themselves: each question as answered, what was corrected, what is replaced."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain.instruments.emptiness import Emptiness


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """One item as answered now and at the earlier visit; a value or its kind of empty.

    `corrected` = it is not as it was sent; `value_sent` or `empty_sent` is then the original.
    """

    link_id: str
    value: Any
    empty: Emptiness | None
    value_before: Any = None
    empty_before: Emptiness | None = None
    corrected: bool = False
    value_sent: Any = None
    empty_sent: Emptiness | None = None


@dataclass(frozen=True, slots=True)
class QuestionSummary:
    """One question with its items, for page two; `empty` is the whole question's kind of empty."""

    code: str
    number: int
    type: str
    sensitive: bool
    empty: Emptiness | None
    changed: bool
    items: tuple[ItemSummary, ...]


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """One correction after sending: `requested_by` is patient or staff, `by_name` entered it, `link_ids` changed."""

    at: datetime
    requested_by: str
    reason: str
    by_name: str
    link_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replaced:
    """The edition before this one, which may be on paper somewhere: its digits, and who printed and signed it last."""

    number: int
    made_at: datetime
    digest: str
    printed_at: datetime | None = None
    printed_by: str | None = None
    signed_at: datetime | None = None
    signed_by: str | None = None
