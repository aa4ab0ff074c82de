"""What will leave, and when: the rules of the schedule and of sending, played forward; pure and without a clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.messages import MessageKind
from portal.domain.schedule import PlannedMessage, Window, local_day, window
from portal.domain.sending import Cancel, Facts, Leave, Reason, Send, decide
from portal.domain.study import Site, Study, Visit


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A message as it will leave at `at` (UTC), or not at all for `reason`; `at` is then when that shows."""

    kind: MessageKind
    at: datetime
    reason: Reason | None = None


def foresee(
    study: Study,
    site: Site,
    visit: Visit,
    planned: date,
    messages: Iterable[PlannedMessage],
    *,
    at: datetime,
    has_address: bool,
    paused: bool = False,
    stopped: bool = False,
    bounced: bool = False,
    told_on: Iterable[date] = (),
) -> tuple[Foreseen, ...]:
    """Answer what becomes of a visit's planned messages if nothing is answered until the summary is due.

    at:      from when on the worker could send; what was due before is due then.
    paused:  she is sent nothing for the time being.
    stopped: she wishes no messages.
    bounced: mails to her address come back.
    told_on: local days on which she had a message about this visit already.
    """
    told, foreseen = set(told_on), []
    days = window(visit, planned)
    for message in sorted(messages, key=lambda each: each.due_at):
        when, to_patient = max(message.due_at, at), message.kind.to_patient
        while True:
            facts = Facts(
                kind=message.kind,
                planned_on=planned,
                window=days,
                paused=paused,
                stopped=stopped,
                told_today=to_patient and local_day(when, site.zone) in told,
                has_address=has_address or not to_patient,
                bounced_before=bounced,
                made_at=None if to_patient else when,
            )
            decision = decide(facts, study, site.zone, when)
            if not isinstance(decision, Leave):
                break
            when = decision.until
        reason = decision.reason if isinstance(decision, Cancel) else _against_summary(message, days, site, when)
        if isinstance(decision, Send) and to_patient:
            told.add(local_day(when, site.zone))
        foreseen.append(Foreseen(message.kind, when, reason))
    return tuple(foreseen)


def _against_summary(message: PlannedMessage, days: Window, site: Site, when: datetime) -> Reason | None:
    """No summary is made of nothing once the window has closed."""
    too_late = message.kind is MessageKind.SUMMARY and local_day(when, site.zone) > days.closes_on
    return Reason.TOO_LATE if too_late else None
