"""A fresh link: asked for at the door without any script, answered in the same words for every door."""

import re
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.door import FreshLinkRequest
from portal.domain.codes import phantom
from portal.services import actor, doors, enrolment
from tests import factories
from tests.services.statements import statements_of
from tests.web.patients import Patient

ASK = "/door/fresh-link"
OFFER = "Ce lien est ancien ou ne marche pas : m’en envoyer un nouveau"
ANSWER = "Si nous avons une adresse pour ce lien, un message avec un nouveau lien est en route."


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A participant before her link, two days before her inclusion visit."""
    return Patient(app, store)


def wrong(patient: Patient) -> str:
    return f"{999999 - int(patient.code):06}"


def asked(patient: Patient, address: str) -> tuple[object, ...]:
    """Ask at a door on a new phone; give all that can be seen of the answers, and what the store was asked."""
    patient.take_new_phone().get(address)
    with statements_of(patient.app.extensions["stores"].clinical) as sent:
        patient.post(ASK)
    (led,) = patient.page.history
    page = re.sub(r'name="csrf_token" value="[^"]*"', "", patient.page.text)
    return led.status_code, led.text, patient.page.status_code, page, tuple(sent)


def requests(patient: Patient) -> list[object]:
    patient.store.rollback()
    return list(patient.store.scalars(select(FreshLinkRequest.door_id).order_by(FreshLinkRequest.at)))


def test_the_door_a_refusal_and_too_many_codes_each_offer_it(patient: Patient) -> None:
    assert OFFER in patient.get(patient.address).text
    for _ in range(10):
        assert OFFER in patient.post("/door", {"code": wrong(patient)}).text
    assert patient.post("/door", {"code": wrong(patient)}).page.status_code == 429
    assert OFFER in patient.text
    assert ANSWER in patient.post(ASK).text
    assert requests(patient) == [patient.link.id]


def test_every_door_is_answered_in_the_same_words_and_asks_the_store_the_same(patient: Patient) -> None:
    told = [asked(patient, patient.address), asked(patient, "/o/made-up")]
    old = patient.address
    patient.link = doors.issue(patient.store, patient.participant, patient.keys, by=actor.SYSTEM, at=factories.AT)
    patient.store.commit()
    told.append(asked(patient, old))
    enrolment.withdraw(
        patient.store, patient.participant, on=date(2027, 3, 2), reason="", by=actor.SYSTEM, at=factories.AT
    )
    patient.store.commit()
    told.append(asked(patient, patient.address))
    assert ANSWER in patient.text
    assert told[0][-1]
    assert [each == told[0] for each in told] == [True] * 4
    assert phantom(patient.keys.secret_key, "made-up") in requests(patient)


def test_the_fourth_time_in_an_hour_the_words_are_the_same_and_nothing_is_kept(patient: Patient) -> None:
    told = [asked(patient, patient.address)[:-1] for _ in range(4)]
    assert told[3] == told[0]
    assert len(requests(patient)) == 3


def test_from_the_answer_one_comes_back_to_the_code_and_in(patient: Patient) -> None:
    patient.get(patient.address).post(ASK)
    assert "Avant votre visite" in patient.get("/door").post("/door", {"code": patient.code}).text


def test_before_no_door_the_short_code_is_asked_for(patient: Patient) -> None:
    assert "Votre code court" in patient.get("/code").post(ASK).text
    assert patient.store.scalar(select(func.count()).select_from(FreshLinkRequest)) == 0


def test_looking_at_the_answer_asks_for_nothing(patient: Patient) -> None:
    patient.get(patient.address).get(ASK)
    assert ANSWER in patient.text
    assert requests(patient) == []
