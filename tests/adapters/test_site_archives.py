"""A site's copy, read back by its own means alone: nothing of the site is missing, and nothing else is in it."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import site_archives
from portal.db.audit_event import AuditEvent
from portal.db.engine import for_writing, open_engine
from portal.db.message import Message
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Answer, AnswerConflict, Response
from portal.db.score import Score, Scoring
from portal.db.stop import StopWay
from portal.db.summary import Summary, SummaryDocument
from portal.domain import instruments
from portal.domain.blind import personal_parts, unblinding_parts
from portal.domain.instruments.model import ItemType
from portal.services import actor, answering, responses, stops, summary_documents
from portal.services.answering import Seen
from portal.services.contacts import Contacts
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.mailing import KEY, plan

NOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
HOSTILE = '=HYPERLINK("http://evil.example")'
ADDRESS, TELEPHONE = "she.herself@example.org", "+33 6 12 34 56 78"


@dataclass
class Copy:
    """An archive as whoever unpacks it sees it."""

    archive: zipfile.ZipFile
    written: site_archives.Written
    language: str

    def rows(self, name: str) -> list[dict[str, str]]:
        text = self.archive.read(f"{name}.csv").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if self.language == "fr" else ","))

    def headings(self) -> dict[str, list[str]]:
        names = [name for name in self.archive.namelist() if name.endswith(".csv")]
        first = {name: self.archive.read(name).decode("utf-8-sig").splitlines()[0] for name in names}
        return {name: line.split(";" if self.language == "fr" else ",") for name, line in first.items()}


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    """Site 01 with three participants: one who sent, one in conflict with herself and late, one who did nothing."""
    here, there = factories.load_study(session)
    sent = factories.make_participant(session, here, included_on=date(2027, 2, 5), language="en")
    factories.complete_visit(session, sent, level=1)
    factories.complete_visit(session, sent, "M1", level=2, at=NOW - timedelta(days=1))
    text = next(item.link_id for item in instruments.get("SHAQ").items if item.type is ItemType.TEXT)
    muddled = factories.make_participant(session, here, included_on=date(2027, 3, 5))
    due, by = factories.get_assignment(session, muddled, "DLQI"), actor.patient(muddled.id)
    for device, value in (("=phone", 1), ("phone-2", 3)):
        given = factories.given("DLQI", {"DLQI101": value, "DLQI102": None}, device=device, at=NOW)
        answering.save(session, muddled.id, due.id, given, seen=Seen(0, {}), by=by, at=NOW)
    told = factories.given("SHAQ", {text: HOSTILE}, at=NOW)
    answering.save(session, muddled.id, factories.get_assignment(session, muddled, "SHAQ").id, told, by=by, at=NOW)
    again = factories.given("DLQI", {"DLQI101": 0}, language="en", at=NOW)
    answering.save(session, sent.id, factories.get_assignment(session, sent, "DLQI", "M1").id, again, by=by, at=NOW)
    factories.make_participant(session, here, included_on=date(2027, 3, 20))
    stranger = factories.make_participant(session, there, included_on=date(2027, 2, 5))
    factories.complete_visit(session, stranger)
    for summary, language in summary_documents.unrendered(session, 99):
        pdf = f"%PDF of {summary.id} in {language}".encode()
        summary_documents.keep_document(session, summary, language, pdf, by=actor.SYSTEM, at=NOW)
    return here


def copy(session: Session, place: StudyAtSite, language: str = "fr") -> Copy:
    session.flush()
    out = io.BytesIO()
    written = site_archives.write(out, session, place, language=language, at=NOW)
    assert hashlib.sha256(out.getvalue()).hexdigest() == written.sha256
    return Copy(zipfile.ZipFile(out), written, language)


def of_site(session: Session, place: StudyAtSite, kind: Any, *joins: Any) -> list[Any]:
    """Every row of a table that belongs to the site's participants, joined by way of `joins`."""
    query = select(kind).join_from(Participant, Visit).where(Participant.site_id == place.site_id)
    for each in joins:
        query = query.join(each)
    return list(session.scalars(query))


def value_of(row: dict[str, str]) -> Any:
    """Have an answer back as it was given."""
    text = row["value"].removeprefix("'")
    read: dict[str, Any] = {"number": int, "text": str, "tick": json.loads, "several": json.loads, "": lambda _: None}
    return read[row["value_type"]](text)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_answer_is_in_the_copy_as_it_is_in_the_store(session: Session, place: StudyAtSite, language: str) -> None:
    found = {int(row["id"]): row for row in copy(session, place, language).rows("answers")}
    kept = of_site(session, place, Answer, Assignment, Response, Answer)
    assert set(found) == {row.id for row in kept}
    assert len(kept) > 100
    for row in kept:
        copied = found[row.id]
        assert (value_of(copied), copied["empty"] or None) == (row.value, row.empty)
        assert copied["device"].removeprefix("'") == row.device
        assert [copied[name] for name in ("seq", "link_id", "language", "wording", "set_apart")] == [
            str(row.seq),
            row.link_id,
            row.language,
            row.wording,
            row.set_apart or "",
        ]
        assert datetime.fromisoformat(copied["at"]) == row.at
        assert datetime.fromisoformat(copied["received_at"]) == row.received_at
    assert HOSTILE in {value_of(row) for row in found.values() if row["value_type"] == "text"}
    assert {row["set_apart"] for row in found.values()} == {"", "after-completion"}


def test_what_counts_is_told_from_what_was_replaced(session: Session, place: StudyAtSite) -> None:
    made = copy(session, place)
    rows = made.rows("answers")
    for response in of_site(session, place, Response, Assignment, Response):
        counting = {answer.id for answer in responses.current_answers(session, response.id).values()}
        of_response = [row for row in rows if row["response_id"] == str(response.id)]
        assert {int(row["id"]) for row in of_response if row["is_current"] == "1"} == counting
    (conflict,) = of_site(session, place, AnswerConflict, Assignment, Response, AnswerConflict)
    (told,) = made.rows("answer_conflicts")
    assert (int(told["kept_id"]), int(told["other_id"])) == (conflict.kept_id, conflict.other_id)
    replaced = next(row for row in rows if row["id"] == told["other_id"])
    assert (replaced["participant_number"], replaced["value"], replaced["is_current"]) == ("01-002", "1", "0")


def test_each_item_of_each_response_stands_with_its_value_or_its_kind_of_empty(
    session: Session, place: StudyAtSite
) -> None:
    made = copy(session, place)
    rows = made.rows("current_values")
    for response in of_site(session, place, Response, Assignment, Response):
        of_response = {row["link_id"]: row for row in rows if row["response_id"] == str(response.id)}
        instrument = instruments.get(session.get_one(Assignment, response.assignment_id).instrument)
        assert list(of_response) == [item.link_id for item in instrument.items]
        for link_id, entry in (response.frozen or {}).items():
            row = of_response[link_id]
            assert (value_of(row), row["empty"] or None) == (entry.get("value"), entry.get("empty"))
    begun = {row["link_id"]: row for row in rows if row["status"] == "in-progress" and row["instrument"] == "DLQI"}
    assert (begun["DLQI101"]["value"], begun["DLQI101"]["empty"]) == ("3", "")
    assert (begun["DLQI102"]["value"], begun["DLQI102"]["empty"]) == ("", "skipped")
    assert begun["DLQI103"]["empty"] == "not-answered"
    for row in made.rows("responses"):
        assert hashlib.sha256(row["frozen"].encode()).hexdigest() == row["frozen_hash"] or not row["frozen_hash"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_score_is_in_the_copy_to_its_last_decimal(session: Session, place: StudyAtSite, language: str) -> None:
    made = copy(session, place, language)
    found = {row["id"]: row for row in made.rows("scores")}
    kept = of_site(session, place, Score, Assignment, Response, Scoring, Score)
    assert set(found) == {str(score.id) for score in kept}
    assert len(kept) > 40
    for score in kept:
        row, scoring = found[str(score.id)], session.get_one(Scoring, score.scoring_id)
        shown = row["value"].replace(",", ".") if language == "fr" else row["value"]
        assert (float(shown) if shown else None) == score.value
        assert (row["scale"], row["band"] or None, row["missing"] or None) == (score.scale, score.band, score.missing)
        assert (row["rule"], row["rule_version"]) == (scoring.rule, scoring.rule_version)
    traces = {row["id"]: json.loads(row["trace"]) for row in made.rows("scorings")}
    assert all(traces[str(score.scoring_id)] for score in kept)


def test_the_manifest_names_every_other_file_with_its_hash(session: Session, place: StudyAtSite) -> None:
    made = copy(session, place)
    manifest = made.archive.read("manifest-sha256.txt")
    assert hashlib.sha256(manifest).hexdigest() == made.written.manifest_sha256
    named = {line[66:]: line[:64] for line in manifest.decode().splitlines()}
    names = made.archive.namelist()
    assert len(names) == len(set(names)) == made.written.files + 1
    assert set(named) == set(names) - {"manifest-sha256.txt"}
    assert {name: hashlib.sha256(made.archive.read(name)).hexdigest() for name in named} == named
    assert made.archive.testzip() is None


def test_every_summary_is_there_as_pdf_in_each_language_and_as_its_content(
    session: Session, place: StudyAtSite
) -> None:
    made = copy(session, place)
    kept = of_site(session, place, SummaryDocument, Summary, SummaryDocument)
    pdfs = {made.archive.read(name) for name in made.archive.namelist() if name.endswith(".pdf")}
    assert pdfs == {document.pdf for document in kept}
    assert len(pdfs) == len(kept) == 4
    assert made.archive.read("summaries/01-001_M1_1_fr.pdf").endswith(b" in fr")
    contents = [made.archive.read(name) for name in made.archive.namelist() if name.endswith("1.json")]
    hashes = {summary.content_hash for summary in of_site(session, place, Summary, Summary)}
    assert {hashlib.sha256(content).hexdigest() for content in contents} == hashes
    assert {row["sha256"] for row in made.rows("summary_documents")} == {document.sha256 for document in kept}


def test_the_trail_of_the_sites_participants_can_be_checked_without_the_portal(
    session: Session, place: StudyAtSite
) -> None:
    made = copy(session, place)
    lines = [json.loads(line) for line in made.archive.read("trail.jsonl").splitlines()]
    for line in lines:
        text = json.dumps(line["event"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert hashlib.sha256((line["previous_hash"] + text).encode()).hexdigest() == line["hash"]
    ours = select(Participant.id).where(Participant.site_id == place.site_id)
    kept = session.scalars(select(AuditEvent).where(AuditEvent.participant_id.in_(ours)).order_by(AuditEvent.id)).all()
    assert [(line["id"], line["hash"]) for line in lines] == [(event.id, event.hash) for event in kept]
    assert [(int(row["id"]), row["hash"]) for row in made.rows("trail")] == [(event.id, event.hash) for event in kept]


def test_nothing_of_another_site_and_no_way_to_reach_anyone_is_in_it(
    session: Session, place: StudyAtSite, contact_database_url: str
) -> None:
    hers = session.scalars(select(Participant).where(Participant.participant_number == "01-003")).one()
    engine = for_writing(open_engine(contact_database_url))
    with Session(engine) as contacts:
        Contacts(contacts, KEY).keep(session, hers.id, email=ADDRESS, telephone=TELEPHONE, by=actor.SYSTEM, at=NOW)
        plan(session, NOW)
    engine.dispose()
    made = copy(session, place)
    whole = b"".join(made.archive.read(name) for name in made.archive.namelist())
    for word in (ADDRESS, TELEPHONE, "02-001"):
        assert word.encode() not in whole
    messages = of_site(session, place, Message, Message)
    assert messages
    assert {row["id"] for row in made.rows("messages")} == {str(message.id) for message in messages}
    assert {row["participant_number"] for row in made.rows("participants")} == {"01-001", "01-002", "01-003"}
    assert len(made.rows("visits")) == 18


def test_wishes_for_no_messages_go_along(session: Session, place: StudyAtSite) -> None:
    hers = session.scalars(select(Participant).where(Participant.participant_number == "01-003")).one()
    strangers = session.scalars(select(Participant).where(Participant.participant_number == "02-001")).one()
    for each in (hers, strangers):
        stops.ask(session, each, StopWay.PAGE, by=actor.patient(each.id), at=NOW)
    (row,) = copy(session, place).rows("stops")
    assert (row["participant_number"], row["way"], row["lifted_at"]) == ("01-003", "page", "")


def test_no_heading_could_hold_a_treatment_or_a_person(session: Session, place: StudyAtSite) -> None:
    headings = copy(session, place).headings()
    assert len(headings) > 30
    for name, columns in headings.items():
        assert len(columns) == len(set(columns)), name
        assert [column for column in columns if unblinding_parts(column) or personal_parts(column)] == [], name


@pytest.mark.parametrize("name", ["LISEZ-MOI.txt", "README.txt"])
def test_a_text_in_each_language_says_what_each_file_is(session: Session, place: StudyAtSite, name: str) -> None:
    made = copy(session, place)
    text = made.archive.read(name).decode("utf-8-sig")
    for file in made.archive.namelist():
        assert file in text or file.startswith("summaries/") or file in site_archives.READMES.values(), file
    assert ("3 lignes" if name == "LISEZ-MOI.txt" else "3 rows") in text
    assert ("une virgule" if name == "LISEZ-MOI.txt" else "a comma") in text
    assert "\r\n\r\n\r\n" not in text


def test_its_name_tells_site_and_local_minute_only(place: StudyAtSite) -> None:
    assert site_archives.file_name(place, NOW) == "PREVISIT_01_2027-03-03_1000.zip"


def test_an_empty_site_has_a_copy_too(session: Session) -> None:
    made = copy(session, factories.load_study(session)[1])
    assert made.rows("participants") == []
    assert "manifest-sha256.txt" in made.archive.namelist()
