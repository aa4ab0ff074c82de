"""A list as a file: every row of what was chosen, in the reader's language, for her own sites, and in the trail."""

import csv
import hashlib
import io
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl  # type: ignore[import-untyped] # ships no types
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor, summaries, summary_lists, visit_lists
from portal.services.studies import StudyAtSite
from portal.services.visit_choice import Period
from tests import factories
from tests.conftest import NOW
from tests.services.statements import statements_of
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def place(store: Session, at: object) -> StudyAtSite:
    """Site 01, the clock stopped at NOW."""
    return factories.load_study(store)[0]


def reader(app: Flask, store: Session, place: StudyAtSite, role: Role, language: str = "en") -> StaffBrowser:
    person = make_staff(store, (place.site_id, role), language=language, email=f"{role}.{language}@example.org")
    store.commit()
    return StaffBrowser(app, person)


def table(data: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_the_nurse_takes_her_list_along_as_csv(app: Flask, store: Session, place: StudyAtSite) -> None:
    factories.make_participant(store, place, included_on=date(2027, 3, 3))
    sent = factories.make_participant(store, place, included_on=date(2027, 3, 5), language="en")
    factories.complete_visit(store, sent, at=NOW - timedelta(days=1))
    nurse = reader(app, store, place, Role.NURSE, "fr").get("/clinic/?period=week")
    (address,) = [link for link in nurse.links() if "format=csv" in link]
    page = nurse.get(address).page
    assert page.mimetype == "text/csv"
    assert page.headers["Content-Disposition"] == "attachment; filename=previsit_visit_2027-03-03.csv"
    assert page.headers["Cache-Control"] == "no-store"
    late, done = table(page.data, ";")
    assert [late[name] for name in ("Patient", "Visite", "Jour", "Langue", "Questionnaires")] == [
        "01-001",
        "Inclusion",
        "2027-03-03",
        "français",
        "En retard",
    ]
    assert done["Questionnaires"] == "Envoyé"
    assert [*done.values()][5:10] == ["2", "2", "2027-02-26", "2027-03-07", "1"]


def test_the_file_holds_the_same_visits_as_the_pages_and_the_same_states(
    app: Flask, store: Session, place: StudyAtSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit_lists, "PAGE", 3)
    for day in range(1, 9):
        participant = factories.make_participant(store, place, included_on=date(2027, 3, day))
        if day % 3 == 0:
            factories.complete_visit(store, participant, at=NOW)
    nurse = reader(app, store, place, Role.NURSE)
    for period in Period:
        shown: list[str] = []
        for number in range(1, 9):
            rows = nurse.get(f"/clinic/?period={period}&page={number}").rows()
            shown += [row for row in rows if row.startswith("01-")]
        rows_of_file = table(nurse.get(f"/staff/lists/visits?period={period}").page.data)
        assert len(rows_of_file) == len(shown) > 0
        for row, line in zip(shown, rows_of_file, strict=True):
            assert row.startswith(f"{line['Patient']} {line['Visit']} {line['Language']}")
            assert line["Questionnaires"] in row


def test_a_list_of_any_length_costs_the_same_queries(app: Flask, store: Session, place: StudyAtSite) -> None:
    engine = app.extensions["stores"].clinical
    nurse, investigator = (reader(app, store, place, role) for role in (Role.NURSE, Role.INVESTIGATOR))
    counts: dict[str, set[int]] = {"visits": set(), "summaries": set()}
    factories.complete_visit(store, factories.make_participant(store, place, included_on=date(2027, 3, 5)), at=NOW)
    for _ in range(3):
        for day in (3, 5):
            more = factories.make_participant(store, place, included_on=date(2027, 3, day))
            factories.complete_visit(store, more, at=NOW)
        store.commit()
        for person, kind in ((nurse, "visits"), (investigator, "summaries")):
            person.get(f"/staff/lists/{kind}")  # words and definitions are read once a process
            with statements_of(engine) as sent:
                person.get(f"/staff/lists/{kind}")
            counts[kind].add(len(sent))
    assert all(len(each) == 1 for each in counts.values()), counts


def test_the_investigators_workbook_has_numbers_days_and_hours(app: Flask, store: Session, place: StudyAtSite) -> None:
    participant = factories.make_participant(store, place, included_on=date(2027, 2, 5))
    factories.complete_visit(store, participant, level=1)
    factories.complete_visit(store, participant, "M1", level=2, at=NOW - timedelta(days=1))
    investigator = reader(app, store, place, Role.INVESTIGATOR)
    summary = summaries.find_current(store, factories.get_visit(store, participant, "M1").id)
    assert summary is not None
    person = make_staff(store, (place.site_id, Role.INVESTIGATOR), name="=Grace", email="grace@example.org")
    summaries.seen(store, summary, by=actor.staff(person.id), at=NOW)
    store.commit()
    (address,) = [link for link in investigator.get("/investigator/?shown=all").links() if "format=xlsx" in link]
    sheet = openpyxl.load_workbook(io.BytesIO(investigator.get(address).page.data)).active
    headings, month, inclusion = ([cell.value for cell in row] for row in sheet.iter_rows())
    line: dict[str, Any] = dict(zip(headings, month, strict=True))
    # Ten questions at 2 make a DLQI of 20, at 1 of 10.
    assert (line["Patient"], line["Day"], line["DLQI total"]) == ("01-001", datetime(2027, 3, 5), 20)  # noqa: DTZ001 - Excel knows no zones
    assert (line["Seen"], line["Seen by"], line["Time zone"]) == (datetime(2027, 3, 3, 10), "=Grace", "Europe/Paris")  # noqa: DTZ001 - Excel knows no zones
    assert line["What stands out"].startswith("DLQI total worse, +10 since Inclusion (threshold 4)")
    assert dict(zip(headings, inclusion, strict=True))["DLQI total"] == 10


def test_the_summaries_of_a_file_are_those_of_the_pages(
    app: Flask, store: Session, place: StudyAtSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary_lists, "PAGE", 2)
    for day in (1, 3, 5, 8, 9):
        participant = factories.make_participant(store, place, included_on=date(2027, 3, day))
        summaries.make(store, factories.get_visit(store, participant).id, by=actor.SYSTEM, at=NOW)
    investigator = reader(app, store, place, Role.INVESTIGATOR)
    for shown in ("waiting", "all"):
        pages = [investigator.get(f"/investigator/?shown={shown}&page={n}").rows() for n in (1, 2, 3)]
        lines = table(investigator.get(f"/staff/lists/summaries?shown={shown}").page.data)
        assert [row[:6] for rows in pages for row in rows] == [line["Patient"] for line in lines]
        assert {line["What stands out"] for line in lines} == {"Nothing received"}
        assert {line["DLQI total"] for line in lines} == {""}


def test_another_sites_rows_are_in_no_file(app: Flask, store: Session, place: StudyAtSite) -> None:
    other = factories.load_study(store)[1]
    participant = factories.make_participant(store, other, included_on=date(2027, 3, 5))
    factories.complete_visit(store, participant, at=NOW)
    for role, kind in ((Role.NURSE, "visits"), (Role.INVESTIGATOR, "summaries?shown=all")):
        assert table(reader(app, store, place, role).get(f"/staff/lists/{kind}").page.data) == []


def test_a_file_that_left_is_in_the_trail_with_its_hash(app: Flask, store: Session, place: StudyAtSite) -> None:
    factories.make_participant(store, place, included_on=date(2027, 3, 5))
    data = reader(app, store, place, Role.NURSE).get("/staff/lists/visits?period=nonsense&format=csv").page.data
    event = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.LIST_EXPORTED)).one()
    assert (event.subject_kind, event.actor_kind) == ("visit", "staff")
    assert event.new == {
        "shown": "period=coming",
        "sites": [str(place.site_id)],
        "format": "csv",
        "rows": 1,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
