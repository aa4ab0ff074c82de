"""Two visits side by side and an answer's history in a real browser: in French and English, on a phone and in print."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.roles import Role
from portal.services import actor, answering, summaries
from portal.services.answering import Seen
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

WORDS = {
    "fr": {
        "beside": "À côté d’une autre visite",
        "total": "DLQI, total Inclusion 10 / 30 effet modéré Mois 1 20 / 30 effet très important Différence +10",
        "reaches": "aggravation, atteint le seuil de 4",
        "differs": "≠ diffère",
        "same": "identique",
        "show": "Afficher",
        "item": "Douleurs, démangeaisons",
        "counts": "Elle compte",
        "replaced": "Une réponse ultérieure d’un autre appareil l’a remplacée",
        "back": "Retour à la synthèse",
    },
    "en": {
        "beside": "Beside another visit",
        "total": "DLQI total Inclusion 10 / 30 moderate effect Month 1 20 / 30 very large effect Difference +10",
        "reaches": "worsening, reaches the threshold of 4",
        "differs": "≠ differs",
        "same": "the same",
        "show": "Show",
        "item": "Pain, burning, itching",
        "counts": "It counts",
        "replaced": "A later answer of another device took its place",
        "back": "Back to the summary",
    },
}


@dataclass
class Reading:
    """An investigator before a phone's screen, on the summary of a second visit."""

    screen: StaffAtScreen
    words: dict[str, str]

    @property
    def text(self) -> str:
        return self.screen.text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.fixture(params=["fr", "en"])
def reading(
    request: pytest.FixtureRequest,
    store: Session,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    monkeypatch: pytest.MonkeyPatch,
) -> Reading:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place = factories.load_study(store)[0]
    participant = factories.make_participant(store, place, included_on=date(2027, 2, 4))
    factories.complete_visit(store, participant, level=1)
    target, before = factories.get_assignment(store, participant, "DLQI", "M1"), NOW - timedelta(days=3)
    given = factories.given("DLQI", {"DLQI101": 3}, device="other", at=before)
    by = actor.patient(participant.id)
    answering.save(store, participant.id, target.id, given, seen=Seen(0, {}), by=by, at=before)
    factories.complete_visit(store, participant, "M1", level=2, at=NOW - timedelta(days=1))
    summary = summaries.find_current(store, factories.get_visit(store, participant, "M1").id)
    assert summary is not None
    address = f"/investigator/summaries/{summary.id}"
    person = make_staff(store, (place.site_id, Role.INVESTIGATOR), language=request.param)
    store.commit()
    screen = StaffAtScreen(new_context(locale=request.param).new_page(), base_url, person)
    return Reading(screen.sign_in(address), WORDS[request.param])


def test_a_phone_shows_the_totals_before_anything_else(reading: Reading) -> None:
    page = reading.screen.page
    bottom = page.locator(".totals").bounding_box()
    bar = page.locator(".bar").bounding_box()
    assert bottom is not None
    assert bar is not None
    assert bottom["y"] + bottom["height"] < bar["y"]
    assert page.locator(".totals b").all_inner_texts()[0] == "20"


def test_two_visits_stand_side_by_side_and_only_what_differs_if_wished(reading: Reading) -> None:
    screen = reading.screen.press(reading.words["beside"])
    assert reading.words["total"] in reading.text
    assert reading.words["reaches"] in reading.text
    assert reading.words["same"] in reading.text
    assert screen.sideways() <= 0
    axe.check(screen.page)
    screen.page.check("[name=only]")
    screen.press(reading.words["show"])
    assert reading.words["differs"] in reading.text
    assert reading.words["same"] not in reading.text
    screen.page.emulate_media(media="print")
    assert reading.words["show"] not in reading.text
    assert reading.words["differs"] in reading.text


def test_an_answer_leads_to_every_value_received_for_it_and_back(reading: Reading) -> None:
    screen = reading.screen.press(reading.words["item"])
    assert reading.words["replaced"] in reading.text
    assert reading.words["counts"] in reading.text
    assert screen.sideways() <= 0
    axe.check(screen.page)
    screen.press(reading.words["back"])
    assert screen.page.url.endswith("#answers")
