"""What she can keep: the receipt as a file, and the next opening day in her calendar."""

import re
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from icalendar import Calendar, Event
from lxml import html
from sqlalchemy.orm import Session

from portal import clock
from portal.services import completing
from portal.services.actor import patient as by_patient
from tests import factories
from tests.conftest import NOW
from tests.web.patients import Patient

HEALTH = re.compile(r"dlqi|shaq|skin|peau|health|santé|hospital|hôpital|scler|study|étude|score", re.IGNORECASE)


@pytest.fixture(params=["fr", "en"])
def patient(request: pytest.FixtureRequest, app: Flask, store: Session, at: datetime) -> Patient:
    """A participant who has sent both questionnaires of her inclusion visit, on her phone, in each language."""
    made = Patient(app, store, language=request.param)
    factories.complete_visit(store, made.participant, at=NOW)
    store.commit()
    return made.come_in()


def receipt(patient: Patient, instrument: str = "DLQI") -> str:
    return f"/answer/{patient.assignment(instrument)}/receipt"


def words(patient: Patient, french: str, english: str) -> str:
    return french if patient.participant.language == "fr" else english


def links(patient: Patient) -> list[str]:
    return [str(each.get("href")) for each in html.document_fromstring(patient.page.text).iter("a")]


def event(patient: Patient) -> Event:
    patient.get("/next-opening.ics")
    (found,) = Calendar.from_ical(patient.page.data).walk("VEVENT")
    assert isinstance(found, Event)
    return found


def test_the_receipt_says_when_and_leads_on(patient: Patient) -> None:
    patient.get(receipt(patient))
    assert words(patient, "Reçu le 3 mars 2027 à 10 h 00", "Received on 3 March 2027 at 10:00") in patient.text
    assert {f"{receipt(patient)}/keep", "/next-opening.ics", "/visit"} <= set(links(patient))


def test_the_file_says_the_same_and_asks_for_nothing(patient: Patient) -> None:
    number = re.findall(r"\b[0-9A-F]{4}-[0-9A-F]{4}\b", patient.get(receipt(patient)).text)[0]
    patient.get(f"{receipt(patient)}/keep")
    assert patient.page.headers["Content-Disposition"] == f"attachment; filename=previsit-{number}.html"
    assert patient.page.headers["Cache-Control"] == "no-store"
    said = [
        number,
        words(patient, "Reçu le 3 mars 2027 à 10 h 00", "Received on 3 March 2027 at 10:00"),
        words(patient, "s’ouvriront le 29 mars 2027", "open on 29 March 2027"),
        "Hôpital des Tilleuls, Paris",
        "+33 1 99 00 21 35",
    ]
    assert [each for each in said if each not in patient.text] == []
    page = html.document_fromstring(patient.page.text)
    assert page.get("lang") == patient.participant.language
    assert page.xpath("//@src | //@href | //script | //form") == []  # it opens from a folder, without network


def test_what_was_not_sent_has_no_receipt_to_keep(app: Flask, store: Session, at: datetime) -> None:
    patient = Patient(app, store).come_in()
    for address in (receipt(patient), f"{receipt(patient)}/keep"):
        assert patient.phone.get(address).location == f"/answer/{patient.assignment()}"
        store.rollback()


def test_while_a_questionnaire_is_left_the_receipt_leads_to_it_and_not_to_the_calendar(
    app: Flask, store: Session, at: datetime
) -> None:
    patient = Patient(app, store).come_in()
    first = patient.assignment()
    completing.complete(store, patient.participant.id, first, [], by=by_patient(patient.participant.id), at=NOW)
    store.commit()
    patient.get(receipt(patient))
    assert f"/answer/{patient.assignment('SHAQ')}" in links(patient)
    assert "/next-opening.ics" not in links(patient)


def test_the_calendar_has_the_whole_opening_day_and_an_alarm_in_its_morning(patient: Patient) -> None:
    found = event(patient)
    assert patient.page.mimetype == "text/calendar"
    assert (found.decoded("dtstart"), found.decoded("dtend")) == (date(2027, 3, 29), date(2027, 3, 30))
    (alarm,) = found.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(hours=9)
    assert alarm["action"] == "DISPLAY"


def test_the_calendar_speaks_her_language_and_tells_nothing_else(patient: Patient) -> None:
    found = event(patient)
    assert found["summary"] == words(
        patient, "Prévisite\u00a0: vos questionnaires sont ouverts", "Previsit: your questionnaires are open"
    )
    assert found["summary"].params["language"] == patient.participant.language
    assert "+33 1 99 00 21 35" in str(found["description"])
    text = patient.page.text.replace("\r\n ", "")
    assert HEALTH.findall(text) == []
    for secret in ("/o/", "http", "01-001", str(patient.participant.id)):
        assert secret not in text


def test_the_same_day_is_kept_once(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    first = event(patient)["uid"]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=3))
    assert event(patient)["uid"] == first
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=40))
    assert event(patient)["uid"] != first  # by then another day is the next


def test_the_page_with_nothing_due_offers_the_calendar(patient: Patient) -> None:
    assert "/next-opening.ics" in links(patient.get("/visit"))


def test_when_nothing_more_is_planned_there_is_no_calendar(app: Flask, store: Session, at: datetime) -> None:
    patient = Patient(app, store, included_on=date(2026, 3, 4)).come_in()  # her last visit is tomorrow
    assert patient.get("/next-opening.ics").page.status_code == 404
    assert "/next-opening.ics" not in links(patient.get("/visit"))


def test_a_lent_device_keeps_nothing(patient: Patient) -> None:
    with patient.phone.session_transaction() as session:
        session.update({"handed_over": True, "lent_active_at": int(NOW.timestamp())})
        session.update({"lent_to": str(patient.participant.id), "lent_by": str(patient.participant.id)})
    patient.store.rollback()
    patient.get(receipt(patient))
    assert words(patient, "Rendre l’appareil", "Give the device back") in patient.text
    assert words(patient, "votre téléphone", "your phone") not in patient.text
    assert not [each for each in links(patient) if "keep" in each or "ics" in each]
    assert patient.get(f"{receipt(patient)}/keep").page.request.path == receipt(patient)
    assert patient.get("/next-opening.ics").page.request.path == "/visit"
