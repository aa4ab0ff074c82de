"""`portal work`: the worker that meets deadlines, sends mails and renders documents."""

import signal
import threading

import click

from portal import clock
from portal.adapters.bounce_mailbox import BounceSettingsError, bounce_mailbox
from portal.adapters.mail import MailSettingsError, mailer
from portal.adapters.printing import Printer
from portal.adapters.sms import SmsSettingsError, texter
from portal.cli.bouncing import BounceReader
from portal.cli.printing_beside import PrintingBeside
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

    SIGTERM or Ctrl-C ends it after the deed it is at. On PostgreSQL several workers share the work;
    on SQLite one of them sends, and another takes over when it dies.

    Example: portal work --once
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    printer = Printer()
    worker = open_worker(read_settings(), stop, printer)
    try:
        if once:
            faults = worker.round()
            worker.duty.give_back(worker.clinical)
            raise SystemExit(1 if faults else 0)
        printing = _printing_beside(worker, printer, interval)
        with printing.running(stop), worker.duty.renewed(worker.clinical, worker.now):
            worker.round()
            while not stop.wait(interval):
                worker.round()
    finally:
        printer.close()
        worker.clinical.dispose()
        worker.contact.dispose()


def _printing_beside(worker: Worker, printer: Printer, interval: float) -> PrintingBeside:
    """Take the printing out of the worker's rounds, into threads of its own."""
    printing = worker.printing()
    assert printing is not None
    worker.render = None
    return PrintingBeside(printing, printer, Printer(), interval)


def open_worker(settings: Settings, stop: threading.Event, printer: Printer | None = None) -> Worker:
    """Open both stores and the way mails leave.  Raises Refused when a setting or a store is not fit."""
    printer = printer or Printer()
    clinical = open_store(settings.database_url, Store.CLINICAL)
    contact = open_store(settings.contact_database_url, Store.CONTACT)
    refuse_pretence(settings)
    try:
        outlet = mailer(settings.smtp_url, settings.mailbox, settings.mail_bounces_to)
        texts, inbox = texter(settings), bounce_mailbox(settings.bounce_mailbox)
        Contacts.check_key(settings.contact_key)
    except (MailSettingsError, SmsSettingsError, BounceSettingsError, NoContactKeyError) as fault:
        raise Refused(str(fault)) from None
    writing = for_writing(clinical)
    return Worker(
        clinical=writing,
        contact=contact,
        settings=settings,
        mailer=outlet,
        texter=texts,
        render=printer.summary,
        render_blank=printer.blank,
        now=clock.now,
        say=click.echo,
        stopping=stop.is_set,
        bounces=BounceReader(writing, inbox) if inbox else None,
    )
