"""A participant whom mails reach, and the investigator of her site."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy.orm import Session

from portal.db.engine import for_writing, open_engine
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.domain.roles import Role
from portal.services import (
    doors,
    staff,
)
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.mailing import KEY, KEYS


@pytest.fixture
def contacts(contact_database_url: str) -> Iterator[Contacts]:
    engine = for_writing(open_engine(contact_database_url))
    with Session(engine) as session:
        yield Contacts(session, KEY)
    engine.dispose()


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    return factories.load_study(session)[0]


@pytest.fixture
def participant(session: Session, place: StudyAtSite, contacts: Contacts) -> Participant:
    made = factories.make_participant(session, place, included_on=date(2027, 3, 5))
    contacts.keep(session, made.id, email="she@example.org", by=SYSTEM, at=factories.AT)
    doors.issue(session, made, KEYS, by=SYSTEM, at=factories.AT)
    return made


@pytest.fixture
def investigator(session: Session, place: StudyAtSite) -> Staff:
    return staff.add(
        session,
        email="doctor@example.org",
        name="D. Octor",
        password="a long enough password",
        roles=[(place.site_id, Role.INVESTIGATOR)],
        language="en",
        by=SYSTEM,
        at=factories.AT,
    )
