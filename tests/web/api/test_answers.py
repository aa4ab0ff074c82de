"""What a phone's script may rely on: refusals by name, lost replies, two phones, sending once."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.response import Answer, Response
from portal.db.summary import Summary
from portal.domain import instruments
from portal.domain.instruments import wordings
from portal.services import actor, enrolment, responses
from tests import factories
from tests.web.patients import Patient


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A patient who has come in, two days before her inclusion visit."""
    return Patient(app, store).come_in()


def answer(seq: int, link_id: str, value: Any, *, instrument: str = "DLQI", **more: Any) -> dict[str, Any]:
    return {
        "seq": seq,
        "link_id": link_id,
        "value": value,
        "empty": None if value is not None else "skipped",
        "at": "2027-03-03T08:59:00.000Z",
        "language": "fr",
        "wording": wordings.demonstration(instrument, "fr").hash,
        **more,
    }


def body(patient: Patient, *answers: dict[str, Any], device: str = "phone-1", instrument: str = "DLQI") -> Any:
    return {"assignment": str(patient.assignment(instrument)), "device": device, "answers": list(answers)}


def counting(patient: Patient) -> dict[str, Any]:
    """The values that count, by link id."""
    patient.store.rollback()
    current = responses.current_answers(patient.store, patient.store.scalar(select(Response.id)))
    patient.store.rollback()
    return responses.values(current)


def rows(patient: Patient) -> int:
    count = patient.store.scalar(select(func.count()).select_from(Answer)) or 0
    patient.store.rollback()
    return count


def test_a_reply_that_was_lost_is_asked_for_again_and_kept_once(patient: Patient) -> None:
    sent = body(patient, answer(0, "DLQI101", 2))
    assert patient.send_json("/api/answers", sent).json == patient.send_json("/api/answers", sent).json
    assert rows(patient) == 1


def test_a_changed_answer_counts_and_the_first_stays_in_the_trail(patient: Patient) -> None:
    patient.send_json("/api/answers", body(patient, answer(0, "DLQI101", 2)))
    patient.send_json("/api/answers", body(patient, answer(1, "DLQI101", 0)))
    assert counting(patient) == {"DLQI101": 0}
    assert rows(patient) == 2


def test_answers_that_overtook_each_other_count_in_the_order_they_were_given(patient: Patient) -> None:
    patient.send_json("/api/answers", body(patient, answer(5, "DLQI101", 3)))
    patient.send_json("/api/answers", body(patient, answer(4, "DLQI101", 1)))
    assert counting(patient) == {"DLQI101": 3}


def test_of_two_phones_the_later_one_counts(patient: Patient) -> None:
    patient.send_json("/api/answers", body(patient, answer(0, "DLQI101", 3), device="phone-1"))
    patient.send_json("/api/answers", body(patient, answer(0, "DLQI101", 1), device="phone-2"))
    assert counting(patient) == {"DLQI101": 1}
    assert rows(patient) == 2


def test_sending_both_questionnaires_makes_one_summary_and_says_no_score(patient: Patient) -> None:
    for code in ("DLQI", "SHAQ"):
        values = factories.full_answers(instruments.get(code), level=2)
        answers = [answer(n, link_id, value, instrument=code) for n, (link_id, value) in enumerate(values.items())]
        for _ in range(2):
            reply = patient.send_json("/api/complete", body(patient, *answers, instrument=code))
            assert reply.status_code == 200
            assert set(reply.json or {}) == {
                "acknowledged", "already", "completed_at", "receipt_number", "set_apart"
            }  # fmt: skip
        assert (reply.json or {})["already"] is True
    patient.store.rollback()
    assert patient.store.scalar(select(func.count()).select_from(Summary)) == 1


def test_an_earlier_answer_to_a_question_that_is_hidden_again_is_frozen_as_not_shown(patient: Patient) -> None:
    answers = [answer(0, "DLQI107", "N"), answer(1, "DLQI107A", 2), answer(2, "DLQI107", "Y")]
    patient.send_json("/api/complete", body(patient, *answers))
    patient.store.rollback()
    frozen = patient.store.scalars(select(Response)).one().frozen
    assert frozen
    assert frozen["DLQI107A"]["empty"] == "not-shown"
    assert frozen["DLQI101"] == {"empty": "not-answered"}
    assert rows(patient) == 3


def test_another_participants_questionnaire_is_unknown(patient: Patient, store: Session) -> None:
    for stranger in (str(uuid4()), str(Patient(patient.app, store).assignment())):
        reply = patient.send_json("/api/answers", {"assignment": stranger, "device": "d", "answers": []})
        assert (reply.status_code, (reply.json or {})["error"]) == (404, "unknown-assignment")


def test_a_questionnaire_that_has_not_opened_says_when_it_will(patient: Patient) -> None:
    reply = patient.send_json(
        "/api/answers",
        {"assignment": str(patient.assignment("DLQI", "M1")), "device": "d", "answers": [answer(0, "DLQI101", 1)]},
    )
    # included on 5 March, so month 1 is 5 April; it opens seven days before
    assert (reply.status_code, (reply.json or {})["opens_on"]) == (409, "2027-03-29")


def test_after_the_window_answers_are_kept_apart(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: factories.AT.replace(month=3, day=9))  # it closed on the 7th
    saved = patient.send_json("/api/answers", body(patient, answer(0, "DLQI101", 1))).json or {}
    assert (saved["acknowledged"], saved["set_apart"]) == ([0], [0])
    completed = patient.send_json("/api/complete", body(patient, answer(0, "DLQI101", 1))).json or {}
    assert (completed["completed_at"], completed["set_apart"]) == (None, "after-closing")
    assert counting(patient) == {}


def test_who_has_left_the_study_is_asked_no_more(patient: Patient) -> None:
    enrolment.withdraw(
        patient.store, patient.participant, on=date(2027, 3, 3), reason="", by=actor.SYSTEM, at=factories.AT
    )
    patient.store.commit()
    reply = patient.send_json("/api/answers", body(patient, answer(0, "DLQI101", 1)))
    assert (reply.status_code, (reply.json or {})["error"]) == (410, "withdrawn")


def test_without_a_session_or_its_token_nothing_is_taken(patient: Patient) -> None:
    sent = body(patient, answer(0, "DLQI101", 1))
    refused = patient.phone.post("/api/answers", json=sent)
    assert (refused.status_code, (refused.json or {})["error"]) == (400, "bad-request")
    token = patient.csrf()
    patient.post("/forget")
    gone = patient.phone.post("/api/answers", json=sent, headers={"X-CSRFToken": patient.csrf() or token})
    assert (gone.status_code, (gone.json or {})["error"]) == (401, "unauthorized")
    assert rows(patient) == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seq": -1}, "answers[0].seq"),
        ({"seq": True}, "answers[0].seq"),
        ({"at": "2027-03-03T09:00:00"}, "answers[0].at"),
        ({"at": "yesterday"}, "answers[0].at"),
        ({"link_id": ""}, "answers[0].link_id"),
        ({"empty": 1}, "answers[0].empty"),
        ({"presentation": {"a": "x" * 600}}, "answers[0].presentation"),
        ({"more": 1}, "answers[0]"),
    ],
)
def test_what_is_malformed_is_named_by_its_place(patient: Patient, change: dict[str, Any], named: str) -> None:
    reply = patient.send_json("/api/answers", body(patient, answer(0, "DLQI101", 1) | change))
    assert reply.status_code == 400
    assert (reply.json or {})["message"].startswith(f"{named}:")


def test_a_scale_keeps_how_it_was_touched(patient: Patient) -> None:
    touched = {"length_px": 300, "pointer": "touch", "orientation": "portrait"}
    given = answer(0, "SHAQ01", 0, instrument="SHAQ", presentation=touched)
    assert patient.send_json("/api/answers", body(patient, given, instrument="SHAQ")).status_code == 200
    patient.store.rollback()
    kept = patient.store.scalars(select(Answer)).one()
    assert (kept.value, kept.presentation) == (0, touched)
