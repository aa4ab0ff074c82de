"""The mailbox to which mails come back: a folder on this machine (maildir), or an IMAP server.

Each unread mail is handed over, and marked as read once it was taken: what is lost in between is handed over again.
"""

import imaplib
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT = 10.0  # seconds for each step: the worker sends nothing meanwhile
_AT_ONCE = 50  # mails; the rest is read the next time
_LONGEST = 256 * 1024  # bytes that are read of each: a report stands at its mail's beginning
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PORTS = {"imap": 143, "imaps": 993}
_SHAPES = "imaps://user:password@host/INBOX or maildir:/path"

Take = Callable[[bytes], None]


class BounceSettingsError(Exception):
    """BOUNCE_MAILBOX cannot be used; the text says why."""


class BounceMailboxError(Exception):
    """The mailbox cannot be read now; the text names the kind of fault, and holds no address."""


class BounceMailbox(Protocol):
    """Hands unread mails over."""

    def read(self, take: Take) -> None:
        """Hand each unread mail to `take`, the oldest first, and mark it as read.  Raises BounceMailboxError."""


@dataclass(frozen=True)
class Maildir:
    """A maildir: mails that are new stand in `new`, those that were read in `cur`."""

    folder: Path

    def read(self, take: Take) -> None:
        """Hand over what stands in `new`, and move it to `cur` as seen."""
        try:
            unread = sorted(path for path in (self.folder / "new").iterdir() if path.is_file())
            for path in unread[:_AT_ONCE]:
                with path.open("rb") as file:
                    raw = file.read(_LONGEST)
                take(raw)
                path.rename(self.folder / "cur" / f"{path.name.partition(':')[0]}:2,S")
        except OSError as fault:
            raise BounceMailboxError(type(fault).__name__) from None


@dataclass(frozen=True)
class ImapMailbox:
    """A folder of an IMAP server (RFC 3501), over a connection of its own; without TLS only on this machine.

    Its certificate must be for `host` and signed by whom this machine trusts: no password is sent before.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    tls: bool = True
    timeout: float = TIMEOUT

    def read(self, take: Take) -> None:
        """Hand over what is not marked as seen, and mark it."""
        try:
            imap = self._connected()
        except (OSError, imaplib.IMAP4.error) as fault:
            raise BounceMailboxError(_kind(fault)) from None
        try:
            imap.login(self.user, self.password)
            _done(imap.select(f'"{self.folder}"'))
            (found,) = _done(imap.uid("SEARCH", "UNSEEN"))
            for uid in (found or b"").decode().split()[:_AT_ONCE]:
                take(_fetched(imap, uid))
                _done(imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))
            imap.logout()
        except (OSError, imaplib.IMAP4.error, ValueError) as fault:
            raise BounceMailboxError(_kind(fault)) from None
        finally:
            with suppress(OSError):  # it may have closed the connection itself
                imap.shutdown()

    def _connected(self) -> imaplib.IMAP4:
        if self.tls:
            context = ssl.create_default_context()
            return imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=self.timeout)
        return imaplib.IMAP4(self.host, self.port, timeout=self.timeout)


def bounce_mailbox(url: str) -> BounceMailbox | None:
    """Give the mailbox that the settings ask for, None when there is none.  Raises BounceSettingsError."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BounceSettingsError(f"BOUNCE_MAILBOX must look like {_SHAPES}.") from None
    if parts.scheme == "maildir":
        return _maildir(Path(unquote(parts.path)))
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username or re.search(r'["\\\r\n]', folder):
        raise BounceSettingsError(f"BOUNCE_MAILBOX must look like {_SHAPES}.")
    tls_off = parts.hostname in _LOOPBACK or parse_qs(parts.query).get("tls") == ["off"]
    if parts.scheme == "imap" and not tls_off:
        raise BounceSettingsError("BOUNCE_MAILBOX must be reached by imaps://: imap:// would send its password openly.")
    return ImapMailbox(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=folder,
        tls=parts.scheme == "imaps",
    )


def _maildir(folder: Path) -> Maildir:
    if not all((folder / name).is_dir() for name in ("new", "cur")):
        raise BounceSettingsError(f"BOUNCE_MAILBOX: {folder} is no maildir, which has the folders new and cur.")
    return Maildir(folder)


def _fetched(imap: imaplib.IMAP4, uid: str) -> bytes:
    """Give the beginning of a mail, without marking it as seen."""
    for part in _done(imap.uid("FETCH", uid, f"(BODY.PEEK[]<0.{_LONGEST}>)")):
        if isinstance(part, tuple):
            content: bytes = part[1]
            return content
    return b""  # somebody has deleted it meanwhile


def _done(answer: tuple[str, list[Any]]) -> list[Any]:
    """Give what the server answered.  Raises imaplib.IMAP4.error when it refuses."""
    status, content = answer
    if status != "OK":
        raise imaplib.IMAP4.error("refused")
    return content


def _kind(fault: Exception) -> str:
    """Name a fault without its text, which may quote an account; what is wrong with a certificate is said."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"certificate refused: {fault.verify_message}"
    return "refused" if isinstance(fault, imaplib.IMAP4.error) else type(fault).__name__
