"""From a score to how it came about: in the reader's language, recorded as a look, and another site's is not there."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import summaries
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def address(store: Session, at: object) -> str:
    """A summary of site 01: every question of the DLQI at 2, so 20 of 30."""
    place = factories.load_study(store)[0]
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    factories.complete_visit(store, participant, level=2, at=NOW - timedelta(days=1))
    summary = summaries.find_current(store, factories.get_visit(store, participant).id)
    assert summary is not None
    return f"/investigator/summaries/{summary.id}"


def test_the_summary_leads_to_each_score_and_back(app: Flask, store: Session, address: str) -> None:
    investigator = _browser(app, store)
    leads = [link for link in investigator.get(address).links() if "/scores/" in link]
    assert {f"{address}/scores/{scale}" for scale in ("total", "leisure", "composite", "haq_di", "pain")} <= set(leads)
    for lead in leads:
        page = investigator.get(lead)
        assert "This score:" in page.text, lead
        assert address in page.links()


def test_the_page_tells_rule_version_options_steps_and_answers(app: Flask, store: Session, address: str) -> None:
    page = _browser(app, store).get(f"{address}/scores/total")
    assert "DLQI total 20 / 30" in page.text
    assert "Ruledlqi.finlay-khan-1994 Version1 Options in forcemissing_rule = cardiff" in page.text  # terms and values
    assert "Computed2 March 2027, 10:00 (Paris)" in page.text.replace("\u00a0", " ")
    assert "▸ This score: Total: 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 = 20." in page.text
    assert "Question 1: DLQI101 is 2." in page.text
    assert page.rows()[0].endswith("DLQI101 Yes, quite a bit")
    assert {row.split("DLQI")[1][:4].strip() for row in page.rows()} >= {"101", "107", "107A", "110"}


def test_it_is_told_in_french_to_who_reads_french(app: Flask, store: Session, address: str) -> None:
    page = _browser(app, store, language="fr").get(f"{address}/scores/composite")
    assert "Comment ce score est obtenu" in page.text
    assert "Règle shaq.steen-medsger-1997" in page.text
    assert "This score" not in page.text


def test_a_look_is_recorded_as_opening_the_summary(app: Flask, store: Session, address: str) -> None:
    _browser(app, store).get(f"{address}/scores/leisure")
    last = store.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert last.deed == Deed.SUMMARY_OPENED
    assert str(last.subject_id) in address


def test_what_is_no_score_of_it_is_not_there(app: Flask, store: Session, address: str) -> None:
    for scale in ("nothing", "activities_alternative", "DLQI101"):
        assert _browser(app, store).get(f"{address}/scores/{scale}").page.status_code == 404


def test_a_nurse_sees_the_summary_without_these_links(app: Flask, store: Session, address: str) -> None:
    nurse = _browser(app, store, role=Role.NURSE)
    assert not [link for link in nurse.get(address.replace("investigator", "clinic")).links() if "/scores/" in link]
    assert nurse.get(f"{address}/scores/total").page.status_code == 403


def _browser(app: Flask, store: Session, *, language: str = "en", role: Role = Role.INVESTIGATOR) -> StaffBrowser:
    place = factories.load_study(store)[0]
    count = store.scalars(select(AuditEvent.id)).all()
    person = make_staff(store, (place.site_id, role), email=f"{len(count)}@example.org", language=language)
    store.commit()
    return StaffBrowser(app, person)
