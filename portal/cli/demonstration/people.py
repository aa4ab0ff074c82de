"""The 28 invented participants of the demonstration, each placed by the visit that lies nearest to today."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.db.response import FilledInBy
from portal.domain import schedule
from portal.domain.study import Visit

ONE_DAY = timedelta(days=1)


class Course(StrEnum):
    """How a participant does over the visits."""

    IMPROVING = "improving"
    WORSENING = "worsening"
    STEADY = "steady"
    CEILING = "ceiling"
    MILD = "mild"


class Doing(StrEnum):
    """What she has done for the visit that lies nearest to today."""

    NOTHING = "nothing"
    STARTED = "started"
    ONE_OF_TWO = "one of two"
    SENT = "sent"
    SENT_UNSCORABLE = "sent, too much left out"
    SENT_ON_PAPER = "sent on paper"
    ASKED_BY_TELEPHONE = "asked by telephone"
    WITHDREW = "withdrew before it"


@dataclass(frozen=True)
class Person:
    """One participant: her visit nearest to today lies `days` from it (negative: past).

    `filled_in_by` is what she says at the end of each questionnaire on a phone, None = nothing.
    """

    site: str
    language: str
    visit: str
    days: int
    doing: Doing
    course: Course
    missed: tuple[str, ...] = ()
    has_email: bool = True
    telephone: str | None = None
    filled_in_by: FilledInBy | None = FilledInBy.ALONE


PEOPLE = (
    Person("01", "fr", "M3", 0, Doing.SENT, Course.IMPROVING),
    Person("01", "fr", "INC", 6, Doing.NOTHING, Course.STEADY),
    Person("01", "fr", "M1", 4, Doing.STARTED, Course.IMPROVING),
    Person("01", "en", "M6", 1, Doing.NOTHING, Course.WORSENING),
    Person("01", "fr", "M12", 0, Doing.SENT, Course.IMPROVING, missed=("M6",)),
    Person("01", "fr", "M3", -4, Doing.NOTHING, Course.STEADY, has_email=False),
    Person("01", "fr", "M3", 5, Doing.WITHDREW, Course.STEADY),
    Person("01", "en", "M6", 3, Doing.SENT_UNSCORABLE, Course.STEADY),
    Person("01", "fr", "M9", 4, Doing.SENT, Course.CEILING, filled_in_by=FilledInBy.WITH_HELP),
    Person("01", "fr", "M3", 2, Doing.SENT_ON_PAPER, Course.IMPROVING, has_email=False),
    Person("01", "fr", "INC", 0, Doing.SENT, Course.STEADY, filled_in_by=None),
    Person("01", "fr", "M1", 12, Doing.NOTHING, Course.MILD),
    Person("01", "en", "M9", 25, Doing.NOTHING, Course.IMPROVING),
    Person("01", "fr", "M12", -20, Doing.SENT, Course.IMPROVING),
    Person("02", "fr", "M6", 0, Doing.SENT, Course.WORSENING, filled_in_by=FilledInBy.WITH_HELP),
    Person("02", "fr", "INC", 0, Doing.NOTHING, Course.STEADY),
    Person("02", "fr", "M3", 6, Doing.ONE_OF_TWO, Course.IMPROVING),
    Person("02", "en", "INC", 5, Doing.STARTED, Course.STEADY),
    Person("02", "fr", "M9", 1, Doing.SENT, Course.STEADY, missed=("M1",), filled_in_by=FilledInBy.SOMEONE_ELSE),
    Person("02", "fr", "M6", 2, Doing.NOTHING, Course.WORSENING, has_email=False, telephone="+33 6 39 98 01 27"),
    Person("02", "fr", "M1", -3, Doing.NOTHING, Course.STEADY),
    Person("02", "en", "M3", 3, Doing.ASKED_BY_TELEPHONE, Course.MILD),
    Person("02", "fr", "M12", 7, Doing.NOTHING, Course.IMPROVING),
    Person("02", "fr", "INC", 14, Doing.NOTHING, Course.STEADY),
    Person("02", "fr", "M6", -9, Doing.SENT, Course.IMPROVING),
    Person("02", "fr", "M3", 18, Doing.NOTHING, Course.WORSENING),
    Person("02", "en", "M12", -40, Doing.SENT, Course.STEADY),
    Person("02", "fr", "M1", 1, Doing.SENT_ON_PAPER, Course.STEADY, has_email=False),
)


def included_on(visit: Visit, planned: date) -> date:
    """Give the day of inclusion from which `visit` falls on `planned`, or on the nearest day before it.

    Not every day can be reached by calendar months: no inclusion leads to 30 March by way of "month 1".
    """
    earliest = planned - 400 * ONE_DAY
    day = planned
    while schedule.planned_on(day, visit) > planned and day > earliest:
        day -= ONE_DAY
    return day
