"""What a chronicle is made of: lines of what happened, and visits as they went, with what became of each promise."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.domain.promises import Promise
from portal.domain.schedule import Window
from portal.services.studies import StudyAtSite

VOID = "void"

CAME_BACK = "came-back"
"""A message's state besides those of MessageStatus: it had left, and was reported as not arrived."""

ON_PAPER = "paper"
"""The channel of a questionnaire that was keyed in."""


class What(StrEnum):
    """What a line tells of, in the order in which it is told when it is of one instant."""

    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    PAUSED = "paused"
    REINCLUDED = "reincluded"
    MOVED = "moved"
    OPENS = "opens"
    CLOSES = "closes"
    VISIT = "visit"
    DUE = "due"
    MESSAGE = "message"
    CAME_BACK = "came-back"
    ADDRESS = "address"
    STOPPED = "stopped"
    RESUMED = "resumed"
    PAPER = "paper"
    CAME_IN = "came-in"
    BEGUN = "begun"
    SENT = "sent"
    CHECKED = "checked"
    MADE = "made"
    TO_SITE = "to-site"
    DELIVERED = "delivered"
    OPENED = "opened"
    PRINTED = "printed"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened at an instant; `visit` is a code, empty for what concerns none.

    kind: of message, or the instrument's code;  number: the edition of a summary;  on: the day that was left by a move;
    state, reason: a message's status (or CAME_BACK) and why, or the promise's;  channel: by what a message left, or
    ON_PAPER.
    """

    at: datetime
    what: What
    visit: str = ""
    kind: str = ""
    number: int = 1
    state: str = ""
    reason: str = ""
    on: date | None = None
    channel: str = ""

    @property
    def is_whole_day(self) -> bool:
        """Whether it tells of a day and not of an instant."""
        return self.what in {What.OPENS, What.CLOSES, What.VISIT}


@dataclass(frozen=True, slots=True)
class ToldVisit:
    """One visit as it went: its days, how many of its questionnaires were sent, and what became of the promise.

    `promise` is None when nothing is promised any more: the participant had withdrawn.
    """

    code: str
    planned_on: date
    window: Window
    due_on: date
    sent: int
    asked: int
    promise: Promise | None

    @property
    def state(self) -> str:
        """How the promise stands: the code of a PromiseState, or VOID."""
        return self.promise.state.value if self.promise else VOID


@dataclass(frozen=True)
class Chronicle:
    """One participant's study, visit by visit and line by line."""

    participant_number: str
    place: StudyAtSite
    language: str
    included_on: date
    visits: tuple[ToldVisit, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A notice to one member of staff of a site, about the day `on`."""

    at: datetime
    kind: str
    state: str
    reason: str
    on: date
