"""The page in the mail, by the real worker: printed first, then sent, and opened with the site's passphrase."""

import io
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pikepdf
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.local_mailbox import LocalMailbox
from portal.adapters.printing import Printer
from portal.cli.work import open_worker
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.summary import SummaryDocument
from portal.domain.roles import Role
from portal.domain.study import SummaryMail
from portal.services import staff, studies
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.site_passphrases import SitePassphrases
from tests import factories

AT = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
PASSPHRASE = "K7QM-2VXD-9HTA-0WPC-4RBN"


def test_it_leaves_once_it_is_printed_and_opens_with_the_passphrase_alone(settings: Settings, store: Session) -> None:
    study = factories.demonstration_study()
    rule = replace(study.summary, mail=SummaryMail.ATTACHED)
    studies.load(store, replace(study, summary=rule), by=SYSTEM, at=factories.AT)
    place = studies.list_sites(store)[0]
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    factories.complete_visit(store, participant, at=AT)
    person = {"email": "doctor@example.org", "name": "D. Octor", "password": "a long enough password"}
    staff.add(store, **person, roles=[(place.site_id, Role.INVESTIGATOR)], language="fr", by=SYSTEM, at=factories.AT)
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as opened:
        kept = SitePassphrases(Contacts(opened, settings.contact_key))
        kept.keep(store, place.site_id, PASSPHRASE, by=SYSTEM, at=factories.AT)
        opened.commit()
    engine.dispose()
    store.commit()
    printer = Printer()
    box, worker = LocalMailbox(settings.mailbox), open_worker(settings, threading.Event(), printer)
    worker.render_blank = None
    for minutes in (0, 1):  # the first round has printed it after it would have sent it
        assert box.names() == []
        worker.now = lambda minutes=minutes: AT + timedelta(minutes=minutes)  # type: ignore[misc] # a lambda's default
        worker.round()
    printer.close()
    worker.clinical.dispose()
    worker.contact.dispose()
    (name,) = box.names()
    mail = box.find(name)
    assert mail
    (page,) = mail.iter_attachments()
    original = store.scalars(select(SummaryDocument.pdf).where(SummaryDocument.language == "fr")).one()
    locked = page.get_content()
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(locked))
    with pikepdf.open(io.BytesIO(locked), password=PASSPHRASE) as sent, pikepdf.open(io.BytesIO(original)) as made:
        assert sent.encryption.R == 6
        assert [each.Contents.read_bytes() for each in sent.pages] == [
            each.Contents.read_bytes() for each in made.pages
        ]
        assert sent.Root.MarkInfo.Marked
