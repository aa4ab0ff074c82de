"""Plays the past of a demonstration in order of time, each deed in a unit of work of its own."""

from datetime import datetime

import click
from sqlalchemy.orm import Session

from portal.adapters.mail import mailer
from portal.adapters.sms import LocalTexter
from portal.cli.demonstration.history import History
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.services.contacts import Contacts
from portal.services.doors import DoorKeys


def past(settings: Settings, now: datetime) -> None:
    """Play everything that happened before `now`, with the real worker; it leaves the documents to the next one."""
    clinical, contact = for_writing(open_engine(settings.database_url)), open_engine(settings.contact_database_url)
    moment = now
    worker = Worker(
        clinical=clinical,
        contact=contact,
        settings=settings,
        mailer=mailer("", settings.mailbox),
        texter=LocalTexter(settings.mailbox),
        render=None,
        now=lambda: moment,
    )
    with Session(clinical, expire_on_commit=False) as session, Session(for_writing(contact)) as contact_session:
        history = History(
            session=session,
            contacts=Contacts(contact_session, settings.contact_key),
            keys=DoorKeys(settings.secret_key),
            work=lambda _at: worker.round(),
            now=now,
        )
        planned = history.plan()
        session.commit()
        with click.progressbar(planned, label="Inventing a study", width=30) as deeds:
            for deed in deeds:
                moment = deed.at
                deed.do(deed.at)
                contact_session.commit()
                session.commit()
    worker.duty.give_back(clinical)
    clinical.dispose()
    contact.dispose()
