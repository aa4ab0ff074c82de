"""The pages around the questions: large targets, nothing cut at the side, words that can be read, in light and dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.navigators import PatientOnPhone

SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden])')]
  .filter(each => each.getBoundingClientRect().height && !each.matches('.skip'))
  .map(each => [each.innerText || each.name, Math.round(each.getBoundingClientRect().height)])
  .filter(([, height]) => height < 56)"""

FAINT_WORDS = """() => {
  const light = colour => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
      .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = each => {
    for (let at = each; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')]
    .filter(each => each.offsetParent && [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(each => {
      const [one, other] = [light(getComputedStyle(each).color), light(ground(each))].sort((a, b) => b - a);
      return [each.innerText.slice(0, 40), Math.round((one + 0.05) / (other + 0.05) * 10) / 10];
    })
    .filter(([, contrast]) => contrast < 7);
}"""


def look(page: Page) -> None:
    """Fail when the page before us has a small target, a faint word, or something beyond its side."""
    for width in (320, 360):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, (page.url, width)
        assert page.evaluate(SMALL_TARGETS) == [], (page.url, width)
    assert page.evaluate(FAINT_WORDS) == [], page.url


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
    page.tap(".code .go")
    look(page)
    patient.come_in()
    look(page)
    patient.begin()
    patient.choose_number(1)
    look(page)
    for _ in range(10):
        patient.next() if patient.code in {"DLQI101", "DLQI109"} else patient.leave_out()
    page.locator("#review").wait_for()
    look(page)
    patient.next()
    page.wait_for_url("**/receipt")
    look(page)
