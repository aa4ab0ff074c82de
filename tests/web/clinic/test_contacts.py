"""The nurse tests an address while the patient is there, changes it, looks at it, and has it forgotten."""

from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db.audit_event import AuditEvent
from portal.db.engine import for_writing, open_engine
from portal.db.message import Message, MessageStatus
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor
from portal.services.contacts import Contacts
from portal.services.reach_choice import Reachable
from tests import factories
from tests.conftest import NOW
from tests.services.mailing import change_study
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def participant(store: Session, at: datetime, settings: Settings) -> Participant:
    """A participant of site 01 with an address and a number."""
    made = factories.make_participant(store, factories.load_study(store)[0])
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as opened:
        Contacts(opened, settings.contact_key).keep(
            store, made.id, email="she@example.org", telephone="+33 6 99 00 11 22", by=actor.SYSTEM, at=factories.AT
        )
        opened.commit()
    engine.dispose()
    return made


@pytest.fixture
def nurse(app: Flask, store: Session, participant: Participant) -> StaffBrowser:
    """A nurse of site 01 who reads English, signed in."""
    person = make_staff(store, (participant.site_id, Role.NURSE))
    store.commit()
    store.expunge_all()
    return StaffBrowser(app, person)


def contact_of(participant: Participant, act: str = "") -> str:
    return f"/clinic/participants/{participant.id}/contact{act}"


def kept_of(participant: Participant, settings: Settings) -> Reachable:
    engine = open_engine(settings.contact_database_url)
    with Session(engine) as opened:
        found = Contacts(opened, settings.contact_key).find(participant.id)
    engine.dispose()
    return found


def concluded(store: Session, status: MessageStatus, reason: str | None = None) -> UUID:
    """Put the last message where the worker would."""
    message = store.scalars(select(Message).order_by(Message.edition.desc())).first()
    assert message is not None
    message.status, message.reason, message.sent_at = status, reason, NOW
    store.commit()
    return message.id


def read_events(store: Session) -> list[str | None]:
    read = select(AuditEvent.field).where(AuditEvent.deed == Deed.CONTACT_READ).order_by(AuditEvent.id)
    found = list(store.scalars(read))
    store.rollback()
    return found


def test_the_page_says_that_something_is_kept_and_not_what(
    nurse: StaffBrowser, participant: Participant, store: Session
) -> None:
    nurse.get(f"/clinic/participants/{participant.id}")
    assert "kept, not tested" in nurse.text
    assert contact_of(participant) in nurse.links()
    nurse.get(contact_of(participant))
    assert "she@example.org" not in nurse.page.text
    assert read_events(store) == []
    nurse.get(contact_of(participant, "/in-full"))
    assert "she@example.org" in nurse.text
    assert "+33 6 99 00 11 22" in nurse.text
    assert read_events(store) == ["email", "telephone"]


def test_a_test_is_asked_for_followed_and_answered(
    nurse: StaffBrowser, participant: Participant, store: Session
) -> None:
    nurse.get(contact_of(participant)).press(contact_of(participant, "/test")).follow()
    assert "On its way." in nurse.text
    assert nurse.page.headers["Refresh"] == "3"
    assert "Send another test" not in nurse.text
    concluded(store, MessageStatus.SENT)
    nurse.get(contact_of(participant))
    assert "Refresh" not in nurse.page.headers
    assert "Left on 3 March 2027, 10:00 (Paris)." in nurse.text
    assert "Another test can be sent from 3 March 2027, 10:01 (Paris) on." in nurse.text
    nurse.press(contact_of(participant, "/received"), received="yes").follow()
    assert "The patient has received it, noted on 3 March 2027, 10:00 (Paris)." in nurse.text
    nurse.get(f"/clinic/participants/{participant.id}")
    assert "kept, tested on 3 March 2027" in nurse.text
    assert any(row.startswith("Test of the address Inclusion") for row in nurse.rows())


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (MessageStatus.FAILED, "smtp-550", "refused it for good"),
        (MessageStatus.UNKNOWN, "timeout", "may have left or not"),
        (MessageStatus.PLANNED, "smtp-451", "It is tried again on 3 March 2027, 10:00 (Paris)"),
        (MessageStatus.CANCELLED, "too-late", "could not be reached"),
        (MessageStatus.CANCELLED, "paused", "nothing is sent to this patient"),
    ],
)
def test_what_became_of_it_is_said_with_what_to_do(
    nurse: StaffBrowser, participant: Participant, store: Session, status: MessageStatus, reason: str, words: str
) -> None:
    nurse.get(contact_of(participant)).press(contact_of(participant, "/test"))
    concluded(store, status, reason)
    assert words in nurse.get(contact_of(participant)).text
    assert ("Has the patient received it?" in nurse.text) == (status is MessageStatus.UNKNOWN)
    assert nurse.get(f"/clinic/participants/{participant.id}").page.status_code == 200


def test_an_old_page_answers_nothing(nurse: StaffBrowser, participant: Participant, store: Session) -> None:
    nurse.get(contact_of(participant)).press(contact_of(participant, "/test"))
    concluded(store, MessageStatus.SENT)
    nurse.get(contact_of(participant))
    nurse.press(contact_of(participant, "/received"), received="no", message=str(UUID(int=9))).follow()
    assert "Has the patient received it?" in nurse.text


def test_a_new_address_is_typed_twice_and_the_number_stays(
    nurse: StaffBrowser, participant: Participant, settings: Settings
) -> None:
    change = contact_of(participant, "/change")
    assert "she@example.org" not in nurse.get(change).page.text
    nurse.press(change, email="new@example.org", email_again="nwe@example.org")
    assert nurse.page.status_code == 422
    assert "The two addresses differ." in nurse.text
    assert 'value="new@example.org"' in nurse.page.text
    nurse.press(change, email_again="new@example.org").follow()
    assert kept_of(participant, settings) == Reachable("new@example.org", "+33 6 99 00 11 22")
    assert "new@example.org" not in nurse.page.text
    nurse.get(change).press(change)
    assert (nurse.page.status_code, "Nothing was typed." in nurse.text) == (422, True)


def test_what_is_forgotten_is_gone_and_forgetting_twice_is_no_fault(
    nurse: StaffBrowser, participant: Participant, settings: Settings
) -> None:
    for _twice in range(2):
        nurse.get(contact_of(participant)).press(contact_of(participant, "/forget"), what="email").follow()
        assert "Test of the address" not in nurse.text  # what is left, and written to, is the number
        assert "Test of the telephone number" in nurse.text
    assert kept_of(participant, settings) == Reachable(None, "+33 6 99 00 11 22")
    nurse.press(contact_of(participant, "/forget"), what="telephone").follow()
    assert "there is nothing to test" in nurse.text


def test_what_another_key_encrypted_is_told_and_can_be_forgotten(
    nurse: StaffBrowser, participant: Participant, app: Flask
) -> None:
    settings: Settings = app.extensions["settings"]
    object.__setattr__(settings, "contact_key", "qkWn6rSDYV0CUZnEHpPxP4eKIY_lhXXwGtA7VLzj4CM=")
    change = contact_of(participant, "/change")
    nurse.get(change).press(change, telephone="+33 6 99 00 11 33", telephone_again="+33 6 99 00 11 33")
    assert (nurse.page.status_code, "cannot be read with the key" in nurse.text) == (422, True)
    assert "cannot be read with the key" in nurse.get(contact_of(participant, "/in-full")).text
    for what in ("email", "telephone"):
        nurse.get(contact_of(participant)).press(contact_of(participant, "/forget"), what=what)
    nurse.get(change).press(change, telephone="+33 6 99 00 11 33", telephone_again="+33 6 99 00 11 33").follow()
    assert "Change what is kept" in nurse.text


def test_without_a_key_nothing_is_kept_and_the_page_says_so(
    nurse: StaffBrowser, participant: Participant, app: Flask
) -> None:
    object.__setattr__(app.extensions["settings"], "contact_key", "")
    assert "This portal keeps no addresses" in nurse.get(contact_of(participant)).text
    change = contact_of(participant, "/change")
    nurse.get(change).press(change, email="a@example.org", email_again="a@example.org")
    assert "its administrator has set no key" in nurse.text


def test_a_number_is_tested_where_the_study_writes_to_it_and_not_otherwise(
    nurse: StaffBrowser, participant: Participant, store: Session
) -> None:
    page, act = contact_of(participant), contact_of(participant, "/test")
    change_study(store, messages={"channel": "mail"})
    store.commit()
    assert "Test of the telephone number" not in nurse.get(page).text
    nurse.press(act, by="sms")  # a page of another time
    assert store.scalars(select(Message)).all() == []
    store.rollback()
    change_study(store, messages={"channel": "sms"})
    store.commit()
    assert "Test of the address" not in nurse.get(page).text
    nurse.press(act).follow()
    assert "On its way." in nurse.text
    assert nurse.page.headers["Refresh"] == "3"
    concluded(store, MessageStatus.FAILED, "http-422")
    assert "no text message can reach this number. Compare the number" in nurse.get(page).text
    concluded(store, MessageStatus.SENT)
    nurse.get(page).press(contact_of(participant, "/received"), received="no").follow()
    assert "then change the number or test again" in nurse.text
    nurse.get(f"/clinic/participants/{participant.id}")
    assert "a test did not arrive on 3 March 2027" in nurse.text
    assert any(row.startswith("Test of the telephone number Inclusion") for row in nurse.rows())
    nurse.get(page).press(contact_of(participant, "/received"), received="yes")
    assert "tested on 3 March 2027" in nurse.get(f"/clinic/participants/{participant.id}").text
