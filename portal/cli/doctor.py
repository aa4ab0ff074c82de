"""`portal doctor`: looks at everything the portal stands on and says what is wrong and what to do."""

import os
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime

import click
from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal import clock
from portal.adapters.bounce_mailbox import BounceSettingsError, bounce_mailbox
from portal.adapters.mail import MailSettingsError, mailer
from portal.adapters.public_holidays import is_public_holiday
from portal.adapters.sms import SmsSettingsError, texter
from portal.cli.faults import first_line
from portal.cli.settings import read_settings
from portal.config import Settings
from portal.db.engine import StoreNotDurableError, assert_durable, open_engine
from portal.db.participant import Participant
from portal.db.revision import Store, is_current
from portal.services import asked_check, audit, originals, pulse, render_faults, shortfalls, visit_check
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
            wrong = visit_check.count_wrong(session) + asked_check.count_wrong(session)
            unprinted = sum(render_faults.given_up(session).values())
            worker = _worker_fault(session, clock.now())
            altered = originals.count_wrong(session)
            lost = len(shortfalls.find(session, is_public_holiday, at=clock.now()))
        yield "trail", f"event {broken} was changed after it was written" if broken else ""
        yield "documents", f"{unprinted} would not print, again and again (table render_fault)" if unprinted else ""
        yield "originals", f"{altered} are gone, or not as they were made: take them from a backup" if altered else ""
        yield "worker", worker
        yield "promises", f"{lost} things should have left and did not (/staff/promises names them)" if lost else ""
        yield "lists", f"{wrong} lines do not say what the store says" if wrong else ""
    yield "contact key", _fault_of(lambda: Contacts.check_key(settings.contact_key))
    mail_fault = _fault_of(lambda: mailer(settings.smtp_url, settings.mailbox))
    yield _mail_way(settings), mail_fault or _mailbox_fault(settings)
    yield _sms_way(settings), _fault_of(lambda: texter(settings))
    if settings.bounce_mailbox:
        yield "mailbox of what comes back", _fault_of(lambda: bounce_mailbox(settings.bounce_mailbox))


def _worker_fault(session: Session, at: datetime) -> str:
    """Say since when no worker has made a round; a store without participants needs none yet."""
    felt = pulse.feel(session, at=at)
    if not felt.is_silent:
        return ""
    if felt.last_at:
        return f"no round was made since {felt.last_at:%Y-%m-%d %H:%M}Z: start `portal work`"
    is_needed = session.scalar(select(Participant.id).limit(1))
    return "no round was ever made: start `portal work`" if is_needed else ""


def _mail_way(settings: Settings) -> str:
    return "mail server" if settings.smtp_url else f"mail stays in {settings.mailbox} (SMTP_URL is not set)"


def _sms_way(settings: Settings) -> str:
    if settings.sms_url:
        return "provider of text messages"
    return "no text messages (SMS_URL is not set)" if settings.smtp_url else "text messages stay with the mails"


def _mailbox_fault(settings: Settings) -> str:
    """Say why no mail could be kept in the folder, which the first mail makes when it is not there."""
    if settings.smtp_url:
        return ""
    nearest = settings.mailbox.resolve()
    while not os.path.exists(nearest):  # noqa: PTH110 - Path.exists raises where a folder above may not be entered
        nearest = nearest.parent
    if not nearest.is_dir():
        return f"{nearest} is no folder: set MAILBOX"
    return "" if os.access(nearest, os.W_OK | os.X_OK) else f"no permission to write in {nearest}: set MAILBOX"


def _fault_of(check: Callable[[], object]) -> str:
    try:
        check()
    except (NoContactKeyError, MailSettingsError, SmsSettingsError, BounceSettingsError) as error:
        return str(error)
    return ""


def _store_fault(url: str, store: Store) -> str:
    engine = open_engine(url)
    try:
        assert_durable(engine)
        return "" if is_current(engine, store) else "not up to date: run `portal migrate`"
    except (SQLAlchemyError, StoreNotDurableError) as error:
        return first_line(error)
    finally:
        engine.dispose()
