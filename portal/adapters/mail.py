"""Hands mails over: to a mail server by SMTP, or, when there is none, to a folder that keeps each as a file."""

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from portal.adapters.local_mailbox import LocalMailbox
from portal.services.letters import Accepted, Outcome, Postponed, Rejected, Unknown

TIMEOUT = 30.0  # seconds for each step
_PORTS = {"smtp": 587, "smtps": 465}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class MailSettingsError(Exception):
    """SMTP_URL cannot be used; the text says why."""


class Mailer(Protocol):
    """Takes a mail over, and says what became of it; never raises for what a mail server may do."""

    def send(self, mail: EmailMessage) -> Outcome:
        """Hand one mail over."""


@dataclass(frozen=True)
class SmtpServer:
    """Where and how a mail server is reached; without TLS only when it is this machine, or `tls=off` was asked for."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    implicit_tls: bool = False
    start_tls: bool = True

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        """Read smtp://user:password@host:587, smtps://…:465, with ?tls=off.  Raises MailSettingsError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise MailSettingsError("SMTP_URL must look like smtp://user:password@host:587.") from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise MailSettingsError("SMTP_URL must look like smtp://user:password@host:587.")
        tls_off = parse_qs(parts.query).get("tls") == ["off"]
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            implicit_tls=parts.scheme == "smtps",
            start_tls=parts.scheme == "smtp" and not tls_off and parts.hostname not in _LOOPBACK,
        )


@dataclass(frozen=True)
class SmtpMailer:
    """Hands each mail to a mail server, over a connection of its own.

    Until the server has been told whom the mail is for, whatever fails has nothing to do with this mail and may pass.
    From then on 4xx may pass and 5xx will not. When the connection is lost after the last byte, nobody knows.
    What was taken and does not arrive comes back to `bounces_to`, else to the mail's sender.
    """

    server: SmtpServer
    timeout: float = TIMEOUT
    bounces_to: str = ""

    def send(self, mail: EmailMessage) -> Outcome:
        """Hand one mail over; reasons are codes such as smtp-550 and hold no address."""
        try:
            with self._connected() as smtp:
                outcome = _hand_over(smtp, mail, parseaddr(self.bounces_to or mail["From"])[1])
                _say_goodbye(smtp)
                return outcome
        except smtplib.SMTPResponseException as refusal:
            return Postponed(f"smtp-{refusal.smtp_code}")
        except (smtplib.SMTPException, OSError) as fault:
            return Postponed(_kind(fault))

    def _connected(self) -> "_Connection":
        server = self.server
        smtp: smtplib.SMTP = (
            smtplib.SMTP_SSL(server.host, server.port, timeout=self.timeout, context=ssl.create_default_context())
            if server.implicit_tls
            else smtplib.SMTP(server.host, server.port, timeout=self.timeout)
        )
        connection = _Connection(smtp)
        try:
            assert smtp.sock
            # The kernel would keep back the full stop behind each mail until the server, in no hurry, has confirmed it.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            smtp.ehlo_or_helo_if_needed()
            if server.start_tls:  # it refuses, rather than go on in the clear, when the server has no TLS
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return connection


@dataclass(frozen=True)
class _Connection:
    """Closes without a word at the end, whatever happened: smtplib's own way out may wait for an answer."""

    smtp: smtplib.SMTP

    def __enter__(self) -> smtplib.SMTP:
        return self.smtp

    def __exit__(self, *_: object) -> None:
        self.smtp.close()


def _hand_over(smtp: smtplib.SMTP, mail: EmailMessage, bounces_to: str) -> Outcome:
    code, _ = smtp.mail(bounces_to)
    if code >= 400:
        return Postponed(f"smtp-{code}")  # our own address is refused: a setting is wrong, not this mail
    code, _ = smtp.rcpt(mail["To"].addresses[0].addr_spec)
    if code < 400:
        code, _ = smtp.docmd("DATA")
    if code >= 400:
        return _refused(code)
    smtp.send(re.sub(rb"(?m)^\.", b"..", mail.as_bytes()))
    try:
        smtp.send(b".\r\n")
        code, _ = smtp.getreply()
    except (smtplib.SMTPException, OSError) as fault:
        return Unknown(_kind(fault))
    return Accepted() if code < 400 else _refused(code)


def _refused(code: int) -> Outcome:
    return Rejected(f"smtp-{code}") if code >= 500 else Postponed(f"smtp-{code}")


def _say_goodbye(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        return  # the mail's fate is known already


def _kind(fault: Exception) -> str:
    """Name a fault without its text, which may quote an address."""
    # smtplib wraps what the socket met while it waited for an answer
    if isinstance(fault, TimeoutError) or isinstance(fault.__context__, TimeoutError):
        return "timeout"
    if isinstance(fault, (smtplib.SMTPServerDisconnected, ConnectionError)):
        return "connection-lost" if not isinstance(fault, ConnectionRefusedError) else "connection-refused"
    return type(fault).__name__


def mailer(smtp_url: str, mailbox: Path, bounces_to: str = "") -> Mailer:
    """Give the mailer that the settings ask for.  Raises MailSettingsError."""
    if not smtp_url:
        return LocalMailbox(mailbox)
    return SmtpMailer(SmtpServer.from_url(smtp_url), bounces_to=bounces_to)
