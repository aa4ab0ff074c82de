"""Reads what mail servers say of mails that did not arrive: delivery status notifications, and plain notes.

Source: RFC 3464 (message/delivery-status), RFC 3462 (the returned headers), RFC 6533 (their international kin). Of a
plain note, only one that comes from a mail server and returns our own Message-ID is taken.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.utils import parsedate_to_datetime

from portal.db.message import BounceKind
from portal.domain import bounces
from portal.services.bounces import Report

_STATUS = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED = {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"}
_KINDS = {"failed": BounceKind.PERMANENT, "delayed": BounceKind.DELAYED}
_NAME = re.compile(r"(?im)^[>\s]*message-id:\s*<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}@[^>\s]+)>")
_CODE = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])")
_SMTP_CODE = re.compile(r"(?<![\d.])[45]\d\d(?=[ -])")
_SERVER = re.compile(r"(?i)mailer-daemon|postmaster|mail delivery|microsoftexchange|<>")
_STILL_TRYING = re.compile(r"(?i)delayed|not yet|warning")


def read(raw: bytes, *, at: datetime) -> Report | None:
    """Give what a mail reports; None when it reports nothing of ours. `at` is for a mail that has no date."""
    mail = message_from_bytes(raw)
    name = _returned_name(mail)
    said = _status(mail) or _plain_status(mail)
    if not name or not said:
        return None
    kind, code = said
    return Report(name, kind, code, digest=hashlib.sha256(raw).hexdigest(), at=_date(mail) or at)


def _status(mail: Message) -> tuple[BounceKind, str] | None:
    """Give what the machine-readable part says of its recipient; one mail of ours has one recipient."""
    for part in mail.walk():
        if part.get_content_type() not in _STATUS:
            continue
        for fields in _blocks(part):
            kind = _KINDS.get(_field(fields, "Action").lower())
            if kind:
                return kind, _code(_field(fields, "Status"), _field(fields, "Diagnostic-Code"))
    return None


def _blocks(part: Message) -> Iterator[Message]:
    """Give the blocks of fields of a status part, the server's own and then each recipient's."""
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (block for block in payload if isinstance(block, Message))
        return
    for block in re.split(r"\r?\n[ \t]*\r?\n", _text(part)):
        yield message_from_bytes(block.encode())


def _plain_status(mail: Message) -> tuple[BounceKind, str] | None:
    """Give what a note in plain words says: the first code in it, and whether its server still tries."""
    sender = f"{mail.get('Return-Path', '')} {mail.get('From', '')}"
    if any(part.get_content_type() in _STATUS for part in mail.walk()) or not _SERVER.search(sender):
        return None
    text = "\n".join(_text(part) for part in mail.walk() if part.get_content_type() == "text/plain")
    said = _NAME.split(text)[0]  # what follows are our own words, sent back
    if _STILL_TRYING.search(_field(mail, "Subject")):
        return BounceKind.DELAYED, _code(said, said, otherwise="4.0.0")
    return BounceKind.PERMANENT, _code(said, said)


def _code(status: str, diagnostic: str, otherwise: str = bounces.UNSPECIFIC) -> str:
    """Give the most telling code: a status that says something, else what the other server answered."""
    found = [*_CODE.findall(status), *_CODE.findall(diagnostic)]
    telling = [code for code in found if not code.endswith(".0.0")]
    return next(iter([*telling, *_SMTP_CODE.findall(diagnostic), *found]), otherwise)


def _returned_name(mail: Message) -> str:
    """Give the Message-ID of the mail that came back: from its headers, or from a text that quotes them."""
    for part in mail.walk():
        if part.get_content_type() in _RETURNED:
            found = _NAME.search(_returned_headers(part))
            if found:
                return found[1]
    texts = (_text(part) for part in mail.walk() if part.get_content_type() == "text/plain")
    return next((found[1] for text in texts if (found := _NAME.search(text))), "")


def _returned_headers(part: Message) -> str:
    payload = part.get_payload()
    if isinstance(payload, list):
        names = (_field(each, "Message-ID") for each in payload if isinstance(each, Message))
        return "\n".join(f"Message-ID: {name}" for name in names)
    return _text(part)


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _field(block: Message, name: str) -> str:
    """Give a header's text on one line; a header that is no ASCII comes as an object."""
    return " ".join(str(block.get(name, "")).split())


def _date(mail: Message) -> datetime | None:
    try:
        date = parsedate_to_datetime(_field(mail, "Date"))
    except (ValueError, MessageError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
