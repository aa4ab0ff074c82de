"""From an answer to its history, for investigator and data manager, in their words; only at their own site."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment
from portal.db.response import Response
from portal.domain.roles import Role
from portal.services import actor, answering, queries, summaries
from portal.services.answering import Seen
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def address(store: Session, at: object) -> str:
    """A summary of site 01, answered on two phones."""
    participant = factories.make_participant(store, factories.load_study(store)[0], included_on=date(2027, 3, 5))
    given = factories.given("DLQI", {"DLQI101": 3}, device="other", language="en", at=NOW - timedelta(days=2))
    target, by = factories.get_assignment(store, participant, "DLQI"), actor.patient(participant.id)
    answering.save(store, participant.id, target.id, given, seen=Seen(0, {}), by=by, at=NOW - timedelta(days=2))
    factories.complete_visit(store, participant, level=2, at=NOW - timedelta(days=1))
    summary = summaries.find_current(store, factories.get_visit(store, participant).id)
    assert summary is not None
    store.commit()
    return f"/investigator/summaries/{summary.id}"


def test_every_answer_on_the_page_leads_to_its_history_and_back(app: Flask, store: Session, address: str) -> None:
    page = _browser(app, store, Role.INVESTIGATOR)
    leads = [link for link in page.get(address).links() if "/items/" in link]
    assert len(leads) == 11 + 30  # the DLQI's screens, and the SHAQ's questions
    for lead in leads:
        assert page.get(lead).page.status_code == 200, lead
        assert f"{address}#answers" in page.links()


def test_it_tells_words_times_phones_and_which_one_counts(app: Flask, store: Session, address: str) -> None:
    page = _browser(app, store, Role.INVESTIGATOR).get(f"{address}/items/DLQI101")
    first, second = (row.replace("\u00a0", " ") for row in page.rows())
    assert first.startswith("Yes, extremely in English, words of version demo-1") or "in English" in first
    assert "On the device 1 March 2027, 10:00 (Paris)" in first
    assert "From phone 1 ○ A later answer of another device took its place" in first
    assert "in French, words of version" in second
    assert "From phone 2 ● It counts" in second
    assert "It was not corrected after sending." in page.text


def test_it_leads_to_the_queries_on_it_and_to_a_new_one(app: Flask, store: Session, address: str) -> None:
    response = store.scalars(select(Response).join(Assignment).where(Assignment.instrument == "DLQI")).one()
    nurse = make_staff(store, (factories.load_study(store)[0].site_id, Role.NURSE), email="asks@example.org")
    asked = queries.open_on(store, response, "Is this so?", link_id="DLQI101", by=actor.staff(nurse.id), at=NOW)
    store.commit()
    page = _browser(app, store, Role.INVESTIGATOR).get(f"{address}/items/DLQI101")
    assert "Query of 3 March 2027, 10:00 (Paris) ○ still open" in page.text.replace("\u00a0", " ")
    assert f"/staff/queries/{asked.id}" in page.links()
    assert "Queries on this answer" not in page.get(f"{address}/items/DLQI102").text
    assert f"/staff/responses/{response.id}/query?item=DLQI102" in page.links()


def test_a_data_manager_reads_it_without_the_way_to_the_summary(app: Flask, store: Session, address: str) -> None:
    page = _browser(app, store, Role.DATA_MANAGER, language="fr").get(f"{address}/items/HAQ0110")
    assert page.page.status_code == 200
    assert "Toutes les valeurs reçues, dans l’ordre" in page.text
    assert "non cochée" in page.text
    assert address not in " ".join(page.links())


def test_a_nurse_and_a_strange_item_are_refused(app: Flask, store: Session, address: str) -> None:
    nurse = _browser(app, store, Role.NURSE)
    assert nurse.get(f"{address}/items/DLQI101").page.status_code == 403
    investigator = _browser(app, store, Role.INVESTIGATOR)
    assert investigator.get(f"{address}/items/nothing").page.status_code == 404
    shown = nurse.get(address.replace("investigator", "clinic"))
    assert shown.page.status_code == 200
    assert not [link for link in shown.links() if "/items/" in link]


def test_a_questionnaire_that_was_not_sent_says_so(app: Flask, store: Session, at: object) -> None:
    participant = factories.make_participant(store, factories.load_study(store)[0])
    summary = summaries.make(store, factories.get_visit(store, participant).id, by=actor.SYSTEM, at=NOW)
    store.commit()
    page = _browser(app, store, Role.INVESTIGATOR).get(f"/investigator/summaries/{summary.id}/items/SHAQ01")
    assert "No value was ever received for this question. The questionnaire was not sent." in page.text
    assert store.query(Response).count() == 0


def _browser(app: Flask, store: Session, role: Role, *, language: str = "en") -> StaffBrowser:
    place = factories.load_study(store)[0]
    name = f"{role}-{language}@example.org"
    person = make_staff(store, (place.site_id, role), email=name, language=language)
    store.commit()
    return StaffBrowser(app, person)
