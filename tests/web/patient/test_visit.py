"""The visit page: what is due, how far it is, and kind words when nothing is."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from tests import factories
from tests.web.patients import Patient


def test_it_says_what_is_due_for_how_long_and_until_when(app: Flask, store: Session, at: datetime) -> None:
    text = Patient(app, store).come_in().text
    assert "2 questionnaires , environ 10 minutes" in text
    assert "Votre peau et votre quotidien" in text
    assert "Vos gestes de tous les jours et votre maladie" in text
    assert "restent ouverts jusqu’au 7 mars 2027" in text  # the visit is on the 5th, the window closes two days later
    assert text.count("Pas commencé") == 2
    assert "Formulation de démonstration" in text
    assert "Appelez votre centre : Hôpital des Tilleuls, Paris" in text
    assert "+33 1 99 00 21 35" in text


def test_it_says_how_far_a_questionnaire_is_and_goes_on_with_it(app: Flask, store: Session, at: datetime) -> None:
    patient = Patient(app, store).come_in()
    address = f"/answer/{patient.assignment()}"
    patient.get(address).post(address, {"DLQI101": "2", "DLQI102": "0"})
    patient.get("/visit")
    assert "2 réponses sur 10 enregistrées" in patient.text
    assert "Continuer" in patient.text


def test_when_all_is_sent_it_thanks_and_says_when_the_next_opens(app: Flask, store: Session, at: datetime) -> None:
    patient = Patient(app, store)
    factories.complete_visit(store, patient.participant, at=datetime(2027, 3, 3, 8, 0, tzinfo=UTC))
    store.commit()
    text = patient.come_in().text
    assert "Tout est envoyé. Merci !" in text
    assert "Reçu le 3 mars 2027 à 9 h 00" in text  # 08:00 UTC is 9 o'clock in Paris
    assert "29 mars 2027" in text  # month 1 is 5 April, open seven days before


def test_between_two_visits_it_says_that_nothing_is_due(
    app: Flask, store: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 3, 15, 9, 0, tzinfo=UTC))
    patient = Patient(app, store, included_on=date(2027, 3, 5)).come_in()
    assert "Rien à remplir aujourd’hui" in patient.text
    assert "29 mars 2027" in patient.text
    assert "Rien à remplir" in patient.get(f"/answer/{patient.assignment()}").text


def test_the_front_page_shows_the_ways_in(app: Flask, store: Session) -> None:
    patient = Patient(app, store, language="fr").get("/")
    assert "J’ai un code court" in patient.text
    assert "Connexion de l’équipe de l’étude" in patient.text
