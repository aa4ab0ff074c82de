"""How are we doing: read by whoever of the staff, for her own sites; scores pooled, blind, and of five at least."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import openpyxl  # type: ignore[import-untyped] # ships no types
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.domain.audit import Deed
from portal.domain.blind import unblinding_parts
from portal.domain.roles import Role
from portal.services import actor, studies
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.services.statements import statements_of
from tests.web.staff_people import StaffBrowser, make_staff

PARTS = ("completion", "times", "scores")


@pytest.fixture
def places(store: Session, at: object) -> list[StudyAtSite]:
    """Sites 01 and 02, the clock stopped at NOW."""
    return factories.load_study(store)


def reader(app: Flask, store: Session, place: StudyAtSite, role: Role, language: str = "en") -> StaffBrowser:
    person = make_staff(store, (place.site_id, role), language=language, email=f"{role}.{language}@example.org")
    store.commit()
    return StaffBrowser(app, person)


def include(store: Session, place: StudyAtSite, number: int, *, level: int = 1, sent: bool = True) -> None:
    """Include patients whose inclusion visit was on 5 February; what they send, they send two days before."""
    for _ in range(number):
        participant = factories.make_participant(store, place, included_on=date(2027, 2, 5))
        if sent:
            factories.complete_visit(store, participant, level=level)


@pytest.mark.parametrize("role", list(Role))
def test_everyone_of_the_staff_reads_it_and_an_empty_study_is_quiet(
    app: Flask, store: Session, places: list[StudyAtSite], role: Role
) -> None:
    browser = reader(app, store, places[0], role).get("/staff/site-copy")
    assert "/staff/progress" in browser.links()
    for part in PARTS:
        assert "There is nothing to tell yet." in browser.get(f"/staff/progress?part={part}").text


def test_a_part_and_a_study_that_do_not_exist_mean_the_first(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    include(store, places[0], 1)
    nurse = reader(app, store, places[0], Role.NURSE)
    assert "Received, by visit" in nurse.get("/staff/progress?part=arms&study=7").text
    assert nurse.get("/staff/progress/table?of=arms").page.status_code == 404


def test_what_was_received_stands_in_numbers_and_shares(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    include(store, places[0], 3)
    include(store, places[0], 1, sent=False)
    rows = reader(app, store, places[0], Role.NURSE).get("/staff/progress").rows()
    assert rows[0] == (
        "Inclusion Expected 4 Sent in time 3 (75%) Sent late 0 (0%) Partly 0 (0%) Nothing received 1 (25%)"
        " Withdrawn 0 Still open 0"
    )
    # Month 1 is on 5 March, and opened a week before.
    assert rows[1].startswith("Month 1 Expected 0")
    assert rows[1].endswith("Still open 4")


def test_another_sites_completion_and_times_are_not_shown(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    include(store, places[1], 6)
    browser = reader(app, store, places[0], Role.DATA_MANAGER)
    for part in ("completion", "times"):
        page = browser.get(f"/staff/progress?part={part}").text
        assert "There is nothing to tell yet." in page
        assert "Strasbourg" not in page
    assert (
        browser.get("/staff/progress/table?of=visits&format=csv").page.text.splitlines()[1] == "Inclusion,0,0,0,0,0,0,0"
    )


def test_who_belongs_to_two_sites_sees_each_and_both_together(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    include(store, places[0], 2)
    include(store, places[1], 1, sent=False)
    both = make_staff(store, (places[0].site_id, Role.NURSE), (places[1].site_id, Role.INVESTIGATOR))
    store.commit()
    lines = StaffBrowser(app, both).get("/staff/progress/table?of=sites").page.data.decode("utf-8-sig").splitlines()
    assert lines[1:] == [
        '"01 · Hôpital des Tilleuls, Paris",2,2,0,0,0,0,2',
        '"02 · Clinique du Vieux-Canal, Strasbourg",1,0,0,0,1,0,1',
        "All together,3,2,0,0,1,0,3",
    ]
    for site, inclusion in (("01", "Inclusion,2,2,0,0,0,0,0"), ("02", "Inclusion,1,0,0,0,1,0,0")):
        of_site = StaffBrowser(app, both).get(f"/staff/progress/table?of=site-{site}").page.data.decode("utf-8-sig")
        assert of_site.splitlines()[1] == inclusion


def test_who_belongs_to_two_studies_reads_one_after_the_other(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    include(store, places[0], 1)
    other = replace(factories.demonstration_study(), code="ANOTHER")
    studies.load(store, other, by=actor.SYSTEM, at=factories.AT)
    of_other = next(place for place in studies.list_sites(store) if place.definition.code == "ANOTHER")
    person = make_staff(store, (places[0].site_id, Role.NURSE), (of_other.site_id, Role.NURSE))
    store.commit()
    browser = StaffBrowser(app, person).get("/staff/progress")
    assert "There is nothing to tell yet." in browser.text  # the other one, whose code comes first
    (address,) = [link for link in browser.links() if link.endswith("part=completion&study=2")]
    assert "Received, by visit" in browser.get(address).text
    assert all("study=2" in link for link in browser.links() if "/table?" in link)


def test_scores_are_pooled_over_the_study_whoever_asks(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    include(store, places[1], 3, level=1)
    include(store, places[0], 2, level=2)
    pages = set()
    for place in places:
        person = make_staff(store, (place.site_id, Role.INVESTIGATOR), email=f"{place.site.code}@example.org")
        store.commit()
        browser = StaffBrowser(app, person).get("/staff/progress?part=scores")
        pages.add(tuple(browser.rows()))
    ((first, *_others),) = pages
    # Totals of 10, 10, 10, 20, 20: the quartiles are the 2nd, 3rd and 4th of them.
    assert first == (
        "Inclusion Patients scored 5 Median 10.0 Quartiles 10.0 to 20.0 Lowest to highest 10.0 to 20.0 Not scorable 0"
    )


def test_no_score_of_fewer_than_five_is_shown_anywhere(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    include(store, places[0], 4, level=2)
    browser = reader(app, store, places[0], Role.INVESTIGATOR).get("/staff/progress?part=scores")
    rows = [row for row in browser.rows() if row.startswith("Inclusion")]
    assert len(rows) == 11  # DLQI, HAQ-DI and the bands of both, composite, six marked lines
    assert all("fewer than 5 patients: not shown" in row and "Median" not in row for row in rows)
    assert "<rect" not in browser.page.text
    for name in ("scores-total", "scores-haq-di", "scores-pain"):
        lines = browser.get(f"/staff/progress/table?part=scores&of={name}").page.text.splitlines()
        assert lines[1] == "Inclusion,4,,,,,,0"
    bands = browser.get("/staff/progress/table?part=scores&of=bands-total").page.text.splitlines()
    assert bands[1] == "Inclusion,4,,,,,"


def test_nothing_is_split_by_what_could_mean_an_arm(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    include(store, places[0], 6)
    browser = reader(app, store, places[0], Role.INVESTIGATOR)
    for part in PARTS:
        browser.get(f"/staff/progress?part={part}")
        for address in [link for link in browser.links() if "/table?" in link and "csv" in link]:
            headings, first, *_rest = csv.reader(io.StringIO(browser.client.get(address).data.decode("utf-8-sig")))
            assert headings[0] in {"Visit", "Site"}
            assert first[0] in {"Inclusion", "01 · Hôpital des Tilleuls, Paris"}
            assert not any(unblinding_parts(heading) for heading in headings)


def test_looking_at_scores_is_recorded_and_nothing_else(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    nurse = reader(app, store, places[0], Role.NURSE)
    for part in PARTS:
        nurse.get(f"/staff/progress?part={part}")
    (event,) = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.POOLED_SCORES_READ))
    assert (event.subject_kind, event.at) == ("study", NOW)


def test_a_figure_is_taken_along_for_a_spreadsheet_and_that_is_recorded(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    include(store, places[0], 5, level=2)
    nurse = reader(app, store, places[0], Role.NURSE, "fr").get("/staff/progress?part=scores")
    (address,) = [link for link in nurse.links() if "of=scores-haq-di&" in link and "xlsx" in link]
    sheet = openpyxl.load_workbook(io.BytesIO(nurse.get(address).page.data)).active
    headings, inclusion, *_rest = ([cell.value for cell in row] for row in sheet.iter_rows())
    assert headings[:2] == ["Visite", "Patients avec un score"]
    assert inclusion == ["Inclusion", 5, 2, 2, 2, 2, 2, 0]
    page = nurse.get(address.replace("xlsx", "csv")).page
    assert page.headers["Content-Disposition"].endswith("previsit_scores-haq-di_2027-03-03.csv")
    assert page.data.decode("utf-8-sig").splitlines()[1] == "Inclusion;5;2,00;2,00;2,00;2,00;2,00;0"
    events = list(store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.LIST_EXPORTED)))
    assert {(event.subject_kind, event.new and event.new["shown"]) for event in events} == {("study", "scores-haq-di")}


def test_every_part_costs_the_same_queries_however_many_patients(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    nurse = reader(app, store, places[0], Role.NURSE)
    counts: dict[str, set[int]] = {part: set() for part in PARTS}
    for more in (1, 5, 5):
        include(store, places[0], more)
        store.commit()
        for part in PARTS:
            with statements_of(app.extensions["stores"].clinical) as sent:
                nurse.get(f"/staff/progress?part={part}")
            counts[part].add(len([each for each in sent if not each.startswith("BEGIN")]))
    assert all(len(each) == 1 for each in counts.values()), counts


def test_a_plot_has_a_title_and_stands_beside_its_numbers(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    include(store, places[0], 5)
    nurse = reader(app, store, places[0], Role.NURSE)
    for part, plots in zip(PARTS, (3, 2, 11), strict=True):
        page = nurse.get(f"/staff/progress?part={part}").page.text
        assert page.count('role="img" aria-labelledby=') == plots
        assert page.count("<table") == plots + (2 if part == "times" else 0)  # all arrived whole: no minutes to draw
        assert " style=" not in page


def test_the_day_is_that_of_the_site(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    participant = factories.make_participant(store, places[0], included_on=date(2027, 3, 5))
    # The summary is due on Wednesday the 3rd; this is Thursday 0:30 in Paris, and still Wednesday in London.
    factories.complete_visit(store, participant, at=NOW.replace(hour=23, minute=30))
    nurse = reader(app, store, places[0], Role.NURSE)
    assert "Sent in time 0 (0%) Sent late 1 (100%)" in nurse.get("/staff/progress").rows()[0]
    assert "3 March 2027, 10:00 (Paris)" in nurse.text.replace("\u00a0", " ")
    assert NOW + timedelta(hours=14, minutes=30) == NOW.replace(hour=23, minute=30)
