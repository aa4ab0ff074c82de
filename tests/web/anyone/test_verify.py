"""Anyone who holds a printed page may ask whether it is the latest; nothing about anyone is told."""

import io
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from portal.db.participant import Participant
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.domain.signing import Meaning
from portal.services import actor, signatures, summaries
from tests import factories
from tests.web.staff_people import make_staff


@pytest.fixture
def digest(store: Session) -> str:
    """The digits of a page that says that nothing was received; the answers may still come."""
    participant = factories.make_participant(store, factories.load_study(store)[0])
    visit = factories.get_visit(store, participant)
    made = summaries.make(store, visit.id, by=actor.SYSTEM, at=factories.AT)
    store.commit()
    return made.content_hash[:12]


def answer_after_all(store: Session) -> None:
    participant = store.scalars(select(Participant)).one()
    factories.complete_visit(store, participant)
    store.commit()


def test_a_current_page_is_current_and_tells_nothing_else(client: FlaskClient, digest: str) -> None:
    answer = client.get(f"/verify/{digest}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert "This page is current." in answer.text
    for secret in ("01-001", "DLQI", "SHAQ", "Tilleuls", "2027-03-05", "5 March"):
        assert secret not in answer.text


def test_a_superseded_page_names_the_edition_that_took_its_place(
    client: FlaskClient, store: Session, digest: str
) -> None:
    answer_after_all(store)
    answer = client.get(f"/verify/{digest}")
    assert "Cette page a été remplacée." in answer.text
    assert "L’édition 2, établie le 3\u00a0mars\u00a02027" in answer.text


def test_a_signed_page_tells_when_it_was_signed_and_not_by_whom(
    client: FlaskClient, store: Session, digest: str
) -> None:
    site_id = store.scalars(select(Participant.site_id)).one()
    grace = make_staff(store, (site_id, Role.INVESTIGATOR), name="Dr Grace Hopper")
    summary = store.scalars(select(Summary)).one()
    by, code = actor.staff(grace.id), pyotp.TOTP(grace.totp_secret).at(factories.AT)
    summaries.opened(store, summary, by=by, at=factories.AT)
    signatures.sign(store, [summary], Meaning.SEEN, code, by=by, at=factories.AT)
    store.commit()
    answer = client.get(f"/verify/{digest}", headers={"Accept-Language": "en"})
    assert "Signed electronically on 4\u00a0January\u00a02027, 10:00 (Paris)." in answer.text
    assert "Hopper" not in answer.text
    answer_after_all(store)
    answer = client.get(f"/verify/{digest}", headers={"Accept-Language": "en"})
    assert "10:00 (Paris); that signature is void since edition 2." in answer.text


@pytest.mark.parametrize("digits", ["000000000000", "abc", "zzzzzzzzzzzz", "%25%25%25%25%25%25%25%25%25%25%25%25"])
def test_other_digits_are_not_ours(client: FlaskClient, digest: str, digits: str) -> None:
    answer = client.get(f"/verify/{digits}", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert "Not ours, or altered." in answer.text


def test_digits_may_be_typed_in_groups_and_capitals(client: FlaskClient, digest: str) -> None:
    assert "<label" in client.get("/verify").text
    typed = f" {digest[:4]} {digest[4:8]} {digest[8:]} ".upper()
    answer = client.get("/verify", query_string={"digest": typed}, follow_redirects=True)
    assert answer.status_code == 200
    assert "la plus récente" in answer.text


def keep(store: Session, document: bytes) -> str:
    """Keep a document as the page's French original; gives its SHA-256."""
    summary = store.scalars(select(Summary)).one()
    kept = summaries.keep_document(store, summary, "fr", document, by=actor.SYSTEM, at=factories.AT)
    store.commit()
    return kept.sha256


def hand_in(client: FlaskClient, document: bytes, name: str = "summary.pdf") -> TestResponse:
    """Fill in the form for a file as a browser does, and go where it leads."""
    page: Any = html.document_fromstring(client.get("/verify", headers={"Accept-Language": "en"}).text)
    form = page.forms[-1]
    fields = {"csrf_token": form.fields["csrf_token"], "file": FileStorage(io.BytesIO(document), name)}
    # The client would put a large body into a temporary file, and leave it open when nobody reads it.
    boundary, body = encode_multipart(fields)
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post("/verify", data=body, content_type=kind, headers={"Accept-Language": "en"})


def test_the_file_itself_is_known_by_its_bytes(client: FlaskClient, store: Session, digest: str) -> None:
    sha256 = keep(store, b"%PDF the original")
    answer = hand_in(client, b"%PDF the original")
    assert (answer.status_code, answer.location) == (303, f"/verify/{sha256}")
    page = client.get(answer.location, headers={"Accept-Language": "en"})
    assert "This page is current." in page.text
    assert "The file is the original in French, byte for byte." in page.text
    for secret in ("01-001", "DLQI", "SHAQ", "Tilleuls"):
        assert secret not in page.text
    answer_after_all(store)
    assert "This page is superseded." in client.get(answer.location, headers={"Accept-Language": "en"}).text


def test_one_byte_less_is_not_ours(client: FlaskClient, store: Session, digest: str) -> None:
    keep(store, b"%PDF the original")
    answer = hand_in(client, b"%PDF the origina")
    page = client.get(answer.location, headers={"Accept-Language": "en"})
    assert page.status_code == 404
    assert "Not ours, or altered." in page.text
    assert "No file made here has exactly these bytes." in page.text


def test_the_hash_of_a_file_may_be_typed(client: FlaskClient, store: Session, digest: str) -> None:
    sha256 = keep(store, b"%PDF the original")
    answer = client.get("/verify", query_string={"digest": sha256.upper()}, follow_redirects=True)
    assert answer.status_code == 200
    assert "Le fichier est l’original en français, à l’octet près." in answer.text


@pytest.mark.parametrize(
    ("document", "name", "fault"),
    [
        (b"", "", "Choose a file first."),
        (b"", "empty.pdf", "The file is empty, or larger than 500 kB"),
        (b"x" * 500_001, "large.pdf", "The file is empty, or larger than 500 kB"),
    ],
)
def test_what_can_be_no_summary_is_told_at_its_field(
    client: FlaskClient, digest: str, document: bytes, name: str, fault: str
) -> None:
    answer = hand_in(client, document, name)
    assert answer.status_code == 422
    assert fault in answer.text


def test_far_too_much_is_refused_before_it_is_read(client: FlaskClient, digest: str) -> None:
    assert hand_in(client, b"x" * 2_000_000).status_code == 413
