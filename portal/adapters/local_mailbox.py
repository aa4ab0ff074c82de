"""A folder that keeps each mail as a file, where there is no mail server; apart from what speaks with one.

The page that shows such a mailbox stands in every web worker, which has no use for the rest.
"""

import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from portal.adapters import kept_files
from portal.services.letters import Outcome

_NAME = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f-]{36}\.eml")


@dataclass(frozen=True)
class LocalMailbox:
    """A folder with one file for each mail, named by its time, so that names sort as mails came."""

    folder: Path

    def send(self, mail: EmailMessage) -> Outcome:
        """Keep the mail; it appears whole or not at all."""
        sent = mail["Date"].datetime
        identity = mail["Message-ID"].strip("<>").partition("@")[0]
        return kept_files.keep(self.folder / f"{sent:%Y%m%dT%H%M%S}-{identity}.eml", mail.as_bytes())

    def names(self) -> list[str]:
        """Give the names of the mails, the latest first."""
        return sorted((path.name for path in self.folder.glob("*.eml") if _NAME.fullmatch(path.name)), reverse=True)

    def find(self, name: str) -> EmailMessage | None:
        """Give one mail; None when there is none of this name."""
        path = self.folder / name
        if not _NAME.fullmatch(name) or not path.is_file():
            return None
        with path.open("rb") as file:
            mail = BytesParser(policy=policy.default).parse(file)
        assert isinstance(mail, EmailMessage)
        return mail
