"""The practice comes before the first questionnaire ever, once; it can be repeated and leaves nothing behind."""

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.response import Response
from tests.web.patients import Patient

pytestmark = pytest.mark.usefixtures("at")


def start(patient: Patient) -> str:
    """Where the large button of the page before her leads."""
    found = html.fromstring(patient.page.text).xpath("//*[contains(@class, 'go')][@href][last()]/@href")
    assert isinstance(found, list)
    return str(found[-1])


def test_it_comes_first_and_leads_to_the_questionnaire(app: Flask, store: Session) -> None:
    patient = Patient(app, store).come_in()
    assert start(patient) == "/practice"
    patient.get("/practice")
    assert "Essayer d’abord" in patient.text
    assert start(patient) == f"/answer/{patient.assignment()}"
    patient.get("/visit")
    assert start(patient) == f"/answer/{patient.assignment()}"  # once is enough
    assert store.scalar(select(func.count()).select_from(Response)) == 0


def test_repeated_it_leads_back_to_the_visit(app: Flask, store: Session) -> None:
    patient = Patient(app, store).come_in().get("/practice").get("/visit")
    assert "S’essayer à répondre" in patient.text
    assert start(patient.get("/practice")) == "/visit"


def test_who_has_answered_before_is_not_asked_to_practise(app: Flask, store: Session) -> None:
    patient = Patient(app, store).come_in()
    patient.get(f"/answer/{patient.assignment()}")
    patient.post(f"/answer/{patient.assignment()}", patient.fields() | {"DLQI101": "2"})
    patient.phone.delete_cookie("previsit")  # a session of its own begins, which knows nothing of the practice
    patient.get("/visit")
    assert start(patient) == f"/answer/{patient.assignment()}"
