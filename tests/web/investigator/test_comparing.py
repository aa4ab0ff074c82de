"""One patient's visits side by side: any other one, earlier on the left, only what differs if wished, recorded."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.summary import Summary
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor, summaries
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def made(store: Session, at: object) -> dict[str, Summary]:
    """A patient's summaries of site 01: inclusion at level 1, month 1 at level 2, nothing received at month 3."""
    participant = factories.make_participant(store, factories.load_study(store)[0], included_on=date(2026, 12, 4))
    factories.complete_visit(store, participant, level=1)
    factories.complete_visit(store, participant, "M1", level=2)
    visits = {code: factories.get_visit(store, participant, code) for code in ("INC", "M1", "M3")}
    summaries.make(store, visits["M3"].id, by=actor.SYSTEM, at=NOW - timedelta(days=1))
    found = {code: summaries.find_current(store, visit.id) for code, visit in visits.items()}
    store.commit()
    return {code: summary for code, summary in found.items() if summary}


@pytest.fixture
def investigator(app: Flask, store: Session, made: dict[str, Summary]) -> StaffBrowser:
    person = make_staff(store, (factories.load_study(store)[0].site_id, Role.INVESTIGATOR))
    store.commit()
    return StaffBrowser(app, person)


def test_it_stands_beside_the_visit_before_with_differences(
    investigator: StaffBrowser, store: Session, made: dict[str, Summary]
) -> None:
    address = _page(made["M1"])
    assert f"{address}/compare" in investigator.get(address).links()
    rows = investigator.get(f"{address}/compare").rows()
    assert "DLQI total Inclusion 10 / 30" in _plain(rows[0])
    assert "Month 1 20 / 30 very large effect" in _plain(rows[0])
    assert "+10 worsening, reaches the threshold of 4" in _plain(rows[0])
    assert len([row for row in rows if "≠ differs" in row]) > 30
    event = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SUMMARY_COMPARED)).one()
    assert (event.subject_id, event.new) == (made["M1"].id, {"with": str(made["INC"].id)})


def test_the_later_visit_is_on_the_right_from_wherever_one_comes(
    investigator: StaffBrowser, made: dict[str, Summary]
) -> None:
    page = investigator.get(f"{_page(made['INC'])}/compare?with=M1")
    assert "+10 worsening" in _plain(page.rows()[0])
    page = investigator.get(f"{_page(made['INC'])}/compare?with={made['M3'].id}")
    assert "Month 3 nothing received" in _plain(page.rows()[0])


def test_only_what_differs(investigator: StaffBrowser, made: dict[str, Summary]) -> None:
    address = f"{_page(made['M1'])}/compare?with=INC"
    every, differing = investigator.get(address).rows(), investigator.get(f"{address}&only=differing").rows()
    assert len(differing) < len(every)
    assert not [row for row in differing if "the same" in row]
    assert "Only what differs" in investigator.text


def test_an_edition_can_stand_beside_the_one_that_replaced_it(
    investigator: StaffBrowser, store: Session, made: dict[str, Summary]
) -> None:
    participant = made["M3"].visit.participant
    factories.complete_visit(store, participant, "M3", level=1, at=NOW)
    store.commit()
    page = investigator.get(f"{_page(made['M3'])}/compare")
    assert "Month 3, edition 2" in page.text
    assert page.page.status_code == 200


def test_alone_it_says_so_and_a_strange_visit_is_not_there(
    investigator: StaffBrowser, store: Session, made: dict[str, Summary]
) -> None:
    alone = factories.make_participant(store, factories.load_study(store)[0])
    summary = summaries.make(store, factories.get_visit(store, alone).id, by=actor.SYSTEM, at=NOW)
    store.commit()
    assert "There is no other summary of this patient yet." in investigator.get(f"{_page(summary)}/compare").text
    for wanted in ("M99", str(made["M1"].id)):
        assert investigator.get(f"{_page(summary)}/compare?with={wanted}").page.status_code == 404


def _page(summary: Summary) -> str:
    return f"/investigator/summaries/{summary.id}"


def _plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")
