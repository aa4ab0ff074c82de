"""The way a letter leaves: put into words, and handed over by mail or as a text message, within what that may cost."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from portal.adapters.letters import compose, compose_text
from portal.adapters.mail import Mailer
from portal.adapters.sms import Texter, TextMessage
from portal.config import Settings
from portal.db.message import Channel
from portal.domain import sms
from portal.domain.sending import Reason
from portal.services.letters import Accepted, Letter, Outcome, Rejected, Unknown

HandOver = Callable[[], Outcome]
"""Hands over what was written."""


@dataclass(frozen=True)
class Outlet:
    """Mail and text messages, with the words and senders of the settings."""

    settings: Settings
    mailer: Mailer
    texter: Texter

    def write(self, letter: Letter, *, at: datetime) -> HandOver:
        """Put a letter into words; nothing has left until the answer is called.

        Raises BlindBrokenError when it would carry more than it may.
        """
        settings = self.settings
        if letter.channel is Channel.SMS:
            return self._write_text(letter, at)
        mail = compose(
            letter,
            base_url=settings.base_url,
            sender=settings.mail_from,
            reply_to=settings.mail_reply_to,
            at=at,
        )
        return lambda: self.mailer.send(mail)

    def _write_text(self, letter: Letter, at: datetime) -> HandOver:
        text = compose_text(letter, base_url=self.settings.base_url, takes_answers=bool(self.settings.sms_secret))
        parts, allowance = sms.parts(text), letter.allowance
        if allowance and parts > allowance.most_parts:
            return lambda: Rejected(Reason.SMS_TOO_LONG)
        if allowance and parts > allowance.left:
            return lambda: Rejected(Reason.SMS_LIMIT)
        message = TextMessage(letter.message_id, letter.to, text, letter.language, at)
        return lambda: _counted(self.texter.send(message), parts)


def _counted(outcome: Outcome, parts: int) -> Outcome:
    """Note what it is charged as, or will be if it has left."""
    return replace(outcome, parts=parts) if isinstance(outcome, Accepted | Unknown) else outcome
