"""Whoever works at a site takes a copy of its data along, in three clicks and without asking; nobody else can."""

import hashlib
import io
import zipfile
from datetime import date
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor, site_copies
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def places(store: Session, at: object) -> list[StudyAtSite]:
    """Sites 01 and 02, with a participant who has answered at the first; the clock stopped at NOW."""
    here, there = factories.load_study(store)
    participant = factories.make_participant(store, here, included_on=date(2027, 3, 5))
    factories.complete_visit(store, participant, at=NOW)
    store.commit()
    return [here, there]


def at_work(app: Flask, store: Session, *roles: tuple[StudyAtSite, Role], language: str = "en") -> StaffBrowser:
    person = make_staff(store, *((place.site_id, role) for place, role in roles), language=language)
    store.commit()
    return StaffBrowser(app, person)


@pytest.mark.parametrize(("role", "anywhere"), [(Role.NURSE, "/clinic/"), (Role.INVESTIGATOR, "/investigator/")])
def test_from_any_page_two_clicks_give_the_copy(
    app: Flask, store: Session, places: list[StudyAtSite], role: Role, anywhere: str
) -> None:
    person = at_work(app, store, (places[0], role)).get(anywhere)
    (first,) = [link for link in person.links() if "copy" in link]
    assert "No copy was taken yet" in person.get(first).text
    (second,) = [link for link in person.links() if link.startswith(f"{first}/")]
    page = person.get(second).page
    assert (page.status_code, page.mimetype) == (200, "application/zip")
    assert page.headers["Content-Disposition"] == "attachment; filename=PREVISIT_01_2027-03-03_1000.zip"
    assert page.headers["Cache-Control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(page.data))
    assert archive.testzip() is None
    assert b"01-001," in archive.read("answers.csv")
    assert "3 March 2027, 10:00 (Paris), by Ada Byron" in person.get(first).text


def test_a_french_reader_gets_a_copy_for_a_french_spreadsheet(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    person = at_work(app, store, (places[0], Role.NURSE), language="fr")
    assert "Télécharger la copie" in person.get("/staff/site-copy").text
    page = person.get(f"/staff/site-copy/{places[0].site_id}").page
    archive = zipfile.ZipFile(io.BytesIO(page.data))
    assert b"01-001;" in archive.read("answers.csv")
    for name, when in (
        ("LISEZ-MOI.txt", "le 3\u00a0mars\u00a02027, 10\u00a0h\u00a000"),
        ("README.txt", "on 3\u00a0March\u00a02027, 10:00"),
    ):
        assert when in archive.read(name).decode()


def test_the_trail_knows_who_took_what(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    data = at_work(app, store, (places[0], Role.NURSE)).get(f"/staff/site-copy/{places[0].site_id}").page.data
    event = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SITE_COPIED)).one()
    assert (event.subject_kind, event.subject_id, event.at) == ("site", places[0].site_id, NOW)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert event.new == {
        "files": len(archive.namelist()) - 1,
        "bytes": len(data),
        "manifest_sha256": hashlib.sha256(archive.read("manifest-sha256.txt")).hexdigest(),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def test_another_sites_copy_is_not_there(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    person = at_work(app, store, (places[0], Role.NURSE))
    for site_id in (places[1].site_id, uuid4()):
        assert person.get(f"/staff/site-copy/{site_id}").page.status_code == 404
    assert store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SITE_COPIED)).all() == []
    assert [row[:2] for row in person.get("/staff/site-copy").rows()] == ["01"]


def test_who_works_at_two_sites_is_offered_both(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    person = at_work(app, store, (places[0], Role.NURSE), (places[1], Role.INVESTIGATOR)).get("/staff/site-copy")
    assert [row[:2] for row in person.rows()] == ["01", "02"]


def test_a_copy_that_a_schedule_made_says_so(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    site_copies.copied(store, places[0].site_id, {"files": 1}, by=actor.SYSTEM, at=NOW)
    person = at_work(app, store, (places[0], Role.INVESTIGATOR))
    assert "3 March 2027, 10:00 (Paris), by the schedule" in person.get("/staff/site-copy").text
