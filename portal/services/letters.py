"""A letter: which mail goes to whom, filled with what, before it has words; and what became of sending it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from portal.db.message import Channel
from portal.services.sms_costs import Allowance

SUMMARY_PATH = "/investigator/summaries/{summary_id}"
NURSES_LIST_PATH = "/clinic/"
SUMMARIES_PATH = "/investigator/"
DOOR_PATH = "/o/{token}"
STOP_PATH = "/stop/{token}"


@dataclass(frozen=True)
class Attachment:
    """A PDF that leaves with a mail, encrypted so that only `passphrase` opens it; `content` is the original."""

    name: str
    content: bytes = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True)
class Letter:
    """One mail or text message to one person; `mail` names its words.

    portal.domain.blind lists what each may be filled with.
    `path` is where its link leads, below the portal's address; `stop_path` where its reader says that she wishes no
    more of these messages. Address (or number) and paths never show in a log. `allowance`: what a text may cost.
    """

    message_id: UUID
    mail: str
    language: str
    to: str = field(repr=False)
    path: str = field(repr=False)
    values: Mapping[str, str | int | date]
    stop_path: str = field(default="", repr=False)
    channel: Channel = Channel.MAIL
    allowance: Allowance | None = None
    attachment: Attachment | None = None


@dataclass(frozen=True)
class Accepted:
    """The mail server, or the provider of text messages, has taken it over.

    provider_id: the provider's own name for it;  parts: as how many text messages it is charged.
    """

    provider_id: str | None = None
    parts: int | None = None


@dataclass(frozen=True)
class Postponed:
    """It did not leave, and may another time; `reason` is a code without any address."""

    reason: str


@dataclass(frozen=True)
class Rejected:
    """It did not leave, and never will."""

    reason: str


@dataclass(frozen=True)
class Unknown:
    """The connection was lost after everything was handed over: it may have left or not, and then in `parts`."""

    reason: str
    parts: int | None = None


Outcome = Accepted | Postponed | Rejected | Unknown
Send = Callable[[Letter], Outcome]
"""Puts a letter into words and hands it to the mail server."""
