"""All patients of one's sites on a page and as a file, whoever of the staff asks; another site's are nobody's."""

import csv
import io
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services.studies import StudyAtSite
from tests import factories
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def places(store: Session, at: object) -> list[StudyAtSite]:
    """Both sites with a patient each, the clock stopped at NOW; the first one pauses."""
    places = factories.load_study(store)
    for place in places:
        factories.make_participant(store, place, included_on=date(2027, 2, 5)).paused_on = date(2027, 3, 1)
    store.commit()
    return places


def reader(app: Flask, store: Session, *roles: tuple[StudyAtSite, Role], language: str = "en") -> StaffBrowser:
    person = make_staff(store, *((place.site_id, role) for place, role in roles), language=language)
    store.commit()
    return StaffBrowser(app, person)


@pytest.mark.parametrize("role", list(Role))
def test_an_empty_search_lists_everyone_of_her_site_and_leads_to_each(
    app: Flask, store: Session, places: list[StudyAtSite], role: Role
) -> None:
    person = reader(app, store, (places[0], role)).get("/staff/patients").follow()
    assert person.rows() == [
        "01-001 French Inclusion 5 February 2027 ◐ Paused since 1 March 2027 Next visit Month 1, 5 March 2027"
    ]
    wanted = "/clinic/participants/" if role is Role.NURSE else "/staff/patients/"
    (address,) = [link for link in person.links() if link.startswith(wanted)]
    assert "01-001" in person.get(address).text


def test_a_state_without_patients_says_so(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    person = reader(app, store, (places[0], Role.NURSE))
    assert "No patient is in this state." in person.get("/staff/all-patients?state=withdrawn").text
    assert len(person.get("/staff/all-patients?state=nonsense&sort=nonsense&page=nonsense").rows()) == 1


def test_the_list_is_taken_along_in_the_readers_language_and_that_is_recorded(
    app: Flask, store: Session, places: list[StudyAtSite]
) -> None:
    person = reader(app, store, *((place, Role.DATA_MANAGER) for place in places), language="fr")
    (address,) = [link for link in person.get("/staff/all-patients?state=paused").links() if "format=csv" in link]
    rows = list(csv.DictReader(io.StringIO(person.get(address).page.data.decode("utf-8-sig")), delimiter=";"))
    assert [[*row.values()] for row in rows] == [
        ["01-001", places[0].site.name, "français", "2027-02-05", "En pause", "2027-03-01", "Mois 1", "2027-03-05"],
        ["02-001", places[1].site.name, "français", "2027-02-05", "En pause", "2027-03-01", "Mois 1", "2027-03-05"],
    ]
    event = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.LIST_EXPORTED)).one()
    assert event.new is not None
    assert (event.subject_kind, event.new["shown"], event.new["rows"]) == ("participant", "state=paused", 2)
