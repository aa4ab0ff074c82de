"""The nurse reaches a patient: rings, notes what came of it in one tap, or has the current message sent again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.db.audit_event import AuditEvent
from portal.db.engine import for_writing, open_engine
from portal.db.message import Message, MessageStatus
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.domain.roles import Role
from portal.services import actor, enrolment
from portal.services.contacts import Contacts
from tests import factories
from tests.conftest import NOW
from tests.web.patients import Patient
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def patient(app: Flask, store: Session, settings: Settings, at: datetime) -> Patient:
    """A participant of site 01 two days before her visit, with an address and a number, told that it is open."""
    made = Patient(app, store)
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as kept:
        known = {"email": "she@example.org", "telephone": "+33 6 99 00 11 22"}
        Contacts(kept, settings.contact_key).keep(store, made.participant.id, **known, by=actor.SYSTEM, at=factories.AT)
        kept.commit()
    engine.dispose()
    told(store, made, MessageKind.OPENING, NOW - timedelta(hours=1))
    store.commit()
    return made


@pytest.fixture
def nurse(app: Flask, store: Session, patient: Patient) -> StaffBrowser:
    """A nurse of site 01 who reads English, signed in."""
    person = make_staff(store, (patient.participant.site_id, Role.NURSE))
    store.commit()
    return StaffBrowser(app, person)


@pytest.fixture
def address(store: Session, patient: Patient, nurse: StaffBrowser) -> str:
    """Where her visit's patient is reached."""
    visit = factories.get_visit(store, patient.participant).id
    store.rollback()  # it holds the one writer's place, which the app wants
    return f"/clinic/visits/{visit}/reach"


def told(store: Session, patient: Patient, kind: MessageKind, at: datetime) -> None:
    visit = factories.get_visit(store, patient.participant)
    sent = {"status": MessageStatus.SENT, "due_at": at, "claimed_at": at, "sent_at": at}
    store.add(Message(visit_id=visit.id, kind=kind, recipient="participant", edition=1, **sent))


def resent(store: Session) -> list[Message]:
    found = list(store.scalars(select(Message).where(Message.kind == MessageKind.RESENT).order_by(Message.edition)))
    store.expunge_all()
    store.rollback()
    return found


def events(store: Session, deed: Deed) -> list[tuple[object, object]]:
    told = select(AuditEvent.new, AuditEvent.field).where(AuditEvent.deed == deed).order_by(AuditEvent.id)
    rows = store.execute(told).all()
    store.rollback()
    return [(row.new, row.field) for row in rows]


def test_the_number_to_ring_is_shown_and_that_it_was_read_is_in_the_trail(
    nurse: StaffBrowser, address: str, store: Session
) -> None:
    assert address in nurse.get("/clinic/").links()
    assert "tel:+33699001122" in nurse.get(address).links()
    assert events(store, Deed.CONTACT_READ) == [(None, "telephone")]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("will-answer", "reached, will answer"),
        ("no-answer", "no answer"),
        ("wants-paper", "wants paper"),
        ("wants-no-messages", "wants no more messages"),
    ],
)
def test_one_tap_notes_the_call_and_the_list_shows_it(
    nurse: StaffBrowser, address: str, store: Session, outcome: str, words: str
) -> None:
    nurse.get(address).press(f"{address}/call", outcome=outcome)
    said = f"Telephoned Wed 3 March, 10:00: {words}"
    assert said in nurse.follow().text.replace("\u00a0", " ")
    assert any(said in row.replace("\u00a0", " ") for row in nurse.get("/clinic/").rows())
    assert events(store, Deed.PATIENT_TELEPHONED) == [(outcome, None)]
    assert resent(store) == []


def test_a_second_tap_is_no_second_call_and_a_later_call_counts(
    nurse: StaffBrowser, address: str, store: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seconds, outcome in ((0, "no-answer"), (1, "no-answer"), (1200, "no-answer"), (1210, "wants-paper")):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: NOW + timedelta(seconds=seconds))
        nurse.get(address).press(f"{address}/call", outcome=outcome)
    assert [new for new, _ in events(store, Deed.PATIENT_TELEPHONED)] == ["no-answer", "no-answer", "wants-paper"]
    assert "10:20: wants paper" in nurse.follow().text


@pytest.mark.parametrize("outcome", ["", "rude"])
def test_an_outcome_that_is_none_is_refused(nurse: StaffBrowser, address: str, store: Session, outcome: str) -> None:
    assert nurse.get(address).press(f"{address}/call", outcome=outcome).page.status_code == 400
    assert events(store, Deed.PATIENT_TELEPHONED) == []


def test_the_message_goes_once_more_and_two_taps_send_one(nurse: StaffBrowser, address: str, store: Session) -> None:
    nurse.get(address)
    assert "the questionnaires are open goes to the patient once more. It leaves at once." in nurse.text
    page = nurse.page
    for _ in range(2):
        nurse.page = page
        nurse.press(f"{address}/message")
    assert "A message to this patient is on its way" in nurse.follow().text
    (message,) = resent(store)
    assert (message.recipient, message.status, message.due_at) == ("participant", MessageStatus.PLANNED, NOW)


def test_when_it_has_left_it_may_be_sent_once_more_but_not_by_the_old_page(
    nurse: StaffBrowser, address: str, store: Session
) -> None:
    page = nurse.get(address).page
    nurse.press(f"{address}/message")
    (message,) = resent(store)
    message = store.merge(message)
    message.status, message.sent_at = MessageStatus.SENT, NOW
    store.commit()
    nurse.page = page
    nurse.press(f"{address}/message")
    assert len(resent(store)) == 1
    nurse.get(address).press(f"{address}/message")
    assert [message.edition for message in resent(store)] == [1, 2]


def test_the_words_are_those_of_the_current_message(
    nurse: StaffBrowser, address: str, patient: Patient, store: Session
) -> None:
    told(store, patient, MessageKind.REMINDER_1, NOW)
    store.commit()
    assert "The reminder goes to the patient once more." in nurse.get(address).text


def test_at_night_it_says_when_it_will_leave(
    nurse: StaffBrowser, address: str, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    late = datetime(2027, 3, 3, 20, 30, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: late)
    with nurse.client.session_transaction() as cookie:
        cookie["staff_active_at"] = int(late.timestamp())
    assert "It leaves on 4 March 2027, 08:00 (Paris)" in nurse.get(address).text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("withdrawn", "This patient has withdrawn"),
        ("paused", "messages are paused"),
        ("answered", "Everything for this visit was sent already"),
        ("no-address", "No address is kept to which messages go"),
        ("too-late", "The day of the visit is past"),
        ("not-open", "are not open yet"),
    ],
)
def test_what_may_not_go_is_said_kindly_and_does_not_go(
    nurse: StaffBrowser, address: str, patient: Patient, store: Session, settings: Settings, why: str, said: str
) -> None:
    nurse.get(address)
    page = nurse.page
    participant = store.merge(patient.participant)
    if why == "withdrawn":
        enrolment.withdraw(store, participant, on=date(2027, 3, 2), reason="moved", by=actor.SYSTEM, at=NOW)
    elif why == "paused":
        participant.paused_on = date(2027, 3, 2)
    elif why == "answered":
        factories.complete_visit(store, participant, at=NOW)
    elif why in ("too-late", "not-open"):
        day = date(2027, 3, 2) if why == "too-late" else date(2027, 3, 20)
        factories.get_visit(store, participant).planned_on = day
    else:
        engine = for_writing(open_engine(settings.contact_database_url))
        with Session(engine) as kept:
            Contacts(kept, settings.contact_key).keep(store, participant.id, email="", by=actor.SYSTEM, at=NOW)
            kept.commit()
        engine.dispose()
    store.commit()
    nurse.page = page  # a page that was opened before
    nurse.press(f"{address}/message")
    assert said in nurse.follow().text
    assert "Send it again" not in nurse.text
    assert resent(store) == []


def test_her_own_page_offers_it_for_the_visit_that_is_open(
    nurse: StaffBrowser, address: str, patient: Patient, store: Session
) -> None:
    page = f"/clinic/participants/{patient.participant.id}"
    store.rollback()  # it holds the one writer's place, which the app wants
    assert [link for link in nurse.get(page).links() if link.endswith("/reach")] == [address]
