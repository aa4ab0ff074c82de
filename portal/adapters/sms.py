"""Hands text messages over: to a provider by HTTP, or, for a trial, to a folder that keeps each as a file.

Any provider will do that takes one POST for one message; docs/sms.md says how it is told what.
"""

import http.client
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from portal.adapters import kept_files
from portal.config import Settings
from portal.services.letters import Accepted, Outcome, Postponed, Rejected, Unknown

TIMEOUT = 30.0  # seconds for each step
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_LONGEST_REPLY = 64 * 1024  # bytes that are read of what the provider answers
_LONGEST_ID = 128
_IDS = ("id", "message_id", "messageId", "message-id", "sid", "reference")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*): *(\S.*)")
_NAME = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f-]{36}\.sms")
# Our own setting is wrong, or the provider is busy: another message would fare no better, and this one may later.
_MAY_PASS = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.PAYMENT_REQUIRED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}


class SmsSettingsError(Exception):
    """SMS_URL or SMS_BODY cannot be used; the text says why."""


@dataclass(frozen=True)
class TextMessage:
    """One text message: `number` as +33612345678, `text` as it is sent, `id` the same each time it is tried."""

    id: UUID
    number: str = field(repr=False)
    text: str = field(repr=False)
    language: str
    at: datetime


class Texter(Protocol):
    """Takes a text message over, and says what became of it; never raises for what a provider may do."""

    def send(self, message: TextMessage) -> Outcome:
        """Hand one text message over."""


@dataclass(frozen=True)
class HttpTexter:
    """Hands each text message to a provider by one POST over a connection of its own.

    Until the request is on its way, whatever fails may pass. From then on only the provider's answer says what became
    of it; when none comes, nobody knows. A redirect is not followed: it would carry the token elsewhere.
    """

    url: str
    body: str
    sender: str = ""
    token: str = field(default="", repr=False)
    timeout: float = TIMEOUT

    def __post_init__(self) -> None:
        """Refuse what could not work.  Raises SmsSettingsError."""
        try:
            parts = urlsplit(self.url)
            _ = parts.port
        except ValueError:
            raise SmsSettingsError("SMS_URL must look like https://provider.example/messages.") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SmsSettingsError("SMS_URL must look like https://provider.example/messages.")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise SmsSettingsError("SMS_URL must start with https://: numbers and links do not travel in the clear.")
        if not ("{to}" in self.body and "{text}" in self.body):
            raise SmsSettingsError("SMS_BODY must hold {to} and {text}.")
        if self.body.lstrip().startswith(("{", "[")):
            try:
                json.loads(self.body)
            except ValueError:
                raise SmsSettingsError("SMS_BODY begins like JSON and is none.") from None

    def send(self, message: TextMessage) -> Outcome:
        """Hand one text message over; reasons are codes such as http-429 and hold no number."""
        data, kind = self._filled(message)
        connection = self._connection()
        try:
            connection.connect()
        except OSError as fault:
            connection.close()
            return Postponed(_kind(fault))
        try:
            connection.request("POST", self._path(), data, {"Content-Type": kind, "Accept": "*/*", **self._proof()})
            answer = connection.getresponse()
            return _outcome(answer.status, answer.read(_LONGEST_REPLY))
        except (OSError, http.client.HTTPException) as fault:
            return Unknown(_kind(fault))
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        assert parts.hostname
        if parts.scheme == "http":
            return http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.timeout)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=self.timeout, context=context)

    def _path(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"

    def _proof(self) -> dict[str, str]:
        """Give the header that says who asks: a bare token, a whole Authorization, or a header of another name."""
        if not self.token:
            return {}
        named = _HEADER.fullmatch(self.token)
        if named:
            return {named[1]: named[2]}
        return {"Authorization": self.token if " " in self.token else f"Bearer {self.token}"}

    def _filled(self, message: TextMessage) -> tuple[bytes, str]:
        values = {"to": message.number, "from": self.sender, "text": message.text, "id": str(message.id)}
        if self.body.lstrip().startswith(("{", "[")):
            filled = json.dumps(_fill(json.loads(self.body), values), ensure_ascii=False)
            return filled.encode(), "application/json; charset=utf-8"
        fields = [(name, _fill(value, values)) for name, value in parse_qsl(self.body, keep_blank_values=True)]
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _fill(shape: Any, values: Mapping[str, str]) -> Any:
    """Put the values into every text of plain data; what stands in a value is never looked into again."""
    if isinstance(shape, dict):
        return {name: _fill(each, values) for name, each in shape.items()}
    if isinstance(shape, list):
        return [_fill(each, values) for each in shape]
    if isinstance(shape, str):
        return re.sub(r"\{(to|from|text|id)\}", lambda found: values[found[1]], shape)
    return shape


def _outcome(status: int, reply: bytes) -> Outcome:
    if status == HTTPStatus.GATEWAY_TIMEOUT:
        return Unknown(f"http-{status}")  # somebody on the way lost patience, after it was handed on
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Accepted(provider_id=_find_id(reply))
    is_final = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _MAY_PASS
    return Rejected(f"http-{status}") if is_final else Postponed(f"http-{status}")


def _find_id(reply: bytes) -> str | None:
    """Give the provider's own name for the message, from the first place in its JSON that looks like one."""
    try:
        waiting: list[Any] = [json.loads(reply)]
    except ValueError:
        return None
    while waiting:
        here = waiting.pop(0)
        if isinstance(here, dict):
            for name in _IDS:
                if isinstance(here.get(name), str | int) and not isinstance(here[name], bool):
                    return str(here[name])[:_LONGEST_ID]
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here
    return None


def _kind(fault: Exception) -> str:
    """Name a fault without its text, which may quote what was sent."""
    if isinstance(fault, TimeoutError):
        return "timeout"
    if isinstance(fault, ConnectionRefusedError):
        return "connection-refused"
    if isinstance(fault, (ConnectionError, http.client.RemoteDisconnected, http.client.IncompleteRead)):
        return "connection-lost"
    return type(fault).__name__


@dataclass(frozen=True)
class LocalTexter:
    """A folder with one file for each text message, beside the mails, named in the same way; for a trial."""

    folder: Path

    def send(self, message: TextMessage) -> Outcome:
        """Keep the text message; it appears whole or not at all."""
        path = self.folder / f"{message.at.astimezone(UTC):%Y%m%dT%H%M%S}-{message.id}.sms"
        kept = {"to": message.number, "text": message.text, "language": message.language, "at": message.at.isoformat()}
        return kept_files.keep(path, json.dumps(kept, ensure_ascii=False).encode())

    def names(self) -> list[str]:
        """Give the names of the text messages, the latest first."""
        return sorted((path.name for path in self.folder.glob("*.sms") if _NAME.fullmatch(path.name)), reverse=True)

    def find(self, name: str) -> TextMessage | None:
        """Give one text message; None when there is none of this name."""
        path = self.folder / name
        if not _NAME.fullmatch(name) or not path.is_file():
            return None
        kept = json.loads(path.read_text(encoding="utf-8"))
        at = datetime.fromisoformat(kept["at"])
        return TextMessage(UUID(name[16:52]), kept["to"], kept["text"], kept["language"], at)


@dataclass(frozen=True)
class NoTexter:
    """No provider is set up where mails leave for real: what should go by text message waits, and staff see it."""

    def send(self, _message: TextMessage) -> Outcome:
        """Put it off."""
        return Postponed("sms-not-set-up")


def texter(settings: Settings) -> Texter:
    """Give the way of text messages that the settings ask for.  Raises SmsSettingsError."""
    if settings.sms_url:
        return HttpTexter(settings.sms_url, settings.sms_body, settings.sms_from, settings.sms_token)
    return NoTexter() if settings.smtp_url else LocalTexter(settings.mailbox)
