"""Settings: read once, and a wrong one is named."""

from datetime import timedelta
from pathlib import Path

import pytest

from portal.config import Settings, SettingsError

KEY = "0123456789abcdef0123456789abcdef"


def test_defaults_need_only_a_secret_key() -> None:
    settings = Settings.from_environment({"SECRET_KEY": KEY})
    assert settings.database_url == "sqlite:///previsit.db"
    assert settings.smtp_url == ""


def test_what_is_given_is_read_and_can_be_handed_on() -> None:
    given = {
        "SECRET_KEY": KEY,
        "DATABASE_URL": "postgresql://portal@db/portal",
        "BASE_URL": "https://previsit.example/",
        "MAILBOX": "/tmp/mails",
        "CLOCK_SHIFT": "-3600",
    }
    settings = Settings.from_environment(given)
    assert settings.base_url == "https://previsit.example"
    assert settings.secure_cookies
    assert settings.mailbox == Path("/tmp/mails")
    assert settings.clock_shift == timedelta(hours=-1)
    assert Settings.from_environment(settings.to_environment()) == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("DATABASE_URL", "mysql://x"),
        ("CONTACT_DATABASE_URL", "sqlite:///previsit.db"),
        ("BASE_URL", "previsit.example"),
        ("BASE_URL", "http://"),
        ("BASE_URL", "https://previsit.example:x"),
        ("DATABASE_URL", "postgresql://portal@db:x/portal"),
        ("MAIL_FROM", "Previsit"),
        ("MAIL_BOUNCES_TO", "Previsit"),
        ("BOUNCE_SECRET", "short"),
        ("CLOCK_SHIFT", "tomorrow"),
        ("CLOCK_SHIFT", "99999999999"),
        ("CLOCK_SHIFT", "99999999999999999999"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({"SECRET_KEY": KEY, name: value})


def test_printed_settings_hold_no_secret() -> None:
    settings = Settings.from_environment(
        {
            "SECRET_KEY": KEY,
            "CONTACT_KEY": "contact-key",
            "DATABASE_URL": "postgresql://portal:open-sesame@db/portal",
            "CONTACT_DATABASE_URL": "postgresql://portal:open-sesame@db/contacts",
            "SMTP_URL": "smtp://user:open-sesame@mail",
            "BOUNCE_MAILBOX": "imaps://user:open-sesame@mail/INBOX",
            "BOUNCE_SECRET": "open-sesame" + KEY,
        }
    )
    assert not [secret for secret in (KEY, "contact-key", "open-sesame") if secret in repr(settings)]


def test_what_only_a_demonstration_may_set_is_named() -> None:
    assert Settings(secret_key=KEY).demonstration_only == ()
    settings = Settings(secret_key=KEY, clock_shift=timedelta(days=1), demonstration=Path("demo.json"))
    assert settings.demonstration_only == ("CLOCK_SHIFT", "DEMONSTRATION")
