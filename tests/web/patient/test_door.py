"""From the link to the visit: once with the code, then at once; and every way of not getting in."""

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.door import CodeAttempt
from portal.domain.audit import Deed
from portal.services import actor, doors, enrolment
from tests import factories
from tests.web.patients import Patient

REFUSED = "Ce code ne correspond pas à ce lien."


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A participant before her link, two days before her inclusion visit."""
    return Patient(app, store)


def wrong(patient: Patient) -> str:
    return "000000" if patient.code != "000000" else "111111"


def test_a_new_phone_asks_for_the_code_once_and_then_never(patient: Patient) -> None:
    patient.get(patient.address)
    assert "Votre code personnel" in patient.text
    assert patient.page.request.path == "/door"  # the token has left the address bar
    patient.post("/door", {"code": patient.code})
    assert "Avant votre visite du 5 mars 2027" in patient.text
    assert "Avant votre visite" in patient.get(patient.address).text


def test_a_remembered_phone_comes_back_after_its_session_has_ended(patient: Patient) -> None:
    patient.come_in()
    patient.phone.delete_cookie("previsit")
    assert "Avant votre visite" in patient.get("/visit").text
    patient.phone.delete_cookie("previsit")
    assert "Avant votre visite" in patient.get(patient.address).text


def test_the_phones_secret_is_out_of_reach_of_scripts_and_lasts(patient: Patient) -> None:
    patient.get(patient.address)
    answer = patient.phone.post("/door", data={"csrf_token": patient.csrf(), "code": patient.code})
    cookie = next(header for header in answer.headers.getlist("Set-Cookie") if header.startswith("previsit_phone="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=34560000" in cookie  # 400 days


def test_the_code_may_be_typed_with_spaces(patient: Patient) -> None:
    spaced = f" {patient.code[:3]} {patient.code[3:]}"
    assert "Avant votre visite" in patient.get(patient.address).post("/door", {"code": spaced}).text


def test_the_short_code_leads_to_the_same_door(patient: Patient) -> None:
    short = doors.short_code(patient.keys, patient.link)
    patient.get("/code").post("/code", {"code": short.lower().replace("-", " ")})
    assert "Votre code personnel" in patient.text
    assert "Avant votre visite" in patient.post("/door", {"code": patient.code}).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Tapez les 6 chiffres"),
        ("12345", "Un code personnel a 6 chiffres ; vous en avez tapé 5."),
        ("12a456", "que des chiffres"),
    ],
)
def test_what_is_wrong_with_a_code_is_said_and_what_was_typed_stays(patient: Patient, typed: str, said: str) -> None:
    patient.get(patient.address).post("/door", {"code": typed})
    assert patient.page.status_code == 422
    assert said in patient.text
    assert f'value="{typed}"' in patient.page.text
    assert patient.store.scalars(select(CodeAttempt)).all() == []  # a slip is no guess


@pytest.mark.parametrize(("typed", "said"), [("7KQ2", "tapé 4"), ("7KQ2-M4XX", "un par un"), ("", "Tapez les 8")])
def test_what_is_wrong_with_a_short_code_is_said(patient: Patient, typed: str, said: str) -> None:
    patient.get("/code").post("/code", {"code": typed})
    assert patient.page.status_code == 422
    assert said in patient.text


def test_unknown_revoked_withdrawn_and_wrong_are_refused_in_the_same_words(patient: Patient) -> None:
    pages = [patient.get(patient.address).post("/door", {"code": wrong(patient)})]
    said = [(patient.page.status_code, patient.text)]
    patient.take_new_phone().get("/o/made-up").post("/door", {"code": wrong(patient)})
    said.append((patient.page.status_code, patient.text))
    old, code = patient.address, patient.code
    patient.link = doors.issue(patient.store, patient.participant, patient.keys, by=actor.SYSTEM, at=factories.AT)
    patient.store.commit()
    patient.take_new_phone().get(old).post("/door", {"code": code})
    said.append((patient.page.status_code, patient.text))
    enrolment.withdraw(
        patient.store, patient.participant, on=date(2027, 3, 2), reason="", by=actor.SYSTEM, at=factories.AT
    )
    patient.store.commit()
    patient.take_new_phone().get(patient.address).post("/door", {"code": wrong(patient)})
    said.append((patient.page.status_code, patient.text))
    assert pages
    assert REFUSED in said[0][1]
    assert len(set(said)) == 1


def test_after_ten_wrong_codes_even_the_right_one_must_wait(patient: Patient) -> None:
    patient.get(patient.address)
    for _ in range(10):
        assert REFUSED in patient.post("/door", {"code": wrong(patient)}).text
    patient.post("/door", {"code": patient.code})
    assert patient.page.status_code == 429
    assert "aucun code n’est accepté ici pendant une heure" in patient.text
    refused = select(AuditEvent.reason).where(AuditEvent.deed == Deed.DOOR_REFUSED).order_by(AuditEvent.id)
    assert patient.store.scalars(refused).all() == ["wrong-code"] * 10 + ["too-many"]


def test_a_withdrawn_participant_finds_a_kind_page_on_her_phone(patient: Patient) -> None:
    patient.come_in()
    enrolment.withdraw(
        patient.store, patient.participant, on=date(2027, 3, 2), reason="", by=actor.SYSTEM, at=factories.AT
    )
    patient.store.commit()
    assert "Merci d’avoir participé" in patient.get(patient.address).text
    assert "+33 1 99 00 21 35" in patient.text
    assert "Merci d’avoir participé" in patient.get(f"/answer/{patient.assignment()}").text


def test_a_forgotten_phone_asks_for_the_code_again(patient: Patient) -> None:
    patient.come_in().post("/forget")
    assert "Ce téléphone ne garde plus rien de vous" in patient.text
    assert "Votre code court" in patient.get("/visit").text
    assert "Votre code personnel" in patient.get(patient.address).text


def test_the_session_is_made_anew_and_staff_are_signed_out(patient: Patient) -> None:
    with patient.phone.session_transaction() as session:
        session["staff"] = "someone"
        session["planted"] = True
    patient.come_in()
    with patient.phone.session_transaction() as session:
        assert set(session) <= {"device", "language", "csrf_token", "_permanent"}
        assert session["device"]


def test_another_participants_link_on_the_same_phone_asks_for_her_code(patient: Patient, store: Session) -> None:
    patient.come_in()
    other = Patient(patient.app, store, language="en")
    other.phone = patient.phone
    assert "Votre code personnel" in other.get(other.address).text
    other.post("/door", {"code": patient.code})
    assert other.page.status_code == 422


def test_her_own_language_is_spoken_once_she_is_known_unless_she_chose_another(
    app: Flask, store: Session, at: datetime
) -> None:
    patient = Patient(app, store, language="en")
    assert "Before your visit on" in patient.come_in().text
    patient.take_new_phone().get(patient.address).post("/language", {"language": "fr", "back": "/door"})
    assert "Avant votre visite" in patient.post("/door", {"code": patient.code}).text


@pytest.mark.parametrize("address", ["/visit", "/answer/{}", "/answer/{}/review", "/answer/{}/receipt"])
def test_a_stranger_is_sent_to_the_door(patient: Patient, address: str) -> None:
    assert "Votre code court" in patient.get(address.format(patient.assignment())).text
