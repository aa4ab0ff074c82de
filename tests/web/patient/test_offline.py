"""What a phone may keep: pages without an answer and without a token, and a service worker that can be ended."""

from dataclasses import replace

import pytest
from flask import Flask
from lxml import html
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.config import Settings
from tests.web.patients import Patient

pytestmark = pytest.mark.usefixtures("at")

BY_SCRIPT = {"X-Shell": "1"}


def kept(patient: Patient, name: str) -> list[str]:
    """The addresses of one kind that the page before her has the phone keep."""
    found = html.fromstring(patient.page.text).find(".//div[@id='phone']")
    assert found is not None
    return [address for address in found.get("data-keep", "").split() if f"/{name}/" in address]


def answered(app: Flask, store: Session) -> Patient:
    """A patient who has answered two questions and left one out."""
    patient = Patient(app, store).come_in()
    patient.get(f"/answer/{patient.assignment()}")
    patient.post(f"/answer/{patient.assignment()}", patient.fields() | {"DLQI101": "2", "DLQI107": "N"})
    return patient.get(f"/answer/{patient.assignment()}")


def test_the_page_that_a_phone_keeps_has_the_questions_and_no_answer(app: Flask, store: Session) -> None:
    patient = answered(app, store)
    assert 'data-worker="/sw.js"' in patient.page.text
    assert "checked" in patient.page.text
    for address, words in zip(kept(patient, "shell"), ("Question {n} sur 10", "Question {n} of 10"), strict=True):
        page = patient.phone.get(address, headers=BY_SCRIPT)
        assert page.status_code == 200
        assert words in page.text
        assert "checked" not in page.text
        assert "data-skipped>" not in page.text
        assert 'name="csrf_token" value=""' in page.text
        assert "private" in page.headers["Cache-Control"]
        assert "no-store" not in page.headers["Cache-Control"]


def test_who_lands_on_a_kept_page_with_network_is_led_to_the_real_one(app: Flask, store: Session) -> None:
    patient = answered(app, store)
    answer = patient.phone.get(kept(patient, "shell")[0])
    assert answer.status_code == 303
    assert answer.location == f"/answer/{patient.assignment()}"


def test_what_the_server_holds_is_told_without_the_answers(app: Flask, store: Session) -> None:
    patient = answered(app, store)
    held = patient.phone.get(f"/answer/{patient.assignment()}/held").json
    assert held is not None
    assert {"DLQI101", "DLQI107"} <= set(held["received"])
    assert held["leads"] == ["DLQI107A"]
    assert held["upto"] > 0
    assert set(held) == {"assignment", "upto", "received", "leads"}


def test_without_network_a_page_says_so_in_each_language(app: Flask, store: Session) -> None:
    patient = answered(app, store)
    french, english = (patient.phone.get(address) for address in kept(patient, "offline"))
    assert "Pas de réseau pour le moment" in french.text
    assert 'lang="en"' in english.text
    assert "No network at the moment" in english.text


def test_a_questionnaire_that_does_not_speak_a_language_is_not_kept_in_it(app: Flask, store: Session) -> None:
    patient = answered(app, store)
    page = patient.phone.get(f"/answer/{patient.assignment()}/shell/de", headers=BY_SCRIPT)
    assert page.status_code == 404


def test_the_worker_answers_get_only_and_is_never_kept_unasked(app: Flask) -> None:
    worker = app.test_client().get("/sw.js")
    assert worker.mimetype == "text/javascript"
    assert "no-cache" in worker.headers["Cache-Control"]
    assert "unregister" not in worker.text


def test_the_kill_switch_sends_the_worker_that_ends_it_and_pages_that_name_none(
    settings: Settings, store: Session
) -> None:
    patient = answered(create_app(replace(settings, service_worker=False)), store)
    assert 'data-worker=""' in patient.page.text
    assert "unregister" in patient.phone.get("/sw.js").text


def holder(page: str) -> str:
    """The name under which a page keeps things, "" when it names nobody."""
    found = html.fromstring(page).find(".//div[@id='phone']")
    assert found is not None
    return str(found.get("data-holder", ""))


def test_what_is_kept_is_kept_under_a_name_for_whose_phone_it_is(app: Flask, store: Session) -> None:
    one, other = answered(app, store), answered(app, store)
    names = {holder(one.get(address).page.text) for address in ("/visit", f"/answer/{one.assignment()}")}
    assert len(names) == 1
    shell = one.phone.get(kept(one, "shell")[0], headers=BY_SCRIPT)
    assert {holder(shell.text)} == names
    assert holder(other.get("/visit").page.text) not in names
    assert holder(one.phone.get("/offline/fr").text) == ""  # it stays while phones change hands
