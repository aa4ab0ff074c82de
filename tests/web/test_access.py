"""Every route, asked as every kind of person of this site and of another: who may come in is declared, and kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.db.response import Response
from portal.domain.roles import Role
from portal.services import actor, correction_requests, doors, queries, studies, summaries
from portal.services.doors import DoorKeys
from portal.web.access import Access
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff

NOBODY, PATIENT, OTHER_PATIENT = "nobody", "patient", "patient of the other site"
LENT = "patient on a device that the nurse lent"
STAFF = {
    "nurse": (0, Role.NURSE),
    "investigator": (0, Role.INVESTIGATOR),
    "data manager": (0, Role.DATA_MANAGER),
    "nurse of the other site": (1, Role.NURSE),
    "investigator of the other site": (1, Role.INVESTIGATOR),
    "data manager of the other site": (1, Role.DATA_MANAGER),
}
SITES_OWN = {
    "summary_id",
    "visit_id",
    "participant_id",
    "site_id",
    "response_id",
    "query_id",
    "request_id",
    "batch_id",
    "assignment_id",
    "attachment_id",
}
"""Arguments that name a thing of one site."""
EVERYONE = (NOBODY, PATIENT, OTHER_PATIENT, LENT, *STAFF)


@dataclass
class World:
    """A study in which site 01 has a participant with a summary, and everyone's browser."""

    app: Flask
    ids: dict[str, Any]
    browsers: dict[str, FlaskClient]

    def ask(self, who: str, rule: Rule, method: str) -> int:
        """Ask for a route as somebody; gives the status. The ids in it are those of site 01's participant."""
        values: dict[str, Any] = {name: self.ids.get(name, "0" * 12) for name in rule.arguments}
        with self.app.test_request_context():
            address = self.app.url_for(rule.endpoint, **values)
        return self.browsers[who].open(address, method=method).status_code


@pytest.fixture
def world(app: Flask, store: Session, at: object) -> World:
    """Everyone has signed in; forms need no token here, because this is about who asks and not from where."""
    app.config["WTF_CSRF_ENABLED"] = False
    places = factories.load_study(store)
    participant = factories.make_participant(store, places[0], included_on=date(2027, 3, 5))
    factories.complete_visit(store, participant, at=NOW)
    summary = summaries.find_current(store, factories.get_visit(store, participant).id)
    assert summary is not None
    assignment = factories.get_assignment(store, participant, "DLQI")
    stranger = factories.make_participant(store, places[1], included_on=date(2027, 3, 5))
    browsers = {NOBODY: app.test_client()}
    for who, (site, role) in STAFF.items():
        person = make_staff(store, (places[site].site_id, role), email=f"{who.replace(' ', '.')}@example.org")
        browsers[who] = StaffBrowser(app, person).client
    doors_of = {PATIENT: participant, OTHER_PATIENT: stranger, LENT: participant}
    for who, each in doors_of.items():
        link = doors.issue(store, each, DoorKeys(app.config["SECRET_KEY"]), by=actor.SYSTEM, at=NOW)
        device, _token = doors.enrol_device(store, link, at=NOW)
        browsers[who] = app.test_client()
        with browsers[who].session_transaction() as cookie:
            cookie["device"] = str(device.id)
            if who == LENT:
                lent = {"handed_over": True, "lent_to": str(each.id), "lent_by": str(uuid4())}
                cookie.update(lent | {"lent_active_at": int(NOW.timestamp())})
    visit_id = factories.get_visit(
        store, participant
    ).id  # it is sent: lending a device for it would sign the nurse out
    batch_id = factories.make_batch(store, places[0])
    ids = {"summary_id": summary.id, "assignment_id": assignment.id, "visit_id": visit_id}
    ids["participant_id"] = participant.id
    ids["site_id"] = places[0].site_id
    ids["batch_id"] = batch_id
    ids |= _asked_about(store, assignment.id)
    ids["attachment_id"] = factories.make_attachment(store, ids["response_id"]).id
    store.commit()
    return World(app, ids | {"language": "fr", "scale": "total", "link_id": "DLQI101"}, browsers)


def test_every_route_declares_who_may_ask(app: Flask) -> None:
    silent = {
        rule.endpoint
        for rule, _ in _routes(app)
        if not isinstance(getattr(app.view_functions[rule.endpoint], "access", None), Access)
    }
    assert silent == set()


def test_what_is_open_to_all_says_why(app: Flask) -> None:
    public = [_access(app, rule) for rule, _ in _routes(app) if _access(app, rule).why_public]
    assert all(len(access.why_public.split()) >= 3 for access in public)


def test_nobody_comes_in_unasked(world: World) -> None:
    for rule, method in _routes(world.app):
        if not _access(world.app, rule).why_public:
            wanted = 303 if method == "GET" and rule.endpoint.split(".")[0] != "api" else 401
            assert world.ask(NOBODY, rule, method) == wanted, rule


def test_staff_pages_are_closed_to_patients_and_patients_pages_to_staff(world: World) -> None:
    for rule, method in _routes(world.app):
        access = _access(world.app, rule)
        strangers = (
            [PATIENT, OTHER_PATIENT, LENT]
            if access.roles or access.any_staff
            else list(STAFF)
            if access.patients
            else []
        )
        for who in strangers:
            assert world.ask(who, rule, method) in {303, 401}, (who, rule)


def test_each_role_is_let_in_where_it_was_declared_and_nowhere_else(world: World) -> None:
    for rule, method in _routes(world.app):
        roles = _access(world.app, rule).roles
        for who, (_, role) in STAFF.items():
            if roles:
                assert (world.ask(who, rule, method) == 403) == (role not in roles), (who, rule)


def test_another_sites_data_is_not_there(world: World) -> None:
    asked = 0
    for rule, method in _routes(world.app):
        access = _access(world.app, rule)
        for who, (site, role) in STAFF.items():
            if SITES_OWN & rule.arguments and role in access.roles:
                status = world.ask(who, rule, method)
                assert (status == 404) == (site == 1), (who, rule, status)
                asked += 1
    assert asked >= 16  # eight routes, each as the right role of both sites


def test_another_participants_questionnaire_is_not_there(world: World) -> None:
    for rule, method in _routes(world.app):
        if "assignment_id" in rule.arguments and _access(world.app, rule).patients:
            assert world.ask(OTHER_PATIENT, rule, method) == 404, rule
            assert 404 not in {world.ask(PATIENT, rule, method), world.ask(LENT, rule, method)}, rule


def test_what_a_person_is_at_one_site_opens_nothing_at_another(world: World, store: Session) -> None:
    here, there = (place.site_id for place in studies.list_sites(store))
    person = make_staff(store, (here, Role.NURSE), (there, Role.INVESTIGATOR), email="both@example.org")
    store.commit()
    world.browsers["both"] = StaffBrowser(world.app, person).client
    for rule, method in _routes(world.app):
        if "summary_id" in rule.arguments:  # the summary is of the site where this person is a nurse
            is_investigators = Role.INVESTIGATOR in _access(world.app, rule).roles
            assert (world.ask("both", rule, method) == 404) == is_investigators, rule


def test_no_form_and_no_json_is_taken_from_another_site(world: World) -> None:
    world.app.config["WTF_CSRF_ENABLED"] = True
    for rule, method in _routes(world.app):
        if method != "GET":
            answers = {who: world.ask(who, rule, method) for who in EVERYONE}
            assert set(answers.values()) <= {400, 401, 403}, (rule, answers)
            assert 400 in answers.values(), rule  # whoever may do it is refused for the missing token alone


def test_ids_that_nobody_has_are_not_there_for_anyone(world: World) -> None:
    world.ids |= {name: uuid4() for name in SITES_OWN}
    for rule, method in _routes(world.app):
        if SITES_OWN & rule.arguments and _access(world.app, rule).roles:
            for who, (_, role) in STAFF.items():
                assert world.ask(who, rule, method) == (404 if role in _access(world.app, rule).roles else 403)


def test_a_look_that_leaves_a_record_says_so(app: Flask) -> None:
    recording = {
        rule.endpoint
        for rule, method in _routes(app)
        if method == "GET" and "summary_id" in rule.arguments and _access(app, rule).roles
    }
    assert recording
    assert all(getattr(app.view_functions[endpoint], "records", False) for endpoint in recording)


def test_no_address_carries_anything_but_ids_and_codes(app: Flask) -> None:
    named = {name for rule, _ in _routes(app) for name in rule.arguments}
    assert named <= {
        *SITES_OWN,
        "assignment_id",
        "scale",
        "link_id",
        "language",
        "token",
        "digest",
        "name",
        "mail_id",
        "attachment_id",
        "number",
    }


def _asked_about(store: Session, assignment_id: UUID) -> dict[str, UUID]:
    """Somebody asks about her answers, and she says that one is wrong."""
    response = store.scalars(select(Response).where(Response.assignment_id == assignment_id)).one()
    by = actor.staff(make_staff(store, email="somebody@example.org").id)
    query = queries.open_on(store, response, "Is this so?", by=by, at=NOW)
    wish = correction_requests.ask(store, response, "a mistake", by=actor.SYSTEM, at=NOW)
    return {"response_id": response.id, "query_id": query.id, "request_id": wish.id}


def _routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def _access(app: Flask, rule: Rule) -> Access:
    access = getattr(app.view_functions[rule.endpoint], "access", None)
    assert isinstance(access, Access)
    return access
