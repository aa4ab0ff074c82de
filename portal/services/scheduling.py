"""The year before it happens: each opening, mail, delivery and closing of a participant's visits, by the same rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.domain import schedule
from portal.domain.foresight import Foreseen, foresee
from portal.domain.messages import MessageKind
from portal.domain.schedule import ONE_DAY, IsPublicHoliday, PlannedMessage, Window
from portal.services.studies import StudyAtSite


@dataclass(frozen=True)
class PlannedVisit:
    """One visit to come: its local days, the instants at which its questionnaires open and close, what will leave.

    closes_at is the first instant at which no answer is taken any more; is_working_day is about the visit's own day.
    """

    code: str
    planned_on: date
    is_working_day: bool
    window: Window
    opens_at: datetime
    closes_at: datetime
    summary_due_on: date
    messages: tuple[Foreseen, ...]

    @property
    def last_minute(self) -> datetime:
        """The last minute in which answers are taken, as a clock shows it."""
        return self.closes_at - timedelta(minutes=1)

    @property
    def mails(self) -> list[Foreseen]:
        """What goes to the patient."""
        return [each for each in self.messages if each.kind.to_patient]

    @property
    def delivery(self) -> Foreseen | None:
        """When the summary reaches the site at the latest."""
        return next((each for each in self.messages if each.kind is MessageKind.SUMMARY), None)

    @property
    def in_time(self) -> list[Foreseen]:
        """What goes to the patient and to the site, in the order of its hours."""
        return sorted([*self.mails, *([self.delivery] if self.delivery else [])], key=lambda each: each.at)


def foresee_year(
    place: StudyAtSite, included_on: date, *, has_address: bool, is_public_holiday: IsPublicHoliday, at: datetime
) -> tuple[PlannedVisit, ...]:
    """Give every visit of someone who is included on this day and enrolled at `at`, by day.

    Her invitation stands with the visit that opens next.
    """
    definition = place.definition
    windows = {visit: schedule.window(visit, schedule.planned_on(included_on, visit)) for visit in definition.visits}
    is_invited = definition.messages.invitation and has_address
    invited = schedule.next_to_open(windows, place.today(at)) if is_invited else None
    visits = []
    for visit in definition.visits:
        day = schedule.planned_on(included_on, visit)
        messages = schedule.planned_messages(definition, place.site, visit, day, is_public_holiday)
        if visit is invited:
            messages = (PlannedMessage(MessageKind.INVITATION, place.today(at), at), *messages)
        visits.append(
            foresee_visit(
                place,
                visit.code,
                day,
                has_address=has_address,
                is_public_holiday=is_public_holiday,
                at=at,
                messages=messages,
            )
        )
    return tuple(sorted(visits, key=lambda visit: visit.planned_on))


def foresee_visit(
    place: StudyAtSite,
    code: str,
    planned_on: date,
    *,
    has_address: bool,
    is_public_holiday: IsPublicHoliday,
    at: datetime,
    messages: Sequence[PlannedMessage] | None = None,
    paused: bool = False,
    stopped: bool = False,
    bounced: bool = False,
    told_on: Sequence[date] = (),
) -> PlannedVisit:
    """Give one visit, planned on this day, with what will leave from `at` on; `messages` are the protocol's or these.

    `told_on` are the local days on which the participant had a message about it already; `paused`, `stopped` and
    `bounced`: as if her pause, her wish for no messages, or an address from which mails come back, lasted until then.
    """
    definition, site = place.definition, place.site
    visit = definition.get_visit(code)
    window = schedule.window(visit, planned_on)
    if messages is None:
        messages = schedule.planned_messages(definition, site, visit, planned_on, is_public_holiday)
    return PlannedVisit(
        code=code,
        planned_on=planned_on,
        is_working_day=schedule.is_working_day(site, planned_on, is_public_holiday),
        window=window,
        opens_at=schedule.local_instant(window.opens_on, time(0), site.zone),
        closes_at=schedule.local_instant(window.closes_on + ONE_DAY, time(0), site.zone),
        summary_due_on=schedule.summary_due_on(definition, site, planned_on, is_public_holiday),
        messages=foresee(
            definition,
            site,
            visit,
            planned_on,
            messages,
            at=at,
            has_address=has_address,
            paused=paused,
            stopped=stopped,
            bounced=bounced,
            told_on=told_on,
        ),
    )
