"""What an attacker, a log reader or the next person at the same computer would try; the portal gives nothing away."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.db.audit_event import AuditEvent
from portal.db.response import Answer
from portal.db.study import Study
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.domain.states import Mode
from portal.services import actor, answer_log, completing, doors, summaries
from portal.services.studies import NotForLiveError
from tests import factories
from tests.conftest import NOW
from tests.web.patients import Patient
from tests.web.staff_people import PASSWORD, StaffBrowser, make_staff

OTHER_AID = {"HAQ0117": True, "HAQ0118": "<script>alert('a stick')</script>"}  # another aid, and which


@pytest.fixture(autouse=True)
def _stopped_clock(at: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)


@pytest.fixture
def serving(app: Flask) -> Iterator[Flask]:
    """The app as it is when it serves: a fault is answered and not raised."""
    app.testing = False
    yield app
    app.testing = True


def send_wrongly(app: Flask, store: Session) -> int:
    """Fill in the long form of a patient whose answer will meet a fault; gives the status."""
    patient = Patient(app, store, language="en").come_in()
    address = f"/answer/{patient.assignment()}"
    return patient.get(address).post(address, {"DLQI101": "3"}).page.status_code


def test_a_fault_in_the_middle_keeps_nothing_and_is_logged_without_its_text(
    serving: Flask, store: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    append = answer_log.append

    def fail_after(*arguments: Any, **named: Any) -> None:
        append(*arguments, **named)
        raise RuntimeError("DLQI101 was answered with 3")

    monkeypatch.setattr(answer_log, "append", fail_after)
    assert send_wrongly(serving, store) == 500
    store.rollback()
    assert store.scalar(select(func.count()).select_from(Answer)) == 0
    assert store.scalar(select(func.count()).where(AuditEvent.deed == Deed.ANSWER_SAVED)) == 0
    assert caplog.messages == ["POST answering.save failed: RuntimeError"]
    assert "DLQI101" not in caplog.text


def test_a_commit_that_fails_is_logged_without_the_address_and_the_text(
    serving: Flask, store: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    patient = Patient(serving, store).come_in()
    caplog.set_level(logging.DEBUG, logger="portal")

    def fail(_session: Session) -> None:
        raise OperationalError("INSERT INTO answer", {"value": 3}, Exception("disk full"))

    monkeypatch.setattr(Session, "commit", fail)
    page = patient.phone.get(patient.address)
    assert page.status_code == 500
    assert "disk" not in page.text
    assert "OperationalError" in caplog.text
    assert "disk full" not in caplog.text
    assert patient.address not in caplog.text


def test_a_statement_that_fails_does_not_quote_what_it_held(store: Session) -> None:
    with pytest.raises(OperationalError) as fault:
        store.execute(select(func.no_such_function("my neighbour")))
    assert "my neighbour" not in str(fault.value)


@pytest.mark.parametrize(
    "back", ["//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example", "https://evil.example", ""]
)
def test_choosing_a_language_leads_to_no_other_site(app: Flask, back: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post("/language", data={"language": "en", "back": back})
    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize("address", ["/clinic", "/clinic/", "/o/TOKEN", "/staff//sign-in", "/verify?digest=aa"])
def test_the_host_that_a_request_names_is_never_led_to(client: FlaskClient, address: str) -> None:
    answer = client.get(address, headers={"Host": "evil.example"})
    assert "evil.example" not in answer.headers.get("Location", "") + answer.text


@pytest.mark.parametrize("address", ["/", "/staff/sign-in", "/code", "/verify", "/nowhere", "/clinic/"])
def test_every_page_is_kept_by_nobody_and_framed_by_nobody(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "Strict-Transport-Security" not in headers  # there is no https to insist on


def test_behind_https_every_cookie_is_secure(settings: Settings, store: Session) -> None:
    app = create_app(replace(settings, base_url="https://previsit.example"))
    app.config["WTF_CSRF_SSL_STRICT"] = False  # the tests' own browser names no page it comes from
    patient = Patient(app, store)
    patient.get(patient.address)
    answer = patient.phone.post(
        "/door", data={"csrf_token": patient.csrf(), "code": patient.code}, base_url="https://x"
    )
    cookies = [*patient.page.history[0].headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} >= {"previsit"}
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_demonstrations_pages_are_not_there_without_the_setting(client: FlaskClient) -> None:
    for address in ("/demonstration", "/demonstration/mailbox", "/demonstration/mailbox/x.eml"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("pretence", [{"clock_shift": timedelta(days=1)}, {"demonstration": Path("demo.json")}])
def test_a_live_study_is_not_served_with_a_demonstrations_settings(
    settings: Settings, store: Session, pretence: dict[str, Any]
) -> None:
    store.add(Study(code="REAL", mode=Mode.LIVE, definition={}, definition_hash="h", loaded_at=NOW))
    store.commit()
    with pytest.raises(NotForLiveError, match=r"study REAL is live: unset (CLOCK_SHIFT|DEMONSTRATION)"):
        create_app(replace(settings, **pretence))
    create_app(settings)


def test_more_than_a_questionnaire_can_hold_is_refused(client: FlaskClient) -> None:
    answer = client.post("/code", data=b"x" * (1024 * 1024 + 1), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


def test_no_key_stands_in_the_trail_or_in_a_log(
    app: Flask, store: Session, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    patient = Patient(app, store)
    nurse = make_staff(store, (patient.participant.site_id, Role.NURSE))
    store.commit()
    guess = "000000" if patient.code != "000000" else "111111"
    patient.get(patient.address).post("/door", {"code": guess}).post("/door", {"code": patient.code})
    cookie = patient.phone.get_cookie("previsit_phone")
    assert cookie is not None
    code = pyotp.TOTP(nurse.totp_secret).at(NOW)
    StaffBrowser(app).sign_in(nurse, password="not the password")
    StaffBrowser(app).sign_in(nurse, code=code).follow()
    store.rollback()
    columns = AuditEvent.__table__.columns
    written = " ".join(str(tuple(row)) for row in store.execute(select(*columns))) + caplog.text
    token, short = doors.token(patient.keys, patient.link), doors.short_code(patient.keys, patient.link)
    secrets = {token, short, cookie.value, PASSWORD, "not the password", nurse.totp_secret, settings.secret_key}
    assert [secret for secret in secrets if secret in written] == []
    # six digits alone may be part of any hash
    assert [digits for digits in (guess, patient.code, code) if f"'{digits}'" in written] == []
    assert nurse.password_hash not in written


def test_a_remembered_phone_that_comes_without_its_link_is_in_the_trail_too(app: Flask, store: Session) -> None:
    patient = Patient(app, store).come_in()
    patient.phone.delete_cookie("previsit")
    patient.get("/visit")
    store.rollback()
    assert store.scalars(select(AuditEvent.deed).order_by(AuditEvent.id)).all()[-1] == Deed.DOOR_OPENED


def test_what_she_wrote_and_how_people_are_called_is_never_taken_for_markup(
    app: Flask, store: Session, at: datetime
) -> None:
    place = factories.load_study(store)[0]
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 5), language="en")
    investigator = make_staff(store, (place.site_id, Role.INVESTIGATOR), name="<b>Dr Bold</b>")
    for code, more in (("DLQI", {}), ("SHAQ", OTHER_AID)):
        answers = factories.full_answers(instruments.get(code)) | more
        assignment = factories.get_assignment(store, participant, code)
        given = factories.given(code, answers, language="en", at=at)
        completing.complete(store, participant.id, assignment.id, given, by=actor.SYSTEM, at=at)
    summary = summaries.find_current(store, factories.get_visit(store, participant).id)
    assert summary is not None
    store.commit()
    page = StaffBrowser(app, investigator).get(f"/investigator/summaries/{summary.id}").page.text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "&lt;b&gt;Dr Bold" in page


def test_reading_the_list_of_what_stands_out_is_in_the_trail(app: Flask, store: Session) -> None:
    place = factories.load_study(store)[0]
    participant = factories.make_participant(store, place)
    factories.complete_visit(store, participant, at=NOW)
    investigator = make_staff(store, (place.site_id, Role.INVESTIGATOR))
    summary = summaries.find_current(store, factories.get_visit(store, participant).id)
    assert summary is not None
    store.commit()
    StaffBrowser(app, investigator).get("/investigator/")
    store.rollback()
    event = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SUMMARY_LISTED)).one()
    assert (event.actor_id, event.new) == (investigator.id, {"summaries": [str(summary.id)]})
