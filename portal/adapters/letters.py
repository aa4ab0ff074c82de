"""Puts a letter into words: subject, plain text and HTML in the reader's language, with the headers of a good mail."""

import html
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from urllib.parse import urlsplit

from portal.adapters.localisation import environment
from portal.domain.blind import check_placeholders
from portal.services.letters import Letter


def compose(letter: Letter, *, base_url: str, sender: str, at: datetime) -> EmailMessage:
    """Give the mail as it is handed over; the same letter always has the same Message-ID.

    Raises BlindBrokenError when it would carry more than its mail may.
    """
    subject, text, page = (_shape(letter, base_url, shape) for shape in ("subject.txt", "letter.txt", "letter.html"))
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(sender)
    mail["To"] = Address(addr_spec=letter.to)
    mail["Subject"] = subject.strip()
    mail["Date"] = at
    mail["Message-ID"] = f"<{letter.message_id}@{urlsplit(base_url).hostname}>"
    # Out-of-office notes and their like are not wanted (RFC 3834; the second for Exchange).
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text.strip() + "\n", cte="quoted-printable")
    mail.add_alternative(page, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = letter.language  # only now: setting the content clears every Content- header
    return mail


def _shape(letter: Letter, base_url: str, shape: str) -> str:
    """Render the mail's one template in one of its shapes: each extends the layout that it is handed."""
    values = {**letter.values, "link": f"{base_url}{letter.path}"}
    check_placeholders(letter.mail, values)
    template = environment(letter.language).get_template(f"mail/{letter.mail}.html")
    rendered = template.render(**values, layout=f"mail/layout/{shape}")
    # The words stand in an .html template and are escaped in every shape; plain text wants them plain.
    return rendered if shape.endswith(".html") else html.unescape(rendered)


def _address(sender: str) -> Address:
    name, spec = parseaddr(sender)
    return Address(display_name=name, addr_spec=spec)
