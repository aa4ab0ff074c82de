"""Two phones on one questionnaire, without JavaScript: what she left alone is no answer, and a clash is noted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.response import Answer, AnswerConflict, Response
from portal.services import responses
from tests.web.patients import Patient


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A patient who has come in on one phone."""
    return Patient(app, store).come_in()


class Form:
    """The form as one phone was shown it, which may be sent as often as she likes."""

    def __init__(self, patient: Patient) -> None:
        self.address = f"/answer/{patient.assignment()}"
        self.phone = patient.phone
        self.fields = patient.get(self.address).fields()

    def send(self, **answers: str) -> int:
        """Send the form with `answers` in place of what stood in it."""
        return self.phone.post(self.address, data=self.fields | answers).status_code


@contextmanager
def second_phone(patient: Patient) -> Iterator[Patient]:
    """The same person on another phone."""
    first, address, code = patient.phone, patient.address, patient.code
    patient.store.rollback()  # it holds the one writer's place, which the app wants
    yield patient.take_new_phone().get(address).post("/door", {"code": code})
    patient.phone = first


def counting(patient: Patient) -> dict[str, Any]:
    current = responses.current_answers(patient.store, patient.store.scalar(select(Response.id)))
    patient.store.rollback()
    return responses.values(current)


def noted(patient: Patient) -> list[str]:
    found = list(patient.store.scalars(select(AnswerConflict.link_id).order_by(AnswerConflict.id)))
    patient.store.rollback()
    return found


def test_a_form_shown_before_the_other_phone_answered_takes_nothing_back(patient: Patient) -> None:
    old = Form(patient)
    with second_phone(patient):
        Form(patient).send(DLQI101="3", DLQI102="2")
    assert old.send(DLQI103="1") == 303
    assert counting(patient) == {"DLQI101": 3, "DLQI102": 2, "DLQI103": 1}
    assert noted(patient) == []


def test_the_later_form_wins_and_the_clash_is_noted_once(patient: Patient) -> None:
    old = Form(patient)
    with second_phone(patient):
        Form(patient).send(DLQI101="3", DLQI102="2")
    for _ in range(2):
        old.send(DLQI101="1", DLQI102="2")
    assert counting(patient) == {"DLQI101": 1, "DLQI102": 2}
    assert noted(patient) == ["DLQI101"]


def test_who_was_shown_the_other_phones_answer_changes_it_without_a_clash(patient: Patient) -> None:
    with second_phone(patient):
        Form(patient).send(DLQI101="3")
    Form(patient).send(DLQI101="0")
    assert counting(patient) == {"DLQI101": 0}
    assert noted(patient) == []


def test_going_back_to_the_same_form_is_no_second_device(patient: Patient) -> None:
    form = Form(patient)
    for level in ("2", "0", "2"):
        form.send(DLQI101=level)
    assert counting(patient) == {"DLQI101": 2}
    form.send()  # she took it back
    assert counting(patient) == {}
    assert noted(patient) == []


@pytest.mark.parametrize("told", [{"upto": "x"}, {"upto": "9" * 40}, {"page": "' OR 1"}, {"page": "", "upto": ""}])
def test_a_form_that_does_not_say_what_it_showed_is_taken_as_shown_now(patient: Patient, told: dict[str, str]) -> None:
    form = Form(patient)
    assert form.send(DLQI101="2", **told) == 303
    assert form.send(DLQI101="1", **told) == 303
    assert counting(patient) == {"DLQI101": 1}
    rows = patient.store.scalars(select(Answer.device)).all()
    patient.store.rollback()
    assert len(set(rows)) == 2
    assert noted(patient) == []
