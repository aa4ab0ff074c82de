"""How complete a study's questionnaires are: what became of each visit that could have been answered by now."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from portal.domain.states import VisitProgress, VisitState


class Outcome(StrEnum):
    """What became of a visit's questionnaires; all dates are local to the site.

    IN_TIME    all sent, the last one by the day on which the summary was due
    SENT_LATE  all sent, the last one after that day
    PARTLY     the window closed with something begun but not all sent
    NOTHING    the window closed and nothing was ever begun
    WITHDRAWN  the participant withdrew before the window closed, and not all was sent: nothing was expected
    OPEN       not all sent, and the window is still open: nothing can be said yet
    """

    IN_TIME = "in-time"
    SENT_LATE = "sent-late"
    PARTLY = "partly"
    NOTHING = "nothing"
    WITHDRAWN = "withdrawn"
    OPEN = "open"


EXPECTED = (Outcome.IN_TIME, Outcome.SENT_LATE, Outcome.PARTLY, Outcome.NOTHING)
"""The outcomes of a visit that was expected to be answered by now, best first."""

_UNSENT = {
    VisitState.UNFINISHED: Outcome.PARTLY,
    VisitState.NOTHING_RECEIVED: Outcome.NOTHING,
    VisitState.OPEN: Outcome.OPEN,
    VisitState.STARTED: Outcome.OPEN,
    VisitState.LATE: Outcome.OPEN,
}


def outcome(
    progress: VisitProgress, *, today: date, closes_on: date, summary_due_on: date, sent_on: date | None
) -> Outcome | None:
    """Say what became of a visit; None when it could not be answered yet.

    sent_on: the day on which the last of its questionnaires was sent. A withdrawn participant's visit tells nothing
             until its window has closed, like everyone's.
    """
    if progress.state is VisitState.SENT and sent_on is not None:
        return Outcome.IN_TIME if sent_on <= summary_due_on else Outcome.SENT_LATE
    if progress.state is VisitState.WITHDRAWN:
        return Outcome.WITHDRAWN if today > closes_on else None
    return _UNSENT.get(progress.state)


@dataclass(frozen=True)
class Tally:
    """How many visits had each outcome."""

    counts: Mapping[Outcome, int]

    @property
    def expected(self) -> int:
        """The visits that were expected to be answered by now."""
        return sum(self[each] for each in EXPECTED)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell, not even of visits that are open or of withdrawn participants."""
        return not any(self.counts.values())

    def __getitem__(self, each: Outcome) -> int:
        """Give the number of visits with an outcome."""
        return self.counts.get(each, 0)

    def __add__(self, other: "Tally") -> "Tally":
        """Count two groups of visits together."""
        return Tally(Counter(self.counts) + Counter(other.counts))

    def share(self, each: Outcome) -> Fraction | None:
        """Give the share of the expected visits that had an outcome, from 0 to 1; None when none was expected."""
        return Fraction(self[each], self.expected) if self.expected else None
