"""What the portal can be told from outside: read once, checked at start, frozen from then on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_FURTHEST = timedelta(days=50 * 365)
_SHIFTS = "a whole number of seconds, at most fifty years"


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and says what to do."""


def _about(env: str, about: str) -> dict[str, str]:
    return {"env": env, "about": about}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of the portal; each field names its environment variable and what it is for."""

    secret_key: str = field(
        repr=False,  # whoever prints settings, in a log or an exception, shall print no secret
        metadata=_about("SECRET_KEY", "signs sessions and derives doors; 32 characters or more, kept safe"),
    )
    database_url: str = field(
        default="sqlite:///previsit.db",
        repr=False,
        metadata=_about("DATABASE_URL", "clinical store: sqlite:///FILE or postgresql://…"),
    )
    contact_database_url: str = field(
        default="sqlite:///previsit-contacts.db",
        repr=False,
        metadata=_about("CONTACT_DATABASE_URL", "contact store, apart from the clinical one"),
    )
    contact_key: str = field(
        default="",
        repr=False,
        metadata=_about(
            "CONTACT_KEY",
            "encrypts the contact store (`portal doctor --new-keys` makes one); empty: no contact is kept",
        ),
    )
    base_url: str = field(
        default="http://127.0.0.1:8000",
        metadata=_about("BASE_URL", "address under which patients and staff reach the portal"),
    )
    smtp_url: str = field(
        default="",
        repr=False,
        metadata=_about("SMTP_URL", "mail server: smtp://user:password@host:587; empty: mails stay in MAILBOX"),
    )
    mailbox: Path = field(
        default=Path("mailbox"), metadata=_about("MAILBOX", "folder that keeps mails when SMTP_URL is empty")
    )
    sms_url: str = field(
        default="", repr=False, metadata=_about("SMS_URL", "where a text message is handed to its provider, https://…")
    )
    sms_token: str = field(
        default="", repr=False, metadata=_about("SMS_TOKEN", "what the provider knows the portal by")
    )
    sms_from: str = field(default="", metadata=_about("SMS_FROM", "sender of text messages: a number or a name"))
    sms_body: str = field(
        default='{"from": "{from}", "to": "{to}", "text": "{text}", "reference": "{id}"}',
        metadata=_about("SMS_BODY", "what the provider is sent: JSON, or the fields of a form, with {to} and {text}"),
    )
    sms_secret: str = field(
        default="",
        repr=False,
        metadata=_about("SMS_SECRET", "signs what the provider tells of answers to text messages; empty: none come"),
    )
    mail_from: str = field(
        default="Previsit <previsit@localhost>", metadata=_about("MAIL_FROM", "sender of every mail")
    )
    mail_reply_to: str = field(
        default="", metadata=_about("MAIL_REPLY_TO", "where replies to mails go; empty: to the sender")
    )
    mail_bounces_to: str = field(
        default="", metadata=_about("MAIL_BOUNCES_TO", "where mails that do not arrive come back; empty: to the sender")
    )
    bounce_mailbox: str = field(
        default="",
        repr=False,
        metadata=_about("BOUNCE_MAILBOX", "what came back: imaps://user:password@host/INBOX or maildir:/path"),
    )
    bounce_secret: str = field(
        default="",
        repr=False,
        metadata=_about("BOUNCE_SECRET", "signs what a sending service reports; 32 characters or more; empty: nothing"),
    )
    service_worker: bool = field(
        default=True,
        metadata=_about("SERVICE_WORKER", "on, or off: phones then drop the service worker and the pages they kept"),
    )
    clock_shift: timedelta = field(
        default=timedelta(0),
        metadata=_about("CLOCK_SHIFT", "seconds by which a demonstration's clock is moved; never set for a live study"),
    )
    demonstration: Path | None = field(
        default=None,
        metadata=_about("DEMONSTRATION", "the demo.json of a demonstration; makes the start page list its doors"),
    )

    @property
    def demonstration_only(self) -> tuple[str, ...]:
        """The variables that are set and may be set for a demonstration only."""
        return tuple(
            each.metadata["env"]
            for each in fields(self)
            if each.name in {"clock_shift", "demonstration"} and getattr(self, each.name)
        )

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are marked Secure: the portal is reached by https."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read every setting from `environment`; unset or empty means the default.

        Raises SettingsError naming the variable when one is missing or wrong.
        """
        values: dict[str, Any] = {}
        for each in fields(cls):
            text = environment.get(each.metadata["env"], "")
            if text:
                values[each.name] = _parse(each.metadata["env"], text)
        if "secret_key" not in values:
            raise SettingsError("SECRET_KEY is not set: `portal doctor --new-keys` makes one.")
        return cls(**values)

    def to_environment(self) -> dict[str, str]:
        """Give the variables that make the same settings in another process."""
        texts = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, timedelta):
                value = int(value.total_seconds())
            if isinstance(value, bool):
                value = "on" if value else "off"
            texts[each.metadata["env"]] = "" if value is None else str(value)
        return texts

    def __post_init__(self) -> None:
        if len(self.secret_key) < 32:
            raise SettingsError("SECRET_KEY is too short: give it at least 32 random characters.")
        if not re.match(r"https?://[^/:]", self.base_url) or not _is_url(self.base_url):
            raise SettingsError(f"BASE_URL must be an address such as https://previsit.example, not {self.base_url!r}.")
        for name, url in (("DATABASE_URL", self.database_url), ("CONTACT_DATABASE_URL", self.contact_database_url)):
            if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
                raise SettingsError(f"{name} must start with sqlite:/// or postgresql://, not {url.split(':')[0]!r}.")
            if not _is_url(url):  # the address may hold a password, and is not repeated
                raise SettingsError(f"{name} is no address: its port is no number, or a bracket is not closed.")
        if self.database_url == self.contact_database_url:
            raise SettingsError("CONTACT_DATABASE_URL must differ from DATABASE_URL: contacts stand apart.")
        if self.bounce_secret and len(self.bounce_secret) < 32:
            raise SettingsError("BOUNCE_SECRET is too short: give it at least 32 random characters.")
        senders = {"MAIL_FROM": self.mail_from, "MAIL_REPLY_TO": self.mail_reply_to}
        senders["MAIL_BOUNCES_TO"] = self.mail_bounces_to
        for name, sender in ((name, sender or self.mail_from) for name, sender in senders.items()):
            if not re.fullmatch(r"[!-?A-~]+@[!-?A-~]+", parseaddr(sender)[1]):  # no mail server needs to know SMTPUTF8
                sample = "Previsit <previsit@hospital.example>"
                raise SettingsError(f"{name} must be a sender such as {sample!r}, not {sender!r}.")
        if abs(self.clock_shift) > _FURTHEST:
            raise SettingsError(f"CLOCK_SHIFT must be {_SHIFTS}.")


def _is_url(text: str) -> bool:
    try:
        _ = urlsplit(text).port
    except ValueError:
        return False
    return True


def _parse(name: str, text: str) -> Any:
    match name:
        case "MAILBOX" | "DEMONSTRATION":
            return Path(text)
        case "BASE_URL":
            return text.rstrip("/")
        case "SERVICE_WORKER":
            if text not in {"on", "off"}:
                raise SettingsError(f"SERVICE_WORKER must be on or off, not {text!r}.")
            return text == "on"
        case "CLOCK_SHIFT":
            try:
                return timedelta(seconds=int(text))
            except (ValueError, OverflowError):
                raise SettingsError(f"CLOCK_SHIFT must be {_SHIFTS}, not {text!r}.") from None
        case _:
            return text
