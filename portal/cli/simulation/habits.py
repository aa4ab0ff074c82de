"""How the patients of a simulation answer: after which message, how long after it, and how much."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random

from portal.cli.simulation import chance as chances
from portal.domain import schedule
from portal.domain.schedule import ONE_DAY
from portal.services.studies import StudyAtSite

_WAKES, _SLEEPS = time(8), time(21, 30)


class Behaviour(StrEnum):
    """TYPICAL  most answer after the opening or the first reminder;  SLOW  most late;  SILENT  nobody answers."""

    TYPICAL = "typical"
    SLOW = "slow"
    SILENT = "silent"


class Part(StrEnum):
    """How much of a visit's questionnaires somebody answers."""

    WHOLE = "whole"
    FIRST = "first"
    BEGUN = "begun"


class Lot(StrEnum):
    """What befalls a patient on the way.

    NO_ADDRESS  she has no e-mail address, and gets text messages where the study sends any
    ON_PAPER    she has no address and no phone, and answers on paper at each visit
    COMES_BACK  a mail to her comes back, and the nurse mends the address
    STOPS       she wishes no more messages
    PAUSES      she is in a pause when a visit comes
    WITHDRAWS   she takes part no longer
    """

    PLAIN = "plain"
    NO_ADDRESS = "no-address"
    ON_PAPER = "on-paper"
    COMES_BACK = "comes-back"
    STOPS = "stops"
    PAUSES = "pauses"
    WITHDRAWS = "withdraws"


_HAND = 14
"""One patient in so many has each lot but the plain one."""


@dataclass(frozen=True)
class Habit:
    """Who has had the `after`-th message about a visit answers `hours` after it, or on a day counted from the visit."""

    after: int
    part: Part = Part.WHOLE
    hours: float = 0
    days_after_visit: int | None = None

    def sits_down(self, told_at: datetime, planned_on: date, opens_on: date, place: StudyAtSite) -> datetime:
        """Give when she sits down to answer: awake, and not before the questionnaires are open."""
        at = told_at + timedelta(hours=self.hours)
        zone = place.site.zone
        if self.days_after_visit is not None:
            late = planned_on + self.days_after_visit * ONE_DAY
            at = max(told_at, schedule.local_instant(late, time(19), zone)) + timedelta(hours=self.hours / 24)
        at = max(at, schedule.local_instant(opens_on, _WAKES, zone))
        local = at.astimezone(zone)
        if local.time() < _WAKES:
            return schedule.local_instant(local.date(), _WAKES, zone)
        return at if local.time() < _SLEEPS else schedule.local_instant(local.date() + ONE_DAY, _WAKES, zone)


_COURSES: dict[Behaviour, tuple[tuple[float, Habit], ...]] = {
    Behaviour.TYPICAL: (
        (0.55, Habit(1)),
        (0.23, Habit(2)),
        (0.08, Habit(3)),
        (0.04, Habit(1, Part.FIRST)),
        (0.03, Habit(1, Part.BEGUN)),
        (0.03, Habit(1, days_after_visit=-1)),
    ),
    Behaviour.SLOW: (
        (0.15, Habit(2)),
        (0.30, Habit(3)),
        (0.25, Habit(1, days_after_visit=-1)),
        (0.15, Habit(1, days_after_visit=1)),
        (0.10, Habit(3, Part.FIRST)),
    ),
    Behaviour.SILENT: (),
}
"""Each habit with its share of visits; whoever is left answers nothing."""


def draw(behaviour: Behaviour, chance: Random) -> Habit | None:
    """Draw what somebody does for one visit; None = nothing."""
    left, hours = chance.random(), round(chance.uniform(0.1, 9), 2)
    for share, habit in _COURSES[behaviour]:
        left -= share
        if left < 0:
            return Habit(habit.after, habit.part, hours, habit.days_after_visit)
    return None


def draw_lot(behaviour: Behaviour, seed: int, number: int) -> Lot:
    """Draw what befalls a patient: among typical ones each lot once in every hand, in an order of the seed's."""
    if behaviour is not Behaviour.TYPICAL:
        return Lot.PLAIN
    lots = list(Lot) + [Lot.PLAIN] * (_HAND - len(Lot))
    chances.of(seed, "lots", number // _HAND).shuffle(lots)
    return lots[number % _HAND]
