"""Who is told, as a nurse chooses it for her site: kept, shown, noted, and never for another site."""

from datetime import date

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.message import MessageStatus
from portal.db.notice import Notice, NoticeChoice, NoticeKind
from portal.db.staff import Staff
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def places(store: Session, at: object) -> list[StudyAtSite]:
    """Both sites, the clock stopped at NOW."""
    return factories.load_study(store)


@pytest.fixture
def people(store: Session, places: list[StudyAtSite]) -> dict[str, Staff]:
    """A nurse and an investigator of site 01, and a nurse of site 02."""
    made = {
        "nurse": make_staff(store, (places[0].site_id, Role.NURSE), email="nurse@example.org", name="Nora Nurse"),
        "doctor": make_staff(store, (places[0].site_id, Role.INVESTIGATOR), email="d@example.org", name="Dora Doctor"),
        "far": make_staff(store, (places[1].site_id, Role.NURSE), email="far@example.org", name="Fara Far"),
    }
    store.commit()
    return made


def ticked(browser: StaffBrowser) -> set[tuple[str, str]]:
    """What is ticked on the page: kind of mail, whose."""
    boxes = [box for box in html.fromstring(browser.page.text).iter("input") if "checked" in box.attrib]
    return {(str(box.attrib["name"]), str(box.attrib["aria-label"]).partition(", ")[2]) for box in boxes}


def test_she_ticks_the_investigator_for_both_and_herself_for_none(
    app: Flask, store: Session, places: list[StudyAtSite], people: dict[str, Staff]
) -> None:
    nurse, doctor = StaffBrowser(app, people["nurse"]), str(people["doctor"].id)
    nurse.get("/staff/notices")
    assert ticked(nurse) == set()
    assert "so it goes to the site’s nurses (Nora Nurse)" in nurse.page.text
    assert "Fara Far" not in nurse.page.text
    nurse.press(f"/staff/notices/{places[0].site_id}", daily=doctor, weekly=doctor)
    assert nurse.page.location == "/staff/notices?kept=01#site-01"
    nurse.follow()
    assert ticked(nurse) == {("daily", "Dora Doctor"), ("weekly", "Dora Doctor")}
    assert "It counts from the next mail on" in nurse.page.text
    assert "so it goes to the site’s nurses" not in nurse.page.text
    event = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.NOTICES_CHOSEN)).one()
    assert (event.actor_id, event.new) == (people["nurse"].id, {"daily": [doctor], "weekly": [doctor]})


def test_the_same_choice_again_says_so_and_notes_nothing(
    app: Flask, store: Session, places: list[StudyAtSite], people: dict[str, Staff]
) -> None:
    address, doctor = f"/staff/notices/{places[0].site_id}", StaffBrowser(app, people["doctor"])
    for _ in range(2):
        doctor.get("/staff/notices").press(address, weekly=str(people["doctor"].id)).follow()
        assert ticked(doctor) == {("weekly", "Dora Doctor")}
    assert len(store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.NOTICES_CHOSEN)).all()) == 1


def test_nobody_chooses_for_another_site_nor_ticks_somebody_elsewhere(
    app: Flask, store: Session, places: list[StudyAtSite], people: dict[str, Staff]
) -> None:
    nurse = StaffBrowser(app, people["nurse"])
    nurse.get("/staff/notices").press(f"/staff/notices/{places[0].site_id}", daily=str(people["far"].id))
    assert nurse.page.status_code == 303
    assert store.scalars(select(NoticeChoice)).all() == []


def test_a_site_without_a_nurse_is_told_that_nobody_is_told(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    doctor = make_staff(store, (places[1].site_id, Role.INVESTIGATOR), email="alone@example.org", name="Al One")
    store.commit()
    browser = StaffBrowser(app, doctor).get("/staff/notices")
    assert "so nobody is told. Tick somebody." in browser.page.text
    assert NoticeKind.DAILY.value in browser.page.text


@pytest.mark.parametrize(
    ("status", "attempts", "told"),
    [
        (MessageStatus.FAILED, 1, "The mail of 2 March 2027 was refused: have the address corrected"),
        (MessageStatus.UNKNOWN, 1, "The mail of 2 March 2027 may not have arrived"),
        (MessageStatus.PLANNED, 1, "The mail of 2 March 2027 has not left yet"),
        (MessageStatus.PLANNED, 0, ""),
        (MessageStatus.CANCELLED, 1, ""),
    ],
)
def test_a_colleague_sees_whose_last_mail_went_astray(
    app: Flask,
    store: Session,
    places: list[StudyAtSite],
    people: dict[str, Staff],
    status: MessageStatus,
    attempts: int,
    told: str,
) -> None:
    notice = {"site_id": places[0].site_id, "staff_id": people["doctor"].id, "due_at": NOW, "kind": NoticeKind.DAILY}
    store.add(Notice(**notice, on=date(2027, 3, 1), status=MessageStatus.SENT, sent_at=NOW))
    store.add(Notice(**notice, on=date(2027, 3, 2), status=status, attempts=attempts))
    store.commit()
    nurse = StaffBrowser(app, people["nurse"]).get("/staff/notices")
    page = nurse.page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert ("The mail of" in page) == bool(told)
    assert told in page
