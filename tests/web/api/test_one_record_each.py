"""Whatever happens between a tap and its acknowledgement, it is one record, and nothing is asked for twice."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.config import Settings
from portal.db.audit_event import AuditEvent
from portal.db.response import Answer, AnswerConflict, Response
from portal.db.score import Scoring
from portal.domain.audit import Deed
from tests.web.api.test_answers import answer, body
from tests.web.patients import Patient

SEEN_NOTHING = {"seen": {"upto": 0, "devices": {}}}


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A patient who has come in, two days before her inclusion visit."""
    return Patient(app, store).come_in()


def counts(patient: Patient) -> dict[str, int]:
    """How many of each there are."""
    patient.store.rollback()
    found = {
        each.__name__: patient.store.scalar(select(func.count()).select_from(each)) or 0
        for each in (Response, Answer, AnswerConflict, Scoring)
    }
    deeds = select(func.count()).where(AuditEvent.deed.in_([Deed.ANSWER_SAVED, Deed.RESPONSE_COMPLETED]))
    found["told"] = patient.store.scalar(deeds) or 0
    patient.store.rollback()
    return found


def restart(patient: Patient, settings: Settings) -> None:
    """Go on with another process of the same portal, with the browser's cookies as they were."""
    cookies = [patient.phone.get_cookie(name) for name in ("previsit", "previsit_phone")]
    patient.phone = create_app(settings).test_client()
    for cookie in cookies:
        assert cookie
        patient.phone.set_cookie(cookie.key, cookie.value)


def test_a_session_that_ended_before_the_reply_came_costs_nothing(patient: Patient) -> None:
    sent = body(patient, answer(0, "DLQI101", 2)) | SEEN_NOTHING
    patient.send_json("/api/answers", sent)  # its reply is lost
    patient.phone.delete_cookie("previsit")
    assert patient.send_json("/api/answers", sent).status_code in {400, 401}
    patient.get("/visit")  # a remembered phone begins a new session by itself
    again = patient.send_json("/api/answers", sent)
    assert (again.status_code, (again.json or {})["acknowledged"]) == (200, [0])
    assert counts(patient) == {"Response": 1, "Answer": 1, "AnswerConflict": 0, "Scoring": 0, "told": 1}


def test_the_link_opened_in_a_second_tab_leaves_the_first_tab_good(patient: Patient) -> None:
    address = f"/answer/{patient.assignment()}"
    fields = patient.get(address).fields()
    link = patient.address
    patient.store.rollback()  # it holds the one writer's place, which the app wants
    assert "Prévisite" in patient.get(link).text
    sent = patient.phone.post(address, data=fields | {"DLQI101": "2"})
    assert sent.status_code == 303
    told = patient.phone.post(
        "/api/answers",
        json=body(patient, answer(0, "DLQI102", 1)) | SEEN_NOTHING,
        headers={"X-CSRFToken": fields["csrf_token"]},
    )
    assert told.status_code == 200
    assert counts(patient)["Answer"] == 2


def test_a_server_that_was_restarted_between_two_tries_keeps_it_once(patient: Patient, settings: Settings) -> None:
    sent = body(patient, answer(0, "DLQI101", 2)) | SEEN_NOTHING
    first = patient.send_json("/api/answers", sent)
    restart(patient, settings)
    again = patient.send_json("/api/answers", sent)
    assert (again.status_code, again.json) == (200, first.json)
    assert counts(patient) == {"Response": 1, "Answer": 1, "AnswerConflict": 0, "Scoring": 0, "told": 1}


def test_sending_whose_reply_was_lost_in_a_restart_is_done_once(patient: Patient, settings: Settings) -> None:
    sent: dict[str, Any] = body(patient, answer(0, "DLQI101", 2), answer(1, "DLQI102", 1)) | SEEN_NOTHING
    first = patient.send_json("/api/complete", sent | {"filled_in_by": "alone"}).json or {}
    restart(patient, settings)
    again = patient.send_json("/api/complete", sent | {"filled_in_by": "alone"}).json or {}
    assert (first["already"], again["already"]) == (False, True)
    assert {**again, "already": False} == first
    assert counts(patient) == {"Response": 1, "Answer": 2, "AnswerConflict": 0, "Scoring": 1, "told": 3}


def test_send_pressed_twice_without_javascript_sends_once(patient: Patient) -> None:
    address = f"/answer/{patient.assignment()}"
    fields = patient.get(address).fields() | {"DLQI101": "2"}
    for _ in range(2):
        patient.phone.post(address, data=fields)
    token = {"csrf_token": fields["csrf_token"]}
    pages = [patient.phone.post(f"{address}/send", data=token, follow_redirects=True).text for _ in range(2)]
    assert all("Numéro de réception" in page for page in pages)
    assert counts(patient) == {"Response": 1, "Answer": 1, "AnswerConflict": 0, "Scoring": 1, "told": 2}


def test_on_return_the_same_answers_stand_on_the_form(patient: Patient, settings: Settings) -> None:
    patient.send_json("/api/answers", body(patient, answer(0, "DLQI101", 2), answer(1, "DLQI102", 0)))
    restart(patient, settings)
    fields = patient.get(f"/answer/{patient.assignment()}").fields()
    assert {name: value for name, value in fields.items() if name.startswith("DLQI")} == {
        "DLQI101": "2",
        "DLQI102": "0",
    }
