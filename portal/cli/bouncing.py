"""The worker's look at the mailbox to which mails come back: now and then, each report in a unit of work of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.adapters import bounce_mails
from portal.adapters.bounce_mailbox import BounceMailbox, BounceMailboxError
from portal.db.message import BounceSource
from portal.services import bounces
from portal.services.actor import SYSTEM
from portal.services.bounces import Kept

EVERY = timedelta(minutes=5)


@dataclass
class BounceReader:
    """Reads a mailbox every few minutes, whether or not the last time went well, and says each report in a line."""

    clinical: Engine
    mailbox: BounceMailbox
    _next: datetime | None = field(default=None, repr=False)

    def read(self, say: Callable[[str], None], *, at: datetime) -> int:
        """Read what is new, when it is time; give how many faults there were."""
        if self._next and self._next - EVERY <= at < self._next:  # a clock set back does not silence it
            return 0
        self._next = at + EVERY
        try:
            self.mailbox.read(lambda raw: say(self._keep(raw, at)))
        except BounceMailboxError as fault:
            say(f"reading the mailbox of what came back FAILED: {fault}")
        except Exception as fault:  # whatever the store meets: the mail stays unread, and its turn comes again
            say(f"keeping what came back FAILED: {type(fault).__name__}")
        else:
            return 0
        return 1

    def _keep(self, raw: bytes, at: datetime) -> str:
        try:
            report = bounce_mails.read(raw, at=at)
        except Exception as fault:  # a mail that nobody can read must not hold up those behind it
            return f"a mail in the mailbox of what came back cannot be read: {type(fault).__name__}"
        if report is None:
            return "a mail in the mailbox of what came back reports nothing of ours"
        with Session(self.clinical) as session:
            kept = bounces.keep(session, report, BounceSource.MAILBOX, by=SYSTEM, at=at)
            session.commit()
        if kept is Kept.OF_NO_MESSAGE:
            return "a mail came back that is none of ours"
        return f"message {report.name.partition('@')[0]} came back ({report.kind}, {report.code}): {kept}"
