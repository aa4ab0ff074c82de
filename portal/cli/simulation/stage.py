"""Where a simulation is played: stores that vanish, the real worker, a local mailbox, and a clock moved by hand."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from portal.adapters.local_mailbox import LocalMailbox
from portal.adapters.sms import LocalTexter
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.migrate import Store, upgrade
from portal.services.contacts import Contacts
from portal.services.doors import DoorKeys


@dataclass
class Stage:
    """The stores' sessions, the keys, the worker, and the `moment` that the clock shows."""

    session: Session
    contact_session: Session
    contacts: Contacts
    keys: DoorKeys
    moment: datetime
    said: list[str] = field(default_factory=list)
    worker: Worker = field(init=False)

    def commit(self) -> None:
        """Keep what was done, the contacts first, and forget what was read: the worker writes in between."""
        self.contact_session.commit()
        self.session.commit()
        self.session.expunge_all()
        self.contact_session.expunge_all()


@contextmanager
def set_up(folder: Path, mailbox: Path, *, seed: int, at: datetime) -> Iterator[Stage]:
    """Make fresh stores in `folder`; mails are kept in `mailbox`."""
    settings = _settings(folder, mailbox, seed)
    with ExitStack() as stack:
        engines = {}
        for store, url in ((Store.CLINICAL, settings.database_url), (Store.CONTACT, settings.contact_database_url)):
            upgrade(url, store)
            engines[store] = for_writing(_hasty(open_engine(url)))
            stack.callback(engines[store].dispose)
        session = stack.enter_context(Session(engines[Store.CLINICAL], expire_on_commit=False))
        contact_session = stack.enter_context(Session(engines[Store.CONTACT], expire_on_commit=False))
        contacts = Contacts(contact_session, settings.contact_key)
        stage = Stage(session, contact_session, contacts, DoorKeys(settings.secret_key), at)
        stage.worker = Worker(
            clinical=engines[Store.CLINICAL],
            contact=engines[Store.CONTACT],
            settings=settings,
            mailer=LocalMailbox(mailbox),
            texter=LocalTexter(mailbox),
            render=None,  # a page costs more than all the rest of a visit, and has no hour of its own
            now=lambda: stage.moment,
            say=stage.said.append,
        )
        yield stage


def _settings(folder: Path, mailbox: Path, seed: int) -> Settings:
    digest = hashlib.sha256(f"simulation {seed}".encode()).digest()
    return Settings(
        secret_key=digest.hex(),
        contact_key=base64.urlsafe_b64encode(digest).decode(),
        database_url=f"sqlite:///{folder}/previsit.db",
        contact_database_url=f"sqlite:///{folder}/contacts.db",
        base_url="https://simulation.example",
        mailbox=mailbox,
        mail_from="Previsit <previsit@simulation.example>",
    )


def _hasty(engine: Engine) -> Engine:
    """Wait for no disk: a simulation that loses its power is begun again."""

    def hurry(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    event.listen(engine, "connect", hurry)
    return engine
