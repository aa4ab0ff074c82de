"""How are we doing, in a real browser: read part by part on a phone and a desk, and taken along."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl  # type: ignore[import-untyped] # ships no types
import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize
from sqlalchemy.orm import Session

from portal import clock
from portal.domain import instruments
from portal.domain.roles import Role
from portal.services import actor, answering
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

PHONE, DESK = ViewportSize(width=360, height=640), ViewportSize(width=1280, height=800)
WORDS = {
    "fr": ("Avancement", "Temps et messages", "Scores", "Envoyées à temps 5 (83\u202f%)", "10,0 à 20,0"),
    "en": ("Progress", "Time and messages", "Scores", "Sent in time 5 (83%)", "10.0 to 20.0"),
}

# The smallest letters of a plot, as they are shown, in CSS pixels.
_LETTERS = """() => Math.min(...[...document.querySelectorAll('svg.plot text')].map(
    each => parseFloat(getComputedStyle(each).fontSize) * each.getScreenCTM().a))"""


def live(store: Session) -> None:
    """Include six patients, of whom five send everything after some minutes, and one nothing."""
    place = factories.load_study(store)[0]
    for number, level in enumerate((1, 1, 1, 2, 2)):
        participant = factories.make_participant(store, place, included_on=date(2027, 2, 5))
        sent = factories.AT + timedelta(days=29, hours=9, minutes=number)
        first = dict(list(factories.full_answers(instruments.get("DLQI")).items())[:2])
        answering.save(
            store,
            participant.id,
            factories.get_assignment(store, participant, "DLQI").id,
            factories.given("DLQI", first, device="phone-0", at=sent),
            by=actor.patient(participant.id),
            at=sent - timedelta(minutes=4 + number),
        )
        factories.complete_visit(store, participant, level=level, at=sent)
    factories.make_participant(store, place, included_on=date(2027, 2, 5))


@pytest.fixture(params=["fr", "en"])
def screen(
    request: pytest.FixtureRequest,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
) -> StaffAtScreen:
    """A nurse who has signed in on a phone, in each language."""
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    live(store)
    site_id = factories.load_study(store)[0].site_id
    person = make_staff(store, (site_id, Role.NURSE), language=request.param)
    store.commit()
    store.expunge(person)  # so that reading its address does not hold the one writer's place
    page = new_context(locale=request.param, viewport=PHONE).new_page()
    return StaffAtScreen(page, base_url, person).sign_in()


def check(screen: StaffAtScreen) -> None:
    """Have axe look, at both widths; nothing is wider than the screen, and each plot can be read."""
    for size in (PHONE, DESK):
        screen.page.set_viewport_size(size)
        axe.check(screen.page, by_night=size is PHONE)
        assert screen.sideways() <= 0
        assert screen.small_targets() == []
        assert screen.page.evaluate(_LETTERS) >= 10.9
    screen.page.set_viewport_size(PHONE)


def test_the_nurse_reads_how_the_study_is_doing_and_takes_a_figure_along(screen: StaffAtScreen, tmp_path: Path) -> None:
    progress, times, scores, in_time, quartiles = WORDS[screen.person.language]
    screen.page.get_by_role("link", name=progress).click()
    assert in_time in screen.text.replace("\u00a0", " ").replace("(83 %)", "(83\u202f%)")
    check(screen)
    screen.press(times)
    check(screen)
    assert len(shown(screen.page)) == 3
    screen.press(scores)
    check(screen)
    assert quartiles in screen.text.replace("\u00a0", " ")
    with screen.page.expect_download() as coming:
        screen.page.locator("a[href*='of=scores-total'][href*=xlsx]").click()
    path = tmp_path / coming.value.suggested_filename
    coming.value.save_as(path)
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2)]
    assert rows[0] == ["Inclusion", 5, 10, 10, 10, 20, 20, 0]


def shown(page: Page) -> list[str]:
    """The names of the plots, as a screen reader says them."""
    return [each.get_attribute("aria-labelledby") or "" for each in page.get_by_role("img").all()]


def test_the_numbers_stand_beside_each_plot_on_paper_too(screen: StaffAtScreen) -> None:
    screen.open("/staff/progress?part=scores")
    screen.page.emulate_media(media="print")
    plots, tables = screen.page.locator("svg.plot"), screen.page.locator("table.numbers")
    assert plots.count() == 11
    assert all(each.is_visible() for each in [*plots.all(), *tables.all()])
    # Every heading is printed, also the last one, which on other lists is the column of acts.
    assert screen.page.locator("table.numbers thead th").last.is_visible()
