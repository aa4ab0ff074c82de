"""The contact store: encrypted, apart, optional; the trail says that a contact changed and never what it is."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.engine import for_writing, open_engine
from portal.domain.audit import Deed
from portal.services.actor import SYSTEM
from portal.services.contacts import (
    ContactRefusedError,
    Contacts,
    ContactUnreadableError,
    NoContactKeyError,
)
from portal.services.reach_choice import Reachable
from tests.conftest import NOW

KEY = "3xwCWlC2zmY9KqHhSXlm2lhfoyL7aHnEKm8pUtlo0hI="
SHE = UUID(int=1)


@pytest.fixture
def contact_session(contact_database_url: str) -> Iterator[Session]:
    engine = for_writing(open_engine(contact_database_url))
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def contacts(contact_session: Session) -> Contacts:
    return Contacts(contact_session, KEY)


def test_what_is_kept_is_found_and_stands_in_the_store_encrypted(
    session: Session, contact_session: Session, contacts: Contacts
) -> None:
    contacts.keep(session, SHE, email=" a.b@example.org ", telephone="+33 6 01 02 03 04", by=SYSTEM, at=NOW)
    assert contacts.find(SHE) == Reachable("a.b@example.org", "+33 6 01 02 03 04")
    assert contacts.find_email(SHE) == "a.b@example.org"
    kept = contact_session.execute(text("SELECT email, telephone FROM contact")).one()
    assert all(b"example" not in bytes(value) and b"0102" not in bytes(value) for value in kept)


def test_the_trail_says_that_it_changed_and_never_what_it_is(session: Session, contacts: Contacts) -> None:
    contacts.keep(session, SHE, email="a.b@example.org", by=SYSTEM, at=NOW)
    contacts.keep(session, SHE, email="a.b@example.org", by=SYSTEM, at=NOW)  # the same again: no event
    contacts.keep(session, SHE, email="c.d@example.org", telephone="0601020304", by=SYSTEM, at=NOW)
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [(event.deed, event.field, event.old, event.new) for event in events] == [
        (Deed.CONTACT_CHANGED, "email", "none", "known"),
        (Deed.CONTACT_CHANGED, "email", "known", "known"),
        (Deed.CONTACT_CHANGED, "telephone", "none", "known"),
    ]


def test_a_contact_can_be_forgotten(session: Session, contacts: Contacts) -> None:
    contacts.keep(session, SHE, email="a.b@example.org", telephone="0601020304", by=SYSTEM, at=NOW)
    contacts.keep(session, SHE, email="", by=SYSTEM, at=NOW)
    assert contacts.find(SHE) == Reachable()


def test_everything_works_for_someone_without_contact_and_without_any_key(
    session: Session, contact_session: Session, contacts: Contacts
) -> None:
    assert contacts.find_email(SHE) is None
    keyless = Contacts(contact_session, "")
    assert keyless.find_email(SHE) is None
    with pytest.raises(NoContactKeyError):
        keyless.keep(session, SHE, email="a.b@example.org", by=SYSTEM, at=NOW)


def test_after_a_change_of_key_the_old_one_still_reads_and_a_strange_one_does_not(
    session: Session, contact_session: Session, contacts: Contacts
) -> None:
    contacts.keep(session, SHE, email="a.b@example.org", by=SYSTEM, at=NOW)
    new = Fernet.generate_key().decode()
    assert Contacts(contact_session, f"{new},{KEY}").find_email(SHE) == "a.b@example.org"
    with pytest.raises(ContactUnreadableError):
        Contacts(contact_session, new).find_email(SHE)
    with pytest.raises(NoContactKeyError):
        Contacts(contact_session, "no key")


@pytest.mark.parametrize(
    "email", ["nobody", "a@", "@b.org", "a b@c.org", "a@b.org\nBcc: c@d.org", "a@b.org, c@d.org", "é@b.org"]
)
def test_what_is_no_address_is_refused(session: Session, contacts: Contacts, email: str) -> None:
    with pytest.raises(ContactRefusedError, match="email"):
        contacts.keep(session, SHE, email=email, by=SYSTEM, at=NOW)


def test_what_is_no_telephone_number_is_refused(session: Session, contacts: Contacts) -> None:
    with pytest.raises(ContactRefusedError, match="telephone"):
        contacts.keep(session, SHE, telephone="call me", by=SYSTEM, at=NOW)
