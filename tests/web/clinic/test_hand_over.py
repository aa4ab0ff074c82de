"""A nurse lends the clinic's tablet to one patient: the short code opens, and nothing is left when it comes back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.audit_event import AuditEvent
from portal.db.door import Device
from portal.db.response import Answer
from portal.db.staff import Staff
from portal.domain.audit import ActorKind, Deed
from portal.domain.roles import Role
from portal.services import actor, doors, studies
from tests import factories
from tests.conftest import NOW
from tests.web.patients import Patient
from tests.web.staff_people import StaffBrowser, make_staff

LENT = "Cet appareil vous est prêté : tapez le code court"


@pytest.fixture
def patient(app: Flask, store: Session, at: datetime) -> Patient:
    """A French-speaking participant of site 01, two days before her inclusion visit."""
    return Patient(app, store)


@pytest.fixture
def person(store: Session, patient: Patient) -> Staff:
    """A nurse of site 01 who reads English."""
    made = make_staff(store, (patient.participant.site_id, Role.NURSE))
    store.commit()
    store.expunge(made)  # so that reading its address does not hold the one writer's place
    return made


@pytest.fixture
def nurse(app: Flask, person: Staff) -> StaffBrowser:
    """The nurse before the clinic's tablet, signed in."""
    return StaffBrowser(app, person)


def address(patient: Patient) -> str:
    visit = factories.get_visit(patient.store, patient.participant).id
    patient.store.rollback()  # it holds the one writer's place, which the app wants
    return f"/clinic/visits/{visit}/hand-over"


def short_code(patient: Patient) -> str:
    code = doors.short_code(patient.keys, patient.link)
    patient.store.rollback()  # it holds the one writer's place, which the app wants
    return code


def lend(nurse: StaffBrowser, patient: Patient) -> Patient:
    """Put the nurse's tablet into the patient's hands."""
    nurse.get(address(patient)).press(address(patient))
    patient.phone = nurse.client
    return patient.get(nurse.page.location)


def come_in(nurse: StaffBrowser, patient: Patient) -> Patient:
    return lend(nurse, patient).post("/code", {"code": short_code(patient).lower().replace("-", " ")})


def held(client: FlaskClient) -> set[str]:
    """What the tablet's session knows of anyone."""
    with client.session_transaction() as session:
        return set(session) - {"csrf_token"}


def events(store: Session) -> list[tuple[Deed, ActorKind]]:
    rows = store.execute(select(AuditEvent.deed, AuditEvent.actor_kind).order_by(AuditEvent.id)).all()
    store.rollback()
    return [(row.deed, row.actor_kind) for row in rows]


def test_each_visit_that_is_open_and_unsent_offers_the_device(
    nurse: StaffBrowser, patient: Patient, store: Session
) -> None:
    site = studies.list_sites(store)[0]
    sent = factories.make_participant(store, site)
    factories.complete_visit(store, sent, at=NOW)
    factories.make_participant(store, site, included_on=date(2027, 3, 20))
    store.commit()
    offers = [row for row in nurse.get("/clinic/").rows() if "Hand over" in row]
    acts = (
        "Telephone or write to 01-001 More for 01-001 Hand over this device to 01-001 "
        "Interview by telephone with 01-001 Print paper for 01-001 Key in paper of 01-001"
    )
    assert offers == [f"01-001 Inclusion French ○ Not started {acts}"]
    assert address(patient) in nurse.links()


def test_the_nurse_reads_for_whom_with_which_code_and_what_happens(nurse: StaffBrowser, patient: Patient) -> None:
    nurse.get(address(patient))
    for words in ("01-001", "Inclusion, 5 March 2027", "French", short_code(patient), "You are signed out"):
        assert words in nurse.text


def test_a_visit_that_is_sent_is_not_handed_over(nurse: StaffBrowser, patient: Patient, store: Session) -> None:
    factories.complete_visit(store, patient.participant, at=NOW)
    store.commit()
    assert nurse.get(address(patient)).page.status_code == 409
    assert "This device stays with you" in nurse.text
    assert nurse.get("/clinic/").page.status_code == 200


def test_handing_over_signs_staff_out_and_leaves_only_the_lending(
    nurse: StaffBrowser, patient: Patient, store: Session
) -> None:
    nurse.client.set_cookie("previsit_phone", "another patient's")
    assert LENT in lend(nurse, patient).text
    assert held(nurse.client) == {"handed_over", "lent_to", "lent_by", "lent_active_at", "language", "_permanent"}
    assert nurse.client.get_cookie("previsit_phone") is None
    assert nurse.get("/clinic/").page.location.endswith("/staff/sign-in")
    assert events(store)[-2:] == [
        (Deed.DEVICE_HANDED_OVER, ActorKind.STAFF),
        (Deed.STAFF_SIGNED_OUT, ActorKind.STAFF),
    ]


def test_the_session_ends_with_the_browser_and_the_browser_is_emptied(nurse: StaffBrowser, patient: Patient) -> None:
    nurse.get(address(patient)).press(address(patient))
    assert nurse.page.headers["Clear-Site-Data"] == '"cache", "storage"'
    cookies = [each for each in nurse.page.headers.getlist("Set-Cookie") if each.startswith("previsit=")]
    assert cookies
    assert not any("Expires" in each or "Max-Age" in each for each in cookies)


def test_the_short_code_alone_opens_and_the_device_is_not_remembered(
    nurse: StaffBrowser, patient: Patient, person: Staff, store: Session
) -> None:
    come_in(nurse, patient)
    assert "Avant votre visite du 5 mars 2027" in patient.text
    assert nurse.client.get_cookie("previsit_phone") is None
    assert store.scalars(select(Device.handed_over_by)).all() == [person.id]
    assert "<body" in patient.page.text
    assert "data-lent" in patient.page.text
    assert "Rendre l’appareil" in patient.text
    assert "Ce n’est pas mon téléphone" not in patient.text


def test_her_own_phone_is_not_lent(patient: Patient) -> None:
    assert "data-lent" not in patient.come_in().page.text
    assert "Rendre l’appareil" not in patient.text


@pytest.mark.parametrize(("typed", "said"), [("7KQ2-M4XX", "un par un"), ("", "Tapez les 8")])
def test_a_slip_is_said_and_is_no_guess(nurse: StaffBrowser, patient: Patient, typed: str, said: str) -> None:
    lend(nurse, patient).post("/code", {"code": typed})
    assert patient.page.status_code == 422
    assert said in patient.text
    assert LENT in patient.text


def test_another_participants_code_and_link_do_not_open(
    nurse: StaffBrowser, patient: Patient, app: Flask, store: Session
) -> None:
    other = Patient(app, store)
    lend(nurse, patient).post("/code", {"code": short_code(other)})
    assert patient.page.status_code == 422
    assert "Ce code n’ouvre pas cet appareil" in patient.text
    ways = (other.address, patient.address, "/door", "/visit")
    store.rollback()
    for way in ways:
        assert LENT in patient.get(way).text, way


def test_after_ten_wrong_codes_even_the_right_one_must_wait(
    nurse: StaffBrowser, patient: Patient, app: Flask, store: Session
) -> None:
    other = short_code(Patient(app, store))
    lend(nurse, patient)
    for _ in range(10):
        assert patient.post("/code", {"code": other}).page.status_code == 422
    patient.post("/code", {"code": short_code(patient)})
    assert patient.page.status_code == 429
    assert "pendant une heure" in patient.text


def test_a_remembered_phone_of_somebody_else_is_not_used_and_is_gone_afterwards(
    nurse: StaffBrowser, patient: Patient, app: Flask, store: Session
) -> None:
    other = Patient(app, store)
    other.phone = nurse.client
    other.come_in()
    cookie = nurse.client.get_cookie("previsit_phone")
    assert cookie
    with nurse.client.session_transaction() as session:
        session["staff"], session["staff_active_at"] = str(store.scalars(select(Staff.id)).one()), int(NOW.timestamp())
    store.rollback()
    lend(nurse, patient)
    nurse.client.set_cookie("previsit_phone", cookie.value)  # an old browser may keep what it was told to drop
    assert LENT in patient.get("/visit").text
    patient.post("/give-back")
    assert nurse.client.get_cookie("previsit_phone") is None


def test_answers_go_through_the_same_programs(nurse: StaffBrowser, patient: Patient, store: Session) -> None:
    come_in(nurse, patient)
    answers = f"/answer/{patient.assignment()}"
    patient.get(answers).post(answers, {"DLQI101": "3"})
    assert store.scalars(select(Answer.value)).all() == [3]


def test_giving_back_forgets_the_device_and_empties_the_browser(
    nurse: StaffBrowser, patient: Patient, store: Session
) -> None:
    come_in(nurse, patient)
    answer = nurse.client.post("/give-back", data={"csrf_token": patient.csrf()})
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert "Merci de rendre l’appareil" in patient.get(answer.location).text
    assert held(nurse.client) <= {"language"}
    assert "Votre code court" in patient.get("/visit").text
    assert LENT not in patient.text
    assert nurse.get("/clinic/").page.location.endswith("/staff/sign-in")
    assert store.scalars(select(Device.forgotten_at)).all() == [NOW]
    assert events(store)[-1] == (Deed.DEVICE_FORGOTTEN, ActorKind.PATIENT)


def test_the_device_can_be_given_back_before_it_was_opened(nurse: StaffBrowser, patient: Patient) -> None:
    lend(nurse, patient).post("/give-back")
    assert "Merci de rendre l’appareil" in patient.text
    assert held(nurse.client) == set()


def test_giving_back_a_phone_that_was_not_lent_changes_nothing(patient: Patient) -> None:
    patient.come_in().post("/give-back")
    assert "Avant votre visite" in patient.text


def test_she_is_thanked_in_her_language_and_the_next_person_speaks_her_own(
    nurse: StaffBrowser, patient: Patient, person: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    come_in(nurse, patient).post("/give-back")
    assert "Merci de rendre l’appareil" in patient.text
    nurse.sign_in(person).follow()
    assert "Visits" in nurse.text


def test_half_an_hour_without_a_deed_ends_it(
    nurse: StaffBrowser, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_in(nurse, patient)
    for minutes, path in ((29, "/visit"), (58, "/visit"), (88, "/clinic/")):
        now = datetime(2027, 3, 3, 9, 0, tzinfo=UTC) + timedelta(minutes=minutes)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        patient.get(path)
        assert ("Avant votre visite" in patient.text) == (path == "/visit"), minutes
    assert "Votre code court" in patient.get("/visit").text
    assert held(nurse.client) <= {"language", "wanted"}


def test_a_device_given_back_too_late_is_given_back_all_the_same(
    nurse: StaffBrowser, patient: Patient, store: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_in(nurse, patient)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=31))
    assert "Merci de rendre l’appareil" in patient.post("/give-back").text
    assert store.scalars(select(Device.forgotten_at)).all() == [NOW + timedelta(minutes=31)]


def test_signing_in_on_a_lent_device_ends_the_lending(
    nurse: StaffBrowser, patient: Patient, person: Staff, store: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    come_in(nurse, patient)
    nurse.sign_in(person).follow()
    assert "Visits" in nurse.text  # in the nurse's language, not in the patient's
    assert "Your short code" in patient.get("/visit").text
    assert store.scalars(select(Device.forgotten_at)).all() == [NOW]
    assert events(store)[-1] == (Deed.DEVICE_FORGOTTEN, ActorKind.STAFF)


def test_a_door_that_dies_closes_the_lent_device_too(nurse: StaffBrowser, patient: Patient, store: Session) -> None:
    come_in(nurse, patient)
    doors.issue(store, patient.participant, patient.keys, by=actor.SYSTEM, at=NOW)
    store.commit()
    assert LENT in patient.get("/visit").text
