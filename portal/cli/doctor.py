"""`portal doctor`: looks at everything the portal stands on and says what is wrong and what to do."""

import secrets
from collections.abc import Callable, Iterator

import click
from cryptography.fernet import Fernet
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.adapters.mail import MailSettingsError, mailer
from portal.cli.settings import read_settings
from portal.config import Settings
from portal.db.engine import StoreNotDurableError, assert_durable, open_engine
from portal.db.migrate import Store, is_current
from portal.services import audit
from portal.services.contacts import Contacts, NoContactKeyError


@click.command()
@click.option("--new-keys", is_flag=True, help="Print a new SECRET_KEY and CONTACT_KEY and stop.")
def doctor(new_keys: bool) -> None:
    """Check settings, stores, trail and mail; exit code 2 when something is wrong.

    Example: portal doctor
    """
    if new_keys:
        click.echo(f"SECRET_KEY={secrets.token_urlsafe(48)}")
        click.echo(f"CONTACT_KEY={Fernet.generate_key().decode()}")
        return
    faults = 0
    for what, fault in _findings(read_settings()):
        click.echo(f"{'wrong' if fault else 'ok':5}  {what}{f': {fault}' if fault else ''}")
        faults += bool(fault)
    if faults:
        raise SystemExit(2)


def _findings(settings: Settings) -> Iterator[tuple[str, str]]:
    """Give each thing looked at and what is wrong with it, empty when nothing is."""
    yield "settings", ""
    clinical = _store_fault(settings.database_url, Store.CLINICAL)
    yield "clinical store", clinical
    yield "contact store", _store_fault(settings.contact_database_url, Store.CONTACT)
    if not clinical:
        with Session(open_engine(settings.database_url)) as session:
            broken = audit.first_broken(session)
        yield "trail", f"event {broken} was changed after it was written" if broken else ""
    yield "contact key", _fault_of(lambda: Contacts.check_key(settings.contact_key))
    yield _mail_way(settings), _fault_of(lambda: mailer(settings.smtp_url, settings.mailbox))


def _mail_way(settings: Settings) -> str:
    return "mail server" if settings.smtp_url else f"mail stays in {settings.mailbox} (SMTP_URL is not set)"


def _fault_of(check: Callable[[], object]) -> str:
    try:
        check()
    except (NoContactKeyError, MailSettingsError) as error:
        return str(error)
    return ""


def _store_fault(url: str, store: Store) -> str:
    engine = open_engine(url)
    try:
        assert_durable(engine)
        return "" if is_current(engine, store) else "not up to date: run `portal migrate`"
    except (SQLAlchemyError, StoreNotDurableError) as error:
        return str(error).splitlines()[0]
    finally:
        engine.dispose()
