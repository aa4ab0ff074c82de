"""Refused at the door: whoever watches the page or the store learns nothing about whose door it is."""

import re
from datetime import date, datetime

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.door import CodeAttempt, Device
from portal.domain.audit import Deed
from portal.services import actor, doors, enrolment
from tests import factories
from tests.services.statements import statements_of
from tests.web.patients import Patient

REFUSED = "Ce code ne correspond pas à ce lien."
_OWN = re.compile(r'(name="csrf_token" value|name="code" value)="[^"]*"')


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A participant before her link, two days before her inclusion visit."""
    return Patient(app, store)


def wrong(patient: Patient) -> str:
    return f"{999999 - int(patient.code):06}"


def withdraw(patient: Patient) -> None:
    enrolment.withdraw(
        patient.store, patient.participant, on=date(2027, 3, 2), reason="", by=actor.SYSTEM, at=factories.AT
    )
    patient.store.commit()


def reissue(patient: Patient) -> None:
    patient.link = doors.issue(patient.store, patient.participant, patient.keys, by=actor.SYSTEM, at=factories.AT)
    patient.store.commit()


def refused(patient: Patient, address: str, code: str) -> tuple[object, ...]:
    """Try a code on a new phone; give all that can be seen of the answer, and what the store was asked."""
    patient.take_new_phone().get(address)
    with statements_of(patient.app.extensions["stores"].clinical) as sent:
        patient.post("/door", {"code": code})
    page = patient.page
    names = tuple(name for name, _ in page.headers)
    return page.status_code, _OWN.sub("", page.text), page.headers["Content-Length"], names, tuple(sent)


def test_unknown_revoked_withdrawn_and_wrong_look_the_same_to_the_byte_and_ask_the_store_the_same(
    patient: Patient,
) -> None:
    told = [refused(patient, patient.address, wrong(patient)), refused(patient, "/o/made-up", wrong(patient))]
    old, code = patient.address, patient.code
    reissue(patient)
    told.append(refused(patient, old, code))
    withdraw(patient)
    told.append(refused(patient, patient.address, wrong(patient)))
    assert REFUSED in patient.text
    assert told[0][-1]
    assert [each == told[0] for each in told] == [True] * 4
    reasons = patient.store.scalars(select(AuditEvent.reason).where(AuditEvent.deed == Deed.DOOR_REFUSED)).all()
    assert sorted(str(reason) for reason in reasons) == ["revoked", "unknown", "wrong-code", "wrong-code"]


def test_too_many_look_the_same_at_a_door_that_is_nobodys(patient: Patient) -> None:
    told = []
    for address in (patient.address, "/o/made-up"):
        patient.take_new_phone().get(address)
        for _ in range(10):
            patient.post("/door", {"code": wrong(patient)})
        told.append(refused(patient, address, patient.code))
    assert told[0][0] == 429
    assert told[0] == told[1]


def test_who_has_withdrawn_is_thanked_on_a_new_phone_that_is_not_remembered(patient: Patient) -> None:
    withdraw(patient)
    patient.get(patient.address).post("/door", {"code": patient.code})
    assert patient.page.status_code == 200
    assert "Merci d’avoir participé" in patient.text
    assert "+33 1 99 00 21 35" in patient.text
    assert patient.phone.get_cookie("previsit_phone") is None
    assert patient.store.scalars(select(Device)).all() == []
    assert patient.store.scalars(select(CodeAttempt.succeeded)).all() == [True]  # no guess
    event = patient.store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.DOOR_REFUSED)).one()
    assert (event.reason, event.participant_id) == ("withdrawn", patient.participant.id)
    patient.store.rollback()
    assert "Votre code personnel" in patient.get("/visit").text  # nothing is open to her beyond that page


def test_who_has_withdrawn_is_thanked_in_her_own_language(app: Flask, store: Session, at: datetime) -> None:
    patient = Patient(app, store, language="en")
    withdraw(patient)
    assert "Thank you for having taken part" in patient.get(patient.address).post("/door", {"code": patient.code}).text


def test_the_field_has_the_focus_and_what_is_wrong_is_read_with_it(patient: Patient) -> None:
    field = field_of(patient.get(patient.address))
    assert (field["inputmode"], field["autocomplete"], "autofocus" in field) == ("numeric", "one-time-code", True)
    field = field_of(patient.post("/door", {"code": wrong(patient)}))
    assert (field["aria-invalid"], field["aria-describedby"], "autofocus" in field) == ("true", "fault", True)
    assert f'<p id="fault" class="fault" role="alert">{REFUSED}' in patient.page.text
    assert "<title>À corriger\u00a0: votre code personnel" in patient.page.text


def field_of(patient: Patient) -> dict[str, str]:
    """The attributes of the page's field for the code."""
    (field,) = [each for each in html.document_fromstring(patient.page.text).iter("input") if each.get("id") == "code"]
    return {str(name): str(value) for name, value in field.attrib.items()}
