"""What the portal can be told from outside: read once, checked at start, frozen from then on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and says what to do."""


def _about(env: str, about: str) -> dict[str, str]:
    return {"env": env, "about": about}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of the portal; each field names its environment variable and what it is for."""

    secret_key: str = field(
        metadata=_about("SECRET_KEY", "signs sessions and derives doors; 32 characters or more, kept safe")
    )
    database_url: str = field(
        default="sqlite:///previsit.db",
        metadata=_about("DATABASE_URL", "clinical store: sqlite:///FILE or postgresql://…"),
    )
    contact_database_url: str = field(
        default="sqlite:///previsit-contacts.db",
        metadata=_about("CONTACT_DATABASE_URL", "contact store, apart from the clinical one"),
    )
    contact_key: str = field(
        default="",
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
        metadata=_about("SMTP_URL", "mail server: smtp://user:password@host:587; empty: mails stay in MAILBOX"),
    )
    mailbox: Path = field(
        default=Path("mailbox"), metadata=_about("MAILBOX", "folder that keeps mails when SMTP_URL is empty")
    )
    mail_from: str = field(
        default="Previsit <previsit@localhost>", metadata=_about("MAIL_FROM", "sender of every mail")
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
            texts[each.metadata["env"]] = "" if value is None else str(value)
        return texts

    def __post_init__(self) -> None:
        if len(self.secret_key) < 32:
            raise SettingsError("SECRET_KEY is too short: give it at least 32 random characters.")
        if urlsplit(self.base_url).scheme not in {"http", "https"}:
            raise SettingsError(f"BASE_URL must start with http:// or https://, not {self.base_url!r}.")
        for name, url in (("DATABASE_URL", self.database_url), ("CONTACT_DATABASE_URL", self.contact_database_url)):
            if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
                raise SettingsError(f"{name} must start with sqlite:/// or postgresql://, not {url.split(':')[0]!r}.")
        if self.database_url == self.contact_database_url:
            raise SettingsError("CONTACT_DATABASE_URL must differ from DATABASE_URL: contacts stand apart.")


def _parse(name: str, text: str) -> Any:
    match name:
        case "MAILBOX" | "DEMONSTRATION":
            return Path(text)
        case "BASE_URL":
            return text.rstrip("/")
        case "CLOCK_SHIFT":
            try:
                return timedelta(seconds=int(text))
            except ValueError:
                raise SettingsError(f"CLOCK_SHIFT must be a whole number of seconds, not {text!r}.") from None
        case _:
            return text
