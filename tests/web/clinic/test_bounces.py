"""A nurse sees that a mail came back and what to do, changes the address, and the opening leaves once more."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.message import BounceKind, BounceSource, Message, MessageStatus
from portal.db.participant import Participant
from portal.domain.messages import MessageKind
from portal.domain.roles import Role
from portal.services import bounces
from portal.services.actor import SYSTEM
from portal.services.bounces import Kept, Report
from portal.services.contacts import Contacts
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff

LEFT = NOW - timedelta(days=5)


@pytest.fixture
def participant(store: Session, settings: Settings) -> Participant:
    """Somebody with an address, whose visit is in two days and whose opening has left."""
    made = factories.make_participant(store, factories.load_study(store)[0], included_on=date(2027, 3, 5))
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as contact_session:
        kept = Contacts(contact_session, settings.contact_key)
        kept.keep(store, made.id, email="she@example.org", by=SYSTEM, at=factories.AT)
        contact_session.commit()
    engine.dispose()
    send(store, made, MessageKind.OPENING)
    return made


@pytest.fixture
def nurse(app: Flask, store: Session, at: object, participant: Participant) -> StaffBrowser:
    """The nurse of the patient's site."""
    person = make_staff(store, (participant.site_id, Role.NURSE))
    store.commit()
    return StaffBrowser(app, person)


def send(store: Session, participant: Participant, kind: MessageKind) -> Message:
    visit = factories.get_visit(store, participant)
    gone = {"status": MessageStatus.SENT, "due_at": LEFT, "claimed_at": LEFT, "sent_at": LEFT, "attempts": 1}
    message = Message(visit_id=visit.id, kind=kind, recipient="participant", **gone)
    store.add(message)
    store.commit()
    return message


def come_back(
    store: Session,
    participant: Participant,
    code: str,
    kind: MessageKind = MessageKind.OPENING,
    what: BounceKind = BounceKind.PERMANENT,
) -> None:
    visit_id = factories.get_visit(store, participant).id
    message_id = store.scalars(select(Message.id).where(Message.visit_id == visit_id, Message.kind == kind)).one()
    report = Report(f"<{message_id}@localhost>", what, code, digest=message_id.hex * 2, at=NOW)
    assert bounces.keep(store, report, BounceSource.MAILBOX, by=SYSTEM, at=NOW) is Kept.KEPT
    store.commit()


def statuses(store: Session) -> set[tuple[str, int, str]]:
    found = store.execute(select(Message.kind, Message.edition, Message.status)).all()
    store.rollback()
    return {(row.kind, row.edition, row.status.value) for row in found}


def words(nurse: StaffBrowser) -> str:
    return nurse.text.replace("\u00a0", " ")


def test_the_list_and_her_page_say_what_came_back_and_another_address_lifts_it(
    nurse: StaffBrowser, participant: Participant, store: Session
) -> None:
    come_back(store, participant, "5.1.1")
    nurse.get("/clinic/")
    assert "come back, last on Wed 3 March: ring the patient, and change the address" in words(nurse)
    assert "Opening message sent 26 February 2027, 10:00 (Paris), and came back" in words(nurse)
    assert "has not left" not in words(nurse)
    page = f"/clinic/participants/{participant.id}"
    nurse.get(page)
    assert "come back, the last on 3 March 2027, 10:00 (Paris). (5.1.1) Nothing more is sent to it." in words(nurse)
    assert "! kept, but mails to it come back" in words(nurse)
    assert "! Sent, and came back, 26 February 2027, 10:00 (Paris)" in words(nurse)
    assert f"{page}/contact/change" in nurse.links()
    assert "come back" in words(nurse.get(f"{page}/contact"))
    nurse.get(f"{page}/contact/change")
    typed = {"email": "hers@example.org", "email_again": "hers@example.org"}
    assert nurse.press(f"{page}/contact/change", **typed).page.status_code == 303
    assert statuses(store) == {("opening", 1, "failed"), ("opening", 2, "planned")}
    assert "come back" not in words(nurse.get(page))
    assert "Mails to this patient come back" not in words(nurse.get("/clinic/"))


def test_another_number_alone_lifts_nothing_and_sends_nothing(
    nurse: StaffBrowser, participant: Participant, store: Session
) -> None:
    come_back(store, participant, "5.1.1")
    change = f"/clinic/participants/{participant.id}/contact/change"
    typed = {"telephone": "+33 6 00 00 00 00", "telephone_again": "+33 6 00 00 00 00"}
    assert nurse.get(change).press(change, **typed).page.status_code == 303
    assert statuses(store) == {("opening", 1, "failed")}
    assert "Mails to this patient come back" in words(nurse.get("/clinic/"))


def test_a_full_mailbox_asks_for_a_call_until_a_later_message_has_left(
    nurse: StaffBrowser, participant: Participant, store: Session
) -> None:
    come_back(store, participant, "5.2.2")
    told = "A mail to the patient has not arrived: send it again, or ring the patient"
    assert told in words(nurse.get("/clinic/"))
    assert "Nothing more is sent to it" not in words(nurse.get(f"/clinic/participants/{participant.id}"))
    send(store, participant, MessageKind.REMINDER_1)
    assert told not in words(nurse.get("/clinic/"))


def test_what_cannot_be_sent_again_says_why(nurse: StaffBrowser, participant: Participant, store: Session) -> None:
    come_back(store, participant, "5.1.1")
    visit_id = factories.get_visit(store, participant).id
    store.rollback()
    assert "address come back. Please telephone, and change the address." in words(
        nurse.get(f"/clinic/visits/{visit_id}/reach")
    )
    move = f"/clinic/visits/{visit_id}/move"
    assert "– not sent: mails to the address come back" in words(
        nurse.get(move).press(move, day="2027-03-26", reason="away")
    )


def test_a_test_of_the_address_that_came_back_says_so(
    nurse: StaffBrowser, participant: Participant, store: Session
) -> None:
    contact = f"/clinic/participants/{participant.id}/contact"
    nurse.get(contact).press(f"{contact}/test")
    test = store.scalars(select(Message).where(Message.kind == MessageKind.CONTACT_TEST)).one()
    test.status, test.claimed_at, test.sent_at, test.attempts = MessageStatus.SENT, NOW, NOW, 1
    store.commit()
    come_back(store, participant, "5.1.1", MessageKind.CONTACT_TEST)
    assert "! It came back: there is no such address, or it takes no mail." in words(nurse.get(contact))


def test_a_mail_that_another_server_is_still_trying_to_deliver_is_told_as_held_up(
    nurse: StaffBrowser, participant: Participant, store: Session
) -> None:
    come_back(store, participant, "4.4.1", what=BounceKind.DELAYED)
    sent = "26 February 2027, 10:00 (Paris)"
    assert f"Opening message sent {sent}, and held up on its way" in words(nurse.get("/clinic/"))
    assert f"● Sent (held up on its way), {sent}" in words(nurse.get(f"/clinic/participants/{participant.id}"))


@pytest.mark.parametrize(
    ("kind", "status", "repeated", "told"),
    [
        ("opening", "unknown", False, "A mail to the patient may not have arrived: send it again, or ring the patient"),
        ("opening", "planned", True, "A mail to the patient may not have arrived; it is sent once more by itself"),
        ("opening", "planned", False, "A mail to the patient has not left yet; it is tried again by itself"),
        ("opening", "failed", False, "A mail to the patient was refused: check the address, or ring the patient"),
        ("invitation", "unknown", False, "may not have arrived: the invitation on paper holds the same link"),
    ],
)
def test_the_list_says_of_each_mail_that_went_wrong_what_there_is_to_do(
    nurse: StaffBrowser, participant: Participant, store: Session, kind: str, status: str, repeated: bool, told: str
) -> None:
    visit_id = factories.get_visit(store, participant).id
    mail = store.scalars(select(Message).where(Message.visit_id == visit_id)).one()
    mail.kind, mail.status, mail.sent_at, mail.repeated_at = (
        kind,
        MessageStatus(status),
        None,
        NOW if repeated else None,
    )
    store.commit()
    assert told in words(nurse.get("/clinic/"))
