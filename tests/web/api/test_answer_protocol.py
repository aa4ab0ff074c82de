"""docs/answer-protocol.md says what happens: each of its examples is played, in order, word for word."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.response import Answer, AnswerConflict, FilledInBy, Response
from portal.domain.instruments import wordings
from portal.services import answering
from portal.web.receipts import receipt_number
from tests.web.patients import Patient

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "answer-protocol.md"
EXAMPLE = re.compile(
    r"```json request (?P<path>\S+) (?P<status>\d+)\n(?P<sent>.*?)```\s+```json reply\n(?P<reply>.*?)```", re.S
)


def examples() -> list[tuple[str, int, str, str]]:
    text = DOCUMENT.read_text("utf-8")
    return [(found["path"], int(found["status"]), found["sent"], found["reply"]) for found in EXAMPLE.finditer(text)]


def test_each_example_of_the_document_is_true(app: Flask, store: Session, at: datetime) -> None:
    patient = Patient(app, store, language="en").come_in()
    assignment = str(patient.assignment("DLQI"))
    names = {"ASSIGNMENT": assignment, "WORDING": wordings.demonstration("DLQI", "fr").hash}
    played = [_play(patient, names, example) for example in examples()]
    assert played == [200, 200, 200, 200, 422, 422, 400, 200, 200]
    conflict = store.scalars(select(AnswerConflict)).one()
    values = [store.get_one(Answer, answer_id).value for answer_id in (conflict.other_id, conflict.kept_id)]
    assert (conflict.link_id, values) == ("DLQI101", [2, 1])
    sent = store.scalars(select(Response)).one()
    assert (sent.filled_in_by, (sent.frozen or {})["DLQI101"]["value"]) == (FilledInBy.WITH_HELP, 2)


def _play(patient: Patient, names: dict[str, str], example: tuple[str, int, str, str]) -> int:
    path, status, sent, reply = example
    answered = patient.send_json(path, json.loads(_filled(sent, names)))
    if "RECEIPT" in reply:
        response_id = answering.get_target(patient.store, patient.participant.id, UUID(names["ASSIGNMENT"])).response_id
        assert response_id
        names["RECEIPT"] = receipt_number(response_id)
        patient.store.rollback()
    expected: Any = json.loads(_filled(reply, names))
    assert (answered.status_code, answered.json) == (status, expected)
    return answered.status_code


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


def test_every_refusal_that_the_document_lists_has_its_status(app: Flask, store: Session, at: datetime) -> None:
    listed = set(re.findall(r"^\| (\d{3}) \| `([a-z-]+)`", DOCUMENT.read_text("utf-8"), re.M))
    assert listed == {
        ("400", "malformed"),
        ("400", "bad-request"),
        ("401", "unauthorized"),
        ("404", "unknown-assignment"),
        ("409", "not-open-yet"),
        ("410", "withdrawn"),
        ("413", "request-entity-too-large"),
        ("422", "refused-answers"),
    }
