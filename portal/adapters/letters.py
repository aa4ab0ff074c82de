"""Puts a letter into words in the reader's language: a mail with all its headers, or the one line of a text message."""

import html
from datetime import date, datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import parseaddr
from urllib.parse import urlsplit

from portal.adapters.encrypted_pdf import encrypted
from portal.adapters.localisation import environment
from portal.domain import sms
from portal.domain.blind import check_placeholders
from portal.services.letters import Attachment, Letter


class _Unfolded(UniqueUnstructuredHeader, BaseHeader):  # type: ignore[misc] # typeshed has two of max_count
    """A header that stays on one line: a long address in it would be encoded where it is folded, and lead nowhere."""

    def fold(self, *, policy: Policy) -> str:
        """Give the header's line; RFC 5322 allows it 998 signs."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
for _name in ("message-id", "list-unsubscribe"):
    _HEADERS.map_to_type(_name, _Unfolded)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def compose(letter: Letter, *, base_url: str, sender: str, at: datetime, reply_to: str = "") -> EmailMessage:
    """Give the mail as it is handed over; the same letter always has the same Message-ID.

    `reply_to` is where replies go that shall not go to the sender.
    Raises BlindBrokenError when it would carry more than its mail may.
    """
    shapes = ("subject.txt", "letter.txt", "letter.html")
    subject, text, page = (_shape(letter, base_url, shape, replies=bool(reply_to)) for shape in shapes)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(sender)
    if reply_to:
        mail["Reply-To"] = _address(reply_to)
    mail["To"] = Address(addr_spec=letter.to)
    mail["Subject"] = subject.strip()
    mail["Date"] = at
    mail["Message-ID"] = f"<{letter.message_id}@{urlsplit(base_url).hostname}>"
    # Out-of-office notes and their like are not wanted (RFC 3834; the second for Exchange).
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if letter.stop_path:
        mail["List-Unsubscribe"] = f"<{base_url}{letter.stop_path}>"
        if base_url.startswith("https://"):  # RFC 8058 wants it so
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text.strip() + "\n", cte="quoted-printable")
    mail.add_alternative(page, subtype="html", cte="quoted-printable")
    if letter.attachment:
        _attach(mail, letter.attachment)
    mail["Content-Language"] = letter.language  # only now: setting the content clears every Content- header
    return mail


def _attach(mail: EmailMessage, attachment: Attachment) -> None:
    content = encrypted(attachment.content, attachment.passphrase)
    mail.add_attachment(content, maintype="application", subtype="pdf", filename=attachment.name)


def compose_text(letter: Letter, *, base_url: str, takes_answers: bool) -> str:
    """Give the text message as it is handed over; it is stopped by its link, or by an answer where answers are taken.

    Raises BlindBrokenError when it would carry more than it may.
    """
    template = environment(letter.language).get_template(f"sms/{letter.mail}.txt")
    return sms.fitted(template.render(**_values(letter, base_url), takes_answers=takes_answers))


def _values(letter: Letter, base_url: str) -> dict[str, str | int | date]:
    values = {**letter.values, "link": f"{base_url}{letter.path}"}
    if letter.stop_path:
        values["stop_link"] = f"{base_url}{letter.stop_path}"
    check_placeholders(letter.mail, values)
    return values


def _shape(letter: Letter, base_url: str, shape: str, *, replies: bool) -> str:
    """Render the mail's one template in one of its shapes: each extends the layout that it is handed.

    `replies`: somebody reads them, and the mail does not say otherwise.
    """
    values = _values(letter, base_url)
    template = environment(letter.language).get_template(f"mail/{letter.mail}.html")
    rendered = template.render(**values, layout=f"mail/layout/{shape}", replies=replies)
    # The words stand in an .html template and are escaped in every shape; plain text wants them plain.
    return rendered if shape.endswith(".html") else html.unescape(rendered)


def _address(sender: str) -> Address:
    name, spec = parseaddr(sender)
    return Address(display_name=name, addr_spec=spec)
