"""`portal work`: the worker that meets deadlines, sends mails and renders documents."""

import signal
import threading

import click

from portal import clock
from portal.adapters import pdf
from portal.adapters.mail import MailSettingsError, mailer
from portal.cli.settings import Refused, read_settings
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.engine import assert_durable, for_writing, open_engine
from portal.db.migrate import Store, is_current
from portal.services.contacts import Contacts, NoContactKeyError


@click.command()
@click.option("--once", is_flag=True, help="One round, for cron; exit code 1 when something in it failed.")
@click.option(
    "--interval",
    default=2.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="Seconds between the end of a round and the next.",
)
def work(once: bool, interval: float) -> None:
    """Make the summaries that are due, send the messages that are due, render documents; a line for each deed.

    SIGTERM or Ctrl-C ends it after the deed it is at. Several workers may share a PostgreSQL store.

    Example: portal work --once
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = open_worker(read_settings(), stop)
    try:
        faults = worker.round()
        if once:
            raise SystemExit(1 if faults else 0)
        while not stop.wait(interval):
            worker.round()
    finally:
        worker.clinical.dispose()
        worker.contact.dispose()


def open_worker(settings: Settings, stop: threading.Event) -> Worker:
    """Open both stores and the way mails leave.  Raises Refused when a setting or a store is not fit."""
    engines = []
    for store, url in ((Store.CLINICAL, settings.database_url), (Store.CONTACT, settings.contact_database_url)):
        engine = open_engine(url)
        assert_durable(engine)
        if not is_current(engine, store):
            raise Refused(f"The {store.name.lower()} store is not up to date: run `portal migrate` first.")
        engines.append(engine)
    try:
        outlet = mailer(settings.smtp_url, settings.mailbox)
        Contacts.check_key(settings.contact_key)
    except (MailSettingsError, NoContactKeyError) as fault:
        raise Refused(str(fault)) from None
    return Worker(
        clinical=for_writing(engines[0]),
        contact=engines[1],
        settings=settings,
        mailer=outlet,
        render=pdf.render,
        now=clock.now,
        say=click.echo,
        stopping=stop.is_set,
    )
