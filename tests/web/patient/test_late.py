"""What comes after sending, or after the last day: kind words, and never an error page."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from tests.web.patients import Patient


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A patient who has come in, two days before her inclusion visit."""
    return Patient(app, store).come_in()


def address(patient: Patient, visit: str = "INC") -> str:
    return f"/answer/{patient.assignment('DLQI', visit)}"


def test_after_sending_it_says_when_it_was_received_and_that_nothing_is_lost(patient: Patient) -> None:
    patient.get(address(patient)).post(f"{address(patient)}/send")
    page = patient.get(f"{address(patient)}/late")
    assert "Ce questionnaire a déjà été envoyé" in page.text
    assert "Reçu le 3 mars 2027 à 10 h 00" in page.text
    assert "n’est pas perdu : c’est gardé à part" in page.text
    assert "Voir mes questionnaires" in page.text


def test_after_the_last_day_it_says_which_day_that_was(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 3, 9, 9, 0, tzinfo=UTC))
    page = patient.get(f"{address(patient)}/late")
    assert page.page.status_code == 200
    assert "Ce questionnaire est clos" in page.text
    assert "Son dernier jour était le 7 mars 2027" in page.text
    assert "votre centre le voit" in page.text
    # and opening it is no error page either
    assert "Rien à remplir aujourd’hui" in patient.get(address(patient)).text
    assert "Vos prochains questionnaires" in patient.text


def test_one_that_is_open_or_not_open_yet_has_no_such_page(patient: Patient) -> None:
    assert patient.get(f"{address(patient)}/late").page.request.path == address(patient)
    assert patient.get(f"{address(patient, 'M1')}/late").page.request.path == "/visit"


def test_the_questionnaire_names_the_page_for_its_script(patient: Patient) -> None:
    assert f'data-late="{address(patient)}/late"' in patient.get(address(patient)).page.text
