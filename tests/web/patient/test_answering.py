"""A whole questionnaire without JavaScript: one long form, the look back, sending, the receipt."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.response import Answer, FilledInBy, Response
from portal.domain.states import ResponseStatus
from portal.services import wordings
from tests.web.patients import Patient


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A patient who has come in, two days before her inclusion visit."""
    return Patient(app, store).come_in()


def fill(patient: Patient, fields: dict[str, Any], instrument: str = "DLQI") -> Patient:
    address = f"/answer/{patient.assignment(instrument)}"
    return patient.get(address).post(address, fields)


def frozen(patient: Patient) -> dict[str, Any]:
    response = patient.store.scalars(select(Response).where(Response.status == ResponseStatus.COMPLETED)).one()
    snapshot = response.frozen
    patient.store.rollback()
    assert snapshot
    return snapshot


def kept(patient: Patient) -> list[tuple[str, Any]]:
    rows = [(row.link_id, row.value) for row in patient.store.scalars(select(Answer).order_by(Answer.id))]
    patient.store.rollback()
    return rows


def test_nothing_is_chosen_beforehand(patient: Patient) -> None:
    for instrument in ("DLQI", "SHAQ"):
        page = html.fromstring(patient.get(f"/answer/{patient.assignment(instrument)}").page.text)
        fields = [field for form in page.iter("fieldset") for field in form.iter("input")]
        assert fields
        assert not any("checked" in field.attrib for field in fields)
        written = [field for field in fields if field.get("type", "text") == "text"]
        assert {field.get("value") for field in written} <= {""}


def test_the_dlqi_from_form_to_receipt(patient: Patient) -> None:
    fields = {f"DLQI1{n:02}": "1" for n in range(1, 9)} | {"DLQI107": "N", "DLQI107A": "2", "DLQI110": "NR"}
    fill(patient, fields)
    assert "Relisez avant d’envoyer" in patient.text
    assert re.search(r"9\. Vie intime +Pas de réponse", patient.text)
    assert re.search(r"10\. Poids du traitement +Cela ne me concerne pas", patient.text)
    patient.post(f"/answer/{patient.assignment()}/send")
    assert "Bien reçu" in patient.text
    assert "Reçu le 3 mars 2027 à 10 h 00" in patient.text
    assert re.search(r"Numéro de réception [0-9A-F]{4}-[0-9A-F]{4}", patient.text)
    assert "Passer au questionnaire suivant" in patient.text
    answers = frozen(patient)
    assert answers["DLQI107A"]["value"] == 2
    assert answers["DLQI109"] == {"empty": "not-answered"}
    assert answers["DLQI110"]["empty"] == "not-relevant"


@pytest.mark.parametrize(
    ("said", "kept_as"),
    [({"filled_in_by": "with-help"}, FilledInBy.WITH_HELP), ({}, None), ({"filled_in_by": "the cat"}, None)],
)
def test_who_filled_it_in_is_asked_at_the_end_and_may_be_left_open(
    patient: Patient, said: dict[str, str], kept_as: FilledInBy | None
) -> None:
    fill(patient, {"DLQI101": "2"})
    assert "Qui a rempli ce questionnaire ?" in patient.text
    choices = [field for field in html.fromstring(patient.page.text).iter("input") if field.get("type") == "radio"]
    assert [field.get("value") for field in choices] == ["alone", "with-help", "someone-else"]
    assert not any("checked" in field.attrib for field in choices)
    assert "Bien reçu" in patient.post(f"/answer/{patient.assignment()}/send", said).text
    who = patient.store.scalars(select(Response.filled_in_by)).one()
    patient.store.rollback()
    assert who is kept_as


def test_no_score_is_anywhere_on_the_receipt(patient: Patient) -> None:
    fill(patient, {f"DLQI1{n:02}": "3" for n in range(1, 11)})
    patient.post(f"/answer/{patient.assignment()}/send")
    assert not re.search(r"\b(2[0-9]|30)\b(?! mars)", patient.text.split("Numéro de réception")[0].replace("2027", ""))


def test_a_scale_takes_a_whole_number_and_says_so(patient: Patient) -> None:
    fill(patient, {"HAQ0146": "62", "SHAQ01": "0", "SHAQ02": "101", "SHAQ03": "5,5"}, "SHAQ")
    assert patient.page.status_code == 422
    assert "27. Souffle" in patient.text
    assert "28. Raynaud" in patient.text
    assert patient.text.count("Écrivez un nombre entier de 0 à 100") == 2
    assert kept(patient) == [("HAQ0146", 62), ("SHAQ01", 0)]
    row = patient.store.scalars(select(Answer)).first()
    assert row
    assert row.presentation == {"input": "number"}


def test_none_of_these_differs_from_no_answer(patient: Patient) -> None:
    fill(patient, {"SHAQHELP1-none": "1"}, "SHAQ")
    assert kept(patient) == [("HAQ0119", False), ("HAQ0120", False), ("HAQ0121", False), ("HAQ0122", False)]
    assert re.search(r"11\. Autre personne, liste 1 +Aucun de ces gestes", patient.text)
    assert re.search(r"10\. Aides, liste 1 +Pas de réponse", patient.text)


def test_boxes_together_with_none_of_these_are_asked_about(patient: Patient) -> None:
    fill(patient, {"SHAQHELP1-none": "1", "HAQ0119": "1"}, "SHAQ")
    assert patient.page.status_code == 422
    assert "pas les deux" in patient.text
    assert kept(patient) == []


def test_another_aid_is_written_beside_its_box(patient: Patient) -> None:
    fill(patient, {"HAQ0117": "1", "HAQ0118": "un chausse-pied", "HAQ0141": "unasked"}, "SHAQ")
    assert ("HAQ0118", "un chausse-pied") in kept(patient)
    assert "HAQ0141" not in dict(kept(patient))
    assert "Une autre aide · un chausse-pied" in patient.text


def test_the_second_part_of_question_seven_counts_only_after_no(patient: Patient) -> None:
    fill(patient, {"DLQI107": "Y", "DLQI107A": "2"})
    assert kept(patient) == [("DLQI107", "Y")]


def test_the_same_form_sent_twice_is_one_answer_and_a_changed_one_is_two(patient: Patient) -> None:
    fill(patient, {"DLQI101": "2"})
    fill(patient, {"DLQI101": "2"})
    assert kept(patient) == [("DLQI101", 2)]
    fill(patient, {"DLQI101": "0"})
    fill(patient, {"DLQI101": "2"})
    assert kept(patient) == [("DLQI101", 2), ("DLQI101", 0), ("DLQI101", 2)]


def test_a_form_that_was_tampered_with_is_refused(patient: Patient) -> None:
    assert fill(patient, {"DLQI101": "9"}).page.status_code == 400
    assert kept(patient) == []


def test_the_other_language_keeps_place_and_answers_and_its_words_are_noted(patient: Patient) -> None:
    address = f"/answer/{patient.assignment()}"
    fill(patient, {"DLQI101": "2"})
    patient.get(address).post("/language", {"language": "en", "back": address + "#q2"})
    assert patient.page.request.path == address
    assert "Your skin and your daily life" in patient.text
    assert 'value="2" checked' in patient.page.text
    patient.post(address, {"DLQI101": "2", "DLQI102": "1"})
    assert [row.language for row in patient.store.scalars(select(Answer).order_by(Answer.id))] == ["fr", "en"]


def test_after_sending_it_is_locked_and_what_comes_late_is_kept_apart(patient: Patient) -> None:
    address = f"/answer/{patient.assignment()}"
    fill(patient, {"DLQI101": "2"})
    form = patient.get(address).csrf()
    patient.post(f"{address}/send")
    before = frozen(patient)
    assert "Bien reçu" in patient.get(address).text
    patient.page = patient.phone.post(address, data={"csrf_token": form, "DLQI101": "0"}, follow_redirects=True)
    assert "n’est pas perdu" in patient.text
    assert "Bien reçu" in patient.post(f"{address}/send").text
    assert frozen(patient) == before
    assert kept(patient)[-1] == ("DLQI101", 0)


def test_a_form_sent_after_the_window_is_kept_apart_and_said_kindly(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/answer/{patient.assignment()}"
    patient.get(address)
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 3, 9, 9, 0, tzinfo=UTC))
    assert "Ce questionnaire est clos" in patient.post(address, {"DLQI101": "0"}).text
    assert [row.set_apart for row in patient.store.scalars(select(Answer))] == ["after-closing"]


def test_a_questionnaire_of_somebody_else_is_not_there(patient: Patient, store: Session) -> None:
    other = Patient(patient.app, store)
    assert patient.get(f"/answer/{other.assignment()}").page.status_code == 404


def test_demonstration_wording_is_marked_and_noted_on_every_page(patient: Patient) -> None:
    address = f"/answer/{patient.assignment()}"
    fill(patient, {"DLQI101": "2"})
    for page in ("", "/review"):
        assert "Formulation de démonstration" in patient.get(address + page).text
        assert "ne pas l’utiliser dans une étude" in patient.text


def test_a_language_that_the_questionnaire_lacks_is_said_and_none_stands_in(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wordings, "find_current", lambda *_named, **_more: None)
    assert "Ce questionnaire n’existe pas en français." in patient.get("/visit").text
    patient.get(f"/answer/{patient.assignment()}")
    assert patient.page.status_code == 409
    assert "Pas disponible dans cette langue" in patient.text
