"""Scans of paper: kept as they are, listed, saved again by the site's staff, and refused when they are none."""

import io
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portal.db.audit_event import AuditEvent
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.instruments import wordings
from portal.domain.roles import Role
from portal.services import actor, keying, scans
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff

PHOTO = b"\xff\xd8\xff\xe0 a photograph"


@pytest.fixture
def place(store: Session, at: object) -> StudyAtSite:
    """Site 01, the clock stopped at NOW."""
    return factories.load_study(store)[0]


@pytest.fixture
def nurse(app: Flask, store: Session, place: StudyAtSite) -> StaffBrowser:
    """A nurse of site 01, signed in, in English."""
    person = make_staff(store, (place.site_id, Role.NURSE), name="Claire Fontaine")
    store.commit()
    return StaffBrowser(app, person)


@pytest.fixture
def paper(store: Session, place: StudyAtSite, nurse: StaffBrowser) -> UUID:
    """A response that was keyed in from paper."""
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    other = make_staff(store, (place.site_id, Role.NURSE), email="two@example.org")
    assignment = factories.get_assignment(store, participant, "DLQI")
    form = factories.full_answers(instruments.get("DLQI"))
    keyed = keying.key(
        store,
        participant.id,
        assignment.id,
        form,
        filled_on=date(2027, 3, 2),
        filled_in_by=None,
        wording=wordings.demonstration("DLQI", "fr"),
        by=actor.staff(other.id),
        at=NOW,
    )
    store.commit()
    return keyed.response_id


def send(person: StaffBrowser, response_id: UUID, content: bytes, name: str = "photo.jpg") -> StaffBrowser:
    """Choose a file and press the button."""
    address = f"/staff/responses/{response_id}/scans"
    token = person.get(address).page.text.split('name="csrf_token" value="')[1].split('"')[0]
    # The client would put a large body into a temporary file, and leave it open when nobody reads it.
    boundary, body = encode_multipart({"csrf_token": token, "scan": FileStorage(io.BytesIO(content), name)})
    person.page = person.client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")
    return person


def test_a_photograph_is_kept_listed_and_saved_as_it_was(nurse: StaffBrowser, store: Session, paper: UUID) -> None:
    assert "No scan is attached." in nurse.get(f"/staff/responses/{paper}/scans").text
    send(nurse, paper, PHOTO).follow()
    assert "JPEG, 0 kB 3 March 2027, 10:00 (Paris), by Claire Fontaine" in nurse.rows()[0]
    (link,) = [each for each in nurse.links() if each.startswith("/staff/scans/")]
    saved = nurse.get(link).page
    assert (saved.data, saved.mimetype) == (PHOTO, "image/jpeg")
    assert saved.headers["Content-Disposition"].startswith("attachment; filename=PREVISIT_")
    deeds = list(store.scalars(select(AuditEvent.deed).order_by(AuditEvent.id)))
    assert deeds[-2:] == [Deed.ATTACHMENT_KEPT, Deed.ATTACHMENT_OPENED]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choose a file first."),
        (b"<svg onload='x'>", "This is no PNG, JPEG or PDF"),
        (PHOTO + bytes(scans.LARGEST), "it is larger than 8 MB"),
    ],
)
def test_what_is_no_scan_is_not_kept(nurse: StaffBrowser, paper: UUID, content: bytes, words: str) -> None:
    send(nurse, paper, content)
    assert nurse.page.status_code == 422
    assert words in nurse.text
    assert "No scan is attached." in nurse.text


def test_far_too_much_is_refused_before_it_is_read(nurse: StaffBrowser, paper: UUID) -> None:
    send(nurse, paper, PHOTO + bytes(scans.LARGEST + 100_000))
    assert nurse.page.status_code == 413
    assert "a smaller file" in nurse.text


def test_the_same_file_is_kept_once(nurse: StaffBrowser, paper: UUID) -> None:
    send(nurse, paper, PHOTO)
    send(nurse, paper, PHOTO)
    assert nurse.page.status_code == 422
    assert "This very file is attached already." in nurse.text
    assert len(nurse.rows()) == 1
