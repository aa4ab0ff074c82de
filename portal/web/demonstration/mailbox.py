"""The mailbox of a demonstration: every mail and text message that was sent, for someone who only has a browser."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from portal.adapters.local_mailbox import LocalMailbox
from portal.adapters.sms import LocalTexter, TextMessage
from portal.config import Settings
from portal.services import studies
from portal.web.access import public
from portal.web.stores import session

bp = Blueprint("mailbox", __name__)

A_PAGE = 50
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class MailLine:
    """A mail or a text message as the list shows it; a text message's subject is how it begins."""

    name: str
    to: str
    subject: str
    sent_at: datetime
    is_text: bool = False


@dataclass(frozen=True)
class Piece:
    """A stretch of a mail's text, a link or not."""

    text: str
    is_link: bool


@bp.get("/demonstration/mailbox")
@public("a demonstration holds invented people only")
def list_mails() -> ResponseReturnValue:
    """List mails and text messages, the latest first, a page at a time."""
    names = sorted([*_mailbox().names(), *_texts().names()], reverse=True)
    first = max(request.args.get("first", 0, type=int), 0)
    lines = [_find_line(name) for name in names[first : first + A_PAGE]]
    return render_template(
        "demonstration/mailbox.html",
        mails=[line for line in lines if line],
        zone=_zone(),
        newer=max(first - A_PAGE, 0) if first else None,
        older=first + A_PAGE if first + A_PAGE < len(names) else None,
    )


@bp.get("/demonstration/mailbox/<name>")
@public("a demonstration holds invented people only")
def read(name: str) -> ResponseReturnValue:
    """Show one mail's or text message's plain text, its links ready to be followed."""
    if text_message := _texts().find(name):
        return render_template(
            "demonstration/mailbox_mail.html",
            mail=_text_line(name, text_message),
            mail_language=text_message.language,
            zone=_zone(),
            paragraphs=[[list(_pieces(text_message.text))]],
        )
    mail = _mailbox().find(name) or abort(404)
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    paragraphs = [[list(_pieces(line)) for line in part.splitlines()] for part in text.strip().split("\n\n")]
    return render_template(
        "demonstration/mailbox_mail.html",
        mail=_line(name, mail),
        mail_language=mail["Content-Language"],
        zone=_zone(),
        paragraphs=paragraphs,
    )


def _mailbox() -> LocalMailbox:
    settings: Settings = current_app.extensions["settings"]
    return LocalMailbox(settings.mailbox)


def _texts() -> LocalTexter:
    settings: Settings = current_app.extensions["settings"]
    return LocalTexter(settings.mailbox)


def _find_line(name: str) -> MailLine | None:
    if text_message := _texts().find(name):
        return _text_line(name, text_message)
    mail = _mailbox().find(name)
    return _line(name, mail) if mail else None


def _text_line(name: str, message: TextMessage) -> MailLine:
    return MailLine(name, message.number, _LINK.split(message.text)[0].strip(" :"), message.at, is_text=True)


def _zone() -> ZoneInfo:
    """Give the zone of the first site, by whose clocks the mails' times are shown."""
    return next((place.site.zone for place in studies.list_sites(session())), ZoneInfo("UTC"))


def _line(name: str, mail: EmailMessage) -> MailLine:
    return MailLine(name, str(mail["To"]), str(mail["Subject"]), mail["Date"].datetime)


def _pieces(line: str) -> list[Piece]:
    pieces, end = [], 0
    for match in _LINK.finditer(line):
        pieces += [Piece(line[end : match.start()], False), Piece(match.group(), True)]
        end = match.end()
    return [piece for piece in [*pieces, Piece(line[end:], False)] if piece.text]
