"""At the staff's door: in with three right things, out after half an hour, and no reason given to strangers."""

from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.audit_event import AuditEvent
from portal.db.staff import SignInAttempt, Staff
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor, staff
from tests.conftest import NOW
from tests.factories import load_study
from tests.web.staff_people import PASSWORD, StaffBrowser, make_staff

REFUSAL = "This did not open."


@pytest.fixture(autouse=True)
def _stopped_clock(at: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)


@pytest.fixture
def nurse(store: Session) -> Staff:
    """A nurse at site 01."""
    person = make_staff(store, (load_study(store)[0].site_id, Role.NURSE))
    store.commit()
    return person


@pytest.fixture
def browser(app: Flask, nurse: Staff) -> StaffBrowser:
    """Nobody's browser yet."""
    return StaffBrowser(app)


def test_a_nurse_signs_in_and_finds_her_list(browser: StaffBrowser, nurse: Staff) -> None:
    browser.sign_in(nurse)
    assert browser.page.location == "/clinic/"
    assert "Visits 3 March 2027" in browser.follow().text
    assert "Ada Byron Hôpital des Tilleuls, Paris" in " ".join(browser.page.text.split()).replace("<span>", "")


def test_an_investigator_signs_in_and_finds_the_summaries(app: Flask, store: Session) -> None:
    person = make_staff(store, (load_study(store)[1].site_id, Role.INVESTIGATOR))
    store.commit()
    assert StaffBrowser(app).sign_in(person).page.location == "/investigator/"


def test_the_page_asked_for_opens_after_signing_in(browser: StaffBrowser, nurse: Staff) -> None:
    browser.get("/clinic/summaries/00000000-0000-4000-8000-000000000000")
    assert browser.page.location == "/staff/sign-in"
    assert browser.sign_in(nurse).page.location == "/clinic/summaries/00000000-0000-4000-8000-000000000000"


def test_a_page_of_another_role_is_not_opened_after_signing_in(browser: StaffBrowser, nurse: Staff) -> None:
    browser.get("/investigator/")
    assert browser.sign_in(nurse).page.location == "/clinic/"


@pytest.mark.parametrize("wrong", [{"email": "x@example.org"}, {"password": "not the password"}, {"code": "123456"}])
def test_whatever_is_wrong_the_page_is_the_same(browser: StaffBrowser, nurse: Staff, wrong: dict[str, str]) -> None:
    right = {"email": nurse.email, "password": PASSWORD, "code": pyotp.TOTP(nurse.totp_secret).at(NOW)}
    browser.get("/staff/sign-in").press("/staff/sign-in", **right | wrong)
    assert browser.page.status_code == 422
    assert browser.text == (
        "Sign in This did not open. Check the address and the password, and take a new code from your app. "
        "E-mail address Password Code The six digits that your authenticator app shows now. Sign in After half an hour "
        "without a step you are asked to sign in again. For a new password or a new phone, ask the person who gave you "
        "access."
    )


def test_a_refusal_keeps_the_address_and_never_the_password(browser: StaffBrowser, nurse: Staff) -> None:
    browser.sign_in(nurse, password="not the password")
    assert 'value="ada@example.org"' in browser.page.text
    assert "not the password" not in browser.page.text


def test_refused_tries_are_kept_and_audited(browser: StaffBrowser, nurse: Staff, store: Session) -> None:
    browser.sign_in(nurse, code="000000")
    assert store.scalars(select(SignInAttempt.succeeded)).all() == [False]
    assert _deeds(store)[-1] == Deed.STAFF_SIGN_IN_REFUSED


def test_after_five_wrong_tries_the_page_says_how_long_to_wait(browser: StaffBrowser, nurse: Staff) -> None:
    for _ in range(5):
        browser.sign_in(nurse, code="000000")
    browser.sign_in(nurse)
    assert browser.page.status_code == 429
    assert "Too many wrong tries. Wait 15 minutes, then try again." in browser.text


def test_a_code_opens_once(app: Flask, browser: StaffBrowser, nurse: Staff) -> None:
    browser.sign_in(nurse)
    assert REFUSAL in StaffBrowser(app).sign_in(nurse).text


def test_nothing_from_before_survives_signing_in_but_the_language(browser: StaffBrowser, nurse: Staff) -> None:
    with browser.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        cookie["language"] = "fr"
    browser.sign_in(nurse)
    with browser.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["language"] == "fr"


def test_a_person_who_chose_no_language_gets_her_own(app: Flask, store: Session) -> None:
    person = make_staff(store, (load_study(store)[0].site_id, Role.NURSE), language="fr")
    store.commit()
    assert "Visites" in StaffBrowser(app).sign_in(person).follow().text


def test_half_an_hour_without_a_step_ends_the_session(
    browser: StaffBrowser, nurse: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.sign_in(nurse)
    for minutes in (29, 58):  # each step counts anew
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: NOW + timedelta(minutes=minutes))
        assert browser.get("/clinic/").page.status_code == 200
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=89))
    assert browser.get("/clinic/").page.location == "/staff/sign-in"


def test_signing_out_is_audited_and_closes_the_list(browser: StaffBrowser, nurse: Staff, store: Session) -> None:
    browser.sign_in(nurse).follow()
    assert browser.press("/staff/sign-out").page.location == "/staff/sign-in"
    assert _deeds(store)[-1] == Deed.STAFF_SIGNED_OUT
    assert browser.get("/clinic/").page.location == "/staff/sign-in"


def test_deactivating_ends_a_session_that_is_open(browser: StaffBrowser, nurse: Staff, store: Session) -> None:
    browser.sign_in(nurse)
    staff.deactivate(store, nurse.email, by=actor.SYSTEM, at=NOW)
    store.commit()
    assert browser.get("/clinic/").page.location == "/staff/sign-in"


def test_whoever_is_signed_in_is_led_on_from_the_door(browser: StaffBrowser, nurse: Staff) -> None:
    assert browser.sign_in(nurse).get("/staff/sign-in").page.location == "/clinic/"


def test_authenticator_apps_keep_to_the_real_time_when_a_demonstration_moves_its_clock(
    browser: StaffBrowser, nurse: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=200))
    assert browser.sign_in(nurse).page.location == "/clinic/"


def _deeds(store: Session) -> list[str]:
    return list(store.scalars(select(AuditEvent.deed).order_by(AuditEvent.id)))
