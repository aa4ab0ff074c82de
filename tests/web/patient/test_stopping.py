"""No more messages: by one tap behind a mail's link, or by a mail program; opening the link alone changes nothing."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.stop import Stop, StopWay
from portal.services import stops
from tests.web.patients import Patient


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A participant with a phone that nothing is known of."""
    return Patient(app, store)


def address(patient: Patient) -> str:
    return f"/stop/{stops.token(patient.keys, patient.participant.id)}"


def wishes(patient: Patient) -> list[tuple[StopWay, bool]]:
    """How each wish was said, and whether it holds."""
    found = patient.store.execute(select(Stop.way, Stop.lifted_at)).all()
    patient.store.rollback()  # it holds the one writer's place, which the app wants
    return [(each.way, each.lifted_at is None) for each in found]


def test_opening_the_link_changes_nothing_and_one_tap_stops_and_one_undoes(patient: Patient) -> None:
    link = address(patient)
    assert "Ne plus recevoir de messages ?" in patient.get(link).text.replace("\u202f", " ")
    assert wishes(patient) == []
    assert "Plus aucun message ne vous est envoyé" in patient.post(link).text
    assert "+33 1 99 00 21 35" in patient.text
    assert wishes(patient) == [(StopWay.PAGE, True)]
    assert "Plus aucun message" in patient.post(link).text  # the page lay open in another window
    assert "Des messages vous sont à nouveau envoyés." in patient.post(f"{link}/undo").text
    assert wishes(patient) == [(StopWay.PAGE, False)]


def test_a_mail_program_stops_without_a_cookie_or_a_form_and_is_not_sent_elsewhere(patient: Patient) -> None:
    patient.page = patient.phone.post(address(patient), data={"List-Unsubscribe": "One-Click"})
    assert (patient.page.status_code, patient.page.text) == (204, "")
    assert wishes(patient) == [(StopWay.MAIL_PROGRAM, True)]


def test_another_sites_form_stops_nobody(patient: Patient) -> None:
    assert patient.phone.post(address(patient), data={"a": "b"}).status_code == 400
    assert patient.phone.post(f"{address(patient)}/undo").status_code == 400
    assert wishes(patient) == []


@pytest.mark.parametrize("one_click", [{}, {"List-Unsubscribe": "One-Click"}])
def test_a_made_up_link_leads_nowhere(patient: Patient, one_click: dict[str, str]) -> None:
    patient.get(address(patient))
    for link in ("/stop/made-up", address(patient)[:-1]):
        assert patient.phone.get(link).status_code == 404
        sent = {"csrf_token": patient.csrf(), **one_click}
        assert patient.phone.post(link, data=sent).status_code == 404


def test_the_page_speaks_her_language(app: Flask, store: Session, at: datetime) -> None:
    patient = Patient(app, store, language="en")
    assert "Get no more messages?" in patient.get(address(patient)).text
    assert patient.post(address(patient)).page.request.path == address(patient)
