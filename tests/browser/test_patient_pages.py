"""The pages around the questions: large targets, nothing cut at the side, words that can be read, in light and dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.navigators import PatientOnPhone
from tests.browser.probes import faint_words

SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden])')]
  .filter(each => each.getBoundingClientRect().height && !each.matches('.skip'))
  .map(each => [each.innerText || each.name, Math.round(each.getBoundingClientRect().height)])
  .filter(([, height]) => height < 56)"""


def look(page: Page) -> None:
    """Fail when the page before us has a small target, a faint word, or something beyond its side."""
    for width in (320, 360):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, (page.url, width)
        assert page.evaluate(SMALL_TARGETS) == [], (page.url, width)
    assert faint_words(page) == [], page.url


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_around_the_questions(
    new_patient: Callable[..., PatientOnPhone],
    new_context: Callable[..., BrowserContext],
    language: str,
    scheme: str,
) -> None:
    patient = new_patient(language)
    patient.page = new_context(locale=language, color_scheme=scheme).new_page()
    page = patient.page
    for address in ("/", "/code", patient.person.address):
        page.goto(patient.base_url + address)
        look(page)
    page.fill("#code", "12")
    with page.expect_navigation():
        page.tap(".code .go")
    look(page)
    patient.come_in()
    look(page)
    patient.start()
    look(page)
    page.go_back()
    patient.begin()
    patient.choose_number(1)
    look(page)
    for _ in range(10):
        patient.next() if patient.code in {"DLQI101", "DLQI109"} else patient.leave_out()
    look(page)
    patient.say_who()
    page.locator("#review").wait_for()
    look(page)
    patient.next().expect_receipt()
    look(page)
    page.goto(patient.base_url + f"/offline/{language}")
    look(page)
