"""Pausing, withdrawing and taking in again, as the nurse does it."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.domain.roles import Role
from tests import factories
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def page(app: Flask, store: Session, at: object) -> tuple[StaffBrowser, str]:
    """A nurse of site 01 before the page of a participant."""
    place = factories.load_study(store)[0]
    participant = factories.make_participant(store, place)
    person = make_staff(store, (place.site_id, Role.NURSE))
    address = f"/clinic/participants/{participant.id}"
    store.commit()
    return StaffBrowser(app, person).get(address), address


def send(nurse: StaffBrowser, address: str, **fields: str) -> StaffBrowser:
    """Open the page at `address` and send its form."""
    nurse.get(address)
    token = nurse.page.text.split('name="csrf_token" value="')[1].split('"')[0]
    nurse.page = nurse.client.post(address, data={"csrf_token": token, **fields})
    return nurse


def test_a_pause_shows_and_ends(page: tuple[StaffBrowser, str]) -> None:
    nurse, address = page
    assert f"{address}/pause" in nurse.links()
    send(nurse, f"{address}/pause", reason="away").follow()
    assert "◐ Paused since 3 March 2027: nothing is sent" in nurse.text.replace("\u00a0", " ")
    send(nurse, f"{address}/take-in-again", reason="back").follow()
    assert "● Takes part" in nurse.text


def test_a_withdrawal_wants_day_extent_and_reason(page: tuple[StaffBrowser, str], store: Session) -> None:
    nurse, address = page
    send(nurse, f"{address}/withdraw", on="2027-03-04")
    assert nurse.page.status_code == 422
    for words in ("Give a day, today or before.", "Choose how far it goes.", "Say why"):
        assert words in nurse.text
    assert 'value="2027-03-04"' in nurse.page.text
    send(nurse, f"{address}/withdraw", on="2027-03-02", extent="study-and-data", reason="her wish").follow()
    assert "– Withdrawn since 2 March 2027" in nurse.text.replace("\u00a0", " ")
    assert "Move" not in nurse.text
    found = store.execute(select(Participant.withdrawn_on, Participant.withdrawal_extent)).one()
    assert tuple(found) == (date(2027, 3, 2), "study-and-data")


@pytest.mark.parametrize("act", ["pause", "take-in-again"])
def test_without_a_reason_nothing_changes(page: tuple[StaffBrowser, str], act: str) -> None:
    nurse, address = page
    assert send(nurse, f"{address}/{act}", reason=" ").page.status_code == 422
    assert "● Takes part" in nurse.get(address).text
