"""The promise: a visit's summary is at the site by its day. How it stands, and why, follows from facts; no clock.

A summary is at the site once a mail that announces it was taken over for somebody there and did not come back, or once
somebody there has looked at it, printed it or seen it. What it says plays no part: "nothing received" is a summary too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from portal.domain.schedule import ONE_DAY, local_day, local_instant, window
from portal.domain.study import Site, Study, Visit

GRACE = timedelta(hours=1)
"""How long a summary may take to reach the site before somebody is told: two tries of a mail server that is busy."""


class PromiseState(StrEnum):
    """How a promise stands.

    DUE        its day has not come, or is not over and nothing is amiss
    IN_DANGER  something is amiss, and there is still time; or a newer edition is made and not at the site
    BROKEN     its day is over and no summary is at the site
    LATE       a summary reached the site, after the day
    KEPT       a summary was at the site in time
    """

    DUE = "due"
    IN_DANGER = "in-danger"
    BROKEN = "broken"
    LATE = "late"
    KEPT = "kept"


class Cause(StrEnum):
    """Why a summary is not where it should be.

    NO_RECIPIENT   no investigator of the site can be written to
    BOUNCED        the mail came back
    REFUSED        the mail server will not take it
    UNKNOWN        the mail server's answer never came
    MAIL_DOWN      the mail server could not be reached, or asked to come again: it is tried anew
    NOT_LEFT       a mail that should have left has not
    NOT_MADE       the summary is due and is not made
    UNPRINTABLE    its pages cannot be printed; it can be read on the screen
    WORKER_SILENT  what makes and sends has not worked for a while
    """

    NO_RECIPIENT = "no-recipient"
    BOUNCED = "bounced"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    MAIL_DOWN = "mail-down"
    NOT_LEFT = "not-left"
    NOT_MADE = "not-made"
    UNPRINTABLE = "unprintable"
    WORKER_SILENT = "worker-silent"


class Mail(StrEnum):
    """Where a mail that announces a summary stands; TRIED = it failed for now and is tried again."""

    WAITING = "waiting"
    TRIED = "tried"
    ON_ITS_WAY = "on-its-way"
    ARRIVED = "arrived"
    BOUNCED = "bounced"
    REFUSED = "refused"
    NO_RECIPIENT = "no-recipient"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Term:
    """By when: what is there is summed up at `due_at` at the latest, and is at the site before `ends_at` (UTC)."""

    due_on: date
    due_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of a visit's summary.

    first_at:  when any edition first was at the site; None = never.
    made_at:   when the current edition was made; None = there is none.
    is_there:  the current edition is at the site.
    mails:     what became of its mails.
    mail_due:  when the first of those that wait may leave.
    visit_ends: when the day of the visit is over.
    """

    first_at: datetime | None
    made_at: datetime | None
    is_there: bool
    mails: Sequence[Mail]
    mail_due: datetime | None
    visit_ends: datetime
    unprintable: bool = False
    worker_silent: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """How a promise stands; `at_site_at` is when a summary first was at the site, `cause` what is amiss now."""

    term: Term
    state: PromiseState
    cause: Cause | None
    at_site_at: datetime | None

    @property
    def presses(self) -> bool:
        """Whether somebody should see to it."""
        return self.state in PRESSING


PRESSING = (PromiseState.BROKEN, PromiseState.IN_DANGER)


def term(study: Study, site: Site, visit: Visit, planned: date, *, due_on: date, promised_at: datetime) -> Term | None:
    """Answer by when a visit's summary is promised; None when its window was closed before anything was promised.

    due_on:      the last local day on which it must reach the site.
    promised_at: since when the portal knows that the visit is on this day. What is learnt after the day on which the
                 summary was due is promised by the end of the day on which it is learnt.
    """
    known_on = local_day(promised_at, site.zone)
    if window(visit, planned).closes_on < known_on:
        return None
    due_at = local_instant(due_on, study.summary.hour, site.zone)
    ends_at = local_instant(max(due_on, known_on) + ONE_DAY, time(0), site.zone)
    return Term(due_on, max(due_at, promised_at), ends_at)


def judge(term: Term, facts: Facts, at: datetime) -> Promise:
    """Answer how a promise stands at an instant, and what is amiss."""
    cause = _cause(term, facts, at)
    if facts.first_at is None:
        # Answers that came early are promised early, once something keeps them from the site.
        since = min(term.due_at, facts.made_at) if facts.made_at and cause else term.due_at
        late, amiss = at >= term.ends_at, at >= since + GRACE
        state = PromiseState.BROKEN if late else PromiseState.IN_DANGER if amiss else PromiseState.DUE
        return Promise(term, state, (cause or Cause.NOT_LEFT) if state in PRESSING else None, None)
    if cause and at < facts.visit_ends and facts.made_at and at >= facts.made_at + GRACE:
        return Promise(term, PromiseState.IN_DANGER, cause, facts.first_at)
    return Promise(term, arrived(term, facts.first_at), None, facts.first_at)


def arrived(term: Term, first_at: datetime) -> PromiseState:
    """Answer how a promise was kept, of which nothing is amiss: a summary first was at the site at `first_at`."""
    return PromiseState.KEPT if first_at < term.ends_at else PromiseState.LATE


def _cause(term: Term, facts: Facts, at: datetime) -> Cause | None:
    """Answer what keeps the current edition from the site, or from the printer; None when nothing is amiss."""
    if facts.is_there:
        return Cause.UNPRINTABLE if facts.unprintable else None
    told = next((cause for mail, cause in _TOLD if mail in facts.mails), None)
    if told:
        return told
    is_made = facts.made_at is not None
    awaited = (facts.mail_due or facts.made_at) if is_made else term.due_at
    if awaited is None or at < awaited:
        return None  # its hour has not come
    if facts.worker_silent:
        return Cause.WORKER_SILENT
    if not is_made:
        return Cause.NOT_MADE
    return Cause.NOT_LEFT if at >= awaited + GRACE else None


_TOLD = (
    (Mail.UNKNOWN, Cause.UNKNOWN),
    (Mail.TRIED, Cause.MAIL_DOWN),
    (Mail.BOUNCED, Cause.BOUNCED),
    (Mail.REFUSED, Cause.REFUSED),
    (Mail.NO_RECIPIENT, Cause.NO_RECIPIENT),
)
"""What is told of several mails: first what a person must look at now, whatever became of the others."""
