"""`portal verify`: current, superseded, or not ours; and every score derived again from the file alone."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import pdf
from portal.db.participant import Participant
from portal.db.summary import Summary
from portal.domain import summary_json
from portal.domain.roles import Role
from portal.domain.signing import Meaning
from portal.domain.summary_data import NAME
from portal.services import actor, signatures, signed_documents, summaries, summary_documents
from tests import factories
from tests import summary_cases as cases
from tests.cli.conftest import Portal
from tests.web.staff_people import make_staff

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def file(store: Session, tmp_path: Path) -> Path:
    """The kept original of a page that says that nothing was received; the answers may still come."""
    participant = factories.make_participant(store, factories.load_study(store)[0])
    visit = factories.get_visit(store, participant)
    summary = summaries.make(store, visit.id, by=actor.SYSTEM, at=factories.AT)
    document = pdf.render(summaries.page_of(store, summary, language="fr", base_url="https://previsit.example"))
    summary_documents.keep_document(store, summary, "fr", document, by=actor.SYSTEM, at=factories.AT)
    store.commit()
    path = tmp_path / "summary.pdf"
    path.write_bytes(document)
    return path


def test_the_original_is_current(portal: Portal, file: Path) -> None:
    said = portal("verify", str(file))
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{file}: current (original in fr, edition 1 made 2027-01-04 10:00 CET)\n"


def test_it_is_superseded_once_there_is_a_later_edition(portal: Portal, store: Session, file: Path) -> None:
    factories.complete_visit(store, store.scalars(select(Participant)).one())
    store.commit()
    said = portal("verify", str(file))
    assert said.code == 1
    assert "superseded by edition 2 made 2027-03-03 19:00 CET (original in fr, edition 1 made" in said.out


def test_one_byte_more_or_less_is_not_ours(portal: Portal, file: Path) -> None:
    document = file.read_bytes()
    for altered in (document + b"\n", document[:-1], document.replace(b"1", b"2", 1), b""):
        file.write_bytes(altered)
        said = portal("verify", str(file))
        assert (said.code, said.out) == (3, f"{file}: not ours or altered\n")


def test_a_signed_copy_is_known_as_one(portal: Portal, store: Session, file: Path) -> None:
    summary = store.scalars(select(Summary)).one()
    site_id = store.scalars(select(Participant.site_id)).one()
    grace = make_staff(store, (site_id, Role.INVESTIGATOR), name="Dr Grace Hopper")
    by, code = actor.staff(grace.id), pyotp.TOTP(grace.totp_secret).at(factories.AT)
    summaries.opened(store, summary, by=by, at=factories.AT)
    (signature,) = signatures.sign(store, [summary], Meaning.SEEN, code, by=by, at=factories.AT)
    signed_documents.keep(store, signature, "en", b"%PDF signed", by=actor.SYSTEM, at=factories.AT)
    store.commit()
    file.write_bytes(b"%PDF signed")
    assert "current (signed copy in en, edition 1" in portal("verify", str(file)).out


@pytest.mark.parametrize("kind", cases.kinds())
def test_every_score_of_every_kind_follows_from_the_answers_in_the_file(
    portal: Portal, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"{kind}.pdf"
    made = cases.kinds()[kind]
    path.write_bytes(pdf.render(cases.signed(cases.page(made, "en"))))
    said = portal("verify", "--recompute", str(path), DATABASE_URL="sqlite:///nowhere.db")
    number = sum(len(each.scales) for each in made.instruments)
    assert said.code == 0, said.out
    assert f"{number} of {number} scores agree" in said.out
    assert len(said.out.splitlines()) == number + 1
    assert not Path("nowhere.db").exists()


def test_a_corrected_answer_is_the_one_that_counts(portal: Portal, tmp_path: Path) -> None:
    path = tmp_path / "corrected.pdf"
    path.write_bytes(pdf.render(cases.page(cases.kinds()["corrected"], "fr")))

    def put_back_what_was_sent(whole: dict[str, Any]) -> None:
        questions = whole["content"]["instruments"][1]["questions"]
        (item,) = [each for question in questions for each in question["items"] if each["link_id"] == "HAQ0104"]
        assert (item["value"], item["value_sent"]) == (3, 1)
        item["value"] = item["value_sent"]

    assert portal("verify", "--recompute", str(path)).code == 0
    _change(path, put_back_what_was_sent)
    said = portal("verify", "--recompute", str(path))
    assert said.code == 4
    assert "DIFFERS  SHAQ" in said.out


def test_a_score_that_does_not_follow_is_named(portal: Portal, tmp_path: Path) -> None:
    path = tmp_path / "second.pdf"
    path.write_bytes(pdf.render(cases.page(cases.kinds()["second"], "fr")))

    def one_more(whole: dict[str, Any]) -> None:
        whole["content"]["instruments"][0]["scales"][0]["value"] = "21"

    _change(path, one_more)
    said = portal("verify", "--recompute", str(path))
    assert said.code == 4
    assert "DIFFERS  DLQI  total: 21.0000, derived again 20.0000" in said.out
    assert "23 of 24 scores agree" in said.out


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda whole: whole["content"]["instruments"][0]["questions"][0]["items"][0].update(value=9), 3),
        (lambda whole: whole["content"]["instruments"][0]["options"].update(missing_rule="none such"), 3),
        (lambda whole: whole["content"]["instruments"][0].update(rule_version="99"), 2),
        (lambda whole: whole.update(version=99), 3),
        (lambda whole: whole.pop("content"), 3),
    ],
)
def test_data_that_no_portal_writes_are_said_in_one_line(
    portal: Portal, tmp_path: Path, change: Change, code: int
) -> None:
    path = tmp_path / "strange.pdf"
    path.write_bytes(pdf.render(cases.page(cases.kinds()["second"], "fr")))
    _change(path, change)
    said = portal("verify", "--recompute", str(path))
    assert said.code == code
    assert len((said.out + said.err).strip().splitlines()) == 1


def test_data_that_were_changed_without_their_hash_are_altered(portal: Portal, tmp_path: Path) -> None:
    path = tmp_path / "second.pdf"
    path.write_bytes(pdf.render(cases.page(cases.kinds()["second"], "fr")))
    _change(path, lambda whole: whole["content"].update(number=7), hashed=False)
    said = portal("verify", "--recompute", str(path))
    assert (said.code, said.out) == (3, f"{path}: not ours or altered: the data are not what their hash says\n")


def test_what_carries_no_data_is_not_ours(portal: Portal, tmp_path: Path) -> None:
    path = tmp_path / "none.pdf"
    path.write_bytes(b"no PDF at all")
    assert portal("verify", "--recompute", str(path)).code == 3
    with pikepdf.new() as empty:
        empty.save(path)
    assert f"carries no {NAME}" in portal("verify", "--recompute", str(path)).out


def _change(path: Path, change: Change, *, hashed: bool = True) -> None:
    """Change the data inside a file, with its hash or without."""
    with pikepdf.open(io.BytesIO(path.read_bytes())) as document:
        whole = json.loads(document.attachments[NAME].get_file().read_bytes())
        change(whole)
        if hashed and "content" in whole:
            whole["content_hash"] = summary_json.hash_of(whole["content"])
        document.attachments[NAME] = pikepdf.AttachedFileSpec(document, json.dumps(whole).encode())
        document.save(path)
