"""`portal work`: the worker that meets deadlines, sends mails and renders documents."""

import signal
import threading

import click

from portal import clock
from portal.adapters import blank_forms, pdf
from portal.adapters.mail import MailSettingsError, mailer
from portal.cli.settings import Refused, open_store, read_settings, refuse_pretence
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.engine import for_writing
from portal.db.revision import Store
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
    clinical = open_store(settings.database_url, Store.CLINICAL)
    contact = open_store(settings.contact_database_url, Store.CONTACT)
    refuse_pretence(settings)
    try:
        outlet = mailer(settings.smtp_url, settings.mailbox)
        Contacts.check_key(settings.contact_key)
    except (MailSettingsError, NoContactKeyError) as fault:
        raise Refused(str(fault)) from None
    return Worker(
        clinical=for_writing(clinical),
        contact=contact,
        settings=settings,
        mailer=outlet,
        render=pdf.render,
        render_blank=lambda wording, large: blank_forms.render(wording, large=large),
        now=clock.now,
        say=click.echo,
        stopping=stop.is_set,
    )
