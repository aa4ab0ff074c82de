"""The nurse makes the pack for a day in one step, and says when it is on paper."""

import hashlib
import io
import re
from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from flask import Flask, url_for
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import pack_making, pdf
from portal.config import Settings
from portal.db.audit_event import AuditEvent
from portal.db.engine import for_writing, open_engine
from portal.db.paper import PaperIssue
from portal.db.participant import Participant
from portal.db.summary import LifeEvent, Summary, SummaryEvent
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor, enrolment, packs, summaries, summary_documents
from portal.services.contacts import Contacts
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff

DAY = date(2027, 3, 5)
ADDRESS = f"/clinic/packs?day={DAY}"


@pytest.fixture
def place(store: Session, at: object) -> StudyAtSite:
    """Site 01, the clock stopped at NOW."""
    return factories.load_study(store)[0]


@pytest.fixture
def nurse(app: Flask, store: Session, place: StudyAtSite) -> StaffBrowser:
    """A nurse of site 01, signed in, in English; her day has one who sent all, one who sent nothing, one who left."""
    person = make_staff(store, (place.site_id, Role.NURSE))
    people = [factories.make_participant(store, place, included_on=DAY) for _ in range(3)]
    factories.complete_visit(store, people[1], at=NOW - timedelta(days=1))
    enrolment.withdraw(store, people[2], on=NOW.date(), reason="moved", by=actor.SYSTEM, at=NOW)
    summary = store.scalars(select(Summary)).one()
    page = summaries.page_of(store, summary, language="en", base_url="http://localhost")
    summary_documents.keep_document(store, summary, "en", pdf.render(page), by=actor.SYSTEM, at=NOW)
    store.commit()
    return StaffBrowser(app, person)


def made(nurse: StaffBrowser, **fields: str) -> PdfReader:
    nurse.get(ADDRESS).press("/clinic/packs/make", **fields)
    assert (nurse.page.status_code, nurse.page.mimetype) == (200, "application/pdf"), nurse.page.text
    return PdfReader(io.BytesIO(nurse.page.data))


def outline(reader: PdfReader) -> list[tuple[int, str, int]]:
    """The entries of the outline: level, title, page from 1."""
    found: list[tuple[int, str, int]] = []

    def walk(entries: list[object], level: int) -> None:
        for entry in entries:
            if isinstance(entry, list):
                walk(entry, level + 1)
            else:
                page = reader.get_destination_page_number(entry)  # type: ignore[arg-type] # an entry is a destination
                assert page is not None
                found.append((level, str(entry.title), page + 1))  # type: ignore[attr-defined] # the same

    walk(list(reader.outline), 0)
    return found


def pack_id(nurse: StaffBrowser) -> str:
    return nurse.page.text.split('name="pack" value="')[1].split('"')[0]


def test_the_page_says_what_the_pack_will_hold(nurse: StaffBrowser) -> None:
    assert nurse.get(ADDRESS).rows()[:3] == [
        "01-001 Inclusion ○ Slip for the call · blank: DLQI, SHAQ",
        "01-002 Inclusion ● Summary, edition 1",
        "01-003 Inclusion – Withdrawn: nothing to print",
    ]


def test_a_day_without_visits_and_one_that_is_none(nurse: StaffBrowser) -> None:
    assert "No visit on this day." in nurse.get("/clinic/packs").text  # today
    assert "3 March 2027, today" in nurse.get("/clinic/packs?day=yesterday&site=mine").text
    nurse.get(ADDRESS).press("/clinic/packs/make", day="2027-04-30")
    assert nurse.page.status_code == 422
    assert "There is nothing to print for this day." in nurse.text
    nurse.get(ADDRESS).press("/clinic/packs/make", day="nonsense")
    assert nurse.page.status_code == 422


def test_one_document_in_the_order_of_numbers_with_cover_and_outline(nurse: StaffBrowser) -> None:
    reader = made(nurse)
    titles = [(level, title) for level, title, _ in outline(reader)]
    assert titles == [
        (0, "What is in this pack"),
        (0, "01-001 · Inclusion"),
        (1, "Slip for the call"),
        (1, "Blank DLQI (French)"),
        (1, "Blank SHAQ (French)"),
        (0, "01-002 · Inclusion"),
        (1, "Summary, edition 1"),
    ]
    cover = " ".join(reader.pages[0].extract_text().split())
    starts = {title: page for level, title, page in outline(reader) if level == 0}
    assert f"Slip for the call · Blank DLQI (French) · Blank SHAQ (French) {starts['01-001 · Inclusion']}" in cover
    assert f"Summary, edition 1 {starts['01-002 · Inclusion']}" in cover
    assert "Withdrawn: nothing to print" in cover
    assert len(reader.pages) == 1 + 1 + 5 + 3 + 2
    slip = " ".join(reader.pages[1].extract_text().split())
    assert "Nothing was received for the visit of 5 March 2027." in slip
    assert "+33 1 99 00 21 35" in slip


def test_on_both_sides_each_patient_begins_on_a_new_sheet(nurse: StaffBrowser) -> None:
    assert all(page % 2 for level, _, page in outline(made(nurse, sides="both")) if level == 0)


def test_a_summary_without_a_document_is_named_and_prepared_on_the_spot(
    nurse: StaffBrowser, store: Session, place: StudyAtSite
) -> None:
    person = make_staff(store, (place.site_id, Role.NURSE), language="fr", email="ines@example.org")
    store.commit()
    nurse = StaffBrowser(nurse.client.application, person)
    assert "Le document d’une synthèse est encore en préparation : 01-002." in nurse.get(ADDRESS).text
    reader = made(nurse)
    assert "Synthèse avant la visite" in reader.pages[-2].extract_text()


def test_the_machine_says_made_and_she_says_printed(nurse: StaffBrowser, store: Session) -> None:
    made(nurse)
    data = nurse.page.data
    summary = store.scalars(select(Summary)).one()
    event = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.PACK_MADE)).one()
    assert event.new is not None
    assert event.new["sha256"] == hashlib.sha256(data).hexdigest()
    assert event.new["pages"] == 12
    assert event.new["summaries"] == [str(summary.id)]
    pack, summary_id = event.new["pack"], summary.id
    exported = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SUMMARY_EXPORTED)).one()
    assert exported.new is not None
    assert (exported.subject_id, exported.new["pack"]) == (summary.id, event.new["pack"])
    assert len(store.scalars(select(PaperIssue)).all()) == 1
    assert store.scalars(select(SummaryEvent).where(SummaryEvent.kind == LifeEvent.PRINTED)).all() == []
    store.rollback()
    nurse.get(ADDRESS)
    assert "3 visits, 12 pages, by Ada Byron ○ Nobody has said so" in nurse.text
    for _ in range(2):  # a second tap changes nothing
        nurse.get(ADDRESS).press("/clinic/packs/printed", pack=pack).follow()
    assert "● Printed 3 March 2027, 10:00 (Paris), by Ada Byron" in nurse.text
    printed = store.scalars(select(SummaryEvent).where(SummaryEvent.kind == LifeEvent.PRINTED)).all()
    assert [each.summary_id for each in printed] == [summary_id]
    assert len(store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.PACK_PRINTED)).all()) == 1


def test_the_button_beside_the_pack_works_before_the_page_is_loaded_again(nurse: StaffBrowser) -> None:
    nurse.get(ADDRESS)
    shown = pack_id(nurse)
    nurse.press("/clinic/packs/printed")
    assert nurse.page.status_code == 422
    assert "This pack was not made yet." in nurse.text
    nurse.get(ADDRESS).press("/clinic/packs/make", pack=shown)
    nurse.get(ADDRESS).press("/clinic/packs/printed", pack=shown).follow()
    assert "● Printed" in nurse.text


def test_another_sites_pack_is_not_there(nurse: StaffBrowser, store: Session, place: StudyAtSite) -> None:
    made(nurse)
    event = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.PACK_MADE)).one()
    assert event.new is not None
    pack = event.new["pack"]
    other = factories.load_study(store)[1]
    person = make_staff(store, (other.site_id, Role.NURSE), email="other@example.org")
    store.commit()
    stranger = StaffBrowser(nurse.client.application, person)
    today = stranger.get(ADDRESS)
    assert today.rows() == []
    factories.make_participant(store, other, included_on=DAY)
    store.commit()
    stranger.get(ADDRESS).press("/clinic/packs/printed", pack=pack)
    assert stranger.page.status_code == 422
    stranger.get(ADDRESS).press("/clinic/packs/make", site=str(place.site_id))
    assert stranger.page.status_code == 404


def test_hours_put_the_pack_in_order_and_a_wrong_one_loses_nothing(nurse: StaffBrowser) -> None:
    first, second, third = re.findall(r'name="(hour-[0-9a-f-]+)"', nurse.get(ADDRESS).page.text)
    nurse.press("/clinic/packs/hours", **{first: "11:00", second: "9:30", third: "soon"})
    assert nurse.page.status_code == 422
    assert "An hour is written like 9:30." in nurse.text
    assert 'value="soon"' in nurse.page.text
    assert 'value="11:00"' in nurse.page.text
    nurse.press("/clinic/packs/hours", **{first: "11:00", second: "9:30", third: ""}).follow()
    assert [row[:6] for row in nurse.rows()] == ["01-002", "01-001", "01-003"]
    nurse.press("/language", language="fr").follow()
    assert "9\u00a0h\u00a030" in nurse.page.text  # as it is printed; the field itself has the browser's own way
    nurse.get(ADDRESS).press("/clinic/packs/hours", site=str(uuid4()))
    assert nurse.page.status_code == 404


def test_a_telephone_number_is_printed_only_when_asked_for_and_that_it_was_read_is_recorded(
    nurse: StaffBrowser, store: Session, settings: Settings
) -> None:
    silent = store.scalars(select(Participant).where(Participant.participant_number == "01-001")).one().id
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as kept:
        number = "+33 6 99 00 11 22"
        Contacts(kept, settings.contact_key).keep(store, silent, telephone=number, by=actor.SYSTEM, at=NOW)
        kept.commit()
    engine.dispose()
    store.commit()
    assert number not in made(nurse).pages[1].extract_text()
    assert store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.CONTACT_READ)).all() == []
    store.rollback()
    assert number in made(nurse, telephones="yes").pages[1].extract_text()
    events = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.CONTACT_READ)).all()
    assert [(event.participant_id, event.field) for event in events] == [(silent, "telephone")]


def test_the_codes_on_paper_are_addresses_of_the_portal(app: Flask) -> None:
    visit_id = uuid4()
    with app.test_request_context():
        assert url_for("reaching.show", visit_id=visit_id) == packs.REACHING_PATH.format(visit_id=visit_id)
        if "keying.show" in app.view_functions:
            assert url_for("keying.show", visit_id=visit_id) == packs.KEYING_PATH.format(visit_id=visit_id)


def test_a_list_of_the_day_leads_to_its_pack(nurse: StaffBrowser) -> None:
    assert ADDRESS in nurse.get("/clinic/").links()
    assert isinstance(UUID(pack_id(nurse.get(ADDRESS))), UUID)


def test_a_pack_that_never_comes_to_an_end_is_stopped_and_she_is_told_what_to_do(
    nurse: StaffBrowser, store: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hanging = partial(pack_making.make, seconds=0.5, module="tests.adapters.hanging_maker")
    monkeypatch.setattr(pack_making, "make", hanging)
    nurse.get(ADDRESS).press("/clinic/packs/make")
    assert nurse.page.status_code == 503
    assert "The pack took too long, and was stopped. Nothing is lost" in nurse.text
    assert "01-002 Inclusion ● Summary, edition 1" in nurse.rows()
    assert "killed after 0.5 s" in caplog.text
    assert store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.PACK_MADE)).all() == []
