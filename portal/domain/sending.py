"""Whether a message may leave now: decided from facts at the moment of sending, pure and without a clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.domain.messages import NOT_OF_A_VISIT, MessageKind
from portal.domain.schedule import ONE_DAY, Window, local_day, local_instant
from portal.domain.study import Study

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long to wait after each attempt that may pass; the last one repeats until the message is no longer wanted."""

REPEATED_AFTER = timedelta(minutes=60)
"""How long a message of unknown fate rests before its one repeat: what was only delayed has arrived by then."""

FRESH = timedelta(days=2)
"""How long after it was made a summary is still announced once its visit's window has closed."""

WANTED = timedelta(days=1)
"""How long after she asked for it a fresh link is still sent: later she has rung, or asked again."""

PRESENT = timedelta(minutes=30)
"""How long after it was asked for an address is still tested: later the patient has left the site."""


class Reason(StrEnum):
    """Why a message was not sent."""

    WITHDRAWN = "withdrawn"
    PAUSED = "paused"
    STOPPED = "stopped"
    ANSWERED = "answered"
    TOO_LATE = "too-late"
    TOLD_TODAY = "told-today"
    SUPERSEDED = "superseded"
    NO_DOOR = "no-door"
    NO_ADDRESS = "no-address"
    ADDRESS_CHANGED = "address-changed"
    NO_RECIPIENT = "no-recipient"
    MOVED = "moved"
    SMS_LIMIT = "sms-limit"
    SMS_TOO_LONG = "sms-too-long"
    NOTHING_TO_SAY = "nothing-to-say"
    LOST = "lost"
    FAULT = "fault"
    BOUNCED = "bounced"
    BOUNCED_BEFORE = "bounced-before"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of a message's visit and recipient at the moment of sending.

    paused:     the participant is sent nothing for the time being; the site is sent summaries all the same.
    stopped:    she wishes no messages: she is sent what she asks for herself, and nothing else.
    answered:   every questionnaire of the visit was sent.
    told_today: the participant had another message about this visit on this local day.
    superseded: a later edition of the summary exists.
    made_at:    when the announced summary was made; None for a message to the patient.
    asked_at:   when the participant last asked for a fresh link, or staff for a test of her address; None for a message
                that nobody asked for.
    has_door:   a door of hers is open.
    address_changed: since it was asked for, her address has become another one.
    bounced_before:  a mail to the address that is kept came back, and another one would, too.
    """

    kind: MessageKind
    planned_on: date
    window: Window
    withdrawn: bool = False
    paused: bool = False
    stopped: bool = False
    answered: bool = False
    told_today: bool = False
    superseded: bool = False
    has_address: bool = True
    made_at: datetime | None = None
    asked_at: datetime | None = None
    has_door: bool = True
    address_changed: bool = False
    bounced_before: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """It may leave now."""


@dataclass(frozen=True, slots=True)
class Leave:
    """It must wait: the hour is not right."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Cancel:
    """It is not wanted any more, or cannot reach anyone."""

    reason: Reason


Decision = Send | Leave | Cancel


def decide(facts: Facts, study: Study, zone: ZoneInfo, at: datetime) -> Decision:
    """Decide on one message; `zone` is the site's.  What cancels comes before what makes it wait."""
    reason = _reason_against(facts, zone, at)
    if reason is Reason.TOLD_TODAY and facts.kind is MessageKind.OPENING:
        # she has had her invitation today: the opening waits, for nothing else tells that there is something to answer
        return Leave(local_instant(local_day(at, zone) + ONE_DAY, study.messages.hour, zone))
    if reason:
        return Cancel(reason)
    until = _next_hour(facts.kind, study, zone, at)
    return Send() if until == at else Leave(until)


def next_hour_for_staff(study: Study, zone: ZoneInfo, at: datetime) -> datetime:
    """Give `at` itself when staff may be written to now, else when they may: from the summary's own hour on."""
    hours = study.messages
    return _within(min(hours.earliest, study.summary.hour), hours.latest, zone, at)


def wait_after(attempts: int) -> timedelta:
    """Give how long to wait after the attempts made so far (1 or more)."""
    return WAITS[min(attempts, len(WAITS)) - 1]


def _reason_against(facts: Facts, zone: ZoneInfo, at: datetime) -> Reason | None:
    if facts.kind is MessageKind.FRESH_LINK:
        return _reason_against_link(facts, at)
    if facts.kind is MessageKind.CONTACT_TEST:
        return _reason_against_test(facts, at)
    checks = (
        (facts.withdrawn, Reason.WITHDRAWN),
        (facts.kind.to_patient and facts.stopped, Reason.STOPPED),
        (facts.paused and facts.kind is not MessageKind.SUMMARY, Reason.PAUSED),
        (facts.kind.to_patient and facts.answered, Reason.ANSWERED),
        (facts.superseded, Reason.SUPERSEDED),
        (_is_too_late(facts, local_day(at, zone), at), Reason.TOO_LATE),
        (facts.told_today, Reason.TOLD_TODAY),
        (not facts.has_address, Reason.NO_ADDRESS),
        (facts.kind.to_patient and facts.bounced_before, Reason.BOUNCED_BEFORE),
    )
    return next((reason for holds, reason in checks if holds), None)


def _reason_against_link(facts: Facts, at: datetime) -> Reason | None:
    """What she asked for herself depends neither on her answers nor on what else she was told today."""
    checks = (
        (facts.withdrawn, Reason.WITHDRAWN),
        (facts.paused, Reason.PAUSED),
        (not facts.has_door, Reason.NO_DOOR),
        (facts.asked_at is None or at - facts.asked_at > WANTED, Reason.TOO_LATE),
        (not facts.has_address, Reason.NO_ADDRESS),
        (facts.bounced_before, Reason.BOUNCED_BEFORE),
    )
    return next((reason for holds, reason in checks if holds), None)


def _reason_against_test(facts: Facts, at: datetime) -> Reason | None:
    """The patient is sitting there: nothing else that she was sent or has answered plays a part."""
    checks = (
        (facts.withdrawn, Reason.WITHDRAWN),
        (facts.paused, Reason.PAUSED),
        (facts.address_changed, Reason.ADDRESS_CHANGED),
        (facts.asked_at is None or at - facts.asked_at > PRESENT, Reason.TOO_LATE),
        (not facts.has_address, Reason.NO_ADDRESS),
    )
    return next((reason for holds, reason in checks if holds), None)


def _is_too_late(facts: Facts, today: date, at: datetime) -> bool:
    if facts.kind is MessageKind.INVITATION:
        return today >= facts.window.opens_on  # the opening says all that it would
    if facts.kind is MessageKind.NOTHING_RECEIVED:
        return today > facts.planned_on
    if facts.made_at is None:
        # "before the visit of …" would be untrue on the day after it, though answers may still be taken
        return today > facts.planned_on or today > facts.window.closes_on
    return today > facts.window.closes_on and at - facts.made_at > FRESH


def _next_hour(kind: MessageKind, study: Study, zone: ZoneInfo, at: datetime) -> datetime:
    """Give `at` itself within the hours in which a message may leave, else the next instant within them.

    A patient is never written to at night. Who asks for a link is awake, and so is whose address is being tested:
    these leave at any hour.
    """
    if kind in NOT_OF_A_VISIT:
        return at
    if not kind.to_patient:
        return next_hour_for_staff(study, zone, at)
    return _within(study.messages.earliest, study.messages.latest, zone, at)


def _within(earliest: time, latest: time, zone: ZoneInfo, at: datetime) -> datetime:
    today = local_day(at, zone)
    if at < (start := local_instant(today, earliest, zone)):
        return start
    return at if at <= local_instant(today, latest, zone) else local_instant(today + ONE_DAY, earliest, zone)
