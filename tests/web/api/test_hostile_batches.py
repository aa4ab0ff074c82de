"""What no honest phone sends: each is refused in JSON, by name, in the person's language, and nothing of it is kept."""

import json
from typing import Any

import pytest

from tests.web.api.test_answers import answer, body, patient, rows
from tests.web.patients import Patient

__all__ = ["patient"]  # the fixture


def send_text(patient: Patient, text: str, address: str = "/api/answers", **headers: str) -> tuple[int, dict[str, Any]]:
    """Send a body as it stands."""
    told = {"X-CSRFToken": patient.csrf(), "Content-Type": "application/json"} | headers
    reply = patient.phone.post(address, data=text.encode("utf-8", "surrogatepass"), headers=told)
    return reply.status_code, reply.json or {}


def with_literal(patient: Patient, key: str, literal: str, **more: Any) -> str:
    """A batch of one answer, with a value that only JSON's text can write."""
    return json.dumps(body(patient, answer(0, "DLQI101", 1, **more) | {key: "@"})).replace('"@"', literal)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"value": [1]}, "answers[0].value"),  # several ticks exist on paper only
        ({"value": {"code": 1}}, "answers[0].value"),
        ({"link_id": "\ud800"}, "answers[0].link_id"),
        ({"link_id": "DLQI101\x00"}, "answers[0].link_id"),
        ({"wording": "\udfff"}, "answers[0].wording"),
        ({"wording": "\x00"}, "answers[0].wording"),
        ({"language": "\x00"}, "answers[0].language"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "answers[0].at"),
        ({"at": "9999-12-31T23:59:59-12:00"}, "answers[0].at"),
        ({"at": "0000-01-01T00:00:00Z"}, "answers[0].at"),
        ({"at": 1}, "answers[0].at"),
        ({"presentation": {"a": "\ud800"}}, "answers[0].presentation"),
        ({"presentation": {"a": "\x00"}}, "answers[0].presentation"),
        ({"presentation": []}, "answers[0].presentation"),
        ({"seq": 2**31}, "answers[0].seq"),
        ({"seq": 0.0}, "answers[0].seq"),
    ],
)
def test_what_no_database_could_keep_is_named_by_its_place(
    patient: Patient, change: dict[str, Any], named: str
) -> None:
    reply = patient.send_json("/api/answers", body(patient, answer(0, "DLQI101", 1) | change))
    assert (reply.status_code, (reply.json or {})["error"]) == (400, "malformed")
    assert (reply.json or {})["message"].startswith(f"{named}:")
    assert rows(patient) == 0


@pytest.mark.parametrize(
    ("seen", "named"),
    [
        ([], "seen"),
        ({"upto": 1}, "seen"),
        ({"upto": 1, "devices": {}, "more": 1}, "seen"),
        ({"upto": 1, "devices": []}, "seen"),
        ({"upto": -1, "devices": {}}, "seen.upto"),
        ({"upto": True, "devices": {}}, "seen.upto"),
        ({"upto": 2**63, "devices": {}}, "seen.upto"),
        ({"upto": None, "devices": {}}, "seen.upto"),
        ({"upto": 0, "devices": {"phone 1": 1}}, "seen.devices[0]"),
        ({"upto": 0, "devices": {"phone-1": 1, "~": 1}}, "seen.devices[1]"),
        ({"upto": 0, "devices": {"phone-1": 2**31}}, "seen.devices[0]"),
        ({"upto": 0, "devices": {"phone-1": None}}, "seen.devices[0]"),
        ({"upto": 0, "devices": {f"phone-{n}": 1 for n in range(51)}}, "seen.devices"),
    ],
)
def test_what_a_page_cannot_have_been_shown_is_named_by_its_place(patient: Patient, seen: Any, named: str) -> None:
    reply = patient.send_json("/api/answers", body(patient, answer(0, "DLQI101", 1)) | {"seen": seen})
    assert (reply.status_code, (reply.json or {})["error"]) == (400, "malformed")
    assert (reply.json or {})["message"].startswith(f"{named}:")
    assert rows(patient) == 0


@pytest.mark.parametrize("seen", [None, {"upto": 2**63 - 1, "devices": {f"phone-{n}": 2**31 - 1 for n in range(50)}}])
def test_the_most_that_a_page_can_have_been_shown_is_taken(patient: Patient, seen: Any) -> None:
    reply = patient.send_json("/api/answers", body(patient, answer(0, "DLQI101", 1)) | {"seen": seen})
    assert reply.status_code == 200


@pytest.mark.parametrize("who", ["", "Alone", 1, ["alone"], {"alone": True}, False])
def test_who_filled_it_in_is_one_of_three_or_not_said(patient: Patient, who: Any) -> None:
    reply = patient.send_json("/api/complete", body(patient, answer(0, "DLQI101", 1)) | {"filled_in_by": who})
    assert (reply.status_code, (reply.json or {})["error"]) == (400, "malformed")
    assert (reply.json or {})["message"].startswith("filled_in_by:")
    assert rows(patient) == 0


@pytest.mark.parametrize("literal", ["NaN", "-Infinity", "1" * 5000, "[" * 100_000, '{"a":' * 100_000])
@pytest.mark.parametrize("key", ["seq", "value", "presentation"])
def test_what_is_no_json_is_refused(patient: Patient, key: str, literal: str) -> None:
    status, reply = send_text(patient, with_literal(patient, key, literal))
    assert (status, reply["error"], rows(patient)) == (400, "malformed", 0)


@pytest.mark.parametrize("literal", ["1e400", "1.0", "true", '"1"', "-1", "1" * 4000, "[" * 900 + "]" * 900])
def test_a_number_that_is_no_option_is_refused(patient: Patient, literal: str) -> None:
    status, reply = send_text(patient, with_literal(patient, "value", literal))
    assert status in {400, 422}
    assert reply["error"] in {"malformed", "refused-answers"}
    assert rows(patient) == 0


def test_infinity_by_another_name_is_no_presentation(patient: Patient) -> None:
    status, reply = send_text(patient, with_literal(patient, "presentation", '{"length_px": 1e400}'))
    assert (status, reply["error"], rows(patient)) == (400, "malformed", 0)


@pytest.mark.parametrize(
    ("once", "twice"),
    [('"value": 1', '"value": 1, "value": 2'), ('"device"', '"answers": [], "device"')],
)
def test_a_key_that_stands_twice_is_refused_as_one_of_them_would_be_lost(
    patient: Patient, once: str, twice: str
) -> None:
    text = json.dumps(body(patient, answer(0, "DLQI101", 1))).replace(once, twice)
    status, reply = send_text(patient, text)
    assert (status, reply["error"], rows(patient)) == (400, "malformed", 0)


@pytest.mark.parametrize("address", ["/api/answers", "/api/complete"])
def test_one_seq_for_two_answers_of_a_batch_is_refused_as_one_of_them_would_be_lost(
    patient: Patient, address: str
) -> None:
    reply = patient.send_json(address, body(patient, answer(0, "DLQI101", 1), answer(0, "DLQI101", 2)))
    assert (reply.status_code, (reply.json or {})["faults"][0]["seq"]) == (422, 0)
    assert rows(patient) == 0


@pytest.mark.parametrize("address", ["/api/answers", "/api/complete"])
def test_the_same_answer_twice_in_a_batch_is_kept_once(patient: Patient, address: str) -> None:
    reply = patient.send_json(address, body(patient, answer(0, "DLQI101", 1), answer(0, "DLQI101", 1)))
    assert (reply.status_code, (reply.json or {})["acknowledged"]) == (200, [0])
    assert rows(patient) == 1


def test_what_does_not_say_that_it_is_json_is_refused(patient: Patient) -> None:
    text = json.dumps(body(patient, answer(0, "DLQI101", 1)))
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        status, reply = send_text(patient, text, **{"Content-Type": kind})
        assert (status, reply["error"], rows(patient)) == (400, "malformed", 0)


def test_more_than_a_megabyte_is_refused(patient: Patient) -> None:
    text = json.dumps(body(patient, answer(0, "DLQI101", 1))) + " " * 1024 * 1024
    status, reply = send_text(patient, text)
    assert (status, reply["error"], rows(patient)) == (413, "request-entity-too-large", 0)


def test_a_wrong_method_or_address_is_answered_in_json_and_in_her_language(patient: Patient) -> None:
    for reply in (patient.phone.get("/api/answers"), patient.phone.get("/api/nothing")):
        assert (reply.json or {})["message"].startswith("Il n’y a rien à cette adresse")


def test_what_came_late_is_told_again_when_the_reply_was_lost(patient: Patient) -> None:
    patient.send_json("/api/complete", body(patient, answer(0, "DLQI101", 1)))
    late = body(patient, answer(0, "DLQI101", 3), device="phone-2")
    for _ in range(2):
        reply = patient.send_json("/api/answers", late).json or {}
        assert (reply["acknowledged"], reply["set_apart"]) == ([0], [0])


def test_who_sends_again_with_other_answers_is_told_that_they_are_kept_apart(patient: Patient) -> None:
    first = body(patient, answer(0, "DLQI101", 1))
    assert (patient.send_json("/api/complete", first).json or {})["set_apart"] is None
    assert (patient.send_json("/api/complete", first).json or {})["set_apart"] is None
    other = body(patient, answer(0, "DLQI101", 3), device="phone-2")
    for _ in range(2):
        reply = patient.send_json("/api/complete", other).json or {}
        assert (reply["already"], reply["set_apart"]) == (True, "after-completion")


def test_when_completing_breaks_off_nothing_of_it_is_kept(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("portal.services.completing.scores.keep", break_off)
    patient.app.testing = False  # as in service, where a fault becomes a page of its own
    reply = patient.send_json("/api/complete", body(patient, answer(0, "DLQI101", 1)))
    assert (reply.status_code, (reply.json or {})["error"]) == (500, "internal-server-error")
    assert rows(patient) == 0
